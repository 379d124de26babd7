/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pairs of zones and the chains that are made for them when something first leads there. */
#include "compile/pairs.h"

#include <string.h>

#include "base/str.h"
#include "compile/refuse.h"

#define WAYS 3u

static const char *const counters[WAYS] = {BUILD_REFUSED_IN, BUILD_REFUSED_FORWARD,
					   BUILD_REFUSED_OUT};

static void put_service(uint8_t *key, uint8_t protocol, uint16_t port)
{
	key[0] = protocol;
	key[4] = (uint8_t)(port >> 8);
	key[5] = (uint8_t)port;
}

static const char *service_set(struct build *build, const char *wanted, struct keys *keys,
			       uint8_t family)
{
	struct ir_set *set;
	const char *name = NULL;

	if (keys->count) {
		set = build_set(build, wanted);
		if (family != IP_NONE)
			build_set_field(set, family == IP_V4 ? IR_IP_DADDR : IR_IP6_DADDR);
		build_set_field(set, IR_META_L4PROTO);
		build_set_field(set, IR_TH_DPORT);
		keys_sort(keys);
		keys_to_set(keys, build->arena, set);
		name = set->name;
	}
	keys_done(keys);
	return name;
}

static const char *published_set(struct build *build, const struct model *model, const char *wanted,
				 uint8_t family)
{
	struct keys keys = {.key_size = 8};

	if (family != IP_NONE)
		keys.key_size += ip_family_bytes(family);
	vec_each (&model->published, published) {
		uint8_t *key;

		if (published->addr.family != family)
			continue;
		key = keys_add(&keys, 0);
		if (family != IP_NONE) {
			memcpy(key, published->addr.bytes, ip_family_bytes(family));
			key += ip_family_bytes(family);
		}
		put_service(key, published->protocol, published->port);
	}
	return service_set(build, wanted, &keys, family);
}

static const char *host_network_set(struct build *build, const struct model *model)
{
	struct keys keys = {.key_size = 8};

	vec_each (&model->host_network_ports, port)
		put_service(keys_add(&keys, 0), port->protocol, port->port);
	return service_set(build, "host_network", &keys, IP_NONE);
}

void pairs_init(struct pairs *pairs, struct build *build, const struct model *model)
{
	uint32_t zones = model->zones.len;

	*pairs = (struct pairs){.build = build, .model = model};
	pairs->chains = arena_new_array(build->arena, uint32_t, (size_t)zones * zones);
	pairs->delivered = arena_new_array(build->arena, uint32_t, zones);
	pairs->rules_of_delivered = arena_new_array(build->arena, uint32_t, zones);
	memset(pairs->chains, 0xff, sizeof(uint32_t) * zones * zones);
	memset(pairs->delivered, 0xff, sizeof(uint32_t) * zones);
	memset(pairs->rules_of_delivered, 0xff, sizeof(uint32_t) * zones);
	memset(pairs->closed, 0xff, sizeof(pairs->closed));
	pairs->published = published_set(build, model, "published", IP_NONE);
	pairs->published4 = published_set(build, model, "published4", IP_V4);
	pairs->published6 = published_set(build, model, "published6", IP_V6);
	pairs->host_network = host_network_set(build, model);
}

static struct goal goal_to(struct pairs *pairs, uint32_t chain)
{
	return (struct goal){.verdict = IR_GOTO, .chain = build_chain_name(pairs->build, chain)};
}

struct goal pairs_closed(struct pairs *pairs, const char *counter)
{
	static const char *const names[WAYS] = {"closed_in", "closed_forward", "closed_out"};
	unsigned i = 0;

	while (i < WAYS - 1 && !str_eq(counters[i], counter))
		i++;
	if (pairs->closed[i] == UINT32_MAX) {
		struct goal refused = refuse_goal(pairs->build, counter);
		struct ir_rule *rule;

		pairs->closed[i] = build_chain(pairs->build, names[i]);
		rule = build_rule(pairs->build, pairs->closed[i]);
		rule_goal(pairs->build, rule, &refused);
		rule_comment(pairs->build, rule, "no section speaks of this way");
	}
	return goal_to(pairs, pairs->closed[i]);
}

