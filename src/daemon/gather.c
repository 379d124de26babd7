/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts of host and engine, put together for a pass. */
#include "daemon/gather.h"

#include "base/str.h"
#include "daemon/journal.h"
#include "engine/engine.h"
#include "host/host.h"
#include "host/listener.h"

/* A container can end between the engine's word and ours, again and again. */
#define GATHER_TRIES 4u

static int host_refresh(struct watcher *watcher, struct err *err)
{
	auto_of(arena_free) struct arena *arena = NULL;
	struct facts host = {0};
	int r;

	if (!watcher->host_dirty)
		return 0;
	arena = arena_new();
	/* Before it is read: what changes meanwhile is to be read again. */
	watcher->host_dirty = false;
	r = host_read(arena, &host, err);
	if (r < 0) {
		watcher->host_dirty = true;
		return r;
	}
	arena_free(watcher->host_arena);
	watcher->host_arena = take_ptr(arena);
	watcher->host = host;
	return 0;
}

/* Sockets come and go without a notification. */
static int sockets_read(struct watcher *watcher, struct control_load *load, struct err *err)
{
	load->facts = watcher->host;
	load->facts.listeners.items = NULL;
	load->facts.listeners.len = load->facts.listeners.cap = 0;
	return listener_read(load->arena, &load->facts, err);
}

static bool engine_gather(struct watcher *watcher, struct control_load *load)
{
	for (unsigned i = 0; i < GATHER_TRIES; i++) {
		struct process_ids gone = {0};

		if (!engine_client_facts(watcher->engine, load->arena, &load->facts)) {
			load->facts.engine =
				(struct engine){.state = ENGINE_SILENT,
						.reason = "the engine has not answered yet"};
			return watcher_now(watcher) - watcher->started_us > GATHER_ENGINE_US;
		}
		processes_sync(&watcher->processes, &load->facts.engine, load->arena, &gone);
		/* Facts are the client's until it is called again. */
		if (!gone.items.len || i + 1 == GATHER_TRIES)
			break;
		vec_each (&gone.items, id)
			engine_client_gone(watcher->engine, *id);
	}
	return true;
}

static bool is_published(const struct container *container)
{
	bool v4 = false;

	vec_each (&container->endpoints, endpoint)
		v4 = v4 || endpoint->v4.family == IP_V4;
	return v4 && !container->host_network && container->ports.len;
}

static void engine_say(struct watcher *watcher, const struct engine *engine)
{
	bool answers = engine->state == ENGINE_ANSWERED;
	bool answered = watcher->said.engine == ENGINE_ANSWERED;

	watcher->publish_now |= watcher->said.engine != engine->state;
	watcher->said.engine = engine->state;
	watcher->said.containers = engine->containers.len;
	watcher->engine_is_docker = !engine->name || !str_eq(engine->name, "podman");
	(void)str_copy(watcher->firewall_backend, sizeof(watcher->firewall_backend),
		       engine->firewall_backend ? engine->firewall_backend : "");
	if (answered && !answers)
		journal_say(JOURNAL_ENGINE_LOST, NULL,
			    "%s; %u containers stay known as long as their processes live",
			    engine->reason ? engine->reason : "the engine does not answer",
			    (unsigned)engine->containers.len);
	if (!answered && answers)
		journal_say(JOURNAL_ENGINE_BACK, NULL, "%s answers: %u containers",
			    engine->name ? engine->name : "the engine",
			    (unsigned)engine->containers.len);
}

int gather_facts(struct watcher *watcher, struct control_load *load, bool *ret_known,
		 struct err *err)
{
	int r = host_refresh(watcher, err);

	if (r >= 0)
		r = sockets_read(watcher, load, err);
	if (r < 0)
		return r;
	*ret_known = engine_gather(watcher, load);
	watcher->published = watcher->host_network = false;
	vec_each (&load->facts.engine.containers, container) {
		watcher->published = watcher->published || is_published(container);
		watcher->host_network = watcher->host_network || container->host_network;
	}
	/* Whose containers share the host's network, their processes say which ports are theirs. */
	if (watcher->host_network)
		host_read_owners(load->arena, &load->facts);
	if (*ret_known)
		engine_say(watcher, &load->facts.engine);
	engine_mark_proxied(&load->facts);
	load->facts_read = true;
	return 0;
}
