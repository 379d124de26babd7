/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reference interpreter: one packet through the model, step by step, without cleverness. */
#include "model/eval.h"

#include "base/protocol.h"
#include "base/str.h"

enum hook { HOOK_INPUT, HOOK_FORWARD, HOOK_OUTPUT };

/* How ports and containers of a packet are found, in the pair that is asked. */
enum way {
	WAY_PLAIN,     /* a pair that does not lead to containers */
	WAY_DIALLED,   /* to containers, the destination was translated */
	WAY_DIRECT,    /* to containers, not translated */
	WAY_DELIVERED, /* to containers, but delivered to this host: proxy or host network */
};

static const struct ip_prefix link_local = {.family = IP_V6, .len = 10, .bytes = {0xfe, 0x80}};

static bool packet_is_icmp(const struct packet *packet)
{
	return packet->protocol == PROTOCOL_ICMP || packet->protocol == PROTOCOL_ICMPV6;
}

static bool model_has_own_addr(const struct model *model, const struct ip_addr *addr)
{
	vec_each (&model->own_addrs, own) {
		if (ip_addr_eq(own, addr))
			return true;
	}
	return false;
}

static bool model_has_container_subnet(const struct model *model, const struct ip_addr *addr)
{
	vec_each (&model->container_subnets, subnet) {
		if (ip_prefix_contains_addr(subnet, addr))
			return true;
	}
	return false;
}

/* Asked before destination NAT, so the address that was dialled counts. */
static bool packet_is_spoofed(const struct model *model, const struct packet *packet)
{
	const struct ip_addr *dst = packet->dnat ? &packet->dialled_addr : &packet->dst;

	if (!packet->in_iface || str_eq(packet->in_iface, "lo"))
		return false;
	if (ip_addr_is_loopback(&packet->src) || ip_addr_is_loopback(dst))
		return true;
	if (model_iface_is_container(model, packet->in_iface))
		return false;
	return model_has_own_addr(model, &packet->src) ||
	       model_has_container_subnet(model, &packet->src);
}

static bool packet_is_same_bridge(const struct model *model, const struct packet *packet)
{
	if (!str_eq(packet->in_iface, packet->out_iface))
		return false;
	vec_each (&model->bridges, bridge) {
		if (str_eq(*bridge, packet->in_iface))
			return true;
	}
	return false;
}

static bool icmpv6_is_neighbour_discovery(const struct packet *packet)
{
	return packet->protocol == PROTOCOL_ICMPV6 && packet->icmp_type >= 133 &&
	       packet->icmp_type <= 137;
}

static bool icmpv6_is_listener_discovery(const struct packet *packet)
{
	return packet->protocol == PROTOCOL_ICMPV6 &&
	       ((packet->icmp_type >= 130 && packet->icmp_type <= 132) || packet->icmp_type == 143);
}

static bool packet_is_udp(const struct packet *packet, uint16_t src_port, uint16_t dst_port)
{
	return packet->protocol == PROTOCOL_UDP && packet->src_port == src_port &&
	       packet->dst_port == dst_port;
}

/* A container must not become this host's router. */
static bool packet_is_false_router(const struct model *model, const struct packet *packet)
{
	return icmpv6_is_neighbour_discovery(packet) && packet->hop_limit == 255 &&
	       (packet->icmp_type == 134 || packet->icmp_type == 137) &&
	       model_iface_is_container(model, packet->in_iface);
}

static bool packet_is_essential_in(const struct packet *packet)
{
	bool local = ip_prefix_contains_addr(&link_local, &packet->src);

	if (icmpv6_is_neighbour_discovery(packet))
		return packet->hop_limit == 255;
	if (icmpv6_is_listener_discovery(packet))
		return local;
	if (packet->protocol == PROTOCOL_IGMP)
		return true;
	return packet_is_udp(packet, 67, 68) || (local && packet_is_udp(packet, 547, 546));
}

