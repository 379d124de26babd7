/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The facts that decide which way a packet takes, copied into the model. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "resolve/resolver.h"

static bool addr_is_any(const struct ip_addr *addr)
{
	static const uint8_t zero[16];

	return addr->family == IP_NONE || memcmp(addr->bytes, zero, sizeof(zero)) == 0;
}

static void containers_add(struct resolver *resolver)
{
	vec_each (&resolver->facts->engine.containers, container) {
		struct model_container *added =
			vec_add(resolver->arena, &resolver->model->containers);
		uint32_t *number;
		int is_new;

		added->id = arena_strdup(resolver->arena, container->id);
		added->name = arena_strdup(resolver->arena, container->name);
		added->host_network = container->host_network;
		vec_each (&container->endpoints, endpoint) {
			if (endpoint->v4.family == IP_V4)
				*vec_add(resolver->arena, &added->addrs) = endpoint->v4;
			if (endpoint->v6.family == IP_V6)
				*vec_add(resolver->arena, &added->addrs) = endpoint->v6;
		}
		number = hash_index_put(&resolver->container_index, container->name,
					(uint32_t)strlen(container->name), &is_new);
		if (is_new)
			*number = resolver->model->containers.len;
	}
}

struct published_key {
	uint32_t container;
	uint16_t port;
	uint16_t container_port;
	uint8_t protocol;
	uint8_t family;
	uint8_t bytes[16];
	uint8_t pad[2];
};

/* "Any IPv4" and "any IPv6" of one port become the same entry: every address of the host. */
static void published_add(struct resolver *resolver, struct hash_index *seen, uint32_t container,
			  const struct port_binding *binding)
{
	struct published_key key = {.container = container,
				    .port = binding->host_port,
				    .container_port = binding->container_port,
				    .protocol = binding->protocol};
	uint32_t port = (uint32_t)binding->protocol << 16 | binding->host_port;
	struct published *published;
	int is_new;

	if (!binding->host_port)
		return;
	if (!addr_is_any(&binding->host_addr)) {
		key.family = binding->host_addr.family;
		memcpy(key.bytes, binding->host_addr.bytes, sizeof(key.bytes));
	}
	hash_index_put(seen, &key, sizeof(key), &is_new);
	if (!is_new)
		return;
	published = vec_add(resolver->arena, &resolver->model->published);
	published->protocol = binding->protocol;
	if (key.family)
		published->addr = binding->host_addr;
	else
		hash_index_put(&resolver->published_index, &port, sizeof(port), &is_new);
	published->port = binding->host_port;
	published->container_port = binding->container_port;
	published->container = container;
}

void host_network_port_add(struct resolver *resolver, uint8_t protocol, uint16_t port,
			   uint32_t container)
{
	uint32_t key[2] = {(uint32_t)protocol << 16 | port, container};
	struct host_network_port *added;
	int is_new;

	if (hash_index_get(&resolver->published_index, key, sizeof(key[0])))
		return;
	hash_index_put(&resolver->host_network_index, key, sizeof(key), &is_new);
	if (!is_new)
		return;
	added = vec_add(resolver->arena, &resolver->model->host_network_ports);
	added->protocol = protocol;
	added->port = port;
	added->container = container;
}

static void published_resolve(struct resolver *resolver)
{
	const struct engine *engine = &resolver->facts->engine;
	struct hash_index seen = {.arena = resolver->scratch};

	for (uint32_t i = 0; i < engine->containers.len; i++) {
		vec_each (&engine->containers.items[i].ports, binding)
			published_add(resolver, &seen, i, binding);
	}
}

static void host_network_resolve(struct resolver *resolver)
{
	struct hash_index ids = {.arena = resolver->scratch};
	const struct model *model = resolver->model;
	const uint32_t *number;
	int is_new;

	for (uint32_t i = 0; i < model->containers.len; i++) {
		const struct model_container *container = &model->containers.items[i];

		if (container->host_network)
			*hash_index_put(&ids, container->id, (uint32_t)strlen(container->id),
					&is_new) = i;
	}
	vec_each (&resolver->facts->listeners, listener) {
		if (!listener->container || ip_addr_is_loopback(&listener->addr))
			continue;
		number = hash_index_get(&ids, listener->container,
					(uint32_t)strlen(listener->container));
		if (number)
			host_network_port_add(resolver, listener->protocol, listener->port,
					      *number);
	}
}

/* Networks without a bridge here (macvlan, overlay) use addresses that others have by right. */
static void subnets_resolve(struct resolver *resolver)
{
	struct ip_prefix_vec all = {0};

	vec_each (&resolver->facts->engine.networks, network) {
		if (!facts_container_bridge(resolver->facts, network))
			continue;
		vec_each (&network->subnets, subnet)
			*vec_add(resolver->arena, &all) = *subnet;
	}
	resolver->model->container_subnets.items = all.items;
	resolver->model->container_subnets.len = prefixes_normalise(all.items, all.len);
	resolver->model->container_subnets.cap = all.cap;
}

static int addr_order(const void *a, const void *b)
{
	return ip_addr_compare(a, b);
}

/*
 * fe80::1 is Docker's gateway on each bridge and the router of many a data centre: a link-local
 * address is ours on one link only, and says nothing about a packet from another.
 */
static bool addr_is_link_local(const struct ip_addr *addr)
{
	return addr->family == IP_V6 && addr->bytes[0] == 0xfe && (addr->bytes[1] & 0xc0) == 0x80;
}

static void own_addrs_resolve(struct resolver *resolver)
{
	struct model *model = resolver->model;
	uint32_t kept = 0;

	vec_each (&resolver->facts->ifaces, iface) {
		vec_each (&iface->addrs, own) {
			if (!ip_addr_is_loopback(&own->addr) && !addr_is_link_local(&own->addr))
				*vec_add(resolver->arena, &model->own_addrs) = own->addr;
		}
	}
	if (model->own_addrs.len > 1)
		qsort(model->own_addrs.items, model->own_addrs.len, sizeof(struct ip_addr),
		      addr_order);
	for (uint32_t i = 0; i < model->own_addrs.len; i++) {
		if (kept &&
		    ip_addr_eq(&model->own_addrs.items[kept - 1], &model->own_addrs.items[i]))
			continue;
		model->own_addrs.items[kept++] = model->own_addrs.items[i];
	}
	model->own_addrs.len = kept;
}

static void bridge_add(struct resolver *resolver, struct hash_index *seen, const char *name)
{
	int is_new;

	hash_index_put(seen, name, (uint32_t)strlen(name), &is_new);
	if (is_new)
		*vec_add(resolver->arena, &resolver->model->bridges) =
			arena_strdup(resolver->arena, name);
}

static void bridges_resolve(struct resolver *resolver)
{
	struct hash_index seen = {.arena = resolver->scratch};

	vec_each (&resolver->facts->ifaces, iface) {
		if (iface->kind == IFACE_BRIDGE)
			bridge_add(resolver, &seen, iface->name);
	}
	vec_each (&resolver->facts->engine.networks, network) {
		if (network->iface)
			bridge_add(resolver, &seen, network->iface);
	}
}

void topology_resolve(struct resolver *resolver)
{
	containers_add(resolver);
	published_resolve(resolver);
	host_network_resolve(resolver);
	subnets_resolve(resolver);
	own_addrs_resolve(resolver);
	bridges_resolve(resolver);
}
