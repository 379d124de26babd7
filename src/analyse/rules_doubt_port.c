/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules for the ports of containers, in the wrong chain or with the wrong number. */
#include <string.h>

#include "analyse/rules_doubt_parts.h"
#include "base/protocol.h"
#include "base/str.h"
#include "rules/expand.h"

#define RANGE_MAX 100u /* ports; a wider range is not about a single service */

static const char *const port_names[] = {"--dport", "--dports", "--ports", NULL};

/* Named by itself or in a small range. */
static bool ports_name(const struct rules_ports *ports, uint16_t port)
{
	if (ports->negated)
		return false;
	vec_each (&ports->ranges, range) {
		if (port >= range->low && port <= range->high &&
		    (unsigned)(range->high - range->low) < RANGE_MAX)
			return true;
	}
	return false;
}

static bool speaks_of(const struct rules_match *match, const struct port_binding *port,
		      uint16_t number)
{
	return match->protocol == port->protocol && !match->protocol_negated &&
	       !ip_addr_is_loopback(&port->host_addr) && ports_name(&match->dports, number);
}

static bool addrs_contain(const struct rules_addrs *addrs, const struct ip_addr *addr)
{
	vec_each (&addrs->prefixes, prefix) {
		if (prefix->family == addr->family && ip_prefix_contains_addr(prefix, addr))
			return true;
	}
	return false;
}

static bool is_any(const struct ip_addr *addr)
{
	static const uint8_t zero[sizeof(addr->bytes)];

	return !addr->family || memcmp(addr->bytes, zero, sizeof(zero)) == 0;
}

/* A port that is published on one address may be the host's own on another. */
static bool may_be_own(const struct rules_doubter *doubter, const struct rules_match *match,
		       const struct port_binding *port)
{
	if (is_any(&port->host_addr))
		return false;
	if (match->to.prefixes.len)
		return addrs_contain(&match->to, &port->host_addr) == match->to.negated;
	vec_each (&doubter->scene->facts->listeners, listener) {
		if (listener->protocol == port->protocol && listener->port == port->host_port &&
		    !listener->container && !ip_addr_is_loopback(&listener->addr) &&
		    !ip_addr_eq(&listener->addr, &port->host_addr))
			return true;
	}
	return false;
}

/* The way through FORWARD is told about too: then the rule in INPUT is for the proxy's way. */
static bool is_told_to_docker(const struct rules_doubter *doubter, const struct port_binding *port)
{
	vec_each (&doubter->view.chains, chain) {
		if (!((*chain)->hooks & RULES_HOOK_FORWARD))
			continue;
		vec_each (&(*chain)->rules, rule) {
			const struct rules_match *match = &(*rule)->match;

			if ((!match->protocol || match->protocol == port->protocol) &&
			    ports_name(&match->dialled, port->host_port))
				return true;
		}
	}
	return false;
}

static const char *option_words(struct rules_doubter *doubter, const struct rules_line *line,
				const char *name)
{
	const struct rules_option *option = rules_option_find(line->command, name);

	if (!option || !option->args.len)
		return "";
	return arena_printf(doubter->arena, "%s%s %s ", option->negated ? "! " : "", name,
			    option->args.items[0].text);
}

/* "-i extinf -s 192.0.2.0/24 -p tcp -m conntrack --ctorigdstport 8080 -j RETURN" */
static const char *user_rule(struct rules_doubter *doubter, const struct rules_view_rule *rule,
			     const struct port_binding *port)
{
	const char *in = option_words(doubter, rule->line, "-i");

	return arena_printf(doubter->arena,
			    "-A DOCKER-USER %s%s-p %s -m conntrack --ctorigdstport %u -j %s",
			    *in ? in : "-i " RULES_PLACEHOLDER " ",
			    option_words(doubter, rule->line, "-s"), protocol_name(port->protocol),
			    port->host_port, rules_doubt_user_target(&rule->match));
}

static bool is_verdict(uint8_t target)
{
	return target == RULES_TARGET_ACCEPT || target == RULES_TARGET_DROP ||
	       target == RULES_TARGET_REJECT || target == RULES_TARGET_JUMP ||
	       target == RULES_TARGET_GOTO || target == RULES_TARGET_RETURN;
}

static void input_port_report(struct rules_doubter *doubter, const struct rules_view_rule *rule,
			      const struct container *container, const struct port_binding *port)
{
	struct diag *diag;

	if (is_told_to_docker(doubter, port))
		return;
	diag = diag_warning(doubter->diags, rules_view_place(rule->line, port_names),
			    DIAG_RULES_INPUT_PORT,
			    "port %u is published by container '%s': what comes for it passes "
			    "FORWARD, not INPUT, and does not meet this rule",
			    port->host_port, container->name);
	diag_note(diag, (struct origin){0}, "write it in DOCKER-USER, above what refuses there: %s",
		  user_rule(doubter, rule, port));
}