static bool packet_is_essential_out(const struct packet *packet)
{
	return icmpv6_is_neighbour_discovery(packet) || icmpv6_is_listener_discovery(packet) ||
	       packet->protocol == PROTOCOL_IGMP || packet_is_udp(packet, 68, 67) ||
	       packet_is_udp(packet, 546, 547);
}

static bool published_takes(const struct published *published, const struct packet *packet)
{
	return published->protocol == packet->protocol && published->port == packet->dst_port &&
	       (published->addr.family == IP_NONE || ip_addr_eq(&published->addr, &packet->dst));
}

static bool host_network_port_takes(const struct host_network_port *port,
				    const struct packet *packet)
{
	return port->protocol == packet->protocol && port->port == packet->dst_port;
}

static bool packet_is_published(const struct model *model, const struct packet *packet)
{
	vec_each (&model->published, published) {
		if (published_takes(published, packet))
			return true;
	}
	return false;
}

static bool packet_is_host_network(const struct model *model, const struct packet *packet)
{
	vec_each (&model->host_network_ports, port) {
		if (host_network_port_takes(port, packet))
			return true;
	}
	return false;
}

static bool ports_match(const struct service *service, const struct packet *packet, enum way way)
{
	uint16_t port = way == WAY_DIALLED ? packet->dialled_port : packet->dst_port;

	/* The port of a container that was not published is its own port, to be called so. */
	if (way == WAY_DIRECT && !service->inside)
		return false;
	return service->protocol == packet->protocol && port >= service->low &&
	       port <= service->high;
}

static bool ping_matches(const struct packet *packet, enum way way)
{
	if (way == WAY_DELIVERED)
		return false;
	return (packet->protocol == PROTOCOL_ICMP && packet->icmp_type == 8) ||
	       (packet->protocol == PROTOCOL_ICMPV6 && packet->icmp_type == 128);
}

static bool service_matches(const struct service *service, const struct packet *packet,
			    enum way way)
{
	if (service->inside && (way == WAY_DIALLED || way == WAY_DELIVERED))
		return false;
	switch ((enum service_kind)service->kind) {
	case SERVICE_PROTOCOL:
		return service->protocol == packet->protocol;
	case SERVICE_PORTS:
		return ports_match(service, packet, way);
	case SERVICE_PING:
		return ping_matches(packet, way);
	}
	return false;
}

static bool container_has_addr(const struct model_container *container, const struct ip_addr *addr)
{
	vec_each (&container->addrs, own) {
		if (ip_addr_eq(own, addr))
			return true;
	}
	return false;
}

static bool target_takes_delivered(const struct model *model, const struct target_list *to,
				   const struct packet *packet)
{
	vec_each (&model->published, published) {
		if (published_takes(published, packet) &&
		    target_list_contains(to, published->container))
			return true;
	}
	vec_each (&model->host_network_ports, port) {
		if (host_network_port_takes(port, packet) &&
		    target_list_contains(to, port->container))
			return true;
	}
	return false;
}

static bool target_matches(const struct model *model, const struct target_list *to,
			   const struct packet *packet, enum way way)
{
	if (!to)
		return true;
	if (way == WAY_DELIVERED)
		return target_takes_delivered(model, to, packet);
	for (uint32_t i = 0; i < to->len; i++) {
		if (container_has_addr(&model->containers.items[to->containers[i]], &packet->dst))
			return true;
	}
	return false;
}

static bool rule_matches(const struct model *model, const struct rule *rule,
			 const struct packet *packet, enum way way)
{
	bool served = rule->any_service;

	for (uint32_t i = 0; i < rule->service_count && !served; i++)
		served = service_matches(&rule->services[i], packet, way);
	if (!served)
		return false;
	if (rule->from && !source_list_contains(rule->from, &packet->src))
		return false;
	return target_matches(model, rule->to, packet, way);
}

/* The first rule of the pair that matches, or NULL. */
static const struct rule *pair_find(const struct model *model, const struct pair *pair,
				    const struct packet *packet, enum way way)
{
	vec_each (&pair->rules, rule) {
		if (rule_matches(model, rule, packet, way))
			return rule;
	}
	return NULL;
}

