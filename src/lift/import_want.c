/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a rule asks of the packets of a way, in the terms of the policy language. */
#include "base/protocol.h"
#include "base/str.h"
#include "lift/import_parts.h"
#include "rules/expand.h"

enum answer { ANSWER_NO, ANSWER_YES, ANSWER_SOME };

static const uint8_t ported[] = {PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_SCTP, PROTOCOL_DCCP,
				 PROTOCOL_UDPLITE};

static bool takes_name(const struct rules_iface *iface, const struct import_side *side,
		       const char *name)
{
	if (!iface->wildcard && str_eq(iface->name, RULES_PLACEHOLDER))
		return side->external;
	return lift_iface_takes(iface, name);
}

static enum answer side_matches(const struct rules_iface *iface, const struct import_side *side)
{
	uint32_t taken = 0;

	if (!iface->name)
		return ANSWER_YES;
	if (!side->count) /* no such interface in this hook: an empty name */
		return lift_iface_takes(iface, "") != iface->negated ? ANSWER_YES : ANSWER_NO;
	for (uint32_t i = 0; i < side->count; i++)
		taken += takes_name(iface, side, side->names[i]) != iface->negated;
	if (taken && taken < side->count)
		return ANSWER_SOME;
	return taken ? ANSWER_YES : ANSWER_NO;
}

static bool is_everybody(const struct rules_addrs *addrs)
{
	return !addrs->prefixes.len || (!addrs->negated && addrs->prefixes.items[0].len == 0);
}

static void unsaid(struct import_want *want, const char *reason)
{
	if (!want->reason)
		want->reason = reason;
}

static void service_add(struct arena *arena, struct import_cond *cond, struct service service)
{
	cond->any_service = false;
	*vec_add(arena, &cond->services) = service;
}

static bool is_icmp(uint8_t protocol)
{
	return protocol == PROTOCOL_ICMP || protocol == PROTOCOL_ICMPV6;
}

/* IPv4's ICMP means IPv6's too, in a rule that holds for both families. */
static void protocol_add(struct arena *arena, const struct rules_match *match,
			 struct import_cond *cond)
{
	service_add(arena, cond,
		    (struct service){.kind = SERVICE_PROTOCOL, .protocol = match->protocol});
	if (match->protocol == PROTOCOL_ICMP && is_everybody(&match->from))
		service_add(
			arena, cond,
			(struct service){.kind = SERVICE_PROTOCOL, .protocol = PROTOCOL_ICMPV6});
}

static struct import_cond everything(void)
{
	return (struct import_cond){.any_service = true, .any_source = true};
}

/* To the wanted services, or with a '!' to the excepted ones. */
static void services_ask(struct arena *arena, struct import_want *want,
			 const struct import_cond *asked, bool negated)
{
	struct import_cond both;

	if (negated) {
		*vec_add(arena, &want->except) = *asked;
		return;
	}
	if (!import_cond_meet(arena, &want->cond, asked, &both))
		unsaid(want, "it asks for two things that no packet is at once");
	want->cond = both;
}

static void ports_of(struct arena *arena, uint8_t protocol, const struct rules_ports *ports,
		     struct import_cond *asked)
{
	vec_each (&ports->ranges, range) {
		if (!range->high)
			continue; /* port 0 is nobody's */
		service_add(arena, asked,
			    (struct service){.kind = SERVICE_PORTS,
					     .protocol = protocol,
					     .low = range->low ? range->low : 1,
					     .high = range->high});
	}
}

static void ports_ask(struct arena *arena, const struct rules_match *match,
		      const struct rules_ports *ports, struct import_want *want)
{
	bool one = match->protocol && !match->protocol_negated;
	struct import_cond asked = everything();

	if (!ports->ranges.len)
		return;
	for (size_t i = 0; i < sizeof(ported); i++) {
		if (!one || match->protocol == ported[i])
			ports_of(arena, ported[i], ports, &asked);
	}
	if (asked.any_service) {
		unsaid(want, "its port is none that a policy can name");
		return;
	}
	services_ask(arena, want, &asked, ports->negated);
	/* The ports that are not these are those of the same protocols. */
	if (ports->negated && !one) {
		asked = everything();
		for (size_t i = 0; i < sizeof(ported); i++)
			service_add(
				arena, &asked,
				(struct service){.kind = SERVICE_PROTOCOL, .protocol = ported[i]});
		services_ask(arena, want, &asked, false);
	}
}

static void protocol_ask(struct arena *arena, const struct rules_match *match,
			 struct import_want *want)
{
	struct import_cond asked = everything();

	if (!match->protocol)
		return;
	if (!protocol_name(match->protocol)) {
		unsaid(want, "its protocol has no name in a policy");
		return;
	}
	protocol_add(arena, match, &asked);
	services_ask(arena, want, &asked, match->protocol_negated);
}

