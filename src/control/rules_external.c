/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The external interfaces. */
#include "control/rules_external.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"

#define BRIDGE_ID_DIGITS 12 /* "br-" and the first digits of the network's id */

/* Bridges as Docker names them, for when it does not run (yet). */
static bool is_engine_name(const char *name)
{
	if (str_eq(name, "docker0") || str_eq(name, "docker_gwbridge"))
		return true;
	return str_starts(name, "br-") && strlen(name) == 3 + BRIDGE_ID_DIGITS &&
	       strspn(name + 3, "0123456789abcdef") == BRIDGE_ID_DIGITS;
}

bool rules_iface_is_internal(const struct facts *facts, const struct iface *iface)
{
	if (iface->kind == IFACE_LOOPBACK || iface->master)
		return true;
	if (iface->physical_port)
		return false;
	return is_engine_name(iface->name) || facts_network_of_iface(facts, iface->name);
}

/* A default route to loopback is a trap for packets (TPROXY), not a way out. */
static bool leads_out(const struct facts *facts, const struct route *route)
{
	const struct iface *iface = facts_iface(facts, route->iface);

	return !route->dest.len && !(iface && iface->kind == IFACE_LOOPBACK);
}

static bool has_way_out(const struct facts *facts)
{
	vec_each (&facts->routes, route) {
		if (leads_out(facts, route))
			return true;
	}
	return false;
}

static void name_add(struct arena *arena, struct rules_names *names, const char *name)
{
	vec_each (&names->items, have) {
		if (str_eq(*have, name))
			return;
	}
	*vec_add(arena, &names->items) = arena_strdup(arena, name);
}

/* Those with a default route, whatever they are; then the others. */
static void names_collect(struct arena *arena, const struct facts *facts, struct rules_names *names)
{
	vec_each (&facts->routes, route) {
		if (leads_out(facts, route))
			name_add(arena, names, route->iface);
	}
	vec_each (&facts->ifaces, iface) {
		if (!rules_iface_is_internal(facts, iface))
			name_add(arena, names, iface->name);
	}
}

int rules_external(struct arena *arena, const struct facts *facts, struct rules_names *ret,
		   struct err *err)
{
	struct rules_names names = {0};

	if (!has_way_out(facts))
		return err_set(err, -ENODEV,
			       "no interface of this host has a default route, so it is not known "
			       "which one is external; add the route, or write the interface's "
			       "name in the place of 'extinf'");
	names_collect(arena, facts, &names);
	*ret = names;
	return 0;
}

int rules_external_boot(struct arena *arena, const struct facts *facts,
			const struct rules_names *remembered, struct rules_names *ret,
			struct err *err)
{
	struct rules_names names = {0};

	vec_each (&remembered->items, name)
		name_add(arena, &names, *name);
	names_collect(arena, facts, &names);
	if (!names.items.len)
		return err_set(err, -ENODEV,
			       "this host has no interface but loopback and container networks, "
			       "and none is remembered from an earlier load; write the interface's "
			       "name in the place of 'extinf'");
	*ret = names;
	return 0;
}
