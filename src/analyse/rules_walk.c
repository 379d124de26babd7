/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes of a packet in the chains of a rules file: all that may happen. */
#include "analyse/rules_view.h"

#include <string.h>

#include "base/protocol.h"
#include "base/str.h"

#define ANY_FATE (RULES_FATE_ACCEPTED | RULES_FATE_REFUSED | RULES_FATE_GOES_ON)
#define STEPS_MAX 1000000u /* rules that one packet is asked; chains may call chains many times */

enum answer { NO, MAYBE, YES };

struct walk {
	const struct rules_view *view;
	const struct rules_probe *probe;
	uint32_t steps;
};

static enum answer answer_and(enum answer a, enum answer b)
{
	return a < b ? a : b;
}

static enum answer answer_turn(enum answer answer, bool negated)
{
	if (!negated || answer == MAYBE)
		return answer;
	return answer == YES ? NO : YES;
}

/* As far as names tell. */
static bool is_inner(const struct rules_iface *iface)
{
	return str_eq(iface->name, "lo") || str_starts(iface->name, "docker") ||
	       str_starts(iface->name, "br-") || str_starts(iface->name, "veth") ||
	       (iface->wildcard && str_eq(iface->name, "br"));
}

static enum answer iface_answer(const struct rules_view *view, const struct rules_iface *iface,
				const char *name)
{
	if (!iface->name)
		return YES;
	/* In OUTPUT nothing comes in: no interface is called so. */
	if (!name)
		return iface->negated ? YES : NO;
	if (str_eq(name, RULES_PROBE_OUTSIDE))
		return answer_turn(is_inner(iface) ? NO : MAYBE, iface->negated);
	return rules_view_iface_is(view, iface, name) ? YES : NO;
}

static bool is_loopback_only(const struct rules_addrs *addrs)
{
	vec_each (&addrs->prefixes, prefix) {
		struct ip_addr addr = {.family = prefix->family};

		memcpy(addr.bytes, prefix->bytes, sizeof(addr.bytes));
		if (!prefix->len || !ip_addr_is_loopback(&addr))
			return false;
	}
	return !addrs->negated;
}

static bool is_everybody(const struct rules_addrs *addrs)
{
	return addrs->prefixes.len == 1 && !addrs->prefixes.items[0].len;
}

static enum answer addrs_answer(const struct rules_addrs *addrs, const struct ip_addr *addr)
{
	enum answer answer = NO;

	if (!addrs->prefixes.len)
		return YES;
	if (is_everybody(addrs))
		return answer_turn(YES, addrs->negated); /* the family is asked apart */
	if (!addr->family)
		return is_loopback_only(addrs) ? NO : MAYBE;
	vec_each (&addrs->prefixes, prefix) {
		if (prefix->family == addr->family && ip_prefix_contains_addr(prefix, addr))
			answer = YES;
	}
	return answer_turn(answer, addrs->negated);
}

static enum answer ports_answer(const struct rules_ports *ports, uint16_t port)
{
	enum answer answer = NO;

	if (!ports->ranges.len)
		return YES;
	if (!port)
		return MAYBE;
	vec_each (&ports->ranges, range) {
		if (port >= range->low && port <= range->high)
			answer = YES;
	}
	return answer_turn(answer, ports->negated);
}

/* What the client dialled is what arrives, unless it was translated before. */
static enum answer dialled_answer(const struct rules_match *match, const struct rules_probe *probe)
{
	enum answer answer = answer_and(ports_answer(&match->dialled, probe->dport),
					addrs_answer(&match->dialled_addr, &probe->dst));

	return match->dialled.ranges.len || match->dialled_addr.prefixes.len
		       ? answer_and(answer, MAYBE)
		       : answer;
}

static enum answer states_answer(const struct rules_match *match)
{
	const uint8_t translated = RULES_STATE_DNAT | RULES_STATE_SNAT;

	if (!match->states)
		return YES;
	if (match->states & RULES_STATE_NEW)
		return answer_turn(YES, match->states_negated);
	if (match->states & translated)
		return MAYBE;
	return answer_turn(NO, match->states_negated);
}

static enum answer protocol_answer(const struct rules_match *match, const struct rules_probe *probe)
{
	enum answer answer = match->protocol == probe->protocol ? YES : NO;

	/* ICMP types are asked of ICMP only, and no probe is ICMP. */
	if (match->has_icmp_type && !match->protocol)
		return NO;
	if (!match->protocol)
		return YES;
	return answer_turn(answer, match->protocol_negated);
}

