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
/* One item of that list, by itself. */
int reply_container(struct arena *arena, const struct str_buf *item, const struct engine *engine,
		    struct container *ret, struct err *err);

struct inspected {
	struct container container; /* pid is set while it runs */
	bool running;
};

/*
 * GET /containers/ID/json, read to what the list says of the same container.  -ERANGE: it has an
 * address outside its network, as far as engine->networks knows that.
 */
int reply_inspect(struct arena *arena, const struct str_buf *body, const struct engine *engine,
		  struct inspected *ret, struct err *err);

enum event_kind {
	EVENT_NOTHING,	    /* that changes nothing of what we know */
	EVENT_CHANGED,	    /* a container is to be asked for again */
	EVENT_RENAMED,	    /* the same, and its name is not its name any more */
	EVENT_CONNECTED,    /* it may have got an address */
	EVENT_LEFT,	    /* it has no address in `network` any more */
	EVENT_GONE,	    /* it does not run any more */
	EVENT_NETWORKS,	    /* there are other networks */
	EVENT_NETWORK_GONE, /* and `network` (an id) is not among them */
	EVENT_UNCLEAR,	    /* something of some container */
};

struct engine_event {
	uint8_t kind;	     /* enum event_kind */
	const char *id;	     /* of the container: 64 hex digits, where the kind tells of one */
	const char *network; /* name or id, or NULL */
};

/* One event of GET /events; what it points to lives in the arena. */
int reply_event(struct arena *arena, const struct str_buf *item, struct engine_event *ret,
		struct err *err);
