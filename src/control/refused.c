/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a refused packet to the sentence that would allow it. */
#include "control/refused.h"

#include <string.h>
#include <time.h>

#include "base/protocol.h"
#include "compile/compile.h"
#include "ir/ir.h"
#include "lang/format.h"
#include "model/eval.h"

#define ECHO4 8
#define ECHO6 128
#define UNKNOWN_IFACE "?" /* of no zone: what is not known is the Internet */
#define NOBODY UINT32_MAX

struct story {
	struct arena *arena;
	const struct model *model;
	const struct nflog_packet *seen;
	struct packet packet;
	struct decision decision;
	uint32_t target; /* numbers in model->containers, or NOBODY */
	uint32_t source;
};

bool refused_is_ours(const struct nflog_packet *packet)
{
	return strncmp(packet->prefix, COMPILE_LOG_PREFIX, strlen(COMPILE_LOG_PREFIX)) == 0;
}

static const char *iface_name(const struct facts *facts, uint32_t index)
{
	vec_each (&facts->ifaces, iface) {
		if (iface->index == index)
			return iface->name;
	}
	return NULL;
}

static uint32_t container_at(const struct model *model, const struct ip_addr *addr)
{
	for (uint32_t i = 0; i < model->containers.len; i++) {
		vec_each (&model->containers.items[i].addrs, own) {
			if (ip_addr_eq(own, addr))
				return i;
		}
	}
	return NOBODY;
}

static bool is_for_containers(const struct story *story)
{
	return story->decision.to == ZONE_NUMBER_CONTAINERS;
}

/*
 * The published port that leads to this port of the container, where the kernel does not say.
 * Of several it was one that the policy refuses.
 */
static void find_dialled(struct story *story)
{
	struct packet *packet = &story->packet;

	if (story->seen->tracked) {
		packet->dnat = story->seen->dnat;
		packet->dialled_addr = story->seen->dialled_addr;
		packet->dialled_port = story->seen->dialled_port;
		return;
	}
	if (story->seen->hook != IR_HOOK_FORWARD || story->target == NOBODY)
		return;
	vec_each (&story->model->published, published) {
		struct packet guess = *packet;

		if (published->container != story->target ||
		    published->protocol != packet->protocol ||
		    published->container_port != packet->dst_port)
			continue;
		guess.dnat = true;
		guess.dialled_port = published->port;
		if (packet->dnat && eval_packet(story->model, &guess).verdict == VERDICT_ALLOW)
			continue;
		*packet = guess;
		if (eval_packet(story->model, packet).verdict != VERDICT_ALLOW)
			return;
	}
}

/* A packet that was delivered to this host, for a port that a container serves here. */
static uint32_t container_served(const struct model *model, const struct packet *packet)
{
	vec_each (&model->published, published) {
		if (published->protocol == packet->protocol &&
		    published->port == packet->dst_port &&
		    (published->addr.family == IP_NONE ||
		     ip_addr_eq(&published->addr, &packet->dst)))
			return published->container;
	}
	vec_each (&model->host_network_ports, port) {
		if (port->protocol == packet->protocol && port->port == packet->dst_port)
			return port->container;
	}
	return NOBODY;
}

static void packet_fill(const struct facts *facts, struct story *story)
{
	const struct nflog_packet *seen = story->seen;
	struct packet *packet = &story->packet;
	const char *in = iface_name(facts, seen->iif), *out = iface_name(facts, seen->oif);

	packet->src = seen->src;
	packet->dst = packet->dialled_addr = seen->dst;
	packet->protocol = seen->protocol;
	packet->icmp_type = seen->icmp_type;
	packet->hop_limit = seen->hop_limit;
	packet->src_port = seen->src_port;
	packet->dst_port = packet->dialled_port = seen->dst_port;
	packet->over_rate = true; /* or it would not have been refused */
	if (seen->hook != IR_HOOK_OUTPUT)
		packet->in_iface = in ? in : UNKNOWN_IFACE;
	if (seen->hook != IR_HOOK_INPUT)
		packet->out_iface = out ? out : UNKNOWN_IFACE;
}

static bool is_ping(const struct nflog_packet *seen)
{
	return seen->has_icmp && seen->icmp_type == (seen->src.family == IP_V4 ? ECHO4 : ECHO6) &&
	       seen->protocol == (seen->src.family == IP_V4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6);
}

static bool service_fill(const struct story *story, struct tree_service *ret)
{
	uint8_t protocol = story->packet.protocol;

	if (is_ping(story->seen)) {
		ret->kind = TREE_SERVICE_NAME;
		ret->name = "ping";
		return true;
	}
	ret->kind = TREE_SERVICE_PROTOCOL;
	ret->protocol = protocol;
	if (!protocol_name(protocol))
		return false;
	if (!protocol_has_ports(protocol))
		return true;
	if (!story->seen->has_ports)
		return false;
	ret->port_count = 1;
	ret->one.low = ret->one.high =
		story->packet.dnat ? story->packet.dialled_port : story->packet.dst_port;
	/* What was not translated dialled the container's own port. */
	ret->inside = is_for_containers(story) && story->seen->hook == IR_HOOK_FORWARD &&
		      !story->packet.dnat;
	return ret->one.low != 0;
}

/* No sentence can hold a name with these. */
static bool name_is_sayable(const char *name)
{
	for (const char *c = name; *c; c++) {
		if ((unsigned char)*c < ' ' || (unsigned char)*c >= 0x7f || *c == '"' || *c == '\\')
			return false;
	}
	return *name != '\0';
}

