/*
 * The engine's replies: JSON to facts.  Everything is checked; anything of the wrong kind refuses
 * the whole reply, because half a list of containers is worse than none.
 */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "facts/facts.h"

/* GET /version: fills name, version and api_version (the one to speak from now on). */
int reply_version(struct arena *arena, const struct str_buf *body, struct engine *engine,
		  struct err *err);
int reply_info(struct arena *arena, const struct str_buf *body, struct engine *engine,
	       struct err *err);
int reply_networks(struct arena *arena, const struct str_buf *body, struct engine *engine,
		   struct err *err);
int reply_containers(struct arena *arena, const struct str_buf *body, struct engine *engine,
		     struct err *err);
