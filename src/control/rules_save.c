/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The output of iptables-save. */
#include "control/rules_save.h"

#include <string.h>

#include "base/str.h"

const struct save_chain *save_find(const struct save *save, const char *table, const char *name)
{
	for (uint32_t i = 0; i < save->chains.len; i++) {
		const struct save_chain *chain = save->chains.items[i];

		if (str_eq(chain->table, table) && str_eq(chain->name, name))
			return chain;
	}
	return NULL;
}

/* ":INPUT ACCEPT [0:0]" */
static void chain_parse(struct arena *arena, const char *table, const char *line, struct save *ret)
{
	size_t name_len = strcspn(line + 1, " ");
	const char *policy = line + 1 + name_len + strspn(line + 1 + name_len, " ");
	struct save_chain *chain = arena_new_object(arena, struct save_chain);

	chain->table = table;
	chain->name = arena_strndup(arena, line + 1, name_len);
	chain->policy = arena_strndup(arena, policy, strcspn(policy, " "));
	chain->head = line;
	*vec_add(arena, &ret->chains) = chain;
}

/* "-A INPUT ...": save prints the rules of a chain one behind the other. */
static void rule_parse(struct arena *arena, const char *table, const char *line,
		       struct save_chain **last, const struct save *ret)
{
	const char *name = line + strlen("-A ");
	size_t len = strcspn(name, " ");

	if (!*last || !str_eqn((*last)->name, name, len) || !str_eq((*last)->table, table)) {
		const char *wanted = arena_strndup(arena, name, len);

		*last = NULL;
		vec_each (&ret->chains, chain) {
			if (str_eq((*chain)->name, wanted) && str_eq((*chain)->table, table))
				*last = *chain;
		}
	}
	if (*last)
		*vec_add(arena, &(*last)->lines) = line;
}

void save_parse(struct arena *arena, char *text, struct save *ret)
{
	struct save_chain *last = NULL;
	const char *table = NULL;
	char *line = text;

	while (*line) {
		char *end = line + strcspn(line, "\n");
		char *next = *end ? end + 1 : end;

		*end = '\0';
		if (*line == '*')
			table = line + 1;
		else if (*line == ':' && table)
			chain_parse(arena, table, line, ret);
		else if (str_starts(line, "-A ") && table)
			rule_parse(arena, table, line, &last, ret);
		line = next;
	}
}

bool save_chain_has(const struct save_chain *chain, const char *line)
{
	vec_each (&chain->lines, have) {
		if (str_eq(*have, line))
			return true;
	}
	return false;
}

bool save_chain_is_shared(const struct save_chain *chain)
{
	static const char *const marks[] = {" -j DOCKER", " docker0 ", " docker_gwbridge "};

	vec_each (&chain->lines, line) {
		for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
			if (strstr(*line, marks[i]))
				return true;
		}
	}
	return false;
}

bool save_holds_rules(const struct save *save)
{
	vec_each (&save->chains, chain) {
		if ((*chain)->lines.len ||
		    (!str_eq((*chain)->policy, "ACCEPT") && !str_eq((*chain)->policy, "-")))
			return true;
	}
	return false;
}

bool save_holds_engine(const struct save *save)
{
	return save_find(save, "filter", "DOCKER") || save_find(save, "nat", "DOCKER") ||
	       save_find(save, "filter", "DOCKER-FORWARD");
}

bool save_holds_user_chain(const struct save *save)
{
	return save_find(save, "filter", "DOCKER-USER");
}
