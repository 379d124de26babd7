/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The numbers of rules, where some are left out. */
#include <string.h>

#include "base/str.h"
#include "rules/twin_parts.h"

static bool is_change(const struct rules_command *command)
{
	return command->verb == RULES_INSERT || command->verb == RULES_DELETE ||
	       command->verb == RULES_REPLACE;
}

static struct twin_chain *chain_find(struct twin_numbers *numbers, const struct rules_line *line)
{
	if (!line->table || !line->name)
		return NULL;
	vec_each (&numbers->chains, chain) {
		if (str_eq(chain->name, line->name) && str_eq(chain->table, line->table))
			return chain;
	}
	return NULL;
}

void twin_numbers_begin(struct twin_numbers *numbers, const struct rules_file *file)
{
	vec_each (&file->lines, line) {
		struct twin_chain *chain;

		if (line->kind != RULES_COMMAND || !is_change(line->command) || !line->table ||
		    !line->name || chain_find(numbers, line))
			continue;
		chain = vec_add(numbers->arena, &numbers->chains);
		chain->table = line->table;
		chain->name = line->name;
	}
}

/* Number of the rule at `at`, or of one that is put there. */
static uint32_t number_of(const struct twin_chain *chain, uint32_t at)
{
	uint32_t number = 1;

	for (uint32_t i = 0; i < at && i < chain->rules.len; i++)
		number += chain->rules.items[i].is_here;
	return number;
}

static void rule_put(struct twin_numbers *numbers, struct twin_chain *chain, uint32_t at,
		     struct twin_rule rule)
{
	struct twin_rule *items;

	(void)vec_add(numbers->arena, &chain->rules);
	items = chain->rules.items;
	memmove(items + at + 1, items + at, (chain->rules.len - 1 - at) * sizeof(*items));
	items[at] = rule;
}

static void rule_remove(struct twin_chain *chain, uint32_t at)
{
	struct twin_rule *items = chain->rules.items;

	memmove(items + at, items + at + 1, (chain->rules.len - 1 - at) * sizeof(*items));
	chain->rules.len--;
}

/* By what it says: the first one of its words goes. */
static void deleted_find(struct twin_chain *chain, const struct rules_line *line)
{
	for (uint32_t i = 0; i < chain->rules.len; i++) {
		if (rules_same_options(chain->rules.items[i].line->command, line->command)) {
			rule_remove(chain, i);
			return;
		}
	}
}

static bool insert_number(struct twin_numbers *numbers, struct twin_chain *chain,
			  const struct rules_line *line, struct rules_line *twin, bool is_here)
{
	uint32_t number = line->command->number;
	uint32_t at = number ? number - 1 : 0;

	if (at > chain->rules.len)
		return is_here; /* iptables refuses it */
	if (number)
		twin->command->number = number_of(chain, at);
	rule_put(numbers, chain, at, (struct twin_rule){.line = line, .is_here = is_here});
	return is_here;
}

static bool delete_number(struct twin_chain *chain, const struct rules_line *line,
			  struct rules_line *twin, bool is_here)
{
	uint32_t at = line->command->number - 1;

	if (!line->command->number) {
		deleted_find(chain, line);
		return is_here;
	}
	if (at >= chain->rules.len)
		return is_here;
	twin->command->number = number_of(chain, at);
	is_here = chain->rules.items[at].is_here;
	rule_remove(chain, at);
	return is_here;
}

/* Where only one of the two rules is there, the other one is all that happens. */
static bool replace_number(struct twin_chain *chain, const struct rules_line *line,
			   struct rules_line *twin, bool is_here)
{
	uint32_t at = line->command->number - 1;
	bool was_here;

	if (!line->command->number || at >= chain->rules.len)
		return is_here;
	was_here = chain->rules.items[at].is_here;
	twin->command->number = number_of(chain, at);
	chain->rules.items[at] = (struct twin_rule){.line = line, .is_here = is_here};
	if (was_here && is_here)
		return true;
	if (is_here)
		twin->command->verb = RULES_INSERT;
	if (!was_here)
		return is_here;
	twin->command->verb = RULES_DELETE;
	twin->command->options.len = 0;
	twin->command->ahead = 0;
	return true;
}

static void flush(struct twin_numbers *numbers, const struct rules_line *line)
{
	vec_each (&numbers->chains, chain) {
		if (line->table && str_eq(chain->table, line->table) &&
		    (!line->name || str_eq(chain->name, line->name)))
			chain->rules.len = 0;
	}
}

bool twin_number(struct twin_numbers *numbers, const struct rules_line *line,
		 struct rules_line *twin, bool is_here)
{
	enum rules_verb verb = (enum rules_verb)line->command->verb;
	struct twin_chain *chain = numbers->chains.len ? chain_find(numbers, line) : NULL;

	if (verb == RULES_FLUSH || (verb == RULES_DELETE_CHAIN && line->name))
		flush(numbers, line);
	if (!chain)
		return is_here;
	switch (verb) {
	case RULES_APPEND:
		*vec_add(numbers->arena, &chain->rules) =
			(struct twin_rule){.line = line, .is_here = is_here};
		return is_here;
	case RULES_INSERT:
		return insert_number(numbers, chain, line, twin, is_here);
	case RULES_DELETE:
		return delete_number(chain, line, twin, is_here);
	case RULES_REPLACE:
		return replace_number(chain, line, twin, is_here);
	case RULES_ZERO:
		if (line->command->number && line->command->number <= chain->rules.len) {
			twin->command->number = number_of(chain, line->command->number - 1);
			return chain->rules.items[line->command->number - 1].is_here;
		}
		return is_here;
	case RULES_FLUSH:
	case RULES_NEW_CHAIN:
	case RULES_DELETE_CHAIN:
	case RULES_POLICY:
	case RULES_RENAME:
		return is_here;
	}
	return is_here;
}