/* False: the container cannot be named. */
static bool container_fill(const struct story *story, uint32_t number, struct tree_container *ret)
{
	const char *name = story->model->containers.items[number].name;

	ret->kind = TREE_CONTAINER_NAME;
	ret->name = name;
	return name && name_is_sayable(name);
}

static bool source_fill(const struct story *story, struct tree_source *ret)
{
	if (story->source != NOBODY) {
		ret->kind = TREE_SOURCE_CONTAINER;
		ret->container = arena_new_object(story->arena, struct tree_container);
		return container_fill(story, story->source, ret->container);
	}
	ret->kind = TREE_SOURCE_PREFIX;
	ret->prefix = ip_prefix_of(&story->packet.src, ip_family_bits(story->packet.src.family));
	return true;
}

/* NULL: there is none that allows this packet and nothing else of its kind. */
static const char *sentence_make(const struct story *story)
{
	struct tree_service service = {0};
	struct tree_container to = {0};
	struct tree_source from = {0};
	struct tree_sentence sentence = {.verb = TREE_ALLOW, .services = &service};
	auto_str struct str_buf text = {0};

	if (!service_fill(story, &service))
		return NULL;
	sentence.service_count = 1;
	if (is_for_containers(story) && story->target != NOBODY) {
		if (!container_fill(story, story->target, &to))
			return NULL;
		sentence.has_to = true;
		sentence.to_count = 1;
		sentence.to = &to;
	}
	if (story->seen->hook != IR_HOOK_OUTPUT) {
		if (!source_fill(story, &from))
			return NULL;
		sentence.has_from = true;
		sentence.from_count = 1;
		sentence.from = &from;
	}
	format_sentence(&sentence, &text);
	return arena_strdup(story->arena, str_buf_text(&text));
}

static bool decided_by_policy(const struct decision *decision)
{
	switch (decision->reason) {
	case DECISION_RULE:
	case DECISION_OVER_RATE:
		return decision->verdict != VERDICT_ALLOW;
	case DECISION_SECTION_END:
	case DECISION_PAIR_CLOSED:
		return true;
	case DECISION_PAIR_OPEN:
	case DECISION_ESTABLISHED:
	case DECISION_RELATED:
	case DECISION_LOOPBACK:
	case DECISION_ESSENTIAL:
	case DECISION_SAME_BRIDGE:
	case DECISION_INVALID:
	case DECISION_FAILSAFE:
	case DECISION_BANNED:
	case DECISION_SPOOFED:
		break;
	}
	return false;
}

static void describe_by_model(struct story *story, struct refused *ret)
{
	const struct model *model = story->model;
	struct packet *packet = &story->packet;

	story->target = story->seen->hook == IR_HOOK_INPUT ? container_served(model, packet)
							   : container_at(model, &packet->dst);
	find_dialled(story);
	story->decision = eval_packet(model, packet);
	story->source = story->decision.from == ZONE_NUMBER_CONTAINERS
				? container_at(model, &packet->src)
				: NOBODY;
	ret->from = model->zones.items[story->decision.from].name;
	ret->to = model->zones.items[story->decision.to].name;
	if (story->target != NOBODY)
		ret->container = model->containers.items[story->target].name;
	if (story->source != NOBODY)
		ret->source_container = model->containers.items[story->source].name;
	if (story->decision.verdict == VERDICT_ALLOW) {
		ret->reason = "the policy allows it by now";
		return;
	}
	ret->reason = decision_reason_text(story->decision.reason);
	if (story->decision.rule)
		ret->refused_by = story->decision.rule->text;
	if (decided_by_policy(&story->decision))
		ret->sentence = sentence_make(story);
}

static const char *time_text(struct arena *arena, uint64_t time_us)
{
	time_t seconds = (time_t)(time_us / 1000000);
	struct tm parts = {0};
	char text[32] = "";

	(void)gmtime_r(&seconds, &parts);
	(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
	return arena_strdup(arena, text);
}

static const char *protocol_text(struct arena *arena, const struct nflog_packet *seen)
{
	const char *name = is_ping(seen) ? "ping" : protocol_name(seen->protocol);

	return name ? name : arena_printf(arena, "%u", (unsigned)seen->protocol);
}

void refused_describe(struct arena *arena, const struct model *model, const struct facts *facts,
		      const struct nflog_packet *packet, struct refused *ret)
{
	static const char *const ways[] = {
		[IR_HOOK_INPUT] = "in", [IR_HOOK_FORWARD] = "forward", [IR_HOOK_OUTPUT] = "out"};
	struct story story = {
		.arena = arena, .model = model, .seen = packet, .target = NOBODY, .source = NOBODY};
	bool out = packet->hook == IR_HOOK_OUTPUT;

	packet_fill(facts, &story);
	*ret = (struct refused){.time = time_text(arena, packet->time_us),
				.way = ways[packet->hook],
				.iface = iface_name(facts, out ? packet->oif : packet->iif),
				.src = packet->src,
				.dst = packet->dst,
				.protocol = protocol_text(arena, packet),
				.has_port = packet->has_ports};
	if (model)
		describe_by_model(&story, ret);
	if (story.packet.dnat)
		ret->dst = story.packet.dialled_addr;
	ret->port = story.packet.dnat ? story.packet.dialled_port : packet->dst_port;
}
