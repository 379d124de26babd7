/*
 * What the client knows of containers, by id, and which of them it has to ask for again.
 *
 * An entry is there while its container is known, or while something of it is to be found out.
 * Each list that is asked for begins an epoch; an entry that was touched in the epoch of a list is
 * not decided by it, because the list may be older than what touched the entry.
 */
#pragma once

#include <sys/queue.h>

#include "base/err.h"
#include "engine/container.h"

enum cache_queue {
	CACHE_URGENT,	/* an event said so */
	CACHE_STARTING, /* it got an address: an engine may not answer before it runs */
	CACHE_BULK,	/* a list said so */
	CACHE_QUEUES,
};

struct entry {
	struct entry *next; /* in its bucket */
	TAILQ_ENTRY(entry) link;
	char id[CONTAINER_ID_LEN + 1];
	char short_id[12 + 1];
	struct container *known; /* packed; NULL: nothing is to be let through to it */
	size_t size;		 /* of known */
	uint32_t gone_pid;	 /* this process of it has ended, whatever the engine says */
	uint64_t touched;	 /* epoch of the last event of it */
	uint64_t seen;		 /* epoch of the last list that had it */
	uint8_t queue;		 /* enum cache_queue, of the last time that it was queued */
	bool queued;
	bool asked;	     /* a request about it is under way ... */
	bool again;	     /* ... and another is wanted behind it */
	bool closed;	     /* ... and its answer may be older than what closed it */
	bool starting;	     /* it was given an address and does not run yet, as far as we know */
	bool networks_asked; /* its networks were looked for, see client_inspected() */
};

TAILQ_HEAD(entry_queue, entry);

struct cache {
	struct entry **buckets;
	uint32_t bucket_count;
	uint32_t count; /* entries */
	uint32_t known; /* entries with a container */
	size_t bytes;	/* of those containers */
	struct entry_queue queues[CACHE_QUEUES];
	uint32_t queue_len[CACHE_QUEUES];
	uint64_t epoch;
	bool listing;	  /* the list of this epoch is to come: what was touched since is kept */
	unsigned changes; /* enum engine_change, not told yet */
};

/* A list that comes in: packed containers that are not in the cache yet. */
struct cache_list {
	struct staged {
		struct container *container;
		size_t size;
	} * items;
	uint32_t len;
	uint32_t cap;
};

void cache_init(struct cache *cache);
void cache_done(struct cache *cache);

struct entry *cache_find(const struct cache *cache, const char *id); /* or NULL */
struct entry *cache_get(struct cache *cache, const char *id);	     /* found or added */
/* Frees an entry that has no reason to be there. */
void cache_settle(struct cache *cache, struct entry *entry);

void cache_enqueue(struct cache *cache, struct entry *entry, enum cache_queue queue);
void cache_unqueue(struct cache *cache, struct entry *entry);
/* The first of that queue, or NULL. */
struct entry *cache_dequeue(struct cache *cache, enum cache_queue queue);
void cache_list_begin(struct cache *cache); /* a list is asked for */
void cache_clear_queues(struct cache *cache);

/* It is not known any more; an answer under way does not count. */
void cache_close(struct cache *cache, struct entry *entry);
/* What was asked for: takes the place of what was known.  -EFBIG: there is too much. */
int cache_set(struct cache *cache, struct entry *entry, struct container *container,
	      struct err *err);

int cache_list_add(struct cache_list *list, struct container *container, struct err *err);
/*
 * The list replaces what is known.  Whatever is new in it is asked for, for its process; with
 * `first`, in a new connection, everything.
 */
void cache_list_apply(struct cache *cache, struct cache_list *list, bool first);
void cache_list_done(struct cache_list *list);

/* No answer will come: nothing is asked any more, and who has no process to be watched is gone. */
void cache_disconnect(struct cache *cache);
/* Shallow copies, by id. */
void cache_facts(const struct cache *cache, struct arena *arena, struct engine *engine);
