/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The containers that are known, by id. */
#include "engine/cache.h"

#include <errno.h>
#include <string.h>

#include "base/hash.h"
#include "base/limits.h"
#include "engine/client.h"
#include "engine/pack.h"

#define BUCKETS_FIRST 64u

void cache_init(struct cache *cache)
{
	*cache = (struct cache){.bucket_count = BUCKETS_FIRST, .epoch = 1};
	cache->buckets = mem_alloc(sizeof(*cache->buckets) * BUCKETS_FIRST);
	memset((void *)cache->buckets, 0, sizeof(*cache->buckets) * BUCKETS_FIRST);
	for (int i = 0; i < CACHE_QUEUES; i++)
		TAILQ_INIT(&cache->queues[i]);
}

static void free_entry(struct entry *entry)
{
	free(entry->known);
	free(entry);
}

void cache_done(struct cache *cache)
{
	for (uint32_t i = 0; i < cache->bucket_count; i++) {
		for (struct entry *entry = cache->buckets[i], *next; entry; entry = next) {
			next = entry->next;
			free_entry(entry);
		}
	}
	free((void *)cache->buckets);
	*cache = (struct cache){0};
}

static struct entry **bucket_of(const struct cache *cache, const char *id)
{
	return &cache->buckets[hash_bytes(id, CONTAINER_ID_LEN, 0) & (cache->bucket_count - 1)];
}

struct entry *cache_find(const struct cache *cache, const char *id)
{
	struct entry *entry = *bucket_of(cache, id);

	while (entry && !str_eq(entry->id, id))
		entry = entry->next;
	return entry;
}

static void cache_grow(struct cache *cache)
{
	struct entry **old = cache->buckets;
	uint32_t count = cache->bucket_count;
	size_t size = sizeof(*old) * count * 2;

	cache->buckets = mem_alloc(size);
	memset((void *)cache->buckets, 0, size);
	cache->bucket_count = count * 2;
	for (uint32_t i = 0; i < count; i++) {
		for (struct entry *entry = old[i], *next; entry; entry = next) {
			struct entry **bucket = bucket_of(cache, entry->id);

			next = entry->next;
			entry->next = *bucket;
			*bucket = entry;
		}
	}
	free((void *)old);
}

struct entry *cache_get(struct cache *cache, const char *id)
{
	struct entry *entry = cache_find(cache, id);
	struct entry **bucket;

	if (entry)
		return entry;
	if (cache->count >= cache->bucket_count)
		cache_grow(cache);
	bucket = bucket_of(cache, id);
	entry = mem_alloc(sizeof(*entry));
	*entry = (struct entry){.next = *bucket};
	(void)str_copy(entry->id, sizeof(entry->id), id);
	(void)str_copy(entry->short_id, sizeof(entry->short_id), id);
	*bucket = entry;
	cache->count++;
	return entry;
}

static bool is_needed(const struct cache *cache, const struct entry *entry)
{
	return entry->known || entry->queued || entry->asked || entry->gone_pid ||
	       (cache->listing && entry->touched >= cache->epoch);
}

void cache_settle(struct cache *cache, struct entry *entry)
{
	struct entry **at;

	if (is_needed(cache, entry))
		return;
	for (at = bucket_of(cache, entry->id); *at != entry;)
		at = &(*at)->next;
	*at = entry->next;
	cache->count--;
	free_entry(entry);
}

void cache_unqueue(struct cache *cache, struct entry *entry)
{
	if (!entry->queued)
		return;
	TAILQ_REMOVE(&cache->queues[entry->queue], entry, link);
	cache->queue_len[entry->queue]--;
	entry->queued = false;
}

void cache_enqueue(struct cache *cache, struct entry *entry, enum cache_queue queue)
{
	if (entry->queued && entry->queue <= queue)
		return;
	cache_unqueue(cache, entry);
	TAILQ_INSERT_TAIL(&cache->queues[queue], entry, link);
	cache->queue_len[queue]++;
	entry->queue = (uint8_t)queue;
	entry->queued = true;
}

struct entry *cache_dequeue(struct cache *cache, enum cache_queue queue)
{
	struct entry *entry = TAILQ_FIRST(&cache->queues[queue]);

	if (entry)
		cache_unqueue(cache, entry);
	return entry;
}

void cache_clear_queues(struct cache *cache)
{
	struct entry *entry;

	for (int i = 0; i < CACHE_QUEUES; i++) {
		while ((entry = cache_dequeue(cache, (enum cache_queue)i)))
			cache_settle(cache, entry);
	}
}

static void cache_drop(struct cache *cache, struct entry *entry)
{
	entry->starting = false;
	if (!entry->known)
		return;
	cache->known--;
	cache->bytes -= entry->size;
	cache->changes |= ENGINE_CHANGE_CLOSED;
	free(entry->known);
	entry->known = NULL;
	entry->size = 0;
}

void cache_close(struct cache *cache, struct entry *entry)
{
	cache_drop(cache, entry);
	entry->closed = entry->asked;
}

static bool has_address(const struct container *container, const struct endpoint *wanted)
{
	vec_each (&container->endpoints, endpoint) {
		if (!str_eq(endpoint->network, wanted->network))
			continue;
		if ((wanted->v4.family && ip_addr_eq(&endpoint->v4, &wanted->v4)) ||
		    (wanted->v6.family && ip_addr_eq(&endpoint->v6, &wanted->v6)))
			return true;
	}
	return false;
}