static const char *zone_name(const struct pairs *pairs, uint32_t zone)
{
	return pairs->model->zones.items[zone].name;
}

static uint32_t pair_chain(struct pairs *pairs, uint32_t from, const char *to)
{
	return build_chain(pairs->build, arena_printf(pairs->build->arena, "%s_to_%s",
						      zone_name(pairs, from), to));
}

static bool add_section(struct pairs *pairs, const struct pair *pair, enum way way, uint32_t chain,
			const char *counter)
{
	struct section section = {.build = pairs->build,
				  .model = pairs->model,
				  .pair = pair,
				  .way = way,
				  .chain = chain,
				  .counter = counter};

	return section_compile(&section);
}

static void add_end(struct pairs *pairs, const struct pair *pair, uint32_t chain,
		    const char *counter)
{
	struct goal goal = {.verdict = IR_ACCEPT};
	struct ir_rule *rule;

	if (!pair->open && pair->named && pair->end == VERDICT_REJECT)
		goal = refuse_answer_goal(pairs->build, counter);
	else if (!pair->open && !(pair->named && pair->end == VERDICT_ALLOW))
		goal = refuse_goal(pairs->build, counter);
	rule = build_rule(pairs->build, chain);
	rule_goal(pairs->build, rule, &goal);
	rule_comment(pairs->build, rule,
		     pair->named  ? "no sentence of the section matches"
		     : pair->open ? "open until a section speaks of this way"
				  : "no section speaks of this way");
}

/* Do translated packets of the pair need other rules than those that were not? */
static bool pair_asks_for_ports(const struct pair *pair)
{
	vec_each (&pair->rules, rule) {
		for (uint32_t i = 0; !rule->any_service && i < rule->service_count; i++) {
			if (rule->services[i].kind == SERVICE_PORTS || rule->services[i].inside)
				return true;
		}
	}
	return false;
}

static void add_dialled(struct pairs *pairs, const struct pair *pair, uint32_t from, uint32_t chain,
			const char *counter)
{
	uint32_t dialled = pair_chain(pairs, from, "dialled");
	struct ir_rule *rule = build_rule(pairs->build, chain);
	struct goal goal = goal_to(pairs, dialled);

	rule_bits(pairs->build, rule, IR_CT_STATUS, IR_CT_STATUS_DNAT);
	rule_goal(pairs->build, rule, &goal);
	rule_comment(pairs->build, rule, "to a published port");
	if (!add_section(pairs, pair, WAY_DIALLED, dialled, counter))
		add_end(pairs, pair, dialled, counter);
}

bool pairs_is_closed(const struct pairs *pairs, uint32_t from, uint32_t to)
{
	const struct pair *pair = model_pair(pairs->model, from, to);

	return !pair->named && !pair->open;
}

struct goal pairs_goal(struct pairs *pairs, uint32_t from, uint32_t to)
{
	const char *counter = from == ZONE_NUMBER_HOST ? BUILD_REFUSED_OUT : BUILD_REFUSED_FORWARD;
	const struct pair *pair = model_pair(pairs->model, from, to);
	uint32_t *chain = &pairs->chains[from * pairs->model->zones.len + to];
	bool decided = false;

	if (pairs_is_closed(pairs, from, to))
		return pairs_closed(pairs, counter);
	if (*chain != UINT32_MAX)
		return goal_to(pairs, *chain);
	*chain = pair_chain(pairs, from, zone_name(pairs, to));
	if (pair->named && to == ZONE_NUMBER_CONTAINERS) {
		if (pair_asks_for_ports(pair))
			add_dialled(pairs, pair, from, *chain, counter);
		decided = add_section(pairs, pair, WAY_DIRECT, *chain, counter);
	} else if (pair->named) {
		decided = add_section(pairs, pair, WAY_PLAIN, *chain, counter);
	}
	if (!decided)
		add_end(pairs, pair, *chain, counter);
	return goal_to(pairs, *chain);
}

/* The sentences alone: what they do not decide comes back. */
static struct goal delivered_rules(struct pairs *pairs, uint32_t from)
{
	const struct pair *pair = model_pair(pairs->model, from, ZONE_NUMBER_CONTAINERS);
	uint32_t *chain = &pairs->rules_of_delivered[from];
	struct goal goal;

