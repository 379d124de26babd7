/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events: what closes is believed at once, all else only says what has to be asked for.  However
 * many there are, what they leave behind is bounded: containers to ask for, or that all are.
 */
#include <string.h>

#include "base/arena.h"
#include "engine/client_internal.h"

void client_want_networks(struct engine_client *client)
{
	client->networks_wanted = true;
}

void client_want_list(struct engine_client *client)
{
	client->list_wanted = true;
	client->cache.listing = false; /* what comes is thrown away */
	if (client->list_asked)
		client->list_stale = true;
}

void client_mark(struct engine_client *client, struct entry *entry)
{
	struct cache *cache = &client->cache;

	entry->touched = cache->epoch;
	if (entry->asked)
		entry->again = true;
	else if (!client->list_wanted)
		cache_enqueue(cache, entry,
			      entry->starting && !entry->known ? CACHE_STARTING : CACHE_URGENT);
	cache_settle(cache, entry); /* the list that is wanted tells all of it */
	if (cache->queue_len[CACHE_URGENT] + cache->queue_len[CACHE_STARTING] <= CLIENT_DIRTY_MAX)
		return;
	cache_clear_queues(cache);
	client_want_list(client);
}

/* An answer that is under way may be older than what closes: it must not open that again. */
static void closed(struct engine_client *client, struct entry *entry)
{
	if (entry->asked || client->list_asked)
		client_mark(client, entry);
	else
		cache_settle(&client->cache, entry);
}

static void on_gone(struct engine_client *client, const char *id)
{
	struct entry *entry = cache_find(&client->cache, id);

	if (!entry && client->list_asked)
		entry = cache_get(&client->cache, id);
	if (!entry)
		return;
	entry->gone_pid = 0;
	cache_unqueue(&client->cache, entry); /* what there was to ask for is answered */
	cache_close(&client->cache, entry);
	closed(client, entry);
}

static void on_left(struct engine_client *client, const struct engine_event *event)
{
	struct entry *entry = cache_find(&client->cache, event->id);
	struct container *known = entry ? entry->known : NULL;

	if (!entry && client->list_asked)
		entry = cache_get(&client->cache, event->id);
	if (!entry)
		return;
	entry->starting = false;
	entry->closed = entry->asked;
	for (uint32_t i = 0; known && i < known->endpoints.len;) {
		struct endpoint *items = known->endpoints.items;

		/* without a name it may have been any of them */
		if (event->network && !str_eq(items[i].network, event->network)) {
			i++;
			continue;
		}
		known->endpoints.len--;
		memmove(&items[i], &items[i + 1], sizeof(*items) * (known->endpoints.len - i));
		client->cache.changes |= ENGINE_CHANGE_CLOSED;
	}
	if (known)
		client_mark(client, entry);
	else
		closed(client, entry);
}

/* Until it is known who has which name now, this one has none that a policy could mean. */
static void on_renamed(struct engine_client *client, const char *id)
{
	struct entry *entry = cache_find(&client->cache, id);

	if (!entry && client->list_asked)
		entry = cache_get(&client->cache, id);
	if (!entry)
		return;
	if (entry->known) {
		entry->known->name = entry->short_id;
		client->cache.changes |= ENGINE_CHANGE_CLOSED;
	}
	entry->closed = entry->asked;
	client_mark(client, entry);
}

static void on_changed(struct engine_client *client, const char *id)
{
	struct entry *entry = cache_get(&client->cache, id);

	entry->starting = false; /* it runs, if anything */
	client_mark(client, entry);
}

static void on_connected(struct engine_client *client, const char *id)
{
	struct entry *entry = cache_get(&client->cache, id);

	entry->starting = true;
	client_mark(client, entry);
}

static void on_network_gone(struct engine_client *client, const char *id)
{
	struct engine *engine = &client->engine;

	for (uint32_t i = 0; id && i < engine->networks.len; i++) {
		struct network *items = engine->networks.items;

		if (!str_eq(items[i].id, id) && !str_eq(items[i].name, id))
			continue;
		engine->networks.len--;
		memmove(&items[i], &items[i + 1], sizeof(*items) * (engine->networks.len - i));
		client->cache.changes |= ENGINE_CHANGE_CLOSED;
		break;
	}
	client_want_networks(client);
}

static void client_on_event(struct engine_client *client, const struct engine_event *event)
{
	switch ((enum event_kind)event->kind) {
	case EVENT_NOTHING:
		break;
	case EVENT_CHANGED:
		on_changed(client, event->id);
		break;
	case EVENT_RENAMED:
		on_renamed(client, event->id);
		break;
	case EVENT_CONNECTED:
		on_connected(client, event->id);
		break;
	case EVENT_LEFT:
		on_left(client, event);
		break;
	case EVENT_GONE:
		on_gone(client, event->id);
		break;
	case EVENT_NETWORKS:
		client_want_networks(client);
		break;
	case EVENT_NETWORK_GONE:
		on_network_gone(client, event->network);
		break;
	case EVENT_UNCLEAR:
		client_want_list(client);
		break;
	}
}

int client_take_event(void *data, const struct str_buf *item, struct err *err)
{
	struct engine_client *client = data;
	auto_of(arena_free) struct arena *arena = arena_new();
	struct engine_event event;
	int r = reply_event(arena, item, &event, err);

	if (r < 0)
		return r;
	client->numbers.events++;
	client_on_event(client, &event);
	return 0;
}
