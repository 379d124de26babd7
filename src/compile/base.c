/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The base chains: what every packet meets before any zone is asked. */
#include "compile/base.h"

#include <string.h>

#include "base/protocol.h"
#include "compile/ban.h"
#include "compile/cut.h"
#include "compile/failsafe.h"
#include "compile/refuse.h"

#define PRIORITY_EARLY (-310)
#define PRIORITY_FILTER (-10)

static const uint8_t loopback4[16] = {127};
static const uint8_t loopback6[16] = {[15] = 1};
static const uint8_t link_local[16] = {0xfe, 0x80};
static const struct goal accepted = {.verdict = IR_ACCEPT};
static const struct goal spoofed = {.verdict = IR_DROP, .counter = BUILD_SPOOFED};

static void rule_finish(struct build *build, struct ir_rule *rule, const struct goal *goal,
			const char *comment)
{
	rule_goal(build, rule, goal);
	if (comment)
		rule_comment(build, rule, comment);
}

void rule_in_keys(struct build *build, struct ir_rule *rule, const struct ir_operand *operands,
		  unsigned count, struct keys *keys, const char *wanted_name)
{
	struct ir_set *set = build_set(build, wanted_name);

	for (unsigned i = 0; i < count; i++)
		build_set_field(set, (enum ir_field)operands[i].field);
	keys_sort(keys);
	keys_to_set(keys, build->arena, set);
	rule_in_set(build, rule, operands, count, set->name);
}

/* The names of bridges, each `times` times in a row. */
static void collect_ifaces(struct keys *keys, const char *name, unsigned times)
{
	uint8_t *key = keys_add(keys, 0);

	for (unsigned i = 0; i < times; i++)
		memcpy(key + (size_t)i * 16, name, strnlen(name, 15));
}

static void refuse_own(struct build *build, const struct model *model, uint32_t chain,
		       uint8_t family)
{
	struct ir_operand operand = {.field = family == IP_V4 ? IR_IP_SADDR : IR_IP6_SADDR};
	struct keys keys = {.key_size = ip_family_bytes(family)};
	struct ir_rule *rule;

	vec_each (&model->own_addrs, addr) {
		if (addr->family == family)
			memcpy(keys_add(&keys, 0), addr->bytes, keys.key_size);
	}
	if (keys.count) {
		rule = build_rule(build, chain);
		rule_in_keys(build, rule, &operand, 1, &keys, family == IP_V4 ? "own4" : "own6");
		rule_finish(build, rule, &spoofed, "an address of this host, from outside");
	}
	keys_done(&keys);
}

static void refuse_subnets(struct build *build, const struct model *model, uint32_t chain,
			   uint8_t family, uint8_t len)
{
	enum ir_field field = family == IP_V4 ? IR_IP_SADDR : IR_IP6_SADDR;
	struct ir_operand operand = {.field = (uint8_t)field};
	struct keys keys = {.key_size = ip_family_bytes(family)};
	struct ir_rule *rule;

	vec_each (&model->container_subnets, subnet) {
		if (subnet->family == family && subnet->len == len)
			memcpy(keys_add(&keys, 0), subnet->bytes, keys.key_size);
	}
	if (keys.count) {
		rule = build_rule(build, chain);
		if (len < ip_family_bits(family))
			operand.prefix_len = len;
		if (keys.count == 1)
			rule_in_prefix(build, rule, field, keys_at(&keys, 0), len);
		else if (len)
			rule_in_keys(build, rule, &operand, 1, &keys,
				     arena_printf(build->arena, "container_networks%u_%u",
						  family == IP_V4 ? 4u : 6u, len));
		rule_finish(build, rule, &spoofed,
			    "an address of a container network, from outside");
	}
	keys_done(&keys);
}

static void refuse_loopback(struct build *build, uint32_t chain)
{
	static const struct {
		uint8_t field;
		uint8_t len;
		const uint8_t *bytes;
	} all[] = {{IR_IP_SADDR, 8, loopback4},
		   {IR_IP_DADDR, 8, loopback4},
		   {IR_IP6_SADDR, 128, loopback6},
		   {IR_IP6_DADDR, 128, loopback6}};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct ir_rule *rule = build_rule(build, chain);

		rule_in_prefix(build, rule, (enum ir_field)all[i].field, all[i].bytes, all[i].len);
		rule_finish(build, rule, &spoofed, "a loopback address, from outside");
	}
}

/* The set of the containers' bridges, made once; NULL without any. */
static const char *container_bridges(struct build *build, const struct model *model)
{
	struct keys keys = {.key_size = 16};
	struct ir_set *set;

	vec_each (&model->zones.items[ZONE_NUMBER_CONTAINERS].ifaces, pattern) {
		if (!pattern->wildcard)
			collect_ifaces(&keys, pattern->name, 1);
	}
	if (!keys.count)
		return NULL;
	set = build_set(build, "container_bridges");
	build_set_field(set, IR_META_IIFNAME);
	keys_sort(&keys);
	keys_to_set(&keys, build->arena, set);
	keys_done(&keys);
	return set->name;
}

