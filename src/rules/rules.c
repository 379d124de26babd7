/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules files as plain data: looking for options, comparing them. */
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

static bool option_eq(const struct rules_option *a, const struct rules_option *b)
{
	if (!str_eq(a->name, b->name) || a->negated != b->negated || a->args.len != b->args.len)
		return false;
	for (uint32_t i = 0; i < a->args.len; i++) {
		if (!str_eq(a->args.items[i].text, b->args.items[i].text))
			return false;
	}
	return true;
}

bool rules_same_options(const struct rules_command *a, const struct rules_command *b)
{
	if (a->options.len != b->options.len)
		return false;
	for (uint32_t i = 0; i < a->options.len; i++) {
		if (!option_eq(&a->options.items[i], &b->options.items[i]))
			return false;
	}
	return true;
}