static void input_rule_check(struct rules_doubter *doubter, const struct rules_view_rule *rule)
{
	const struct rules_match *match = &rule->match;

	if (!match->dports.ranges.len || !is_verdict(match->target) ||
	    rules_doubt_side(doubter, &match->in) == RULES_SIDE_INSIDE)
		return;
	vec_each (&doubter->scene->facts->engine.containers, container) {
		vec_each (&container->ports, port) {
			if (speaks_of(match, port, port->host_port) &&
			    !may_be_own(doubter, match, port))
				input_port_report(doubter, rule, container, port);
		}
	}
}

struct binding {
	const struct container *container;
	const struct port_binding *port;
};

/* What a number in a rule may mean: ports as clients dial them, or as containers hold them. */
struct meaning {
	struct binding dialled;	  /* translated to another number */
	struct binding inside;	  /* dialled as another number */
	struct binding unchanged; /* the same on both sides */
};

static void meaning_find(const struct rules_doubter *doubter, const struct rules_match *match,
			 struct meaning *ret)
{
	vec_each (&doubter->scene->facts->engine.containers, container) {
		vec_each (&container->ports, port) {
			struct binding binding = {container, port};
			bool same = port->host_port == port->container_port;

			if (container->host_network)
				continue;
			if (same && speaks_of(match, port, port->host_port))
				ret->unchanged = binding;
			else if (!same && speaks_of(match, port, port->host_port))
				ret->dialled = binding;
			else if (!same && speaks_of(match, port, port->container_port))
				ret->inside = binding;
		}
	}
}

static bool comes_from_containers(const struct rules_doubter *doubter,
				  const struct rules_addrs *from)
{
	if (!from->prefixes.len || from->negated)
		return false;
	vec_each (&doubter->scene->facts->engine.networks, network) {
		vec_each (&network->subnets, subnet) {
			if (ip_prefix_contains(subnet, &from->prefixes.items[0]))
				return true;
		}
	}
	return false;
}

static void dialled_report(struct rules_doubter *doubter, const struct rules_view_rule *rule,
			   const struct binding *binding)
{
	const struct port_binding *port = binding->port;
	struct diag *diag = diag_warning(
		doubter->diags, rules_view_place(rule->line, port_names), DIAG_RULES_TRANSLATED,
		"port %u is translated to %u (container '%s') before DOCKER-USER is asked: this "
		"rule does not meet what comes for it",
		port->host_port, port->container_port, binding->container->name);

	diag_note(diag, (struct origin){0},
		  "the port as it was dialled is '-m conntrack --ctorigdstport %u'",
		  port->host_port);
}

static void inside_report(struct rules_doubter *doubter, const struct rules_view_rule *rule,
			  const struct meaning *meaning)
{
	const struct port_binding *port = meaning->inside.port;
	struct diag *diag = diag_warning(
		doubter->diags, rules_view_place(rule->line, port_names), DIAG_RULES_TRANSLATED,
		"port %u is the port inside a container here: this rule takes what was dialled as "
		"%u (container '%s')",
		port->container_port, port->host_port, meaning->inside.container->name);

	if (meaning->unchanged.port)
		diag_note(diag, (struct origin){0},
			  "for container '%s' alone write '-m conntrack --ctorigdstport %u'",
			  meaning->unchanged.container->name, meaning->unchanged.port->host_port);
	else
		diag_note(diag, (struct origin){0},
			  "say it by the port as it is dialled: '-m conntrack --ctorigdstport %u'",
			  port->host_port);
}

/*
 * What goes out to some server's port 80 is nobody's container: a rule without a direction may be
 * meant for that.
 */
static void user_rule_check(struct rules_doubter *doubter, const struct rules_view_rule *rule)
{
	const struct rules_match *match = &rule->match;
	enum rules_side in = rules_doubt_side(doubter, &match->in);
	struct meaning meaning = {0};

	if (!match->dports.ranges.len || match->dialled.ranges.len || !is_verdict(match->target) ||
	    in == RULES_SIDE_INSIDE ||
	    rules_doubt_side(doubter, &match->out) == RULES_SIDE_OUTSIDE ||
	    comes_from_containers(doubter, &match->from))
		return;
	meaning_find(doubter, match, &meaning);
	if (meaning.dialled.port && !meaning.inside.port && !meaning.unchanged.port)
		dialled_report(doubter, rule, &meaning.dialled);
	else if (meaning.inside.port && in == RULES_SIDE_OUTSIDE && !match->to.prefixes.len)
		inside_report(doubter, rule, &meaning);
}

void rules_doubt_ports(struct rules_doubter *doubter)
{
	vec_each (&doubter->view.chains, chain) {
		uint8_t hooks = (*chain)->hooks;

		if (rules_doubt_is_docker_chain((*chain)->name))
			continue;
		vec_each (&(*chain)->rules, rule) {
			if (hooks == RULES_HOOK_INPUT)
				input_rule_check(doubter, *rule);
			else if (hooks & RULES_HOOK_DOCKER_USER)
				user_rule_check(doubter, *rule);
		}
	}
}
