/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copies of lines that can be changed. */
#include "rules/edit.h"

#include <string.h>

struct rules_line rules_line_copy(struct arena *arena, const struct rules_line *line)
{
	struct rules_line copy = *line;
	struct rules_command *command;

	if (!line->command)
		return copy;
	command = arena_memdup(arena, line->command, sizeof(*command));
	copy.command = command;
	if (!command->options.len)
		return copy;
	command->options.items =
		arena_memdup(arena, command->options.items,
			     command->options.len * sizeof(*command->options.items));
	command->options.cap = command->options.len;
	vec_each (&command->options, option) {
		if (!option->args.len)
			continue;
		option->args.items = arena_memdup(arena, option->args.items,
						  option->args.len * sizeof(*option->args.items));
		option->args.cap = option->args.len;
	}
	return copy;
}

void rules_word_set(struct rules_word *word, const char *text)
{
	word->text = text;
	word->raw = NULL;
}

void rules_option_rename(struct rules_option *option, const char *name)
{
	option->name = name;
	rules_word_set(&option->word, name);
}

void rules_option_remove(struct rules_command *command, uint32_t number)
{
	struct rules_option *items = command->options.items;

	memmove(items + number, items + number + 1,
		(command->options.len - number - 1) * sizeof(*items));
	command->options.len--;
	if (number < command->ahead)
		command->ahead--;
}

void rules_option_add(struct arena *arena, struct rules_command *command, const char *name,
		      const char *value)
{
	struct rules_option *option = vec_add(arena, &command->options);

	option->name = name;
	option->word.text = name;
	*vec_add(arena, &option->args) = (struct rules_word){.text = value};
}
