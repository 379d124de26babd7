/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What gets through, and must; what does not, and should: asked with packets. */
#include "analyse/rules_doubt_parts.h"
#include "base/protocol.h"
#include "base/str.h"

#define DNS_PORT 53
#define DNS_TLS_PORT 853
#define UNUSED_PORT 1 /* nobody allows it by number */

static struct origin refusal_place(const struct rules_view_chain *chain,
				   const struct rules_outcome *outcome)
{
	if (outcome->last)
		return rules_view_target_place(outcome->last->line);
	return chain->policy_line ? chain->policy_line->name_origin : chain->first->name_origin;
}

/* True if none of the ways to a name server is open on that interface. */
static bool dns_is_refused(const struct rules_doubter *doubter,
			   const struct rules_view_chain *output, const char *out,
			   struct rules_outcome *ret)
{
	static const struct rules_probe ways[] = {
		{.protocol = PROTOCOL_UDP, .dport = DNS_PORT},
		{.protocol = PROTOCOL_TCP, .dport = DNS_PORT},
		{.protocol = PROTOCOL_TCP, .dport = DNS_TLS_PORT},
	};

	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		struct rules_probe probe = ways[i];

		probe.out = out;
		*ret = rules_view_walk(&doubter->view, output, &probe);
		if (ret->fates != RULES_FATE_REFUSED)
			return false;
	}
	return true;
}

static void dns_check(struct rules_doubter *doubter)
{
	const struct rules_doubt_scene *scene = doubter->scene;
	const struct rules_view_chain *output = rules_view_find(&doubter->view, "filter", "OUTPUT");
	struct rules_outcome outcome = {0};
	struct diag *diag;

	if (!output)
		return;
	for (uint32_t i = 0; i < scene->external_count; i++) {
		if (!dns_is_refused(doubter, output, scene->external[i], &outcome))
			return;
	}
	if (!scene->external_count &&
	    !dns_is_refused(doubter, output, RULES_PROBE_OUTSIDE, &outcome))
		return;
	diag = diag_warning(doubter->diags, refusal_place(output, &outcome), DIAG_RULES_DNS,
			    "OUTPUT is closed and lets no DNS out: this host resolves no names "
			    "(updates, certificates, mail and time fail)");
	diag_note(diag, (struct origin){0},
		  "write above it: -A OUTPUT -p udp -m udp --dport 53 -j ACCEPT, and the same with "
		  "tcp");
}

/* Does a session like this come from outside, to this host itself? */
static const struct route *ssh_route(const struct facts *facts, const struct rules_doubt_ssh *ssh)
{
	if (ip_addr_is_loopback(&ssh->client) || facts_is_own_address(facts, &ssh->client) ||
	    !facts_is_own_address(facts, &ssh->server))
		return NULL;
	return facts_route_to(facts, &ssh->client);
}

static void ssh_check(struct rules_doubter *doubter)
{
	const struct rules_doubt_ssh *ssh = doubter->scene->ssh;
	const struct rules_view_chain *input = rules_view_find(&doubter->view, "filter", "INPUT");
	const struct route *route = ssh && input ? ssh_route(doubter->scene->facts, ssh) : NULL;
	struct rules_outcome outcome;
	struct rules_probe probe = {.protocol = PROTOCOL_TCP};
	char client[IP_TEXT_MAX];
	struct diag *diag;

	if (!route || (ssh->client.family == IP_V6 && doubter->scene->has_rules6))
		return;
	probe.family = ssh->client.family;
	probe.in = route->iface;
	probe.src = ssh->client;
	probe.dst = ssh->server;
	probe.sport = ssh->client_port;
	probe.dport = ssh->server_port;
	outcome = rules_view_walk(&doubter->view, input, &probe);
	if (outcome.fates != RULES_FATE_REFUSED)
		return;
	diag = diag_warning(doubter->diags, refusal_place(input, &outcome), DIAG_RULES_SSH,
			    "a new SSH connection like your own (from %s to port %u) would be "
			    "refused here",
			    ip_addr_format(&ssh->client, client), ssh->server_port);
	diag_note(diag, (struct origin){0},
		  "write above it: -A INPUT -p tcp -m tcp --dport %u -j ACCEPT", ssh->server_port);
}

void rules_doubt_reach(struct rules_doubter *doubter)
{
	dns_check(doubter);
	ssh_check(doubter);
}

/* Two of the Internet that have nothing in common, in both families. */
static struct ip_addr stranger(uint8_t family, unsigned number)
{
	static const uint8_t v4[][4] = {{9, 18, 27, 36}, {193, 0, 14, 77}};
	static const uint8_t v6[][4] = {{0x24, 0x00, 0xcb, 0x00}, {0x2a, 0x02, 0x26, 0xf0}};
	struct ip_addr addr = {.family = family};

	for (unsigned i = 0; i < 4; i++)
		addr.bytes[i] = family == IP_V4 ? v4[number][i] : v6[number][i];
	return addr;
}

#define STRANGERS 2u

