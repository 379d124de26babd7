/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Neighbour discovery in chains that refuse. */
#include "base/str.h"
#include "rules/twin_parts.h"

struct allowed {
	const char *type;
	const char *hop_limit;
};

/* Redirects (137) are left out: they let a neighbour turn traffic to itself. */
static const struct allowed all_allowed[] = {
	{"133", "255"}, {"134", "255"}, {"135", "255"}, {"136", "255"},
	{"130", "1"},	{"131", "1"},	{"132", "1"},	{"143", "1"},
};

struct name_list {
	VEC(const char *) items;
};

static bool has_name(const struct name_list *list, const char *name)
{
	vec_each (&list->items, have) {
		if (str_eq(*have, name))
			return true;
	}
	return false;
}

static void name_add(struct arena *arena, struct name_list *list, const char *name)
{
	if (!has_name(list, name))
		*vec_add(arena, &list->items) = name;
}

static bool is_refusal(const char *target)
{
	return target && (str_eq(target, "DROP") || str_eq(target, "REJECT"));
}

/* "-A INPUT -j REJECT ...", for every packet. */
static bool refuses_all(const struct rules_line *line)
{
	if (line->command->verb != RULES_APPEND && line->command->verb != RULES_INSERT)
		return false;
	vec_each (&line->command->options, option) {
		if (!str_eq(option->name, "-j") && !str_eq(option->name, "--reject-with") &&
		    !str_eq(option->name, "--comment") &&
		    !(str_eq(option->name, "-m") && option->args.len &&
		      str_eq(option->args.items[0].text, "comment")))
			return false;
	}
	return is_refusal(rules_option_value(line->command, "-j"));
}

static void refusing_find(struct arena *arena, const struct rules_file *file, struct name_list *ret)
{
	vec_each (&file->lines, line) {
		bool refuses = false;

		/* It is not forwarded, so FORWARD needs none of it. */
		if (!line->table || !str_eq(line->table, "filter") || !line->name ||
		    str_eq(line->name, "FORWARD"))
			continue;
		if (line->kind == RULES_CHAIN)
			refuses = is_refusal(line->policy);
		else if (line->kind == RULES_COMMAND && line->command->verb == RULES_POLICY)
			refuses = is_refusal(line->policy);
		else if (line->kind == RULES_COMMAND)
			refuses = refuses_all(line);
		if (refuses)
			name_add(arena, ret, line->name);
	}
}

static void option_add(struct arena *arena, struct rules_command *command, const char *name,
		       const char *value)
{
	struct rules_option *option = vec_add(arena, &command->options);

	option->name = name;
	option->word.text = name;
	*vec_add(arena, &option->args) = (struct rules_word){.text = value};
}

static void allowed_add(struct arena *arena, struct rules_file *file, const char *chain)
{
	for (size_t i = 0; i < sizeof(all_allowed) / sizeof(*all_allowed); i++) {
		struct rules_line *line = vec_add(arena, &file->lines);
		struct rules_command *command = arena_new_object(arena, struct rules_command);

		command->verb = RULES_APPEND;
		option_add(arena, command, "-p", "ipv6-icmp");
		option_add(arena, command, "-m", "icmp6");
		option_add(arena, command, "--icmpv6-type", all_allowed[i].type);
		option_add(arena, command, "-m", "hl");
		option_add(arena, command, "--hl-eq", all_allowed[i].hop_limit);
		option_add(arena, command, "-j", "ACCEPT");
		line->kind = RULES_COMMAND;
		line->table = "filter";
		line->name = chain;
		line->command = command;
	}
}

/* The first rule of the chain stands here, or the table ends without one. */
static bool is_first_rule(const struct rules_line *line)
{
	return line->kind == RULES_COMMAND && line->name &&
	       (line->command->verb == RULES_APPEND || line->command->verb == RULES_INSERT);
}

static void rest_add(struct arena *arena, struct rules_file *file, const struct name_list *refusing,
		     struct name_list *done)
{
	vec_each (&refusing->items, chain) {
		if (!has_name(done, *chain))
			allowed_add(arena, file, *chain);
		name_add(arena, done, *chain);
	}
}

struct rules_file *twin_neighbours(struct arena *arena, const struct rules_file *file)
{
	struct rules_file *ret = arena_new_object(arena, struct rules_file);
	struct name_list refusing = {0};
	struct name_list done = {0};

	refusing_find(arena, file, &refusing);
	vec_each (&file->lines, line) {
		bool in_filter = line->table && str_eq(line->table, "filter");

		if (in_filter && is_first_rule(line) && has_name(&refusing, line->name) &&
		    !has_name(&done, line->name)) {
			allowed_add(arena, ret, line->name);
			name_add(arena, &done, line->name);
		}
		if (in_filter && line->kind == RULES_COMMIT)
			rest_add(arena, ret, &refusing, &done);
		*vec_add(arena, &ret->lines) = *line;
	}
	return ret;
}
