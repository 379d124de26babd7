/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text for iptables-restore. */
#include "control/rules_text.h"

#include <string.h>

#include "lift/table.h"
#include "rules/print.h"

#define FILTER "filter"
#define FORWARD "FORWARD"
#define JUMP "-A " FORWARD " -j " RULES_USER_CHAIN

struct table_list {
	VEC(const char *) items;
};

void rules_text_done(struct rules_text *text)
{
	str_buf_done(&text->text);
}

bool chain_is_built_in(const char *name)
{
	static const char *const names[] = {"INPUT", "OUTPUT", FORWARD, "PREROUTING",
					    "POSTROUTING"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (str_eq(names[i], name))
			return true;
	}
	return false;
}

bool chain_use_replaces(const struct chain_use *use)
{
	return use->flushed || (use->added && !use->edited && !use->shared);
}

static bool chain_changes(const struct chain_use *use)
{
	return use->flushed || use->added || use->edited || use->dropped;
}

const struct chain_use *rules_use_find(const struct rules_uses *uses, const char *table,
				       const char *name)
{
	vec_each (&uses->items, use) {
		if (str_eq(use->table, table) && str_eq(use->name, name))
			return use;
	}
	return NULL;
}

static struct chain_use *use_of(struct arena *arena, struct rules_uses *uses,
				const struct rules_line *line)
{
	struct chain_use *use;

	vec_each (&uses->items, have) {
		if (str_eq(have->table, line->table) && str_eq(have->name, line->name))
			return have;
	}
	use = vec_add(arena, &uses->items);
	use->table = line->table;
	use->name = line->name;
	return use;
}

/* "-F" without a chain: all that the file names up to there; never what others made. */
static void flush_all(struct rules_uses *uses, const char *table)
{
	vec_each (&uses->items, use) {
		if (str_eq(use->table, table))
			use->flushed = true;
	}
}

static void command_note(struct chain_use *use, const struct rules_line *line)
{
	switch ((enum rules_verb)line->command->verb) {
	case RULES_APPEND:
		use->added = true;
		use->written = use->written || !table_is_pass(line);
		break;
	case RULES_INSERT:
		use->added = use->written = true;
		use->edited = use->edited || line->command->number > 1;
		break;
	case RULES_DELETE:
	case RULES_REPLACE:
		use->edited = true;
		break;
	case RULES_FLUSH:
		use->flushed = true;
		break;
	case RULES_NEW_CHAIN:
		use->declared = true;
		use->flushed = true;
		break;
	case RULES_DELETE_CHAIN:
	case RULES_RENAME:
		use->deleted = true;
		break;
	case RULES_POLICY:
		break;
	case RULES_ZERO:
		break;
	}
}

/* The file's own "-A FORWARD -j DOCKER-USER", which is ours to place: it is no use of FORWARD. */
static bool is_own_jump(const struct rules_line *line)
{
	const char *target;

	if (line->kind != RULES_COMMAND ||
	    (line->command->verb != RULES_APPEND && line->command->verb != RULES_INSERT) ||
	    line->command->options.len != 1 || !line->table || !str_eq(line->table, FILTER) ||
	    !str_eq(line->name, FORWARD))
		return false;
	target = rules_option_value(line->command, "-j");
	return target && str_eq(target, RULES_USER_CHAIN);
}

static void jump_note(struct arena *arena, struct rules_uses *uses, const struct rules_line *line)
{
	struct rules_line user = *line;

	user.name = RULES_USER_CHAIN;
	(void)use_of(arena, uses, &user);
}

static bool was_added_to(const struct rules_added_list *added, const struct chain_use *use)
{
	size_t len = strlen(use->name);

	vec_each (&added->items, item) {
		if (str_eq(item->table, use->table) && str_starts(item->line, "-A ") &&
		    strncmp(item->line + 3, use->name, len) == 0 && item->line[3 + len] == ' ')
			return true;
	}
	return false;
}

static bool has_passes(const struct save_chain *chain)
{
	vec_each (&chain->lines, line) {
		if (table_text_is_pass(*line))
			return true;
	}
	return false;
}

static void uses_judge(struct rules_uses *uses, const struct save *before,
		       const struct rules_added_list *added)
{
	vec_each (&uses->items, use) {
		const struct save_chain *chain = save_find(before, use->table, use->name);

		use->dropped = !chain_changes(use) &&
			       (was_added_to(added, use) || (chain && has_passes(chain)));

		use->shared = use->added && !use->flushed && !use->edited &&
			      chain_is_built_in(use->name) &&
			      (!use->written || (chain && save_chain_is_shared(chain)));
	}
}