/* What a stranger meets there who asks for a port that nobody names. */
static struct rules_outcome stranger_walk(const struct rules_doubter *doubter,
					  const struct rules_view_chain *chain, uint8_t family,
					  unsigned number)
{
	const struct rules_doubt_scene *scene = doubter->scene;
	const char *outside = scene->external_count ? scene->external[0] : RULES_PROBE_OUTSIDE;
	struct rules_probe probe = {
		.family = family, .protocol = PROTOCOL_TCP, .dport = UNUSED_PORT};

	if (str_eq(chain->name, "OUTPUT")) {
		probe.out = outside;
		probe.dst = stranger(family, number);
	} else {
		probe.in = outside;
		probe.src = stranger(family, number);
	}
	if (str_eq(chain->name, "DOCKER-USER"))
		probe.out = "docker0";
	return rules_view_walk(&doubter->view, chain, &probe);
}

/* The rule that closes the chain for strangers over IPv4, where over IPv6 it is open; or NULL. */
static const struct rules_view_rule *half_closed_by(const struct rules_doubter *doubter,
						    const struct rules_view_chain *chain)
{
	const struct rules_view_rule *ret = NULL;

	for (unsigned i = 0; i < STRANGERS; i++) {
		struct rules_outcome v4 = stranger_walk(doubter, chain, IP_V4, i);
		struct rules_outcome v6 = stranger_walk(doubter, chain, IP_V6, i);

		if (v4.fates != RULES_FATE_REFUSED || v6.fates != RULES_FATE_ACCEPTED || !v4.last ||
		    v4.last->match.family != IP_V4)
			return NULL;
		ret = ret ? ret : v4.last;
	}
	return ret;
}

static void half_closed_check(struct rules_doubter *doubter)
{
	static const char *const names[] = {"INPUT", "OUTPUT", "DOCKER-USER"};
	static const char *const options[] = {"-s", "-d", NULL};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const struct rules_view_chain *chain =
			rules_view_find(&doubter->view, "filter", names[i]);
		const struct rules_view_rule *rule = chain ? half_closed_by(doubter, chain) : NULL;
		struct diag *diag;

		if (!rule)
			continue;
		diag = diag_warning(
			doubter->diags, rules_view_place(rule->line, options), DIAG_RULES_NO_TWIN,
			"the rule that closes %s holds for IPv4 only: over IPv6 it stays "
			"open",
			chain->name);
		diag_note(diag, (struct origin){0},
			  "close with a rule without addresses, which holds for both, below those "
			  "that let some in; or write IPv6 rules of your own into the file of the "
			  "same name with '.rules6'");
	}
}

static bool has_public_ipv6(const struct rules_doubt_scene *scene)
{
	for (uint32_t i = 0; i < scene->external_count; i++) {
		const struct iface *iface = facts_iface(scene->facts, scene->external[i]);

		if (!iface)
			continue;
		vec_each (&iface->addrs, own) {
			/* 2000::/3 */
			if (own->addr.family == IP_V6 && (own->addr.bytes[0] & 0xe0) == 0x20)
				return true;
		}
	}
	return false;
}

static bool has_ipv6_rules(const struct rules_doubter *doubter)
{
	vec_each (&doubter->view.chains, chain) {
		vec_each (&(*chain)->rules, rule) {
			if ((*rule)->match.family == IP_V6)
				return true;
		}
	}
	return false;
}

static bool lets_ipv4_in(const struct rules_match *match)
{
	const struct rules_addrs *addrs = match->from.prefixes.len ? &match->from : &match->to;
	struct ip_addr first = {.family = IP_V4};

	if ((match->target != RULES_TARGET_ACCEPT && match->target != RULES_TARGET_RETURN) ||
	    match->family != IP_V4 || !addrs->prefixes.len || addrs->negated)
		return false;
	for (size_t i = 0; i < sizeof(first.bytes); i++)
		first.bytes[i] = addrs->prefixes.items[0].bytes[i];
	return !ip_addr_is_loopback(&first);
}

/* Told once: whoever writes addresses of one family mostly knows, but clients take the other. */
static void one_family_check(struct rules_doubter *doubter)
{
	static const char *const options[] = {"-s", "-d", "--src-range", "--dst-range", NULL};
	const uint8_t inbound = RULES_HOOK_INPUT | RULES_HOOK_DOCKER_USER;
	const struct rules_line *first = NULL;
	uint32_t count = 0;
	struct diag *diag;

	if (!has_public_ipv6(doubter->scene) || has_ipv6_rules(doubter))
		return;
	vec_each (&doubter->view.chains, chain) {
		if (!((*chain)->hooks & inbound))
			continue;
		vec_each (&(*chain)->rules, rule) {
			if (!lets_ipv4_in(&(*rule)->match))
				continue;
			first = first ? first : (*rule)->line;
			count++;
		}
	}
	if (!first)
		return;
	diag = diag_warning(
		doubter->diags, rules_view_place(first, options), DIAG_RULES_NO_TWIN,
		"rules with IPv4 addresses have no IPv6 twin (here: %u): who comes over "
		"IPv6 is not let in by them",
		count);
	diag_note(diag, (struct origin){0},
		  "this host has public IPv6 addresses: write the IPv6 rules into the file of the "
		  "same name with '.rules6', an empty one if none are wanted");
}

void rules_doubt_families(struct rules_doubter *doubter)
{
	if (doubter->scene->has_rules6 || doubter->is_dump)
		return;
	half_closed_check(doubter);
	one_family_check(doubter);
}