/* Behind what cannot be: bans, but for the way in that nothing closes. */
static void end_early(struct build *build, const struct base_first *first, uint32_t chain)
{
	failsafe_allow(build, chain, first->failsafe);
	bans_refuse(build, chain, first->bans);
}

static void begin_early(struct build *build, const struct model *model, uint32_t chain,
			const char *bridges)
{
	struct ir_operand iif = {.field = IR_META_IIFNAME};
	struct ir_rule *rule = build_rule(build, chain);

	rule_iface(build, rule, IR_META_IIFNAME, "lo", false);
	rule_finish(build, rule, &accepted, NULL);
	refuse_loopback(build, chain);
	if (!model)
		return;
	if (bridges) {
		rule = build_rule(build, chain);
		rule_in_set(build, rule, &iif, 1, bridges);
		rule_finish(build, rule, &accepted, NULL);
	}
	refuse_own(build, model, chain, IP_V4);
	refuse_own(build, model, chain, IP_V6);
	for (unsigned len = 0; len <= 32; len++)
		refuse_subnets(build, model, chain, IP_V4, (uint8_t)len);
	for (unsigned len = 0; len <= 128; len++)
		refuse_subnets(build, model, chain, IP_V6, (uint8_t)len);
}

/*
 * Established connections, and ICMP errors that belong to them.  Going out, "related" is also what
 * we answer ourselves: the TCP reset of a "reject" belongs to a connection that never came to be.
 */
static void allow_known(struct build *build, uint32_t chain, bool out)
{
	static const uint8_t protocols[] = {PROTOCOL_ICMP, PROTOCOL_ICMPV6};
	struct ir_rule *rule = build_rule(build, chain);

	rule_bits(build, rule, IR_CT_STATE,
		  IR_CT_STATE_ESTABLISHED | (out ? IR_CT_STATE_RELATED : 0));
	rule_finish(build, rule, &accepted, NULL);
	for (size_t i = 0; !out && i < sizeof(protocols); i++) {
		rule = build_rule(build, chain);
		rule_equal_u8(build, rule, IR_META_L4PROTO, protocols[i]);
		rule_bits(build, rule, IR_CT_STATE, IR_CT_STATE_RELATED);
		rule_finish(build, rule, &accepted, NULL);
	}
}

static void allow_iface(struct build *build, uint32_t chain, enum ir_field field)
{
	struct ir_rule *rule = build_rule(build, chain);

	rule_iface(build, rule, field, "lo", false);
	rule_finish(build, rule, &accepted, NULL);
}

/* Not told: no sentence could allow it, and late packets of closed connections are many. */
static void refuse_invalid(struct build *build, uint32_t chain, const char *counter)
{
	struct goal drop = {.verdict = IR_DROP, .counter = counter};
	struct ir_rule *rule = build_rule(build, chain);

	rule_bits(build, rule, IR_CT_STATE, IR_CT_STATE_INVALID);
	rule_finish(build, rule, &drop, NULL);
}

static void allow_same_bridge(struct build *build, const struct model *model, uint32_t chain)
{
	struct ir_operand operands[] = {{.field = IR_META_IIFNAME}, {.field = IR_META_OIFNAME}};
	struct keys keys = {.key_size = 32};
	struct ir_rule *rule;

	vec_each (&model->bridges, bridge)
		collect_ifaces(&keys, *bridge, 2);
	if (keys.count) {
		rule = build_rule(build, chain);
		rule_in_keys(build, rule, operands, 2, &keys, "same_bridge");
		rule_finish(build, rule, &accepted, "enters and leaves by the same bridge");
	}
	keys_done(&keys);
}

static void jump_to(struct build *build, uint32_t chain, uint32_t to)
{
	rule_verdict(build, build_rule(build, chain), IR_JUMP, build_chain_name(build, to));
}

static void allow_icmpv6(struct build *build, uint32_t chain, uint8_t low, uint8_t high, bool in)
{
	bool discovery = low >= 133 && high <= 137;
	struct ir_rule *rule = build_rule(build, chain);

	if (low == high)
		rule_equal_u8(build, rule, IR_ICMPV6_TYPE, low);
	else
		rule_range_u8(build, rule, IR_ICMPV6_TYPE, low, high);
	if (in && discovery)
		rule_equal_u8(build, rule, IR_IP6_HOPLIMIT, 255);
	else if (in)
		rule_in_prefix(build, rule, IR_IP6_SADDR, link_local, 10);
	rule_finish(build, rule, &accepted,
		    discovery ? "neighbour and router discovery" : "multicast listeners");
}

