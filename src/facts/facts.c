/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions that are answered by looking at the facts of one moment. */
#include "facts/facts.h"

#include <stddef.h>

#include "base/str.h"

const char *container_label(const struct container *container, const char *key)
{
	vec_each (&container->labels, label) {
		if (str_eq(label->key, key))
			return label->value;
	}
	return NULL;
}

const struct iface *facts_iface(const struct facts *facts, const char *name)
{
	vec_each (&facts->ifaces, iface) {
		if (str_eq(iface->name, name))
			return iface;
	}
	return NULL;
}

static bool has_address(const struct iface *iface, const struct ip_addr *addr)
{
	vec_each (&iface->addrs, own) {
		if (ip_addr_eq(&own->addr, addr))
			return true;
	}
	return false;
}

const char *facts_network_iface(const struct facts *facts, const struct network *network)
{
	if (network->iface)
		return network->iface;
	vec_each (&network->gateways, gateway) {
		vec_each (&facts->ifaces, iface) {
			if (iface->kind == IFACE_BRIDGE && has_address(iface, gateway))
				return iface->name;
		}
	}
	return NULL;
}

const struct network *facts_network_of_iface(const struct facts *facts, const char *iface)
{
	vec_each (&facts->engine.networks, network) {
		const char *bridge = facts_network_iface(facts, network);

		if (bridge && str_eq(bridge, iface))
			return network;
	}
	return NULL;
}

const char *facts_container_bridge(const struct facts *facts, const struct network *network)
{
	const char *name = facts_network_iface(facts, network);
	const struct iface *iface = name ? facts_iface(facts, name) : NULL;

	return iface && iface->physical_port ? NULL : name;
}

bool facts_is_own_address(const struct facts *facts, const struct ip_addr *addr)
{
	if (ip_addr_is_loopback(addr))
		return true;
	vec_each (&facts->ifaces, iface) {
		vec_each (&iface->addrs, own) {
			if (ip_addr_eq(&own->addr, addr))
				return true;
		}
	}
	return false;
}

const struct route *facts_route_to(const struct facts *facts, const struct ip_addr *dest)
{
	const struct route *best = NULL;

	vec_each (&facts->routes, route) {
		if (!ip_prefix_contains_addr(&route->dest, dest))
			continue;
		if (!best || route->dest.len > best->dest.len)
			best = route;
	}
	return best;
}