void rules_uses_of(struct arena *arena, const struct rules_file *file, const struct save *before,
		   const struct rules_added_list *added, struct rules_uses *ret)
{
	vec_each (&file->lines, line) {
		struct chain_use *use;

		if (line->kind == RULES_COMMAND && !line->name && line->table &&
		    line->command->verb == RULES_FLUSH)
			flush_all(ret, line->table);
		if ((line->kind != RULES_CHAIN && line->kind != RULES_COMMAND) || !line->name ||
		    !line->table)
			continue;
		if (is_own_jump(line)) {
			jump_note(arena, ret, line);
			continue;
		}
		use = use_of(arena, ret, line);
		if (line->policy && !str_eq(line->policy, "-") &&
		    (line->kind == RULES_CHAIN || line->command->verb == RULES_POLICY))
			use->policy = line->policy;
		if (line->kind == RULES_COMMAND) {
			command_note(use, line);
			continue;
		}
		use->declared = true;
		use->flushed = use->flushed || !chain_is_built_in(line->name);
	}
	uses_judge(ret, before, added);
}

static void line_add(struct arena *arena, struct rules_text *ret, struct origin origin,
		     const char *text)
{
	str_buf_adds(&ret->text, text);
	str_buf_addc(&ret->text, '\n');
	*vec_add(arena, &ret->lines) = origin;
}

/*
 * A command on all chains of the table: those of others are not the file's.  Flushes what the file
 * names; there is nothing to delete that its ":CHAIN" does not make anew.
 */
static void all_chains(struct arena *arena, const struct rules_line *line,
		       const struct rules_uses *uses, struct rules_text *ret)
{
	vec_each (&uses->items, use) {
		if (line->command->verb == RULES_FLUSH && str_eq(use->table, line->table) &&
		    use->flushed)
			line_add(arena, ret, line->origin, arena_printf(arena, "-F %s", use->name));
	}
}

static bool is_for_all_chains(const struct rules_line *line)
{
	return line->kind == RULES_COMMAND && !line->name && line->table;
}

/* What an earlier load of the file added, where it still is; and what table_rest() did, for any. */
static void added_drop(struct arena *arena, const struct chain_use *use, const struct save *before,
		       const struct rules_added_list *added, struct rules_text *ret)
{
	static const struct origin ours = {0};
	const struct save_chain *chain = save_find(before, use->table, use->name);
	const char *head = arena_printf(arena, "-A %s ", use->name);

	vec_each (&added->items, item) {
		if (str_eq(item->table, use->table) && str_starts(item->line, head) && chain &&
		    save_chain_has(chain, item->line))
			line_add(arena, ret, ours, arena_printf(arena, "-D%s", item->line + 2));
	}
	if (!chain)
		return;
	vec_each (&chain->lines, line) {
		if (table_text_is_pass(*line))
			line_add(arena, ret, ours, arena_printf(arena, "-D%s", *line + 2));
	}
}

/* In front of a table's first command: what makes loading it twice the same as once. */
static void prepare(struct arena *arena, const char *table, const struct rules_uses *uses,
		    const struct save *before, const struct rules_added_list *added,
		    struct rules_text *ret)
{
	static const struct origin ours = {0};

	vec_each (&uses->items, use) {
		if (!str_eq(use->table, table))
			continue;
		if (use->shared || use->dropped)
			added_drop(arena, use, before, added, ret);
		if (!use->declared && str_eq(use->name, RULES_USER_CHAIN) &&
		    !save_find(before, table, use->name))
			line_add(arena, ret, ours, ":" RULES_USER_CHAIN " - [0:0]");
		else if (use->added && !use->flushed && chain_use_replaces(use))
			line_add(arena, ret, ours, arena_printf(arena, "-F %s", use->name));
	}
}

/* Where the jump stands in FORWARD now: how often, and the number of its first place. */
static uint32_t jumps_count(const struct save *before, uint32_t *ret_first)
{
	const struct save_chain *forward = save_find(before, FILTER, FORWARD);
	uint32_t count = 0;

	*ret_first = 0;
	for (uint32_t i = 0; forward && i < forward->lines.len; i++) {
		if (!str_eq(forward->lines.items[i], JUMP))
			continue;
		if (!count)
			*ret_first = i + 1;
		count++;
	}
	return count;
}

/* Also where the file empties FORWARD, and the jump was there for another one. */
static bool wants_jump(const struct rules_uses *uses, const struct save *before)
{
	const struct chain_use *use = rules_use_find(uses, FILTER, RULES_USER_CHAIN);
	const struct chain_use *forward = rules_use_find(uses, FILTER, FORWARD);
	uint32_t first;

	if (use)
		return !use->deleted;
	return forward && chain_use_replaces(forward) && jumps_count(before, &first) > 0;
}

/* Docker does the same on each start: away with all of them, and one in front. */
static void jump_add(struct arena *arena, const struct rules_uses *uses, const struct save *before,
		     struct rules_text *ret)
{
	static const struct origin ours = {0};
	const struct chain_use *forward = rules_use_find(uses, FILTER, FORWARD);
	uint32_t first = 0;
	uint32_t count = forward && chain_use_replaces(forward) ? 0 : jumps_count(before, &first);

	/* Rules that the file inserts may stand in front of it now. */
	if (count == 1 && first == 1 && !(forward && forward->added))
		return;
	for (uint32_t i = 0; i < count; i++)
		line_add(arena, ret, ours, "-D " FORWARD " -j " RULES_USER_CHAIN);
	line_add(arena, ret, ours, "-I " FORWARD " 1 -j " RULES_USER_CHAIN);
}