/* An address belongs to whom it was given last: who had it before is asked for again. */
static void take_address(struct cache *cache, const struct entry *taker,
			 const struct endpoint *endpoint)
{
	for (uint32_t i = 0; i < cache->bucket_count; i++) {
		for (struct entry *entry = cache->buckets[i]; entry; entry = entry->next) {
			if (entry == taker || !entry->known || !has_address(entry->known, endpoint))
				continue;
			cache_close(cache, entry);
			if (entry->asked)
				entry->again = true;
			else
				cache_enqueue(cache, entry, CACHE_URGENT);
		}
	}
}

static void take_addresses(struct cache *cache, const struct entry *taker,
			   const struct container *container)
{
	vec_each (&container->endpoints, endpoint) {
		if (endpoint->v4.family == IP_NONE && endpoint->v6.family == IP_NONE)
			continue;
		if (!taker->known || !has_address(taker->known, endpoint))
			take_address(cache, taker, endpoint);
	}
}

/* Owns `container`, which is packed. */
static void cache_replace(struct cache *cache, struct entry *entry, struct container *container,
			  size_t size)
{
	if (entry->known && container_same(entry->known, container)) {
		if (entry->known->pid != container->pid)
			cache->changes |= ENGINE_CHANGE_OPENED;
		entry->known->pid = container->pid;
		free(container);
		return;
	}
	cache->changes |= ENGINE_CHANGE_OPENED;
	if (entry->known) {
		cache->changes |= ENGINE_CHANGE_CLOSED;
		cache->bytes -= entry->size;
		cache->known--;
		free(entry->known);
	}
	entry->known = container;
	entry->size = size;
	cache->bytes += size;
	cache->known++;
}

static int check_room(const struct cache *cache, struct err *err)
{
	if (cache->bytes <= LIMIT_ENGINE_KNOWN_BYTES && cache->known <= LIMIT_CONTAINERS)
		return 0;
	return err_set(err, -EFBIG, "the engine tells more of its containers than is kept");
}

int cache_set(struct cache *cache, struct entry *entry, struct container *container,
	      struct err *err)
{
	struct container *packed;
	size_t size;

	take_addresses(cache, entry, container);
	packed = container_pack(container, &size);
	cache_replace(cache, entry, packed, size);
	return check_room(cache, err);
}

int cache_list_add(struct cache_list *list, struct container *container, struct err *err)
{
	struct staged item = {0};

	if (list->len >= LIMIT_CONTAINERS)
		return err_set(err, -EFBIG, "the engine has more than %u containers",
			       LIMIT_CONTAINERS);
	if (list->len == list->cap) {
		list->cap = list->cap ? list->cap * 2 : 64;
		list->items = mem_realloc(list->items, sizeof(*list->items) * list->cap);
	}
	item.container = container_pack(container, &item.size);
	list->items[list->len++] = item;
	return 0;
}

void cache_list_done(struct cache_list *list)
{
	for (uint32_t i = 0; i < list->len; i++)
		free(list->items[i].container);
	free(list->items);
	*list = (struct cache_list){0};
}

/* What the list says of one container; true if it has to be asked for by itself. */
static bool apply_item(struct cache *cache, struct entry *entry, struct staged *item, bool first)
{
	bool decided = entry->touched < cache->epoch && entry->gone_pid == 0;

	if (!decided)
		return true;
	if (entry->known && !first)
		return entry->known->pid == 0 || !container_same(entry->known, item->container);
	if (entry->known)
		item->container->pid = entry->known->pid;
	cache_replace(cache, entry, take_ptr(item->container), item->size);
	return true;
}

static void cache_sweep(struct cache *cache)
{
	for (uint32_t i = 0; i < cache->bucket_count; i++) {
		for (struct entry *entry = cache->buckets[i], *next; entry; entry = next) {
			next = entry->next;
			if (entry->seen != cache->epoch && entry->touched < cache->epoch) {
				cache_close(cache, entry);
				cache_unqueue(cache, entry);
				entry->gone_pid = 0;
			}
			cache_settle(cache, entry);
		}
	}
}

void cache_list_begin(struct cache *cache)
{
	cache->epoch++;
	cache->listing = true;
}

void cache_list_apply(struct cache *cache, struct cache_list *list, bool first)
{
	for (uint32_t i = 0; i < list->len; i++) {
		struct entry *entry = cache_get(cache, list->items[i].container->id);

		if (entry->seen == cache->epoch)
			continue; /* named twice */
		entry->seen = cache->epoch;
		if (apply_item(cache, entry, &list->items[i], first) && !entry->asked)
			cache_enqueue(cache, entry, CACHE_BULK);
	}
	cache->listing = false;
	cache_sweep(cache);
}

void cache_disconnect(struct cache *cache)
{
	cache->listing = false;
	for (uint32_t i = 0; i < cache->bucket_count; i++) {
		for (struct entry *entry = cache->buckets[i], *next; entry; entry = next) {
			next = entry->next;
			cache_unqueue(cache, entry);
			entry->asked = entry->again = entry->closed = false;
			entry->starting = false;
			if (entry->known && entry->known->pid == 0)
				cache_drop(cache, entry);
			cache_settle(cache, entry);
		}
	}
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp(((const struct container *)a)->id, ((const struct container *)b)->id);
}

void cache_facts(const struct cache *cache, struct arena *arena, struct engine *engine)
{
	struct container *items = arena_new_array(arena, struct container, cache->known);
	uint32_t len = 0;

	for (uint32_t i = 0; i < cache->bucket_count; i++) {
		for (struct entry *entry = cache->buckets[i]; entry; entry = entry->next) {
			if (entry->known)
				items[len++] = *entry->known;
		}
	}
	if (len > 1)
		qsort(items, len, sizeof(*items), compare_ids);
	engine->containers.items = items;
	engine->containers.len = len;
	engine->containers.cap = len;
}
