/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The IPv4 and the IPv6 file of a rules file. */
#include "rules/twin.h"

#include <string.h>

#include "base/ip.h"
#include "base/str.h"
#include "rules/edit.h"
#include "rules/twin_parts.h"

/* Options whose words are texts or numbers of another kind, whatever they look like. */
static bool is_text_option(const char *name)
{
	static const char *const names[] = {
		"--comment", "--log-prefix", "--nflog-prefix", "--ulog-prefix",
		"--string",  "--hex-string", "--mac-source",   "--mask",
		"-i",	     "-o",	     "--physdev-in",   "--physdev-out",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (str_eq(names[i], name))
			return true;
	}
	return false;
}

/* "10.0.0.1", "10.0.0.0/8", "10.0.0.1-10.0.0.9", "10.0.0.1:80", "10.0.0.1,10.0.0.2" */
static bool is_v4_text(const char *text)
{
	struct ip_addr addr;
	size_t len = strspn(text, "0123456789.");

	return len && memchr(text, '.', len) && ip_addr_parse(text, len, &addr) &&
	       addr.family == IP_V4 && (!text[len] || strchr("/-:,", text[len]));
}

/* The same of IPv6, also in brackets as --to-destination has it. */
static bool is_v6_text(const char *text)
{
	struct ip_addr addr;
	size_t len;

	text += *text == '[';
	len = strspn(text, "0123456789abcdefABCDEF:.");
	return len && ip_addr_parse(text, len, &addr) && addr.family == IP_V6 &&
	       (!text[len] || strchr("/-],", text[len]));
}

static bool has_word(const struct rules_line *line, bool (*question)(const char *))
{
	if (line->kind != RULES_COMMAND)
		return false;
	vec_each (&line->command->options, option) {
		if (is_text_option(option->name))
			continue;
		vec_each (&option->args, arg) {
			if (question(arg->text))
				return true;
		}
	}
	return false;
}

static bool has_option(const struct rules_line *line, const char *name)
{
	return line->kind == RULES_COMMAND && rules_option_find(line->command, name);
}

/* What only ip6tables knows. */
static bool is_v6_only(const struct rules_line *line)
{
	const char *answer;

	if (line->kind != RULES_COMMAND)
		return false;
	if (has_option(line, "-6") || has_option(line, "--icmpv6-type") ||
	    has_word(line, is_v6_text) || rules_has_match(line->command, "icmp6") ||
	    rules_has_match(line->command, "hl"))
		return true;
	answer = rules_option_value(line->command, "--reject-with");
	return answer && str_starts(answer, "icmp6-");
}

struct rules_file *rules_only4(struct arena *arena, const struct rules_file *file,
			       struct diag_list *diags)
{
	struct rules_file *ret = arena_new_object(arena, struct rules_file);

	(void)diags;
	vec_each (&file->lines, line) {
		if (!is_v6_only(line))
			*vec_add(arena, &ret->lines) = *line;
	}
	return ret;
}

/* "10/8" as iptables takes it, too: digits, dots and what parts them. */
static bool is_v4_digits(const char *text)
{
	return *text && !text[strspn(text, "0123456789./,")];
}

/* A length or mask of zero. */
static bool is_any_address(const char *text)
{
	const char *slash = strchr(text, '/');

	return slash && slash[1] && is_v4_digits(text) && !slash[1 + strspn(slash + 1, "0.")];
}

/* "0.0.0.0/0" is any address, which is ::/0 there; not with a '!', which matches nothing. */
static void any_address(struct rules_line *line)
{
	vec_each (&line->command->options, option) {
		bool is_address = str_eq(option->name, "-s") || str_eq(option->name, "-d");

		if (option->negated || !option->args.len)
			continue;
		if (is_address && is_any_address(option->args.items[0].text))
			rules_word_set(&option->args.items[0], "::/0");
		/* of TPROXY: the address of the interface */
		if (str_eq(option->name, "--on-ip") &&
		    str_eq(option->args.items[0].text, "0.0.0.0"))
			rules_word_set(&option->args.items[0], "::");
	}
}

static bool has_v4_digits(const struct rules_line *line)
{
	vec_each (&line->command->options, option) {
		if ((str_eq(option->name, "-s") || str_eq(option->name, "-d")) &&
		    option->args.len && is_v4_digits(option->args.items[0].text))
			return true;
	}
	return false;
}

/* A name in the place of an address has one address here and another one there, or none. */
static const struct rules_option *host_name_find(const struct rules_line *line)
{
	vec_each (&line->command->options, option) {
		if ((str_eq(option->name, "-s") || str_eq(option->name, "-d")) &&
		    option->args.len && !is_v4_digits(option->args.items[0].text) &&
		    !is_v6_text(option->args.items[0].text))
			return option;
	}
	return NULL;
}

static void twinless(struct diag_list *diags, const struct rules_line *line,
		     const struct rules_option *option, const char *reason)
{
	(void)diag_warning(
		diags, option->origin.source ? option->origin : line->origin, DIAG_RULES_TWINLESS,
		"%s: the rule is loaded for IPv4 only; write a NAME.rules6 if IPv6 needs "
		"it",
		reason);
}

/* False: the rule is not for IPv6; where that is no matter of its addresses it is told. */
static bool rule_turn(struct arena *arena, struct rules_line *line, struct diag_list *diags)
{
	const struct rules_option *bad = NULL;
	const char *reason = NULL;

	if (has_option(line, "-4"))
		return false;
	any_address(line);
	if (has_word(line, is_v4_text) || has_v4_digits(line))
		return false;
	bad = host_name_find(line);
	if (bad) {
		twinless(diags, line, bad, "a host's name may have no IPv6 address");
		return false;
	}
	for (uint32_t i = 0; i < line->command->options.len; i++) {
		enum twin_result result = twin_option(arena, line->command,
						      &line->command->options.items[i], &reason);

		if (result == TWIN_REMOVE)
			rules_option_remove(line->command, i--);
		if (result != TWIN_NONE)
			continue;
		twinless(diags, line, &line->command->options.items[i], reason);
		return false;
	}
	return true;
}

struct rules_file *rules_twin(struct arena *arena, const struct rules_file *file,
			      struct diag_list *diags)
{
	struct rules_file *ret = arena_new_object(arena, struct rules_file);
	struct twin_numbers numbers = {.arena = arena};

	twin_numbers_begin(&numbers, file);
	vec_each (&file->lines, line) {
		struct rules_line copy;
		bool is_here;

		if (line->kind != RULES_COMMAND) {
			*vec_add(arena, &ret->lines) = *line;
			continue;
		}
		copy = rules_line_copy(arena, line);
		is_here = !line->command->options.len || rule_turn(arena, &copy, diags);
		if (twin_number(&numbers, line, &copy, is_here))
			*vec_add(arena, &ret->lines) = copy;
	}
	return twin_neighbours(arena, ret);
}
