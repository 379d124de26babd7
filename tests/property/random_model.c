/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random models, and packets near a model's own addresses and ports. */
#include "property/random_model.h"

#include <string.h>

#include "base/protocol.h"

static const uint8_t protocols[] = {PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_SCTP};
static const uint16_t ports[] = {22, 53, 80, 81, 82, 443, 5000, 5001, 40000, 65535};
static const char *const ifaces[] = {"eth0",	"eth1", "wg0",	"wg12",	 "wgx",
				     "docker0", "br-a", "br-b", "vmbr0", "lo"};

#define PICK(random, array) ((array)[random_below((random), sizeof(array) / sizeof((array)[0]))])

/* Few bits are random, so that prefixes overlap and packets meet them. */
static struct ip_addr random_addr(struct random *random, uint8_t family)
{
	static const uint8_t firsts4[] = {10, 172, 192, 203};
	struct ip_addr addr = {.family = family};
	unsigned last = ip_family_bytes(family) - 1;

	if (family == IP_V4) {
		addr.bytes[0] = PICK(random, firsts4);
	} else {
		addr.bytes[0] = random_one_in(random, 4) ? 0xfe : 0x20;
		addr.bytes[1] = addr.bytes[0] == 0xfe ? 0x80 : 0x01;
		addr.bytes[7] = (uint8_t)random_below(random, 2);
	}
	addr.bytes[2] = (uint8_t)(random_below(random, 2) * 128);
	addr.bytes[last - 1] = (uint8_t)random_below(random, 4);
	addr.bytes[last] = (uint8_t)(random_below(random, 4) * 64 + random_below(random, 2));
	return addr;
}

static uint8_t random_family(struct random *random)
{
	return random_one_in(random, 2) ? IP_V4 : IP_V6;
}

/* As the resolver hands them over: sorted, none inside another. */
static void source_list_add(struct source_list *list, struct ip_prefix prefix)
{
	uint32_t at = list->len;

	for (uint32_t i = 0; i < list->len; i++) {
		if (ip_prefix_contains(&list->items[i], &prefix) ||
		    ip_prefix_contains(&prefix, &list->items[i]))
			return;
	}
	for (; at > 0 && ip_prefix_compare(&list->items[at - 1], &prefix) > 0; at--)
		list->items[at] = list->items[at - 1];
	list->items[at] = prefix;
	list->len++;
}

static const struct source_list *random_sources(struct random *random, struct arena *arena)
{
	struct source_list *list = arena_new_object(arena, struct source_list);
	uint32_t count = random_below(random, 8);

	list->items = arena_new_array(arena, struct ip_prefix, count + 1);
	for (uint32_t i = 0; i < count; i++) {
		struct ip_addr addr = random_addr(random, random_family(random));
		uint32_t bits = ip_family_bits(addr.family);
		uint32_t len = random_one_in(random, 8) ? random_below(random, bits + 1)
							: bits - random_below(random, 20);

		source_list_add(list, ip_prefix_of(&addr, len));
	}
	return list;
}

static const struct target_list *random_targets(struct random *random, struct arena *arena,
						const struct model *model)
{
	struct target_list *list = arena_new_object(arena, struct target_list);

	list->containers = arena_new_array(arena, uint32_t, model->containers.len);
	for (uint32_t i = 0; i < model->containers.len; i++) {
		if (random_one_in(random, 3))
			list->containers[list->len++] = i;
	}
	return list;
}

static struct service random_service(struct random *random, bool containers)
{
	struct service service = {.protocol = PICK(random, protocols)};
	uint32_t kind = random_below(random, 10);

	if (kind == 0) {
		service.kind = SERVICE_PING;
		return service;
	}
	if (kind == 1) {
		service.kind = SERVICE_PROTOCOL;
		if (random_one_in(random, 3))
			service.protocol = random_one_in(random, 2) ? PROTOCOL_ICMP : PROTOCOL_GRE;
		return service;
	}
	service.kind = SERVICE_PORTS;
	service.low = service.high = PICK(random, ports);
	if (random_one_in(random, 4)) {
		uint32_t high = service.low + random_below(random, 3) * 900 + 1;

		service.high = high > 65535 ? 65535 : (uint16_t)high;
	}
	service.inside = containers && random_one_in(random, 3);
	return service;
}

static const struct rate *random_rate(struct random *random, struct arena *arena)
{
	struct rate *rate = arena_new_object(arena, struct rate);

	rate->count = 1 + random_below(random, 10);
	rate->burst = 1 + random_below(random, 10);
	rate->unit = (uint8_t)random_below(random, 4);
	rate->per_source = random_one_in(random, 2);
	return rate;
}

