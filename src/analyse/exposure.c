/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is reachable, from where, by which sentence. */
#include "analyse/exposure.h"

#include <stdlib.h>
#include <string.h>

#include "base/protocol.h"

static bool service_covers(const struct service *service, const struct exposure *port)
{
	if (service->inside || service->kind == SERVICE_PING || service->protocol != port->protocol)
		return false;
	return service->kind == SERVICE_PROTOCOL ||
	       (service->low <= port->port && port->port <= service->high);
}

static bool rule_speaks_of(const struct rule *rule, const struct exposure *port,
			   const uint32_t *container)
{
	if (rule->to && (!container || !target_list_contains(rule->to, *container)))
		return false;
	if (rule->any_service)
		return true;
	for (uint32_t i = 0; i < rule->service_count; i++)
		if (service_covers(&rule->services[i], port))
			return true;
	return false;
}

/* Adds what a rule says; true when it decides for everybody. */
static bool add_rule(struct arena *arena, const struct rule *rule, uint32_t zone,
		     const uint32_t *container, struct exposure *port)
{
	if ((rule->from && rule->from->len == 0) || !rule_speaks_of(rule, port, container))
		return false;
	*vec_add(arena, &port->access) = (struct exposure_access){
		.zone = zone, .verdict = rule->verdict, .from = rule->from, .rule = rule};
	return !rule->from;
}

/* Adds what the rules of a pair say; true when one of them decides for everybody. */
static bool add_rules(struct arena *arena, const struct pair *pair, uint32_t zone,
		      const uint32_t *container, struct exposure *port)
{
	vec_each (&pair->rules, rule) {
		if (add_rule(arena, rule, zone, container, port))
			return true;
	}
	return false;
}

/* What the option 'failsafe' keeps open, whatever the sections say. */
static bool add_failsafe(struct arena *arena, const struct model *model, uint32_t zone,
			 struct exposure *port)
{
	vec_each (&model->failsafe, rule) {
		if (add_rule(arena, rule, zone, NULL, port))
			return true;
	}
	return false;
}

static void add_pair(struct arena *arena, const struct model *model, uint32_t zone, uint32_t to,
		     const uint32_t *container, struct exposure *port)
{
	const struct pair *pair = model_pair(model, zone, to);

	if (add_rules(arena, pair, zone, container, port))
		return;
	*vec_add(arena, &port->access) = (struct exposure_access){
		.zone = zone,
		.verdict = pair->named ? pair->end
				       : (uint8_t)(pair->open ? VERDICT_ALLOW : VERDICT_DENY)};
}

static void add_access(struct arena *arena, const struct model *model, const uint32_t *container,
		       struct exposure *port)
{
	for (uint32_t zone = 0; zone < model->zones.len; zone++) {
		if (zone == ZONE_NUMBER_HOST || port->loopback_only)
			continue;
		if (port->kind == EXPOSURE_PUBLISHED) {
			add_pair(arena, model, zone, ZONE_NUMBER_CONTAINERS, container, port);
			continue;
		}
		if (add_failsafe(arena, model, zone, port))
			continue;
		if (port->kind == EXPOSURE_HOST_NETWORK &&
		    add_rules(arena, model_pair(model, zone, ZONE_NUMBER_CONTAINERS), zone,
			      container, port))
			continue;
		add_pair(arena, model, zone, ZONE_NUMBER_HOST, NULL, port);
	}
}

static bool is_any(const struct ip_addr *addr)
{
	static const uint8_t zero[16];

	return memcmp(addr->bytes, zero, sizeof(zero)) == 0;
}

static const struct published *published_at(const struct model *model, uint8_t protocol,
					    uint16_t port, const struct ip_addr *addr)
{
	vec_each (&model->published, entry)
		if (entry->protocol == protocol && entry->port == port &&
		    (entry->addr.family == IP_NONE || is_any(addr) ||
		     ip_addr_eq(&entry->addr, addr)))
			return entry;
	return NULL;
}

static const uint32_t *host_network_container(const struct model *model,
					      const struct listener *listener)
{
	vec_each (&model->host_network_ports, entry) {
		const char *id = model->containers.items[entry->container].id;

		if (entry->protocol == listener->protocol && entry->port == listener->port &&
		    (!listener->container || strcmp(id, listener->container) == 0))
			return &entry->container;
	}
	return NULL;
}

static void add_published(struct arena *arena, const struct model *model,
			  struct exposure_list *list)
{
	vec_each (&model->published, entry) {
		struct exposure *port = vec_add(arena, &list->items);

		*port = (struct exposure){
			.kind = EXPOSURE_PUBLISHED,
			.protocol = entry->protocol,
			.addr = entry->addr,
			.port = entry->port,
			.container_port = entry->container_port,
			.holder = model->containers.items[entry->container].name,
			.loopback_only =
				entry->addr.family != IP_NONE && ip_addr_is_loopback(&entry->addr),
		};
		add_access(arena, model, &entry->container, port);
	}
}

static bool is_listed(const struct exposure_list *list, const struct exposure *port)
{
	vec_each (&list->items, other)
		if (other->kind == port->kind && other->protocol == port->protocol &&
		    other->port == port->port && ip_addr_eq(&other->addr, &port->addr))
			return true;
	return false;
}

/* By them the ports of rootless containers are sockets of the host. */
static bool is_rootless(const char *program)
{
	static const char *const starts[] = {"rootlessport", "rootlesskit", "slirp4netns", "pasta"};

	for (size_t i = 0; program && i < sizeof(starts) / sizeof(*starts); i++) {
		if (str_starts(program, starts[i]))
			return true;
	}
	return false;
}

static void add_listeners(struct arena *arena, const struct model *model, const struct facts *facts,
			  struct exposure_list *list)
{
	vec_each (&facts->listeners, listener) {
		const uint32_t *container = NULL;
		struct exposure port = {
			.kind = EXPOSURE_LISTENER,
			.protocol = listener->protocol,
			.port = listener->port,
			.holder = listener->program,
			.loopback_only = ip_addr_is_loopback(&listener->addr),
			.rootless = is_rootless(listener->program),
		};

		/* the engine's proxy: its port is listed as published */
		if (published_at(model, listener->protocol, listener->port, &listener->addr))
			continue;
		if (!is_any(&listener->addr))
			port.addr = listener->addr;
		container = host_network_container(model, listener);
		if (container) {
			port.kind = EXPOSURE_HOST_NETWORK;
			port.holder = model->containers.items[*container].name;
			port.rootless = false;
		}
		if (is_listed(list, &port))
			continue;
		add_access(arena, model, container, &port);
		*vec_add(arena, &list->items) = port;
	}
}

static int compare_exposures(const void *a, const void *b)
{
	const struct exposure *x = a, *y = b;

	if (x->port != y->port)
		return x->port < y->port ? -1 : 1;
	if (x->protocol != y->protocol)
		return x->protocol < y->protocol ? -1 : 1;
	return ip_addr_compare(&x->addr, &y->addr);
}

void exposure_of(struct arena *arena, const struct model *model, const struct facts *facts,
		 struct exposure_list *ret)
{
	struct exposure_list list = {0};

	add_published(arena, model, &list);
	add_listeners(arena, model, facts, &list);
	if (list.items.len > 1)
		qsort(list.items.items, list.items.len, sizeof(struct exposure), compare_exposures);
	*ret = list;
}

bool exposure_is_open(const struct exposure *exposure, uint32_t zone)
{
	vec_each (&exposure->access, access)
		if (access->zone == zone && access->verdict == VERDICT_ALLOW)
			return true;
	return false;
}
