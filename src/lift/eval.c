/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One packet through a rules file, rule by rule. */
#include "lift/eval.h"

#include "base/protocol.h"
#include "base/str.h"

#define DEPTH_MAX 32u

enum answer { ANSWER_NO, ANSWER_YES, ANSWER_MAYBE };

struct walk {
	const struct lift_chains *chains;
	const struct packet *packet;
	unsigned depth;
	bool decided;
	struct fate fate;
};

static enum answer answer_of(bool hit, bool negated)
{
	return hit != negated ? ANSWER_YES : ANSWER_NO;
}

/* Where a hook has no such interface the kernel compares with an empty name. */
static enum answer iface_matches(const struct rules_iface *iface, const char *name)
{
	if (!iface->name)
		return ANSWER_YES;
	return answer_of(lift_iface_takes(iface, name ? name : ""), iface->negated);
}

static enum answer addrs_match(const struct rules_addrs *addrs, const struct ip_addr *addr)
{
	bool hit = false;

	if (!addrs->prefixes.len)
		return ANSWER_YES;
	vec_each (&addrs->prefixes, prefix)
		hit = hit || ip_prefix_contains_addr(prefix, addr);
	return answer_of(hit, addrs->negated);
}

static enum answer ports_match(const struct rules_ports *ports, uint8_t protocol, uint16_t port)
{
	bool hit = false;

	if (!ports->ranges.len)
		return ANSWER_YES;
	if (!protocol_has_ports(protocol))
		return ANSWER_NO;
	vec_each (&ports->ranges, range)
		hit = hit || (port >= range->low && port <= range->high);
	return answer_of(hit, ports->negated);
}

static enum answer states_match(const struct rules_match *match, const struct packet *packet)
{
	uint8_t bits = 0;

	if (!match->states)
		return ANSWER_YES;
	switch ((enum packet_state)packet->state) {
	case PACKET_NEW:
		bits = RULES_STATE_NEW;
		break;
	case PACKET_ESTABLISHED:
		bits = RULES_STATE_ESTABLISHED;
		break;
	case PACKET_RELATED:
		bits = RULES_STATE_RELATED;
		break;
	case PACKET_INVALID:
		bits = RULES_STATE_INVALID;
		break;
	}
	if (packet->dnat)
		bits |= RULES_STATE_DNAT;
	return answer_of((match->states & bits) != 0, match->states_negated);
}

static enum answer icmp_matches(const struct rules_match *match, const struct packet *packet)
{
	bool hit = packet->icmp_type == match->icmp_type;

	if (!match->has_icmp_type)
		return ANSWER_YES;
	/* echo requests have the code 0; of others it is not known */
	if (hit && match->has_icmp_code) {
		if (packet->icmp_type != 8 && packet->icmp_type != 128)
			return ANSWER_MAYBE;
		hit = match->icmp_code == 0;
	}
	return answer_of(hit, match->icmp_negated);
}

static enum answer both(enum answer a, enum answer b)
{
	if (a == ANSWER_NO || b == ANSWER_NO)
		return ANSWER_NO;
	return a == ANSWER_YES ? b : a;
}

static enum answer rule_matches(const struct rules_match *match, const struct packet *packet)
{
	enum answer answer = ANSWER_YES;

	if (match->family != IP_NONE && match->family != packet->src.family)
		return ANSWER_NO;
	if (match->protocol)
		answer = answer_of(packet->protocol == match->protocol, match->protocol_negated);
	answer = both(answer, iface_matches(&match->in, packet->in_iface));
	answer = both(answer, iface_matches(&match->out, packet->out_iface));
	answer = both(answer, addrs_match(&match->from, &packet->src));
	answer = both(answer, addrs_match(&match->to, &packet->dst));
	answer = both(answer, addrs_match(&match->dialled_addr, &packet->dialled_addr));
	answer = both(answer, ports_match(&match->sports, packet->protocol, packet->src_port));
	answer = both(answer, ports_match(&match->dports, packet->protocol, packet->dst_port));
	answer = both(answer, ports_match(&match->dialled, packet->protocol, packet->dialled_port));
	answer = both(answer, states_match(match, packet));
	answer = both(answer, icmp_matches(match, packet));
	if (match->syn_only)
		answer = both(answer, packet->state == PACKET_NEW ? ANSWER_YES : ANSWER_MAYBE);
	if (match->has_limit)
		answer = both(answer, packet->over_rate ? ANSWER_NO : ANSWER_YES);
	if (match->opaque)
		answer = both(answer, ANSWER_MAYBE);
	return answer;
}

