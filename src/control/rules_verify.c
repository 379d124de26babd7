/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Do the live chains hold what the file says?  iptables-save writes rules in its own way, so what
 * both must share is compared: how many, in which order, interfaces, targets, comments, policies.
 */
#include "control/rules_restore.h"

#include <errno.h>
#include <string.h>

#include "lift/table.h"

#define FORWARD "FORWARD"
#define JUMP "-A " FORWARD " -j " RULES_USER_CHAIN
#define WORD_MAX 512

struct rule_list {
	VEC(const struct rules_line *) items;
};

/* Copies the next word of a line of iptables-save without quotes; false at the end. */
static bool word_take(const char **at, char word[WORD_MAX])
{
	const char *c = *at + strspn(*at, " ");
	bool quoted = *c == '"';
	size_t len = 0;

	if (!*c)
		return false;
	c += quoted;
	while (*c && (quoted ? *c != '"' : *c != ' ')) {
		if (*c == '\\' && c[1])
			c++;
		if (len + 1 < WORD_MAX)
			word[len++] = *c;
		c++;
	}
	word[len] = '\0';
	*at = c + (quoted && *c);
	return true;
}

/* The word behind the first `option`, or false. */
static bool live_value(const char *line, const char *option, char word[WORD_MAX])
{
	while (word_take(&line, word)) {
		if (str_eq(word, option))
			return word_take(&line, word);
	}
	return false;
}

static bool value_is_same(const struct rules_line *rule, const char *live, const char *option)
{
	const char *want = rules_option_value(rule->command, option);
	char have[WORD_MAX] = "";

	/* "-i +" is any interface, which is not written down. */
	if (want && (str_eq(option, "-i") || str_eq(option, "-o")) && str_eq(want, "+"))
		want = NULL;
	if (!live_value(live, option, have))
		return !want;
	return want && strncmp(want, have, 255) == 0;
}

static bool rule_is_same(const struct rules_line *rule, const char *live)
{
	static const char *const options[] = {"-i", "-o", "-j", "-g", "--comment"};

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		if (!value_is_same(rule, live, options[i]))
			return false;
	}
	return true;
}

static bool is_jump(const struct rules_line *line)
{
	const char *target = rules_option_value(line->command, "-j");

	return target && line->command->options.len == 1 && str_eq(line->name, FORWARD) &&
	       str_eq(target, RULES_USER_CHAIN);
}

static void rule_insert(struct arena *arena, struct rule_list *list, const struct rules_line *line)
{
	(void)vec_add(arena, &list->items);
	memmove(list->items.items + 1, list->items.items,
		(list->items.len - 1) * sizeof(*list->items.items));
	list->items.items[0] = line;
}

/* What the chain holds after its lines, starting from nothing. */
static void chain_expect(struct arena *arena, const struct rules_file *file,
			 const struct chain_use *use, struct rule_list *ret)
{
	vec_each (&file->lines, line) {
		if (line->kind != RULES_COMMAND || !line->table || !line->name ||
		    !str_eq(line->table, use->table) || !str_eq(line->name, use->name))
			continue;
		if (line->command->verb == RULES_FLUSH)
			ret->items.len = 0;
		else if (is_jump(line))
			continue;
		else if (line->command->verb == RULES_APPEND)
			*vec_add(arena, &ret->items) = line;
		else if (line->command->verb == RULES_INSERT)
			rule_insert(arena, ret, line);
	}
}

/* Lines of the chain without the jump that is ours, and without what the engine adds at the end. */
static void chain_live(struct arena *arena, const struct save_chain *chain, struct save_chain *ret)
{
	vec_each (&chain->lines, line) {
		if (!str_eq(*line, JUMP))
			*vec_add(arena, &ret->lines) = *line;
	}
}

static bool ends_with_return(const struct save_chain *live, uint32_t expected)
{
	return live->lines.items && live->lines.len == expected + 1 &&
	       str_eq(live->lines.items[expected], "-A " RULES_USER_CHAIN " -j RETURN");
}

static int chain_verify(struct arena *arena, const struct rules_file *file,
			const struct chain_use *use, const struct save_chain *chain,
			const char **ret_reason)
{
	struct rule_list want = {0};
	struct save_chain live = {0};

	if (use->policy && !str_eq(use->policy, chain->policy)) {
		*ret_reason =
			arena_printf(arena, "its policy is %s, not %s", chain->policy, use->policy);
		return -EUCLEAN;
	}
	if (!chain_use_replaces(use) || use->edited)
		return 0;
	chain_expect(arena, file, use, &want);
	chain_live(arena, chain, &live);
	if (live.lines.len != want.items.len && !ends_with_return(&live, want.items.len)) {
		*ret_reason = arena_printf(arena, "it has %u rules, not %u",
					   (unsigned)live.lines.len, (unsigned)want.items.len);
		return -EUCLEAN;
	}
	for (uint32_t i = 0; i < want.items.len; i++) {
		if (rule_is_same(want.items.items[i], live.lines.items[i]))
			continue;
		*ret_reason = arena_printf(arena, "its rule %u is '%s'", (unsigned)(i + 1),
					   live.lines.items[i]);
		return -EUCLEAN;
	}
	return 0;
}

