/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which way a packet takes: from what is dialled to what the filter hooks see. */
#include "analyse/path.h"

#include <string.h>

#include "base/str.h"

/*
 * Docker keeps IPv6 rules by default from 27.0 on; before, and for containers without an IPv6
 * address, its user-space proxy serves the port.
 */
static bool engine_translates_v6(const struct engine *engine)
{
	size_t digits;
	uint32_t major;

	if (!engine->version)
		return false;
	digits = strspn(engine->version, "0123456789");
	if (engine->name && str_eq(engine->name, "podman"))
		return true;
	return str_parse_u32(engine->version, digits, 0, UINT32_MAX, &major) && major >= 27;
}

static const struct network *network_of_addr(const struct facts *facts, const struct ip_addr *addr)
{
	vec_each (&facts->engine.networks, network)
		vec_each (&network->subnets, subnet)
			if (ip_prefix_contains_addr(subnet, addr))
				return network;
	return NULL;
}

/* The bridge that leads to an address, or the interface that the host's routes name. */
static const char *iface_to(const struct facts *facts, const struct ip_addr *addr)
{
	const struct network *network = network_of_addr(facts, addr);
	const char *bridge = network ? facts_network_iface(facts, network) : NULL;
	const struct route *route;

	if (bridge)
		return bridge;
	route = facts_route_to(facts, addr);
	return route ? route->iface : NULL;
}

static const struct published *published_of(const struct model *model, const struct dial *dial)
{
	vec_each (&model->published, entry)
		if (entry->protocol == dial->protocol && entry->port == dial->port &&
		    (entry->addr.family == IP_NONE || ip_addr_eq(&entry->addr, &dial->dst)))
			return entry;
	return NULL;
}

/* The container's address that the engine translates to, or NULL: a proxy serves the port. */
static const struct ip_addr *translated_addr(const struct model *model, const struct facts *facts,
					     const struct published *entry, const struct dial *dial)
{
	if (dial->dst.family == IP_V6 && !engine_translates_v6(&facts->engine))
		return NULL;
	/* Docker's DNAT rules do not hold for 127.0.0.0/8 and ::1 dialled by the host itself */
	if (!dial->in_iface && ip_addr_is_loopback(&dial->dst))
		return NULL;
	vec_each (&model->containers.items[entry->container].addrs, addr) {
		const char *bridge;

		if (addr->family != dial->dst.family)
			continue;
		bridge = iface_to(facts, addr);
		/* "! -i BRIDGE": not translated for the container's own network */
		if (bridge && dial->in_iface && strcmp(bridge, dial->in_iface) == 0)
			return NULL;
		return addr;
	}
	return NULL;
}

bool path_of_dial(const struct model *model, const struct facts *facts, const struct dial *dial,
		  struct packet *ret)
{
	const struct published *entry;
	const struct ip_addr *target = NULL;
	struct packet packet = {
		.in_iface = dial->in_iface,
		.src = dial->src,
		.dst = dial->dst,
		.protocol = dial->protocol,
		.icmp_type = dial->icmp_type,
		.hop_limit = 64,
		.state = PACKET_NEW,
		.src_port = dial->src_port,
		.dst_port = dial->port,
		.dialled_addr = dial->dst,
		.dialled_port = dial->port,
	};
	bool own = facts_is_own_address(facts, &dial->dst) || ip_addr_is_loopback(&dial->dst);

	if (own) {
		entry = published_of(model, dial);
		if (entry)
			target = translated_addr(model, facts, entry, dial);
		if (!target) {
			/* delivered here; the host reaches itself by loopback */
			packet.out_iface = dial->in_iface ? NULL : "lo";
			*ret = packet;
			return true;
		}
		packet.dnat = true;
		packet.dst = *target;
		packet.dst_port = entry->container_port;
	}
	packet.out_iface = iface_to(facts, &packet.dst);
	if (!packet.out_iface)
		return false;
	*ret = packet;
	return true;
}
