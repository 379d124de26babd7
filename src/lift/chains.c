/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands of a rules file, carried out. */
#include "lift/chains.h"

#include <string.h>

#include "base/str.h"

static struct lift_chain *chain_of(const struct lift_chains *chains, const char *name)
{
	for (uint32_t i = 0; name && i < chains->items.len; i++) {
		if (str_eq(chains->items.items[i]->name, name))
			return chains->items.items[i];
	}
	return NULL;
}

const struct lift_chain *lift_chains_find(const struct lift_chains *chains, const char *name)
{
	return chain_of(chains, name);
}

static struct lift_chain *chain_get(struct arena *arena, struct lift_chains *chains,
				    const char *name)
{
	struct lift_chain *chain = chain_of(chains, name);

	if (chain || !name)
		return chain;
	chain = arena_new_object(arena, struct lift_chain);
	chain->name = name;
	*vec_add(arena, &chains->items) = chain;
	return chain;
}

static void chain_delete(struct lift_chains *chains, const char *name)
{
	for (uint32_t i = 0; i < chains->items.len; i++) {
		if (name && !str_eq(chains->items.items[i]->name, name))
			continue;
		/* without a name: all that are empty, but none that is built in */
		if (!name && (chains->items.items[i]->policy || chains->items.items[i]->rules.len))
			continue;
		memmove(&chains->items.items[i], &chains->items.items[i + 1],
			(chains->items.len - i - 1) * sizeof(chains->items.items[0]));
		chains->items.len--;
		i--;
	}
}

static void rule_put(struct arena *arena, struct lift_chain *chain, uint32_t at,
		     const struct lift_rule *rule)
{
	(void)vec_add(arena, &chain->rules);
	memmove(&chain->rules.items[at + 1], &chain->rules.items[at],
		(chain->rules.len - 1 - at) * sizeof(*rule));
	chain->rules.items[at] = *rule;
}

static void rule_remove(struct lift_chain *chain, uint32_t at)
{
	memmove(&chain->rules.items[at], &chain->rules.items[at + 1],
		(chain->rules.len - at - 1) * sizeof(chain->rules.items[0]));
	chain->rules.len--;
}

static void rule_delete(struct lift_chain *chain, const struct rules_command *command)
{
	if (command->number) {
		if (command->number <= chain->rules.len)
			rule_remove(chain, command->number - 1);
		return;
	}
	for (uint32_t i = 0; i < chain->rules.len; i++) {
		if (rules_same_options(chain->rules.items[i].line->command, command)) {
			rule_remove(chain, i);
			return;
		}
	}
}

static void rule_place(struct arena *arena, const struct rules_file *file, struct lift_chain *chain,
		       const struct rules_line *line)
{
	struct lift_rule rule = {.line = line};
	uint32_t number = line->command->number;

	rules_match_read(arena, file, line, &rule.match);
	if (line->command->verb == RULES_APPEND) {
		*vec_add(arena, &chain->rules) = rule;
	} else if (line->command->verb == RULES_INSERT) {
		uint32_t at = number ? number - 1 : 0;

		rule_put(arena, chain, at < chain->rules.len ? at : chain->rules.len, &rule);
	} else if (number && number <= chain->rules.len) {
		chain->rules.items[number - 1] = rule;
	}
}

static void flush(struct lift_chains *chains, const char *name)
{
	vec_each (&chains->items, chain) {
		if (!name || str_eq((*chain)->name, name))
			(*chain)->rules.len = 0;
	}
}

static void command_run(struct arena *arena, const struct rules_file *file,
			const struct rules_line *line, struct lift_chains *chains)
{
	enum rules_verb verb = (enum rules_verb)line->command->verb;
	struct lift_chain *chain;

	if (verb == RULES_DELETE_CHAIN) {
		chain_delete(chains, line->name);
		return;
	}
	chain = chain_get(arena, chains, line->name);
	if (verb == RULES_FLUSH) {
		flush(chains, line->name);
		return;
	}
	if (!chain)
		return;
	switch (verb) {
	case RULES_APPEND:
	case RULES_INSERT:
	case RULES_REPLACE:
		rule_place(arena, file, chain, line);
		return;
	case RULES_DELETE:
		rule_delete(chain, line->command);
		return;
	case RULES_POLICY:
		chain->policy = line->policy;
		return;
	case RULES_RENAME:
		chain->name = line->policy ? line->policy : chain->name;
		return;
	case RULES_FLUSH:
	case RULES_NEW_CHAIN:
	case RULES_DELETE_CHAIN:
	case RULES_ZERO:
		return;
	}
}

void lift_chains_make(struct arena *arena, const struct rules_file *file, struct lift_chains *ret)
{
	*ret = (struct lift_chains){0};
	vec_each (&file->lines, line) {
		if (!line->table || !str_eq(line->table, "filter"))
			continue;
		if (line->kind == RULES_CHAIN) {
			struct lift_chain *chain = chain_get(arena, ret, line->name);

			if (!chain)
				continue;
			if (line->policy && !str_eq(line->policy, "-"))
				chain->policy = line->policy;
			else
				chain->rules.len = 0; /* as iptables-restore does, --noflush too */
		} else if (line->kind == RULES_COMMAND) {
			command_run(arena, file, line, ret);
		}
	}
}

bool lift_rule_goes_on(const struct rules_match *match)
{
	static const char *const names[] = {
		"AUDIT", "CHECKSUM", "CLASSIFY", "CONNMARK", "CONNSECMARK", "DSCP",
		"ECN",	 "HL",	     "LED",	 "MARK",     "NFLOG",	    "SECMARK",
		"SET",	 "TCPMSS",   "TOS",	 "TRACE",    "TTL",	    "ULOG"};

	if (match->target == RULES_TARGET_NONE || match->target == RULES_TARGET_LOG)
		return true;
	if (match->target != RULES_TARGET_OTHER || !match->jump)
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (str_eq(match->jump, names[i]))
			return true;
	}
	return false;
}

bool lift_is_container_name(const char *name, bool wildcard)
{
	static const char *const starts[] = {"docker", "br-", "podman", "cni-podman"};

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		if (str_starts(name, starts[i]))
			return true;
	}
	return wildcard && *name && (str_starts("br-", name) || str_starts("docker", name));
}

bool lift_iface_takes(const struct rules_iface *iface, const char *name)
{
	if (!iface->name)
		return false;
	return iface->wildcard ? str_starts(name, iface->name) : str_eq(name, iface->name);
}