static void random_rule(struct random *random, struct arena *arena, const struct model *model,
			bool containers, struct rule *rule)
{
	struct service *services = arena_new_array(arena, struct service, 3);

	rule->verdict = (uint8_t)random_below(random, 3);
	rule->any_service = random_one_in(random, 12);
	rule->service_count = rule->any_service ? 0 : 1 + random_below(random, 3);
	for (uint32_t i = 0; i < rule->service_count; i++)
		services[i] = random_service(random, containers);
	rule->services = services;
	if (!random_one_in(random, 3))
		rule->from = random_sources(random, arena);
	if (containers && random_one_in(random, 2))
		rule->to = random_targets(random, arena, model);
	if (random_one_in(random, 6))
		rule->rate = random_rate(random, arena);
	rule->log = random_one_in(random, 8);
	rule->text = random_one_in(random, 4) ? NULL : "allow \"something\"";
}

static void random_pairs(struct random *random, struct arena *arena, struct model *model)
{
	uint32_t zones = model->zones.len;

	model->pairs = arena_new_array(arena, struct pair, (size_t)zones * zones);
	for (uint32_t i = 0; i < zones * zones; i++) {
		struct pair *pair = &model->pairs[i];
		bool containers = i % zones == ZONE_NUMBER_CONTAINERS;
		uint32_t rules = random_below(random, 7);

		pair->named = !random_one_in(random, 4);
		pair->open = !pair->named && containers && i / zones < 2;
		pair->end = random_one_in(random, 3) ? VERDICT_REJECT : VERDICT_DENY;
		for (uint32_t j = 0; pair->named && j < rules; j++)
			random_rule(random, arena, model, containers, vec_add(arena, &pair->rules));
	}
}

static struct zone *add_zone(struct arena *arena, struct model *model, const char *name,
			     enum zone_kind kind)
{
	struct zone *zone = vec_add(arena, &model->zones);

	zone->name = name;
	zone->kind = (uint8_t)kind;
	return zone;
}

static void add_iface(struct arena *arena, struct zone *zone, const char *name, bool wildcard)
{
	struct iface_pattern *pattern = vec_add(arena, &zone->ifaces);

	pattern->name = name;
	pattern->wildcard = wildcard;
}

static void random_zones(struct random *random, struct arena *arena, struct model *model)
{
	struct zone *zone;

	add_zone(arena, model, "host", ZONE_HOST);
	zone = add_zone(arena, model, "containers", ZONE_CONTAINERS);
	if (!random_one_in(random, 5)) {
		add_iface(arena, zone, "docker0", false);
		add_iface(arena, zone, "br-a", false);
	}
	add_zone(arena, model, "internet", ZONE_AUTO);
	model->auto_zone = 2;
	zone = add_zone(arena, model, random_one_in(random, 3) ? "published" : "lan", ZONE_NAMED);
	add_iface(arena, zone, "eth1", false);
	add_iface(arena, zone, "wg", true);
	if (random_one_in(random, 2)) {
		zone = add_zone(arena, model, "vpn", ZONE_NAMED);
		add_iface(arena, zone, "wg1", true);
		add_iface(arena, zone, random_one_in(random, 2) ? "wgx" : "br-a", false);
	}
	*vec_add(arena, &model->bridges) = "docker0";
	*vec_add(arena, &model->bridges) = "br-a";
	*vec_add(arena, &model->bridges) = "vmbr0";
}

static void random_containers(struct random *random, struct arena *arena, struct model *model)
{
	uint32_t count = random_below(random, 5);

	for (uint32_t i = 0; i < count; i++) {
		struct model_container *container = vec_add(arena, &model->containers);
		uint32_t published = random_below(random, 4);

		container->name = container->id = "c";
		container->host_network = random_one_in(random, 4);
		for (uint32_t j = random_below(random, 3); j > 0; j--)
			*vec_add(arena, &container->addrs) =
				random_addr(random, random_family(random));
		for (uint32_t j = 0; j < published; j++) {
			struct published *port;

			if (container->host_network) {
				*vec_add(arena, &model->host_network_ports) =
					(struct host_network_port){PICK(random, protocols),
								   PICK(random, ports), i};
				continue;
			}
			port = vec_add(arena, &model->published);
			port->protocol = PICK(random, protocols);
			port->port = PICK(random, ports);
			port->container_port = PICK(random, ports);
			port->container = i;
			if (random_one_in(random, 3))
				port->addr = random_addr(random, random_family(random));
		}
	}
}

