/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules files as plain data: looking for an option. */
#include "rules/rules.h"

#include "base/str.h"

const struct rules_option *rules_option_find(const struct rules_command *command, const char *name)
{
	vec_each (&command->options, option) {
		if (str_eq(option->name, name))
			return option;
	}
	return NULL;
}

const char *rules_option_value(const struct rules_command *command, const char *name)
{
	const struct rules_option *option = rules_option_find(command, name);

	return option && option->args.len ? option->args.items[0].text : NULL;
}

bool rules_has_match(const struct rules_command *command, const char *match)
{
	vec_each (&command->options, option) {
		if (!str_eq(option->name, "-m") && !str_eq(option->name, "-p"))
			continue;
		if (option->args.len && str_eq(option->args.items[0].text, match))
			return true;
	}
	return false;
}