static struct decision decide_rule(const struct rule *rule, const struct packet *packet,
				   uint32_t from, uint32_t to)
{
	struct decision decision = {.verdict = (enum verdict)rule->verdict,
				    .reason = DECISION_RULE,
				    .rule = rule,
				    .from = from,
				    .to = to};

	if (rule->rate && packet->over_rate) {
		decision.verdict = VERDICT_DENY;
		decision.reason = DECISION_OVER_RATE;
	}
	return decision;
}

static struct decision decide_pair(const struct model *model, const struct packet *packet,
				   uint32_t from, uint32_t to, enum way way)
{
	const struct pair *pair = model_pair(model, from, to);
	struct decision decision = {.from = from, .to = to};
	const struct rule *rule;

	if (!pair->named) {
		decision.verdict = pair->open ? VERDICT_ALLOW : VERDICT_DENY;
		decision.reason = pair->open ? DECISION_PAIR_OPEN : DECISION_PAIR_CLOSED;
		return decision;
	}
	rule = pair_find(model, pair, packet, way);
	if (rule)
		return decide_rule(rule, packet, from, to);
	decision.verdict = (enum verdict)pair->end;
	decision.reason = DECISION_SECTION_END;
	return decision;
}

static struct decision decide_input(const struct model *model, const struct packet *packet,
				    uint32_t from)
{
	const struct pair *pair = model_pair(model, from, ZONE_NUMBER_CONTAINERS);
	const struct rule *rule;

	if (packet_is_published(model, packet))
		return decide_pair(model, packet, from, ZONE_NUMBER_CONTAINERS, WAY_DELIVERED);
	if (packet_is_host_network(model, packet) && pair->named) {
		rule = pair_find(model, pair, packet, WAY_DELIVERED);
		if (rule)
			return decide_rule(rule, packet, from, ZONE_NUMBER_CONTAINERS);
	}
	return decide_pair(model, packet, from, ZONE_NUMBER_HOST, WAY_PLAIN);
}

static struct decision decide_zones(const struct model *model, const struct packet *packet,
				    enum hook hook, uint32_t from, uint32_t to)
{
	if (hook == HOOK_INPUT)
		return decide_input(model, packet, from);
	if (to != ZONE_NUMBER_CONTAINERS)
		return decide_pair(model, packet, from, to, WAY_PLAIN);
	return decide_pair(model, packet, from, to, packet->dnat ? WAY_DIALLED : WAY_DIRECT);
}

/* One of the ports that nothing closes; `port` as it is at the hook that asks. */
static bool failsafe_takes(const struct model *model, const struct packet *packet, uint16_t port)
{
	struct packet seen = *packet;

	seen.dst_port = port;
	vec_each (&model->failsafe, rule) {
		if (rule_matches(model, rule, &seen, WAY_PLAIN))
			return true;
	}
	return false;
}

static bool packet_is_banned(const struct model *model, const struct packet *packet)
{
	if (str_eq(packet->in_iface, "lo") || model_iface_is_container(model, packet->in_iface) ||
	    failsafe_takes(model, packet, packet->dnat ? packet->dialled_port : packet->dst_port))
		return false;
	vec_each (&model->bans.items, ban) {
		if (!ban->over && ip_prefix_contains_addr(&ban->prefix, &packet->src))
			return true;
	}
	return false;
}

/* What is settled before any zone is asked; false: go on. */
static bool decide_before_zones(const struct model *model, const struct packet *packet,
				enum hook hook, struct decision *ret)
{
	struct decision decision = *ret;
	bool loopback = (hook == HOOK_INPUT && str_eq(packet->in_iface, "lo")) ||
			(hook == HOOK_OUTPUT && str_eq(packet->out_iface, "lo"));

