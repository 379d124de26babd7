/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is left of a rules file whose DOCKER-USER has become a table of our own. */
#include <string.h>

#include "base/str.h"
#include "lift/table_parts.h"
#include "rules/edit.h"

#define FILTER "filter"
#define FORWARD "FORWARD"
#define PASS "wharfwall: the engine decides"

static bool is_of_filter(const struct rules_line *line, enum rules_line_kind kind)
{
	return line->kind == kind && line->table && str_eq(line->table, FILTER);
}

static bool belongs_to_user_chain(const struct rules_line *line)
{
	const char *jump;

	if ((is_of_filter(line, RULES_CHAIN) || is_of_filter(line, RULES_COMMAND)) && line->name &&
	    str_eq(line->name, TABLE_USER_CHAIN))
		return true;
	if (!is_of_filter(line, RULES_COMMAND))
		return false;
	jump = rules_option_value(line->command, "-j");
	if (!jump)
		jump = rules_option_value(line->command, "-g");
	return jump && str_eq(jump, TABLE_USER_CHAIN);
}

/* The last one counts. */
static bool forward_drops(const struct rules_file *file)
{
	bool drops = false;

	vec_each (&file->lines, line) {
		if (!is_of_filter(line, RULES_CHAIN) &&
		    !(is_of_filter(line, RULES_COMMAND) && line->command->verb == RULES_POLICY))
			continue;
		if (line->name && line->policy && str_eq(line->name, FORWARD))
			drops = str_eq(line->policy, "DROP");
	}
	return drops;
}

/* The engine's names of bridges: docker0, docker_gwbridge, br-0123456789ab. */
static void passes_add(struct arena *arena, struct rules_file *file)
{
	static const char *const ways[] = {"-i", "-o"};
	static const char *const bridges[] = {"docker+", "br-+"};

	for (unsigned i = 0; i < 4; i++) {
		struct rules_line *line = vec_add(arena, &file->lines);
		struct rules_command *command = arena_new_object(arena, struct rules_command);

		command->verb = RULES_APPEND;
		rules_option_add(arena, command, ways[i / 2], bridges[i % 2]);
		rules_option_add(arena, command, "-m", "comment");
		rules_option_add(arena, command, "--comment", PASS);
		rules_option_add(arena, command, "-j", "ACCEPT");
		line->kind = RULES_COMMAND;
		line->table = FILTER;
		line->name = FORWARD;
		line->command = command;
	}
}

bool table_is_pass(const struct rules_line *line)
{
	const char *comment;

	if (line->kind != RULES_COMMAND || line->origin.source)
		return false;
	comment = rules_option_value(line->command, "--comment");
	return comment && str_eq(comment, PASS);
}

bool table_text_is_pass(const char *line)
{
	return strstr(line, "--comment \"" PASS "\"") != NULL;
}

struct rules_file *table_rest(struct arena *arena, const struct rules_file *file)
{
	struct rules_file *rest = arena_new_object(arena, struct rules_file);
	bool passes = forward_drops(file);
	uint32_t commits = 0;

	vec_each (&file->lines, line)
		commits += is_of_filter(line, RULES_COMMIT);
	vec_each (&file->lines, line) {
		if (passes && is_of_filter(line, RULES_COMMIT) && --commits == 0)
			passes_add(arena, rest);
		if (!belongs_to_user_chain(line))
			*vec_add(arena, &rest->lines) = *line;
	}
	return rest;
}