	if (*chain == UINT32_MAX) {
		*chain = pair_chain(pairs, from, "host_network");
		(void)add_section(pairs, pair, WAY_DELIVERED, *chain, BUILD_REFUSED_IN);
	}
	goal = goal_to(pairs, *chain);
	goal.verdict = IR_JUMP;
	return goal;
}

static struct goal delivered_goal(struct pairs *pairs, uint32_t from)
{
	const struct pair *pair = model_pair(pairs->model, from, ZONE_NUMBER_CONTAINERS);
	bool decided = false;
	uint32_t chain;

	if (pairs_is_closed(pairs, from, ZONE_NUMBER_CONTAINERS))
		return pairs_closed(pairs, BUILD_REFUSED_IN);
	chain = pair_chain(pairs, from, "published");
	if (pair->named && pairs->host_network) {
		struct goal rules = delivered_rules(pairs, from);

		rule_goal(pairs->build, build_rule(pairs->build, chain), &rules);
	} else if (pair->named) {
		decided = add_section(pairs, pair, WAY_DELIVERED, chain, BUILD_REFUSED_IN);
	}
	if (!decided)
		add_end(pairs, pair, chain, BUILD_REFUSED_IN);
	return goal_to(pairs, chain);
}

static void add_service_head(struct pairs *pairs, uint32_t chain, const char *set, uint8_t family,
			     const struct goal *goal)
{
	struct ir_operand operands[3] = {{.field = IR_META_L4PROTO}, {.field = IR_TH_DPORT}};
	unsigned count = 2;
	struct ir_rule *rule;

	if (!set)
		return;
	if (family != IP_NONE) {
		operands[2] = operands[1];
		operands[1] = operands[0];
		operands[0].field = family == IP_V4 ? IR_IP_DADDR : IR_IP6_DADDR;
		count = 3;
	}
	rule = build_rule(pairs->build, chain);
	rule_in_set(pairs->build, rule, operands, count, set);
	rule_goal(pairs->build, rule, goal);
}

static bool has_published(const struct pairs *pairs)
{
	return pairs->published || pairs->published4 || pairs->published6;
}

static void add_heads(struct pairs *pairs, uint32_t from, uint32_t chain)
{
	const struct pair *pair = model_pair(pairs->model, from, ZONE_NUMBER_CONTAINERS);
	struct goal goal;

	if (has_published(pairs)) {
		goal = delivered_goal(pairs, from);
		add_service_head(pairs, chain, pairs->published, IP_NONE, &goal);
		add_service_head(pairs, chain, pairs->published4, IP_V4, &goal);
		add_service_head(pairs, chain, pairs->published6, IP_V6, &goal);
	}
	if (pairs->host_network && pair->named) {
		goal = delivered_rules(pairs, from);
		add_service_head(pairs, chain, pairs->host_network, IP_NONE, &goal);
	}
}

bool pairs_input_is_closed(const struct pairs *pairs, uint32_t from)
{
	return pairs_is_closed(pairs, from, ZONE_NUMBER_HOST) &&
	       (pairs_is_closed(pairs, from, ZONE_NUMBER_CONTAINERS) ||
		(!has_published(pairs) && !pairs->host_network));
}

struct goal pairs_goal_input(struct pairs *pairs, uint32_t from)
{
	const struct pair *pair = model_pair(pairs->model, from, ZONE_NUMBER_HOST);
	uint32_t *chain = &pairs->chains[(size_t)from * pairs->model->zones.len];

	if (pairs_input_is_closed(pairs, from))
		return pairs_closed(pairs, BUILD_REFUSED_IN);
	if (*chain != UINT32_MAX)
		return goal_to(pairs, *chain);
	*chain = pair_chain(pairs, from, zone_name(pairs, ZONE_NUMBER_HOST));
	add_heads(pairs, from, *chain);
	if (!pair->named || !add_section(pairs, pair, WAY_PLAIN, *chain, BUILD_REFUSED_IN))
		add_end(pairs, pair, *chain, BUILD_REFUSED_IN);
	return goal_to(pairs, *chain);
}