/* The chain is there from the second load on, where -N would fail. */
static bool is_new_chain(const struct rules_line *line)
{
	return line->kind == RULES_COMMAND && line->name && line->command->verb == RULES_NEW_CHAIN;
}

static bool is_commit_of_filter(const struct rules_line *line)
{
	return line->kind == RULES_COMMIT && line->table && str_eq(line->table, FILTER);
}

/* Tables that were made ready; one may stand in a file in several pieces. */
static bool first_of_table(struct arena *arena, struct table_list *seen, const char *table)
{
	vec_each (&seen->items, have) {
		if (str_eq(*have, table))
			return false;
	}
	*vec_add(arena, &seen->items) = table;
	return true;
}

static void line_copy(struct arena *arena, const struct rules_line *line, struct rules_text *ret)
{
	auto_str struct str_buf text = {0};

	if (is_new_chain(line))
		str_buf_addf(&text, ":%s - [0:0]", line->name);
	else
		rules_print_line(line, &text);
	line_add(arena, ret, line->origin, str_buf_text(&text));
}

void rules_text_make(struct arena *arena, const struct rules_file *file,
		     const struct rules_uses *uses, const struct save *before,
		     const struct rules_added_list *added, struct rules_text *ret)
{
	bool jumps = wants_jump(uses, before);
	struct table_list seen = {0};
	uint32_t commits = 0;

	vec_each (&file->lines, line)
		commits += is_commit_of_filter(line);
	vec_each (&file->lines, line) {
		if (line->kind == RULES_BLANK || line->kind == RULES_COMMENT)
			continue;
		if (line->kind == RULES_COMMAND && line->table &&
		    first_of_table(arena, &seen, line->table))
			prepare(arena, line->table, uses, before, added, ret);
		if (is_for_all_chains(line)) {
			all_chains(arena, line, uses, ret);
			continue;
		}
		if (is_own_jump(line))
			continue;
		if (is_commit_of_filter(line) && --commits == 0 && jumps)
			jump_add(arena, uses, before, ret);
		line_copy(arena, line, ret);
	}
}

/* The chain as it was; one that was not there is empty until it is deleted behind all others. */
static void chain_undo(const struct chain_use *use, const struct save *before, struct str_buf *out)
{
	const struct save_chain *was = save_find(before, use->table, use->name);
	bool built_in = chain_is_built_in(use->name);

	if (was)
		str_buf_addf(out, "%s\n", was->head);
	else if (built_in)
		str_buf_addf(out, ":%s ACCEPT [0:0]\n", use->name);
	else
		str_buf_addf(out, ":%s - [0:0]\n", use->name);
	if (chain_changes(use))
		str_buf_addf(out, "-F %s\n", use->name);
}

static void jump_undo(const struct save *before, struct str_buf *out)
{
	uint32_t first = 0;
	uint32_t count = jumps_count(before, &first);

	if (count == 1 && first == 1)
		return;
	str_buf_adds(out, "-D " FORWARD " -j " RULES_USER_CHAIN "\n");
	if (count)
		str_buf_addf(out, "-I " FORWARD " %u -j " RULES_USER_CHAIN "\n", (unsigned)first);
}

static void rules_undo(const struct rules_uses *uses, const char *table, const struct save *before,
		       struct str_buf *out)
{
	vec_each (&uses->items, use) {
		const struct save_chain *was = save_find(before, table, use->name);

		if (!was || !str_eq(use->table, table) || !chain_changes(use))
			continue;
		vec_each (&was->lines, line)
			str_buf_addf(out, "%s\n", *line);
	}
}

static void table_undo(const struct rules_uses *uses, const char *table, const struct save *before,
		       struct str_buf *out)
{
	const struct chain_use *forward = rules_use_find(uses, table, FORWARD);

	str_buf_addf(out, "*%s\n", table);
	vec_each (&uses->items, use) {
		if (str_eq(use->table, table))
			chain_undo(use, before, out);
	}
	if (str_eq(table, FILTER) && wants_jump(uses, before) &&
	    !(forward && chain_changes(forward)))
		jump_undo(before, out);
	rules_undo(uses, table, before, out);
	vec_each (&uses->items, use) {
		if (str_eq(use->table, table) && !chain_is_built_in(use->name) &&
		    !save_find(before, table, use->name))
			str_buf_addf(out, "-X %s\n", use->name);
	}
	str_buf_adds(out, "COMMIT\n");
}

void rules_text_undo(struct arena *arena, const struct rules_uses *uses, const struct save *before,
		     struct str_buf *out)
{
	VEC(const char *) tables = {0};

	vec_each (&uses->items, use) {
		bool seen = false;

		vec_each (&tables, table)
			seen = seen || str_eq(*table, use->table);
		if (seen)
			continue;
		*vec_add(arena, &tables) = use->table;
		table_undo(uses, use->table, before, out);
	}
}
