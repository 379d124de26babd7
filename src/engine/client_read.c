/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers: what they say takes the place of what was known. */
#include <errno.h>

#include "engine/client_internal.h"

static void read_about(struct engine_client *client, struct request *request)
{
	struct err err = {0};
	bool version = request->kind == REQUEST_VERSION;
	int r = version ? reply_version(client->next_about, &request->body, &client->next, &err)
			: reply_info(client->next_about, &request->body, &client->next, &err);

	if (r < 0) {
		(void)client_fail(client, r, &err);
		return;
	}
	client->phase = version ? PHASE_INFO : PHASE_EVENTS;
	client_ask(client, version ? REQUEST_INFO : REQUEST_EVENTS, NULL);
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? str_eq(a, b) : a == b;
}

static bool same_network(const struct network *a, const struct network *b)
{
	if (!str_eq(a->id, b->id) || !str_eq(a->name, b->name) || !str_eq(a->driver, b->driver) ||
	    !same_text(a->iface, b->iface) || a->internal != b->internal ||
	    a->subnets.len != b->subnets.len || a->gateways.len != b->gateways.len)
		return false;
	for (uint32_t i = 0; i < a->gateways.len; i++) {
		if (!ip_addr_eq(&a->gateways.items[i], &b->gateways.items[i]))
			return false;
	}
	for (uint32_t i = 0; i < a->subnets.len; i++) {
		if (ip_prefix_compare(&a->subnets.items[i], &b->subnets.items[i]) != 0)
			return false;
	}
	return true;
}

/* All of `a` in `b`?  Networks are few; the engine lists them in any order. */
static bool has_networks(const struct engine *a, const struct engine *b)
{
	vec_each (&a->networks, network) {
		const struct network *other = container_network(b, network->name);

		if (!other || !same_network(network, other))
			return false;
	}
	return true;
}

static void read_networks(struct engine_client *client, struct request *request)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct engine listed = {.name = client->next.name};
	struct err err = {0};
	int r = reply_networks(arena, &request->body, &listed, &err);
	struct arena *old = client->network_arena;

	client->networks_asked = false;
	if (r < 0) {
		(void)client_fail(client, r, &err);
		return;
	}
	if (!has_networks(&listed, &client->engine))
		client->cache.changes |= ENGINE_CHANGE_OPENED;
	if (!has_networks(&client->engine, &listed))
		client->cache.changes |= ENGINE_CHANGE_CLOSED;
	client->engine.networks.items = listed.networks.items;
	client->engine.networks.len = listed.networks.len;
	client->engine.networks.cap = listed.networks.cap;
	client->network_arena = take_ptr(arena);
	arena_free(old);
	if (client->phase == PHASE_LIST)
		client_want_list(client);
}

/* What the new connection tells of the engine takes the place of what the last one told. */
static void take_about(struct engine_client *client)
{
	struct engine *engine = &client->engine;

	engine->name = client->next.name;
	engine->version = client->next.version;
	engine->api_version = client->next.api_version;
	engine->firewall_backend = client->next.firewall_backend;
	engine->swarm = client->next.swarm;
	arena_free(client->about);
	/* requests go on to read client->next, which points into the same arena */
	client->about = client->next_about;
	client->next_about = NULL;
}

static void read_list(struct engine_client *client, struct request *request)
{
	bool first = client->phase == PHASE_LIST;

	client->list_asked = false;
	if (client->list_stale) {
		client->list_stale = false;
		return; /* another one is wanted already */
	}
	cache_list_apply(&client->cache, &request->list, first);
	if (!first)
		return;
	take_about(client);
	client->phase = PHASE_READY;
	client->ready_at = client_now();
	client->engine.state = ENGINE_ANSWERED;
	client->engine.reason = NULL;
	client->known = true;
	client->cache.changes |= ENGINE_CHANGE_STATE;
}

int client_take_container(void *data, const struct str_buf *item, struct err *err)
{
	struct request *request = data;
	auto_of(arena_free) struct arena *arena = arena_new();
	struct container container = {0};
	int r = reply_container(arena, item, &request->client->engine, &container, err);

	return r < 0 ? r : cache_list_add(&request->list, &container, err);
}

static bool knows_networks(const struct engine *engine, const struct container *container)
{
	vec_each (&container->endpoints, endpoint) {
		if (!container_network(engine, endpoint->network))
			return false;
	}
	return true;
}

static bool has_any_address(const struct container *container)
{
	vec_each (&container->endpoints, endpoint) {
		if (endpoint->v4.family != IP_NONE || endpoint->v6.family != IP_NONE)
			return true;
	}
	return false;
}

/*
 * True if it lies in networks that we do not know (so): they are listed, and it is asked for
 * again.  What is the same then is taken for what it is.
 */
static bool needs_networks(struct engine_client *client, struct entry *entry, int r,
			   const struct container *container)
{
	if (r < 0 ? r != -ERANGE : knows_networks(&client->engine, container))
		return false;
	if (entry->networks_asked)
		return false;
	entry->networks_asked = true;
	client_want_networks(client);
	entry->again = true;
	return true;
}

static void take_inspected(struct engine_client *client, struct entry *entry,
			   struct inspected *found)
{
	struct container *container = &found->container;
	struct err err = {0};
	int r;

	if (!found->running && !(entry->starting && has_any_address(container))) {
		cache_close(&client->cache, entry);
		entry->gone_pid = 0;
		return;
	}
	if (entry->gone_pid && container->pid == entry->gone_pid)
		return; /* the engine does not know yet */
	if (found->running)
		entry->starting = false;
	entry->gone_pid = 0;
	r = cache_set(&client->cache, entry, container, &err);
	if (r < 0)
		(void)client_fail(client, r, &err);
}

static void read_inspected(struct engine_client *client, struct request *request)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct entry *entry = request->entry;
	struct inspected found;
	struct err err = {0};
	int r = reply_inspect(arena, &request->body, &client->engine, &found, &err);

	if (r == 0 && !str_eq(found.container.id, entry->id))
		r = err_set(&err, -EPROTO, "the engine tells of another container than asked for");
	if (needs_networks(client, entry, r, &found.container))
		return;
	entry->networks_asked = false;
	if (r < 0)
		(void)client_fail(client, r, &err);
	else
		take_inspected(client, entry, &found);
}

static void client_inspected(struct engine_client *client, struct request *request)
{
	struct entry *entry = request->entry;
	bool again = entry->again || entry->closed, unclear;
	bool outdated = entry->closed;

	entry->asked = entry->again = entry->closed = false;
	if (!outdated && request->status == 200) {
		read_inspected(client, request);
	} else if (!outdated && request->status == 404) {
		cache_close(&client->cache, entry);
		entry->gone_pid = 0;
	}
	/* any other status says nothing of it: what is known stays known */
	unclear = entry->again;
	entry->again = false;
	if (client->failed == 0 && (again || unclear))
		client_mark(client, entry);
	else
		cache_settle(&client->cache, entry);
}

void client_answered(struct engine_client *client, struct request *request)
{
	switch (request->kind) {
	case REQUEST_VERSION:
	case REQUEST_INFO:
		read_about(client, request);
		break;
	case REQUEST_EVENTS:
		break; /* it does not end but by failing */
	case REQUEST_NETWORKS:
		read_networks(client, request);
		break;
	case REQUEST_CONTAINERS:
		read_list(client, request);
		break;
	case REQUEST_INSPECT:
		client_inspected(client, request);
		break;
	}
}