/* FORWARD leads to DOCKER-USER once, and first. */
static bool jump_is_good(const struct save *live)
{
	const struct save_chain *forward = save_find(live, "filter", FORWARD);
	uint32_t count = 0;

	if (!forward || !forward->lines.len || !str_eq(forward->lines.items[0], JUMP))
		return false;
	vec_each (&forward->lines, line)
		count += str_eq(*line, JUMP);
	return count == 1;
}

static bool is_added(const struct rules_added_list *list, const char *table, const char *line)
{
	vec_each (&list->items, item) {
		if (str_eq(item->table, table) && str_eq(item->line, line))
			return true;
	}
	return false;
}

/* The file's own rules in a chain that the engine has rules in: what was not there before. */
static void added_note(struct arena *arena, const struct chain_use *use,
		       const struct save_chain *live, struct restore *restore)
{
	const struct save_chain *was = save_find(restore->before, use->table, use->name);

	vec_each (&live->lines, line) {
		bool is_old = was && save_chain_has(was, *line) &&
			      !is_added(restore->added, use->table, *line);

		if (!is_old && !str_eq(*line, JUMP) && !table_text_is_pass(*line))
			*vec_add(arena, &restore->added_now.items) =
				(struct rules_added){.table = use->table, .line = *line};
	}
}

static int family_verify(struct arena *arena, struct restore *restore, const struct save *live,
			 struct err *err)
{
	static const char *const families[RULES_FAMILIES] = {"IPv4", "IPv6"};
	const struct chain_use *user = rules_use_find(&restore->uses, "filter", RULES_USER_CHAIN);

	vec_each (&restore->uses.items, use) {
		const struct save_chain *chain = save_find(live, use->table, use->name);
		const char *reason = "it is not there";

		if (use->deleted ||
		    (!chain && chain_is_built_in(use->name) && !use->policy && !use->added))
			continue;
		if (chain && use->shared)
			added_note(arena, use, chain, restore);
		if (chain && chain_verify(arena, restore->file, use, chain, &reason) >= 0)
			continue;
		return err_set(err, -EUCLEAN,
			       "when they were loaded chain %s (%s) did not hold what the file "
			       "says: %s",
			       use->name, families[restore->family], reason);
	}
	if (user && !user->deleted && !jump_is_good(live))
		return err_set(
			err, -EUCLEAN,
			"when they were loaded FORWARD (%s) did not lead to " RULES_USER_CHAIN
			" first and once",
			families[restore->family]);
	return 0;
}

int restore_verify(struct arena *arena, const struct rules_variant *variant,
		   struct restore *restores, uint32_t count, struct err *err)
{
	struct save live[RULES_FAMILIES] = {0};
	int r = rules_variant_save(arena, variant, live, err);

	for (uint32_t i = 0; i < count && r >= 0; i++)
		r = family_verify(arena, &restores[i], &live[restores[i].family], err);
	return r;
}

/* The chain holds what it held before; one that was not there is not there, or empty and open. */
static bool chain_is_back(const struct chain_use *use, const struct save *before,
			  const struct save *live)
{
	const struct save_chain *was = save_find(before, use->table, use->name);
	const struct save_chain *is = save_find(live, use->table, use->name);

	if (!was)
		return !is || (str_eq(is->policy, "ACCEPT") && is->lines.len == 0);
	if (!is || !str_eq(is->policy, was->policy) || is->lines.len != was->lines.len)
		return false;
	for (uint32_t i = 0; i < was->lines.len; i++) {
		if (!str_eq(is->lines.items[i], was->lines.items[i]))
			return false;
	}
	return true;
}

int restore_verify_back(struct arena *arena, const struct rules_variant *variant,
			const struct restore *restore, struct err *err)
{
	struct save live[RULES_FAMILIES] = {0};
	int r = rules_variant_save(arena, variant, live, err);

	vec_each (&restore->uses.items, use) {
		/* the engine changes its own chains when it likes */
		if (r < 0 || use->shared ||
		    chain_is_back(use, restore->before, &live[restore->family]))
			continue;
		r = err_set(err, -EUCLEAN, "chain %s does not hold what it held before", use->name);
	}
	return r;
}
