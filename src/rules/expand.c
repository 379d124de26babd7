/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The placeholder `extinf`. */
#include "rules/expand.h"

#include "base/str.h"
#include "rules/edit.h"

struct expander {
	struct arena *arena;
	const char *const *names;
	uint32_t count;
	struct diag_list *diags;
	struct rules_file *file;
};

static bool is_placeholder(const struct rules_option *option)
{
	return (str_eq(option->name, "-i") || str_eq(option->name, "-o")) && option->args.len &&
	       str_eq(option->args.items[0].text, RULES_PLACEHOLDER);
}

/* The first option with the placeholder, or NULL. */
static struct rules_option *placeholder_find(const struct rules_line *line)
{
	if (line->kind != RULES_COMMAND)
		return NULL;
	vec_each (&line->command->options, option) {
		if (is_placeholder(option))
			return option;
	}
	return NULL;
}

bool rules_has_placeholder(const struct rules_file *file)
{
	vec_each (&file->lines, line) {
		if (placeholder_find(line))
			return true;
	}
	return false;
}

/* A rule with a number: what is added behind the first one has the numbers behind it. */
static void number_move(struct rules_command *command, uint32_t by)
{
	if (!by || (command->verb != RULES_INSERT && command->verb != RULES_REPLACE))
		return;
	command->number = (command->number ? command->number : 1) + by;
	command->verb = RULES_INSERT;
}

/* The line once for each name in the place of its first placeholder, then of the next one. */
static void line_expand(struct expander *e, const struct rules_line *line, uint32_t *at)
{
	if (!placeholder_find(line)) {
		*vec_add(e->arena, &e->file->lines) = *line;
		number_move(e->file->lines.items[e->file->lines.len - 1].command, (*at)++);
		return;
	}
	for (uint32_t i = 0; i < e->count; i++) {
		struct rules_line copy = rules_line_copy(e->arena, line);
		struct rules_option *option = placeholder_find(&copy);

		if (option)
			rules_word_set(&option->args.items[0], e->names[i]);
		line_expand(e, &copy, at);
	}
}

/* One rule cannot say "from none of these". */
static bool line_check(const struct expander *e, const struct rules_line *line,
		       const struct rules_option *option)
{
	if (!e->count) {
		(void)diag_error(e->diags, option->origin, DIAG_RULES_PLACEHOLDER,
				 "'" RULES_PLACEHOLDER "' stands for the external interfaces, and "
				 "this host has none; write the name of an interface");
		return false;
	}
	vec_each (&line->command->options, other) {
		if (!is_placeholder(other) || !other->negated || e->count == 1)
			continue;
		(void)diag_error(
			e->diags, other->origin, DIAG_RULES_PLACEHOLDER,
			"'! %s " RULES_PLACEHOLDER "' on a host with %u external "
			"interfaces would match each of them; decide about '%s " RULES_PLACEHOLDER
			"' in a rule before this one, and leave it out here",
			other->name, (unsigned)e->count, other->name);
		return false;
	}
	return true;
}

struct rules_file *rules_expand(struct arena *arena, const struct rules_file *file,
				const char *const *external, uint32_t external_count,
				struct diag_list *diags)
{
	struct expander e = {.arena = arena,
			     .names = external,
			     .count = external_count,
			     .diags = diags,
			     .file = arena_new_object(arena, struct rules_file)};

	vec_each (&file->lines, line) {
		const struct rules_option *option = placeholder_find(line);
		uint32_t at = 0;

		if (!option) {
			*vec_add(arena, &e.file->lines) = *line;
			continue;
		}
		if (!line_check(&e, line, option))
			return NULL;
		line_expand(&e, line, &at);
	}
	return e.file;
}