/* Only a question opens a connection: other messages belong to one that is known, or to none. */
static bool icmp_opens(uint8_t type, uint8_t protocol)
{
	if (protocol == PROTOCOL_ICMPV6)
		return type == 128;
	return type == 8 || type == 13 || type == 15 || type == 17;
}

/* False: no new connection begins so. */
static bool icmp_ask(struct arena *arena, const struct rules_match *match, struct import_want *want)
{
	struct import_cond asked = everything();
	static const struct ip_prefix every_v6 = {.family = IP_V6};

	if (!match->has_icmp_type)
		return true;
	if (!icmp_opens(match->icmp_type, match->protocol))
		return match->icmp_negated;
	if (match->icmp_type != 8 && match->icmp_type != 128) {
		unsaid(want, "of ICMP's questions a policy knows ping only");
		return true;
	}
	if (match->has_icmp_code && match->icmp_code != 0)
		return match->icmp_negated;
	service_add(arena, &asked, (struct service){.kind = SERVICE_PING});
	if (match->protocol == PROTOCOL_ICMPV6 && is_everybody(&match->from)) {
		asked.any_source = false;
		*vec_add(arena, &asked.sources) = every_v6;
	}
	services_ask(arena, want, &asked, match->icmp_negated);
	return true;
}

static void from_ask(struct arena *arena, const struct rules_match *match, struct import_want *want)
{
	struct import_cond asked = everything();

	if (!match->from.prefixes.len)
		return;
	asked.any_source = false;
	vec_each (&match->from.prefixes, prefix)
		*vec_add(arena, &asked.sources) = *prefix;
	services_ask(arena, want, &asked, match->from.negated);
	/* All others of that family: the rule is not for the other one. */
	if (match->from.negated) {
		asked = everything();
		asked.any_source = false;
		vec_add(arena, &asked.sources)->family = match->from.prefixes.items[0].family;
		services_ask(arena, want, &asked, false);
	}
}

/* "-d 0.0.0.0/0" is everybody of one family. */
static void family_ask(struct arena *arena, const struct rules_addrs *addrs,
		       struct import_want *want)
{
	struct import_cond asked = everything();

	if (!addrs->prefixes.len || !is_everybody(addrs))
		return;
	asked.any_source = false;
	*vec_add(arena, &asked.sources) = addrs->prefixes.items[0];
	services_ask(arena, want, &asked, false);
}

static bool state_matches(const struct import_way *way, const struct rules_match *match,
			  struct import_want *want)
{
	uint8_t translated = RULES_STATE_DNAT | RULES_STATE_SNAT;

	if (!match->states)
		return true;
	if (((match->states & way->state) != 0) == match->states_negated &&
	    (match->states_negated || !(match->states & translated)))
		return false;
	if (match->states & translated && !(match->states & way->state && !match->states_negated))
		unsaid(want, "whether an address was translated is nothing that a sentence asks");
	return true;
}

/* What no sentence can ask. */
static void unsaid_ask(struct arena *arena, const struct import_way *way,
		       const struct rules_match *match, struct import_want *want)
{
	if (match->opaque)
		unsaid(want,
		       arena_printf(arena, "a policy has nothing like '%s%s%s'",
				    match->opaque->name, match->opaque->args.len ? " " : "",
				    match->opaque->args.len ? match->opaque->args.items[0].text
							    : ""));
	if (match->sports.ranges.len)
		unsaid(want, "a policy asks for no source port");
	if (!is_everybody(&match->to))
		unsaid(want, way->out.container
				     ? "a policy names containers, 'to NAME', not their addresses"
				     : "a policy asks for no destination address");
	if (!is_everybody(&match->dialled_addr))
		unsaid(want, "a policy asks for no destination address");
	if (match->dports.ranges.len && way->out.container)
		unsaid(want, "--dport is the port inside of the container here, a policy names the "
			     "published one: write '--ctorigdstport' with that, and import again");
}

bool import_want_read(struct arena *arena, const struct import_way *way,
		      const struct rules_match *match, struct import_want *ret)
{
	enum answer in = side_matches(&match->in, &way->in);
	enum answer out = side_matches(&match->out, &way->out);
	struct import_want want = {.cond = everything()};

	if (in == ANSWER_NO || out == ANSWER_NO || !state_matches(way, match, &want))
		return false;
	if (match->protocol && is_icmp(match->protocol) && !match->protocol_negated &&
	    !icmp_ask(arena, match, &want))
		return false;
	if (in == ANSWER_SOME || out == ANSWER_SOME)
		unsaid(&want, "it speaks of some container networks only, a policy has one zone "
			      "for all of them");
	unsaid_ask(arena, way, match, &want);
	protocol_ask(arena, match, &want);
	if (!way->out.container)
		ports_ask(arena, match, &match->dports, &want);
	ports_ask(arena, match, &match->dialled, &want);
	from_ask(arena, match, &want);
	family_ask(arena, &match->to, &want);
	family_ask(arena, &match->dialled_addr, &want);
	*ret = want;
	return true;
}