	decision.verdict = VERDICT_ALLOW;
	if (packet_is_spoofed(model, packet)) {
		decision.verdict = VERDICT_DENY;
		decision.reason = DECISION_SPOOFED;
	} else if (hook != HOOK_OUTPUT && packet_is_banned(model, packet)) {
		decision.verdict = VERDICT_DENY;
		decision.reason = DECISION_BANNED;
	} else if (packet->state == PACKET_ESTABLISHED) {
		decision.reason = DECISION_ESTABLISHED;
	} else if (packet->state == PACKET_RELATED &&
		   (hook == HOOK_OUTPUT || packet_is_icmp(packet))) {
		/* going out, the TCP reset of our own "reject" is related too */
		decision.reason = DECISION_RELATED;
	} else if (loopback) {
		decision.reason = DECISION_LOOPBACK;
	} else if (hook == HOOK_INPUT && failsafe_takes(model, packet, packet->dst_port)) {
		decision.reason = DECISION_FAILSAFE;
	} else if (hook == HOOK_FORWARD && packet_is_same_bridge(model, packet)) {
		decision.reason = DECISION_SAME_BRIDGE;
	} else if (hook != HOOK_OUTPUT && packet->state == PACKET_INVALID) {
		decision.verdict = VERDICT_DENY;
		decision.reason = DECISION_INVALID;
	} else if (hook == HOOK_INPUT && packet_is_false_router(model, packet)) {
		decision.verdict = VERDICT_DENY;
		decision.reason = DECISION_SPOOFED;
	} else if ((hook == HOOK_INPUT && packet_is_essential_in(packet)) ||
		   (hook == HOOK_INPUT && model->allow_ping && ping_matches(packet, WAY_PLAIN)) ||
		   (hook == HOOK_OUTPUT && packet_is_essential_out(packet))) {
		decision.reason = DECISION_ESSENTIAL;
	} else {
		return false;
	}
	*ret = decision;
	return true;
}

struct decision eval_packet(const struct model *model, const struct packet *packet)
{
	struct decision decision = {.from = ZONE_NUMBER_HOST, .to = ZONE_NUMBER_HOST};
	enum hook hook = HOOK_FORWARD;

	/* From itself to itself never leaves the loopback interface. */
	if (!packet->in_iface && !packet->out_iface) {
		decision.reason = DECISION_LOOPBACK;
		return decision;
	}
	if (!packet->out_iface)
		hook = HOOK_INPUT;
	else if (!packet->in_iface)
		hook = HOOK_OUTPUT;
	if (hook != HOOK_OUTPUT)
		decision.from = model_zone_of_iface(model, packet->in_iface);
	if (hook != HOOK_INPUT)
		decision.to = model_zone_of_iface(model, packet->out_iface);
	if (decide_before_zones(model, packet, hook, &decision))
		return decision;
	return decide_zones(model, packet, hook, decision.from, decision.to);
}

const char *decision_reason_text(enum decision_reason reason)
{
	switch (reason) {
	case DECISION_RULE:
		return "a sentence decides";
	case DECISION_OVER_RATE:
		return "a sentence matches, its rate is exceeded";
	case DECISION_SECTION_END:
		return "no sentence of the section matches";
	case DECISION_PAIR_CLOSED:
		return "no section speaks of this way";
	case DECISION_PAIR_OPEN:
		return "no section speaks of this way, and it is open until one does";
	case DECISION_ESTABLISHED:
		return "part of a connection that was allowed";
	case DECISION_RELATED:
		return "an ICMP error of a known connection";
	case DECISION_LOOPBACK:
		return "loopback";
	case DECISION_ESSENTIAL:
		return "neighbour discovery, multicast listeners or DHCP";
	case DECISION_SAME_BRIDGE:
		return "enters and leaves by the same bridge";
	case DECISION_INVALID:
		return "belongs to no connection and opens none";
	case DECISION_FAILSAFE:
		return "the option 'failsafe' keeps it open";
	case DECISION_BANNED:
		return "the source is banned";
	case DECISION_SPOOFED:
		return "a source or destination that cannot come from there";
	}
	return "?";
}
