/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options that mean IPv4, and their twins. */
#include "rules/twin_parts.h"

#include "base/str.h"
#include "rules/edit.h"

struct pair {
	const char *v4;
	const char *v6; /* NULL: there is none */
};

/* By number and name; numbers are written, which every version of ip6tables takes. */
static const struct pair icmp_types[] = {
	{"0", "129"},
	{"echo-reply", "129"},
	{"pong", "129"},
	{"8", "128"},
	{"8/0", "128"},
	{"echo-request", "128"},
	{"ping", "128"},
	{"3", "1"},
	{"destination-unreachable", "1"},
	{"3/0", "1/0"},
	{"network-unreachable", "1/0"},
	{"3/1", "1/3"},
	{"host-unreachable", "1/3"},
	{"3/3", "1/4"},
	{"port-unreachable", "1/4"},
	{"3/4", "2"},
	{"fragmentation-needed", "2"},
	{"3/9", "1/1"},
	{"network-prohibited", "1/1"},
	{"3/10", "1/1"},
	{"host-prohibited", "1/1"},
	{"3/13", "1/1"},
	{"communication-prohibited", "1/1"},
	{"9", "134"},
	{"router-advertisement", "134"},
	{"10", "133"},
	{"router-solicitation", "133"},
	{"11", "3"},
	{"time-exceeded", "3"},
	{"ttl-exceeded", "3"},
	{"11/0", "3/0"},
	{"ttl-zero-during-transit", "3/0"},
	{"11/1", "3/1"},
	{"ttl-zero-during-reassembly", "3/1"},
	{"12", "4"},
	{"parameter-problem", "4"},
};

/* iptables takes the names without "icmp-" too, and short ones. */
static const struct pair answers[] = {
	{"icmp-net-unreachable", "icmp6-no-route"},
	{"net-unreach", "icmp6-no-route"},
	{"icmp-host-unreachable", "icmp6-addr-unreachable"},
	{"host-unreach", "icmp6-addr-unreachable"},
	{"icmp-port-unreachable", "icmp6-port-unreachable"},
	{"port-unreach", "icmp6-port-unreachable"},
	{"icmp-proto-unreachable", "icmp6-port-unreachable"},
	{"proto-unreach", "icmp6-port-unreachable"},
	{"icmp-net-prohibited", "icmp6-adm-prohibited"},
	{"net-prohib", "icmp6-adm-prohibited"},
	{"icmp-host-prohibited", "icmp6-adm-prohibited"},
	{"host-prohib", "icmp6-adm-prohibited"},
	{"icmp-admin-prohibited", "icmp6-adm-prohibited"},
	{"admin-prohib", "icmp6-adm-prohibited"},
	{"tcp-reset", "tcp-reset"},
	{"tcp-rst", "tcp-reset"},
};

static const struct pair matches[] = {
	{"icmp", "icmp6"}, {"ttl", "hl"}, {"set", NULL}, {"realm", NULL}, {"ipv4options", NULL},
};

static const struct pair protocols[] = {
	{"icmp", "ipv6-icmp"},
	{"1", "ipv6-icmp"},
};

static const struct pair targets[] = {
	{"TTL", "HL"},
	{"CLUSTERIP", NULL},
	{"ULOG", NULL},
	{"ECN", NULL},
};

static const struct pair renamed[] = {
	{"--ttl-eq", "--hl-eq"},   {"--ttl-lt", "--hl-lt"},   {"--ttl-gt", "--hl-gt"},
	{"--ttl-set", "--hl-set"}, {"--ttl-dec", "--hl-dec"}, {"--ttl-inc", "--hl-inc"},
};

#define COUNT(list) (sizeof(list) / sizeof(*(list)))

static const struct pair *pair_find(const struct pair *pairs, size_t count, const char *text)
{
	for (size_t i = 0; i < count; i++) {
		if (str_eq(pairs[i].v4, text))
			return &pairs[i];
	}
	return NULL;
}

/* The first argument by the table; what is not in it means the same, or has no twin. */
static enum twin_result turn(struct rules_option *option, const struct pair *pairs, size_t count)
{
	const struct pair *pair =
		option->args.len ? pair_find(pairs, count, option->args.items[0].text) : NULL;

	if (!pair)
		return TWIN_KEEP;
	if (!pair->v6)
		return TWIN_NONE;
	rules_word_set(&option->args.items[0], pair->v6);
	return TWIN_KEEP;
}

static enum twin_result icmp_turn(struct rules_option *option)
{
	const char *type = option->args.len ? option->args.items[0].text : "";
	const struct pair *pair = pair_find(icmp_types, COUNT(icmp_types), type);

	if ((str_eq(type, "any") || str_eq(type, "255")) && !option->negated)
		return TWIN_REMOVE;
	if (!pair)
		return TWIN_NONE;
	rules_option_rename(option, "--icmpv6-type");
	rules_word_set(&option->args.items[0], pair->v6);
	return TWIN_KEEP;
}

static enum twin_result answer_turn(struct rules_option *option)
{
	const char *answer = option->args.len ? option->args.items[0].text : "";

	if (str_starts(answer, "icmp6-"))
		return TWIN_KEEP;
	return pair_find(answers, COUNT(answers), answer) ? turn(option, answers, COUNT(answers))
							  : TWIN_NONE;
}

enum twin_result twin_option(struct arena *arena, const struct rules_command *command,
			     struct rules_option *option, const char **ret_reason)
{
	const char *value = option->args.len ? option->args.items[0].text : "";
	const struct pair *name = pair_find(renamed, COUNT(renamed), option->name);
	enum twin_result result = TWIN_KEEP;

	(void)command;
	if (name)
		rules_option_rename(option, name->v6);
	else if (str_eq(option->name, "-p"))
		result = turn(option, protocols, COUNT(protocols));
	else if (str_eq(option->name, "-m"))
		result = turn(option, matches, COUNT(matches));
	else if (str_eq(option->name, "-j"))
		result = turn(option, targets, COUNT(targets));
	else if (str_eq(option->name, "--icmp-type"))
		result = icmp_turn(option);
	else if (str_eq(option->name, "--reject-with"))
		result = answer_turn(option);
	else if (str_eq(option->name, "-f"))
		result = TWIN_NONE;
	if (result == TWIN_NONE)
		*ret_reason = arena_printf(arena, "'%s%s%s' means something of IPv4", option->name,
					   *value ? " " : "", value);
	return result;
}
