/*
 * The texts that a policy was read from, and places in them.  The text is kept for as long as
 * anything may point into it; messages are printed from it, never from the file.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/vec.h"

/* A span of source text: bytes [start, start + len) of source number `source`; 0 = built in. */
struct origin {
	uint32_t start;
	uint16_t len;	 /* cut at UINT16_MAX */
	uint16_t source; /* 1 ... */
};

struct source {
	const char *name; /* as the user wrote it, for messages */
	const char *text; /* NUL-terminated; may hold NUL bytes inside */
	uint32_t len;
};

struct source_set {
	struct arena *arena; /* not owned */
	VEC(struct source) items;
};

/* Takes no copy of text: it must live as long as the set.  Returns the source's number. */
uint16_t source_set_add(struct source_set *set, const char *name, const char *text, uint32_t len);
const struct source *source_set_get(const struct source_set *set, uint16_t number);
struct origin origin_make(uint16_t source, uint32_t start, uint32_t end);
struct origin origin_join(struct origin first, struct origin last);

struct source_place {
	const char *name;
	uint32_t line;	       /* from 1 */
	uint32_t column;       /* bytes, from 1 */
	const char *line_text; /* not terminated */
	uint32_t line_len;
};

/* False for built-in origins. */
bool source_place_of(const struct source_set *set, struct origin at, struct source_place *ret);
/* "web.policy:9:15", or "built in". */
void source_place_format(const struct source_set *set, struct origin at, struct str_buf *out);