static void random_failsafe(struct random *random, struct arena *arena, struct model *model)
{
	struct service *service = arena_new_object(arena, struct service);
	struct source_list *from = arena_new_object(arena, struct source_list);
	struct ip_addr addr = random_addr(random, random_family(random));
	struct rule rule = {.verdict = VERDICT_ALLOW, .service_count = 1, .services = service};

	if (!random_one_in(random, 3))
		return;
	service->kind = SERVICE_PORTS;
	service->protocol = random_one_in(random, 2) ? PROTOCOL_TCP : PROTOCOL_UDP;
	service->low = PICK(random, ports);
	service->high = random_one_in(random, 2) ? service->low : UINT16_MAX;
	from->items = arena_new_object(arena, struct ip_prefix);
	from->items[0] = ip_prefix_of(&addr, ip_family_bits(addr.family) - 8);
	from->len = 1;
	if (random_one_in(random, 2))
		rule.from = from;
	*vec_add(arena, &model->failsafe) = rule;
}

struct model *random_model(struct random *random, struct arena *arena)
{
	struct model *model = arena_new_object(arena, struct model);

	random_zones(random, arena, model);
	random_containers(random, arena, model);
	for (uint32_t i = random_below(random, 4); i > 0; i--) {
		struct ip_addr addr = random_addr(random, random_family(random));

		*vec_add(arena, &model->own_addrs) = addr;
		addr = random_addr(random, random_family(random));
		*vec_add(arena, &model->container_subnets) =
			ip_prefix_of(&addr, ip_family_bits(addr.family) - 4);
	}
	for (uint32_t i = random_below(random, 3); i > 0; i--) {
		struct ip_addr addr = random_addr(random, random_family(random));
		unsigned bits = ip_family_bits(addr.family);
		struct ban ban = {
			.prefix = ip_prefix_of(&addr, bits - 8 * random_below(random, 3)),
			.timeout_s = random_below(random, 2) * 600,
			.over = random_one_in(random, 4),
		};

		*vec_add(arena, &model->bans.items) = ban;
	}
	model->allow_ping = random_one_in(random, 3);
	random_failsafe(random, arena, model);
	random_pairs(random, arena, model);
	model->log_refused = random_one_in(random, 2);
	return model;
}

static uint16_t random_port(struct random *random)
{
	uint32_t port = PICK(random, ports);

	if (random_one_in(random, 4))
		port += random_below(random, 1000);
	return port > 65535 ? 1 : (uint16_t)port;
}

static void random_transport(struct random *random, struct packet *packet)
{
	static const uint8_t types[] = {8, 128, 129, 130, 133, 134, 136, 137, 143, 3};
	static const uint8_t others[] = {PROTOCOL_GRE, PROTOCOL_IGMP, PROTOCOL_ESP};
	static const uint16_t dhcp[] = {67, 68, 546, 547};

	packet->protocol = PICK(random, protocols);
	packet->dst_port = packet->dialled_port = random_port(random);
	packet->src_port = random_port(random);
	switch (random_below(random, 8)) {
	case 0:
		packet->protocol = packet->src.family == IP_V4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6;
		packet->icmp_type = PICK(random, types);
		break;
	case 1:
		packet->protocol = PICK(random, others);
		break;
	case 2:
		packet->src_port = PICK(random, dhcp);
		packet->dst_port = PICK(random, dhcp);
		break;
	}
	packet->hop_limit = random_one_in(random, 2) ? 255 : 64;
}

static void random_addresses(struct random *random, const struct model *model,
			     struct packet *packet)
{
	static const struct ip_addr loopback = {IP_V4, {127, 0, 0, 1}};

	packet->src = random_addr(random, random_family(random));
	if (random_one_in(random, 40))
		packet->src = loopback;
	packet->dst = random_addr(random, packet->src.family);
	if (model->containers.len && !random_one_in(random, 3)) {
		const struct model_container *container =
			&model->containers.items[random_below(random, model->containers.len)];

		if (container->addrs.len && container->addrs.items[0].family == packet->src.family)
			packet->dst = container->addrs.items[0];
	}
	if (model->published.len && random_one_in(random, 4)) {
		const struct published *published =
			&model->published.items[random_below(random, model->published.len)];

		if (published->addr.family == packet->src.family)
			packet->dst = published->addr;
	}
	packet->dialled_addr = packet->dst;
}

struct packet random_packet(struct random *random, const struct model *model)
{
	struct packet packet = {0};

	random_addresses(random, model, &packet);
	random_transport(random, &packet);
	if (!random_one_in(random, 4))
		packet.in_iface = PICK(random, ifaces);
	if (!packet.in_iface || random_one_in(random, 2))
		packet.out_iface = PICK(random, ifaces);
	if (random_one_in(random, 12))
		packet.state = (uint8_t)random_below(random, 4);
	packet.over_rate = random_one_in(random, 3);
	if (packet.out_iface && random_one_in(random, 2)) {
		packet.dnat = true;
		packet.dialled_port = random_port(random);
		packet.dialled_addr = random_addr(random, packet.src.family);
	}
	return packet;
}