static void decide(struct walk *walk, enum fate_verdict verdict, const struct lift_rule *rule)
{
	walk->decided = true;
	walk->fate = (struct fate){.verdict = verdict, .rule = rule};
}

static void chain_walk(struct walk *walk, const struct lift_chain *chain);

/* False: the chain is left. */
static bool rule_run(struct walk *walk, const struct lift_rule *rule)
{
	const struct lift_chain *jump;

	switch ((enum rules_target)rule->match.target) {
	case RULES_TARGET_NONE:
	case RULES_TARGET_LOG:
		return true;
	case RULES_TARGET_ACCEPT:
		decide(walk, FATE_ACCEPT, rule);
		return false;
	case RULES_TARGET_DROP:
		decide(walk, FATE_DROP, rule);
		return false;
	case RULES_TARGET_REJECT:
		decide(walk, FATE_REJECT, rule);
		return false;
	case RULES_TARGET_RETURN:
		return false;
	case RULES_TARGET_JUMP:
	case RULES_TARGET_GOTO:
		jump = lift_chains_find(walk->chains, rule->match.jump);
		if (!jump || walk->depth == DEPTH_MAX) {
			decide(walk, FATE_UNKNOWN, rule);
			return false;
		}
		chain_walk(walk, jump);
		return !walk->decided && rule->match.target == RULES_TARGET_JUMP;
	case RULES_TARGET_OTHER:
		decide(walk, FATE_UNKNOWN, rule);
		return false;
	}
	return false;
}

static void chain_walk(struct walk *walk, const struct lift_chain *chain)
{
	walk->depth++;
	vec_each (&chain->rules, rule) {
		enum answer answer;

		if (lift_rule_goes_on(&rule->match))
			continue;
		answer = rule_matches(&rule->match, walk->packet);
		if (answer == ANSWER_MAYBE)
			decide(walk, FATE_UNKNOWN, rule);
		if (walk->decided || (answer == ANSWER_YES && !rule_run(walk, rule)))
			break;
	}
	walk->depth--;
}

static struct fate base_walk(const struct lift_chains *chains, const char *name,
			     const struct packet *packet)
{
	struct walk walk = {.chains = chains, .packet = packet, .fate = {.verdict = FATE_ENGINE}};
	const struct lift_chain *chain = lift_chains_find(chains, name);

	if (!chain)
		return walk.fate;
	chain_walk(&walk, chain);
	if (!walk.decided && chain->policy)
		walk.fate.verdict = str_eq(chain->policy, "DROP") ? FATE_DROP : FATE_ACCEPT;
	if (!walk.decided)
		walk.fate.chain = chain->name;
	return walk.fate;
}

static bool is_bridge(const struct fate_bridges *bridges, const char *iface)
{
	for (uint32_t i = 0; i < bridges->count; i++) {
		if (str_eq(bridges->names[i], iface))
			return true;
	}
	return false;
}

struct fate fate_of_packet(const struct lift_chains *chains, const struct fate_bridges *bridges,
			   const struct packet *packet)
{
	struct fate fate;
	bool engine;

	if (!packet->out_iface)
		return base_walk(chains, "INPUT", packet);
	if (!packet->in_iface)
		return base_walk(chains, "OUTPUT", packet);
	engine = is_bridge(bridges, packet->in_iface) || is_bridge(bridges, packet->out_iface);
	fate = base_walk(chains, "DOCKER-USER", packet);
	/* With DOCKER-USER in the file the engine is there, and its rules come before FORWARD's. */
	if (fate.verdict != FATE_ENGINE || (fate.chain && engine))
		return fate;
	fate = base_walk(chains, "FORWARD", packet);
	/* What is left to the policy has met the engine's rules in that chain before. */
	if (engine && !fate.rule)
		fate.verdict = FATE_ENGINE;
	return fate;
}