static void allow_udp(struct build *build, uint32_t chain, uint16_t source, uint16_t dest,
		      bool local)
{
	struct ir_rule *rule = build_rule(build, chain);

	rule_equal_u8(build, rule, IR_META_L4PROTO, PROTOCOL_UDP);
	rule_equal_u16(build, rule, IR_TH_SPORT, source);
	rule_equal_u16(build, rule, IR_TH_DPORT, dest);
	if (local)
		rule_in_prefix(build, rule, IR_IP6_SADDR, link_local, 10);
	rule_finish(build, rule, &accepted, "DHCP");
}

/* CVE-2020-13401: a container must not become this host's router. */
static void refuse_false_routers(struct build *build, uint32_t chain, const char *bridges)
{
	static const uint8_t types[] = {134, 137};
	struct ir_operand iif = {.field = IR_META_IIFNAME};

	for (size_t i = 0; bridges && i < sizeof(types); i++) {
		struct ir_rule *rule = build_rule(build, chain);

		rule_equal_u8(build, rule, IR_ICMPV6_TYPE, types[i]);
		rule_equal_u8(build, rule, IR_IP6_HOPLIMIT, 255);
		rule_in_set(build, rule, &iif, 1, bridges);
		rule_finish(build, rule, &spoofed, "a container must not become our router");
	}
}

static void allow_ping(struct build *build, uint32_t chain)
{
	static const struct {
		enum ir_field field;
		uint8_t type;
	} requests[] = {{IR_ICMP_TYPE, 8}, {IR_ICMPV6_TYPE, 128}};

	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		struct ir_rule *rule = build_rule(build, chain);

		rule_equal_u8(build, rule, requests[i].field, requests[i].type);
		rule_finish(build, rule, &accepted, "option ping = allow");
	}
}

static uint32_t essentials(struct build *build, bool in, bool ping, const char *bridges)
{
	uint32_t chain = build_chain(build, in ? "essentials_in" : "essentials_out");
	struct ir_rule *rule;

	if (in)
		refuse_false_routers(build, chain, bridges);
	allow_icmpv6(build, chain, 133, 137, in);
	allow_icmpv6(build, chain, 130, 132, in);
	allow_icmpv6(build, chain, 143, 143, in);
	rule = build_rule(build, chain);
	rule_equal_u8(build, rule, IR_META_L4PROTO, PROTOCOL_IGMP);
	rule_finish(build, rule, &accepted, "multicast listeners");
	allow_udp(build, chain, in ? 67 : 68, in ? 68 : 67, false);
	allow_udp(build, chain, in ? 547 : 546, in ? 546 : 547, in);
	if (ping)
		allow_ping(build, chain);
	return chain;
}

void base_begin(struct build *build, const struct model *model, const struct base_first *first,
		struct base_chains *ret)
{
	const char *bridges = model ? container_bridges(build, model) : NULL;

	ret->early = build_base_chain(build, "early", IR_HOOK_PREROUTING, PRIORITY_EARLY, false);
	ret->input = build_base_chain(build, "input", IR_HOOK_INPUT, PRIORITY_FILTER, true);
	ret->forward = build_base_chain(build, "forward", IR_HOOK_FORWARD, PRIORITY_FILTER, true);
	ret->output = build_base_chain(build, "output", IR_HOOK_OUTPUT, PRIORITY_FILTER, true);
	begin_early(build, model, ret->early, bridges);
	end_early(build, first, ret->early);

	allow_known(build, ret->input, false);
	allow_iface(build, ret->input, IR_META_IIFNAME);
	failsafe_allow(build, ret->input, first->failsafe);
	refuse_invalid(build, ret->input, BUILD_REFUSED_IN);
	jump_to(build, ret->input, essentials(build, true, model && model->allow_ping, bridges));

	allow_known(build, ret->forward, false);
	cut_refuse(build, ret->forward);
	if (model)
		allow_same_bridge(build, model, ret->forward);
	refuse_invalid(build, ret->forward, BUILD_REFUSED_FORWARD);

	allow_known(build, ret->output, true);
	cut_refuse(build, ret->output);
	allow_iface(build, ret->output, IR_META_OIFNAME);
	jump_to(build, ret->output, essentials(build, false, false, NULL));
}

void base_end(struct build *build, const struct base_chains *base)
{
	const struct {
		uint32_t chain;
		const char *counter;
	} all[] = {{base->input, BUILD_REFUSED_IN},
		   {base->forward, BUILD_REFUSED_FORWARD},
		   {base->output, BUILD_REFUSED_OUT}};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		refuse_end(build, all[i].chain, all[i].counter);
}
