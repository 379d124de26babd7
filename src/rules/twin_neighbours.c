/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Neighbour discovery in chains that refuse. */
#include "base/protocol.h"
#include "base/str.h"
#include "rules/edit.h"
#include "rules/match.h"
#include "rules/twin_parts.h"

struct allowed {
	uint8_t number;
	const char *type;
	const char *hop_limit;
};

/* Redirects (137) are left out: they let a neighbour turn traffic to itself. */
static const struct allowed all_allowed[] = {
	{133, "133", "255"}, {134, "134", "255"}, {135, "135", "255"}, {136, "136", "255"},
	{130, "130", "1"},   {131, "131", "1"},	  {132, "132", "1"},   {143, "143", "1"},
};

struct chain {
	const char *table;
	const char *name;
	bool refuses;
	bool changed; /* rules are put in front of others, or counted */
	bool done;
};

struct chain_list {
	VEC(struct chain) items;
};

/*
 * Nobody refuses in nat.  Neighbour discovery is not forwarded, so FORWARD needs none of it; the
 * engine's chains see it only where a bridge hands its packets up.
 */
static struct chain *chain_of(struct arena *arena, struct chain_list *list,
			      const struct rules_line *line)
{
	struct chain *chain;

	if ((line->kind != RULES_CHAIN && line->kind != RULES_COMMAND) || !line->table ||
	    !line->name || str_eq(line->table, "nat") || str_eq(line->name, "FORWARD"))
		return NULL;
	vec_each (&list->items, have) {
		if (str_eq(have->name, line->name) && str_eq(have->table, line->table))
			return have;
	}
	chain = vec_add(arena, &list->items);
	chain->table = line->table;
	chain->name = line->name;
	return chain;
}

static bool is_refusal(const char *target)
{
	return target && (str_eq(target, "DROP") || str_eq(target, "REJECT"));
}

static bool is_given(const struct rules_addrs *addrs)
{
	return addrs->prefixes.len && !addrs->negated && addrs->prefixes.items[0].len;
}

static bool is_loopback(const struct rules_iface *iface)
{
	return iface->name && !iface->negated && str_eq(iface->name, "lo");
}

static bool is_allowed_type(uint8_t type)
{
	for (size_t i = 0; i < sizeof(all_allowed) / sizeof(*all_allowed); i++) {
		if (all_allowed[i].number == type)
			return true;
	}
	return false;
}

/* Conditions that neighbour discovery can meet, as far as they are understood. */
static bool may_match(const struct rules_match *match)
{
	if (match->protocol && (match->protocol == PROTOCOL_ICMPV6) == match->protocol_negated)
		return false;
	if (match->has_icmp_type && !match->icmp_negated && !is_allowed_type(match->icmp_type))
		return false;
	/* The kernel does not track it. */
	if (match->states && !(match->states & RULES_STATE_UNTRACKED) != match->states_negated)
		return false;
	return !is_given(&match->from) && !is_given(&match->to) && !is_loopback(&match->in) &&
	       !is_loopback(&match->out);
}

/* "-A DOCKER-USER -j REJECT ...", for every packet. */
static bool is_for_all(const struct rules_line *line)
{
	vec_each (&line->command->options, option) {
		if (!str_eq(option->name, "-j") && !str_eq(option->name, "--reject-with") &&
		    !str_eq(option->name, "--comment") &&
		    !(str_eq(option->name, "-m") && option->args.len &&
		      str_eq(option->args.items[0].text, "comment")))
			return false;
	}
	return true;
}

static bool rule_refuses(struct arena *arena, const struct rules_file *file,
			 const struct rules_line *line)
{
	struct rules_match match;

	if (line->command->verb == RULES_DELETE ||
	    !is_refusal(rules_option_value(line->command, "-j")))
		return false;
	if (str_starts(line->name, "DOCKER"))
		return is_for_all(line);
	rules_match_read(arena, file, line, &match);
	return may_match(&match);
}

static void chains_find(struct arena *arena, const struct rules_file *file, struct chain_list *ret)
{
	vec_each (&file->lines, line) {
		struct chain *chain = chain_of(arena, ret, line);

		if (!chain)
			continue;
		if (line->kind == RULES_CHAIN) {
			chain->refuses = chain->refuses || is_refusal(line->policy);
			continue;
		}
		chain->refuses =
			chain->refuses ||
			(line->command->verb == RULES_POLICY && is_refusal(line->policy)) ||
			rule_refuses(arena, file, line);
		chain->changed = chain->changed || line->command->verb == RULES_INSERT ||
				 line->command->verb == RULES_DELETE ||
				 line->command->verb == RULES_REPLACE;
	}
}

static void allowed_add(struct arena *arena, struct rules_file *file, const struct chain *chain,
			const struct allowed *allowed)
{
	struct rules_line *line = vec_add(arena, &file->lines);
	struct rules_command *command = arena_new_object(arena, struct rules_command);

	command->verb = chain->changed ? RULES_INSERT : RULES_APPEND;
	rules_option_add(arena, command, "-p", "ipv6-icmp");
	rules_option_add(arena, command, "-m", "icmp6");
	rules_option_add(arena, command, "--icmpv6-type", allowed->type);
	rules_option_add(arena, command, "-m", "hl");
	rules_option_add(arena, command, "--hl-eq", allowed->hop_limit);
	rules_option_add(arena, command, "-j", "ACCEPT");
	line->kind = RULES_COMMAND;
	line->table = chain->table;
	line->name = chain->name;
	line->command = command;
}

/* In front of the chain's rules that are there: each on top of the one before, or one by one. */
static void chain_open(struct arena *arena, struct rules_file *file, struct chain *chain)
{
	size_t count = sizeof(all_allowed) / sizeof(*all_allowed);

	for (size_t i = 0; i < count; i++)
		allowed_add(arena, file, chain, &all_allowed[chain->changed ? count - 1 - i : i]);
	chain->done = true;
}

static void rest_open(struct arena *arena, struct rules_file *file, struct chain_list *chains,
		      const char *table)
{
	vec_each (&chains->items, chain) {
		if (chain->refuses && !chain->done && table && str_eq(chain->table, table))
			chain_open(arena, file, chain);
	}
}

struct rules_file *twin_neighbours(struct arena *arena, const struct rules_file *file)
{
	struct rules_file *ret = arena_new_object(arena, struct rules_file);
	struct chain_list chains = {0};

	chains_find(arena, file, &chains);
	vec_each (&file->lines, line) {
		struct chain *chain = NULL;

		if (line->kind == RULES_COMMAND && line->command->verb == RULES_APPEND)
			chain = chain_of(arena, &chains, line);
		if (chain && chain->refuses && !chain->changed && !chain->done)
			chain_open(arena, ret, chain);
		/* Chains that are changed to their end, and those without a rule. */
		if (line->kind == RULES_COMMIT)
			rest_open(arena, ret, &chains, line->table);
		*vec_add(arena, &ret->lines) = *line;
	}
	return ret;
}
