/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any text may come from an engine: as answers, as a list, as a stream of events cut anywhere, and
 * as what is said of a container that an event named.  However it is cut, it means the same; and
 * what is known afterwards is in order.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/client_internal.h"
#include "engine/reply.h"
#include "fuzz/replay.h"

#define KNOWN_ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void on_watch(void *data, int fd, uint32_t events)
{
	(void)data;
	(void)fd;
	(void)events;
}

static void on_timer(void *data, long timeout_ms)
{
	(void)data;
	(void)timeout_ms;
}

static void on_changed(void *data, unsigned changes)
{
	(void)data;
	(void)changes;
}

static void read_answers(const struct str_buf *text)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct engine engine = {0};
	struct inspected inspected;
	struct err err = {0};

	(void)reply_version(arena, text, &engine, &err);
	(void)reply_info(arena, text, &engine, &err);
	(void)reply_networks(arena, text, &engine, &err);
	(void)reply_containers(arena, text, &engine, &err);
	(void)reply_inspect(arena, text, &engine, &inspected, &err);
}

static int take_text(void *data, const struct str_buf *item, struct err *err)
{
	(void)err;
	str_buf_add(data, item->data, item->len);
	str_buf_addc(data, '\n');
	return 0;
}

/* The objects of the text when it comes in pieces of so many bytes. */
static int split_text(enum split_form form, const char *text, size_t size, size_t piece,
		      struct str_buf *ret)
{
	struct split split = {.form = form, .what = "text", .take = take_text, .data = ret};
	struct err err = {0};
	int r = 0;

	for (size_t at = 0; r == 0 && at < size; at += piece)
		r = split_feed(&split, text + at, size - at < piece ? size - at : piece, &err);
	if (r == 0)
		r = split_end(&split, &err);
	split_done(&split);
	return r;
}

static void split_anyhow(const char *text, size_t size)
{
	for (int form = SPLIT_SEQUENCE; form <= SPLIT_ARRAY; form++) {
		auto_str struct str_buf whole = {0}, pieces = {0};
		int one = split_text((enum split_form)form, text, size, size + 1, &whole);
		int other = split_text((enum split_form)form, text, size, 1 + size % 3, &pieces);

		if (one != other || !str_eq(str_buf_text(&whole), str_buf_text(&pieces)))
			abort();
	}
}

/* An object is an event, and then the answer to what the event made us ask. */
static int take_object(void *data, const struct str_buf *item, struct err *err)
{
	struct engine_client *client = data;
	struct entry *entry;

	(void)client_take_event(client, item, err);
	while ((entry = cache_dequeue(&client->cache, CACHE_URGENT)) ||
	       (entry = cache_dequeue(&client->cache, CACHE_STARTING))) {
		struct request request = {
			.client = client, .kind = REQUEST_INSPECT, .entry = entry, .status = 200};

		entry->asked = true;
		str_buf_add(&request.body, item->data, item->len);
		client_answered(client, &request);
		str_buf_done(&request.body);
		client->networks_wanted = false;
		if (client->failed)
			break;
	}
	return 0;
}

static void check_order(const struct engine_client *client)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct engine engine = {0};

	cache_facts(&client->cache, arena, &engine);
	if (engine.containers.len != client->cache.known)
		abort();
	for (uint32_t i = 1; i < engine.containers.len; i++) {
		if (strcmp(engine.containers.items[i - 1].id, engine.containers.items[i].id) >= 0)
			abort();
	}
}

static void follow_stream(const char *text, size_t size)
{
	const struct engine_client_calls calls = {
		.watch = on_watch, .timer = on_timer, .changed = on_changed};
	struct split split = {.form = SPLIT_SEQUENCE, .what = "text", .take = take_object};
	struct container container = {.id = KNOWN_ID, .name = "web", .pid = 1};
	struct engine_client *client;
	struct err err = {0};

	if (engine_client_new("/none", 1000, &calls, &client, &err) < 0 ||
	    cache_set(&client->cache, cache_get(&client->cache, KNOWN_ID), &container, &err) < 0)
		abort();
	client->phase = PHASE_READY;
	client->known = true;
	split.data = client;
	(void)split_feed(&split, text, size, &err);
	split_done(&split);
	check_order(client);
	client->phase = PHASE_PAUSE; /* it is not connected */
	client->failed = 0;
	engine_client_gone(client, KNOWN_ID);
	if (cache_find(&client->cache, KNOWN_ID) && cache_find(&client->cache, KNOWN_ID)->known)
		abort();
	cache_disconnect(&client->cache);
	check_order(client);
	engine_client_free(client);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_str struct str_buf text = {0};

	str_buf_add(&text, (const char *)data, size);
	read_answers(&text);
	split_anyhow(str_buf_text(&text), size);
	follow_stream(str_buf_text(&text), size);
	return 0;
}
