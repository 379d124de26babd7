/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Services: names of this host's services file and a few of our own, protocols and ports. */
#include <string.h>

#include "base/protocol.h"
#include "base/str.h"
#include "resolve/resolver.h"

struct builtin_service {
	const char *name;
	struct service service;
};

/* These mean the same on every host, whatever its services file says. */
static const struct builtin_service own_services[] = {
	{"ping", {.kind = SERVICE_PING}},
	{"dns", {.kind = SERVICE_PORTS, .protocol = PROTOCOL_UDP, .low = 53, .high = 53}},
	{"dns", {.kind = SERVICE_PORTS, .protocol = PROTOCOL_TCP, .low = 53, .high = 53}},
};

/* Minimal systems have no services file; a policy that says "allow ssh" must not fail there. */
static const struct builtin_service fallback_services[] = {
	{"ssh", {.kind = SERVICE_PORTS, .protocol = PROTOCOL_TCP, .low = 22, .high = 22}},
	{"http", {.kind = SERVICE_PORTS, .protocol = PROTOCOL_TCP, .low = 80, .high = 80}},
	{"https", {.kind = SERVICE_PORTS, .protocol = PROTOCOL_TCP, .low = 443, .high = 443}},
};

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static bool service_group_has(const struct service_group *group, const struct service *service)
{
	for (uint32_t i = 0; i < group->count; i++) {
		if (group->items[i].kind == service->kind &&
		    group->items[i].protocol == service->protocol &&
		    group->items[i].low == service->low)
			return true;
	}
	return false;
}

static void service_group_add(struct resolver *resolver, struct service_group *group,
			      const struct service *service)
{
	struct service *items;

	if (service_group_has(group, service))
		return;
	items = arena_new_array(resolver->arena, struct service, group->count + 1);
	if (group->count)
		memcpy(items, group->items, group->count * sizeof(*items));
	items[group->count] = *service;
	group->items = items;
	group->count++;
}

static void service_group_fill(struct resolver *resolver, struct service_group *group,
			       const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(own_services); i++) {
		if (str_eq(own_services[i].name, name))
			service_group_add(resolver, group, &own_services[i].service);
	}
	if (group->count)
		return;
	vec_each (&resolver->facts->services, entry) {
		struct service service = {.kind = SERVICE_PORTS,
					  .protocol = entry->protocol,
					  .low = entry->port,
					  .high = entry->port};

		if (str_eq(entry->name, name))
			service_group_add(resolver, group, &service);
	}
	if (group->count)
		return;
	for (size_t i = 0; i < ARRAY_LEN(fallback_services); i++) {
		if (str_eq(fallback_services[i].name, name))
			service_group_add(resolver, group, &fallback_services[i].service);
	}
}

static const struct service_group *service_group_of(struct resolver *resolver, const char *name)
{
	struct service_group *group;
	uint32_t *number;
	int is_new;

	number = hash_index_put(&resolver->service_index, name, (uint32_t)strlen(name), &is_new);
	if (!is_new)
		return &resolver->service_groups.items[*number];
	*number = resolver->service_groups.len;
	group = vec_add(resolver->scratch, &resolver->service_groups);
	service_group_fill(resolver, group, name);
	return group;
}

static void service_unknown(struct resolver *resolver, const char *name, struct origin at)
{
	struct nearest nearest = {.word = name};
	struct diag *diag =
		diag_error(resolver->diags, at, DIAG_UNKNOWN_SERVICE, "unknown service '%s'", name);

	for (size_t i = 0; i < ARRAY_LEN(own_services); i++)
		nearest_try(&nearest, own_services[i].name);
	for (size_t i = 0; i < ARRAY_LEN(fallback_services); i++)
		nearest_try(&nearest, fallback_services[i].name);
	vec_each (&resolver->facts->services, entry)
		nearest_try(&nearest, entry->name);
	for (size_t i = 0; protocol_name_at(i); i++)
		nearest_try(&nearest, protocol_name_at(i));
	nearest_note(&nearest, diag, at);
}

static uint32_t service_count(struct resolver *resolver, const struct tree_service *tree)
{
	const struct service_group *group;

	if (tree->kind == TREE_SERVICE_PROTOCOL)
		return tree->port_count ? tree->port_count : 1;
	group = service_group_of(resolver, tree->name);
	if (!group->count)
		service_unknown(resolver, tree->name, tree->at);
	return group->count;
}

/* Writes what `tree` stands for; returns the place behind it. */
static struct service *service_write(struct resolver *resolver, const struct tree_service *tree,
				     struct service *out)
{
	const struct tree_ports *ports = tree->port_count > 1 ? tree->ports : &tree->one;
	const struct service_group *group;

	if (tree->kind == TREE_SERVICE_NAME) {
		group = service_group_of(resolver, tree->name);
		for (uint32_t i = 0; i < group->count; i++) {
			*out = group->items[i];
			out->inside = tree->inside;
			out++;
		}
		return out;
	}
	*out = (struct service){
		.kind = SERVICE_PROTOCOL, .protocol = tree->protocol, .inside = tree->inside};
	if (!tree->port_count)
		return out + 1;
	for (uint32_t i = 0; i < tree->port_count; i++) {
		*out = (struct service){.kind = SERVICE_PORTS,
					.protocol = tree->protocol,
					.inside = tree->inside,
					.low = ports[i].low,
					.high = ports[i].high};
		out++;
	}
	return out;
}

static void inside_check(struct resolver *resolver, const struct section_plan *plan,
			 const struct tree_service *tree)
{
	if (tree->inside && plan->zones_known && !plan->to_containers)
		diag_error(resolver->diags, tree->at, DIAG_INSIDE_OUTSIDE_CONTAINERS,
			   "'inside' is for sections that lead to containers only");
}

void services_resolve(struct resolver *resolver, const struct section_plan *plan,
		      const struct tree_sentence *sentence, struct rule *ret)
{
	const struct service_group *group;
	struct service *services, *out;
	uint32_t count = 0;

	if (!sentence->service_count) {
		ret->any_service = true;
		return;
	}
	for (uint32_t i = 0; i < sentence->service_count; i++) {
		inside_check(resolver, plan, &sentence->services[i]);
		count += service_count(resolver, &sentence->services[i]);
	}
	ret->service_count = count;
	if (!count)
		return;
	if (sentence->service_count == 1 && sentence->services->kind == TREE_SERVICE_NAME &&
	    !sentence->services->inside) {
		group = service_group_of(resolver, sentence->services->name);
		ret->services = group->items;
		return;
	}
	if (count == 1)
		services = pool_take(resolver, &resolver->service_pool, sizeof(*services));
	else
		services = arena_new_array(resolver->arena, struct service, count);
	out = services;
	for (uint32_t i = 0; i < sentence->service_count; i++)
		out = service_write(resolver, &sentence->services[i], out);
	ret->services = services;
}