/* 0.0.0.0/0 becomes ::/0 in the IPv6 twin. */
static bool is_of_family(const struct rules_match *match, uint8_t family)
{
	const struct rules_addrs *addrs[] = {&match->from, &match->to};

	if (!match->family || !family || match->family == family)
		return true;
	for (size_t i = 0; i < sizeof(addrs) / sizeof(*addrs); i++) {
		if (addrs[i]->prefixes.len && (addrs[i]->negated || !is_everybody(addrs[i])))
			return false;
	}
	return (match->from.prefixes.len || match->to.prefixes.len) &&
	       !match->dialled_addr.prefixes.len;
}

static enum answer rule_answer(const struct rules_view *view, const struct rules_match *match,
			       const struct rules_probe *probe)
{
	enum answer answer = protocol_answer(match, probe);

	if (!is_of_family(match, probe->family))
		return NO;
	if (match->family && !probe->family)
		answer = answer_and(answer, MAYBE);
	answer = answer_and(answer, iface_answer(view, &match->in, probe->in));
	answer = answer_and(answer, iface_answer(view, &match->out, probe->out));
	answer = answer_and(answer, addrs_answer(&match->from, &probe->src));
	answer = answer_and(answer, addrs_answer(&match->to, &probe->dst));
	answer = answer_and(answer, ports_answer(&match->sports, probe->sport));
	answer = answer_and(answer, ports_answer(&match->dports, probe->dport));
	answer = answer_and(answer, dialled_answer(match, probe));
	answer = answer_and(answer, states_answer(match));
	if (match->opaque || match->has_limit)
		answer = answer_and(answer, MAYBE);
	return answer;
}

static struct rules_outcome chain_walk(struct walk *walk, const struct rules_view_chain *chain,
				       unsigned depth);

/* What may become of a packet that matches; GOES_ON: it comes back. */
static struct rules_outcome target_outcome(struct walk *walk, const struct rules_view_rule *rule,
					   unsigned depth)
{
	switch ((enum rules_target)rule->match.target) {
	case RULES_TARGET_ACCEPT:
		return (struct rules_outcome){.fates = RULES_FATE_ACCEPTED};
	case RULES_TARGET_DROP:
	case RULES_TARGET_REJECT:
		return (struct rules_outcome){.fates = RULES_FATE_REFUSED, .last = rule};
	case RULES_TARGET_NONE:
	case RULES_TARGET_LOG:
	case RULES_TARGET_RETURN:
		return (struct rules_outcome){.fates = RULES_FATE_GOES_ON};
	case RULES_TARGET_JUMP:
	case RULES_TARGET_GOTO:
		return chain_walk(walk, rule->jump, depth + 1);
	case RULES_TARGET_OTHER:
		break;
	}
	return (struct rules_outcome){.fates = ANY_FATE};
}

static struct rules_outcome chain_walk(struct walk *walk, const struct rules_view_chain *chain,
				       unsigned depth)
{
	struct rules_outcome ret = {0};

	if (!chain || chain->uncertain || depth > RULES_VIEW_DEPTH_MAX)
		return (struct rules_outcome){.fates = ANY_FATE};
	vec_each (&chain->rules, item) {
		const struct rules_view_rule *rule = *item;
		enum answer answer = rule_answer(walk->view, &rule->match, walk->probe);
		bool leaves = rule->match.target == RULES_TARGET_RETURN ||
			      rule->match.target == RULES_TARGET_GOTO;
		struct rules_outcome here;

		if (++walk->steps > STEPS_MAX)
			return (struct rules_outcome){.fates = ANY_FATE};
		if (answer == NO)
			continue;
		here = target_outcome(walk, rule, depth);
		/* What comes back meets the next rule, unless it left the chain. */
		ret.fates |= leaves ? here.fates : here.fates & (uint8_t)~RULES_FATE_GOES_ON;
		if (here.last)
			ret.last = here.last;
		if (answer == YES && (leaves || !(here.fates & RULES_FATE_GOES_ON)))
			return ret;
	}
	ret.fates |= RULES_FATE_GOES_ON;
	return ret;
}

struct rules_outcome rules_view_walk(const struct rules_view *view,
				     const struct rules_view_chain *chain,
				     const struct rules_probe *probe)
{
	struct walk walk = {.view = view, .probe = probe};
	struct rules_outcome ret = chain_walk(&walk, chain, 0);

	if (!(ret.fates & RULES_FATE_GOES_ON))
		return ret;
	ret.fates &= (uint8_t)~RULES_FATE_GOES_ON;
	if (str_eq(chain->policy ? chain->policy : "ACCEPT", "DROP")) {
		ret.fates |= RULES_FATE_REFUSED;
		ret.last = NULL;
	} else {
		ret.fates |= RULES_FATE_ACCEPTED;
	}
	return ret;
}
