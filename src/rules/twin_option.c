/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options that mean IPv4, and their twins. */
#include "rules/twin_parts.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "rules/edit.h"

struct pair {
	const char *v4;
	const char *v6; /* NULL: there is none */
};

/* By number and name; numbers are written, which every version of ip6tables takes. */
static const struct pair icmp_types[] = {
	{"0", "129"},
	{"0/0", "129"},
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
	{"3/2", "4/1"}, /* a next header that is not known */
	{"protocol-unreachable", "4/1"},
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
	{"5", "137"},
	{"redirect", "137"},
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
	{"12/0", "4/0"},
	{"ip-header-bad", "4/0"},
};

/* In the order of iptables, which takes the first one that begins like what is written. */
static const struct pair answers[] = {
	{"icmp-net-unreachable", "icmp6-no-route"},
	{"net-unreach", "icmp6-no-route"},
	{"icmp-host-unreachable", "icmp6-addr-unreachable"},
	{"host-unreach", "icmp6-addr-unreachable"},
	{"icmp-proto-unreachable", "icmp6-port-unreachable"},
	{"proto-unreach", "icmp6-port-unreachable"},
	{"icmp-port-unreachable", "icmp6-port-unreachable"},
	{"port-unreach", "icmp6-port-unreachable"},
	{"icmp-net-prohibited", "icmp6-adm-prohibited"},
	{"net-prohib", "icmp6-adm-prohibited"},
	{"icmp-host-prohibited", "icmp6-adm-prohibited"},
	{"host-prohib", "icmp6-adm-prohibited"},
	{"tcp-reset", "tcp-reset"},
	{"tcp-rst", "tcp-reset"},
	{"icmp-admin-prohibited", "icmp6-adm-prohibited"},
	{"admin-prohib", "icmp6-adm-prohibited"},
};

/* u32 and bpf count bytes of an IPv4 header: ip6tables would take them, and match anything. */
static const struct pair matches[] = {
	{"icmp", "icmp6"},     {"ttl", "hl"}, {"set", NULL}, {"realm", NULL},
	{"ipv4options", NULL}, {"osf", NULL}, {"u32", NULL}, {"bpf", NULL},
};

static const struct pair protocols[] = {
	{"icmp", "ipv6-icmp"},
	{"1", "ipv6-icmp"},
};

static const struct pair targets[] = {
	{"TTL", "HL"}, {"CLUSTERIP", NULL}, {"ULOG", NULL}, {"ECN", NULL}, {"SET", NULL},
};

static const struct pair renamed[] = {
	{"--ttl", "--hl-eq"},	   {"--ttl-eq", "--hl-eq"},   {"--ttl-lt", "--hl-lt"},
	{"--ttl-gt", "--hl-gt"},   {"--ttl-set", "--hl-set"}, {"--ttl-dec", "--hl-dec"},
	{"--ttl-inc", "--hl-inc"},
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

/*
 * In any case and by its beginning, as iptables takes names; numbers as they are.  No table has a
 * beginning of two meanings before one that iptables would refuse.
 */
static const struct pair *pair_find_short(const struct pair *pairs, size_t count, const char *text)
{
	const struct pair *pair = pair_find(pairs, count, text);

	if (pair || !isalpha((unsigned char)*text))
		return pair;
	for (size_t i = 0; i < count; i++) {
		if (strncasecmp(pairs[i].v4, text, strlen(text)) == 0)
			return &pairs[i];
	}
	return NULL;
}

static const char *value_of(const struct rules_option *option)
{
	return option->args.len ? option->args.items[0].text : "";
}

/* The first argument by what was found; what is in no table means the same. */
static enum twin_result turn(struct rules_option *option, const struct pair *pair)
{
	if (!pair)
		return TWIN_KEEP;
	if (!pair->v6)
		return TWIN_NONE;
	rules_word_set(&option->args.items[0], pair->v6);
	return TWIN_KEEP;
}

static bool is_any_type(const struct rules_option *option)
{
	return !option->negated &&
	       (strcasecmp(value_of(option), "any") == 0 || str_eq(value_of(option), "255"));
}

static enum twin_result icmp_turn(struct rules_option *option)
{
	const struct pair *pair = pair_find_short(icmp_types, COUNT(icmp_types), value_of(option));

	if (is_any_type(option))
		return TWIN_REMOVE;
	if (!pair)
		return TWIN_NONE;
	rules_option_rename(option, "--icmpv6-type");
	return turn(option, pair);
}

/* icmp6 wants a type, and has none for "any". */
static enum twin_result match_turn(const struct rules_command *command, struct rules_option *option)
{
	const struct rules_option *type = rules_option_find(command, "--icmp-type");

	if (str_eq(value_of(option), "icmp") && !rules_option_find(command, "--icmpv6-type") &&
	    (!type || is_any_type(type)))
		return TWIN_REMOVE;
	return turn(option, pair_find(matches, COUNT(matches), value_of(option)));
}

static enum twin_result answer_turn(struct rules_option *option)
{
	const struct pair *pair = pair_find_short(answers, COUNT(answers), value_of(option));

	if (str_starts(value_of(option), "icmp6-"))
		return TWIN_KEEP;
	return pair ? turn(option, pair) : TWIN_NONE;
}

/* "LOCAL,BROADCAST": IPv6 has no broadcast, so nothing is lost; the kernel refuses the word. */
static enum twin_result type_turn(struct arena *arena, struct rules_option *option)
{
	static const char *const known[] = {"UNSPEC",  "UNICAST",   "LOCAL",
					    "ANYCAST", "MULTICAST", "UNREACHABLE"};
	const char *at = value_of(option);
	const char *left = "";

	while (*at) {
		size_t len = strcspn(at, ",");
		const char *piece = arena_strndup(arena, at, len);
		size_t i = 0;

		at += len + (at[len] == ',');
		while (i < COUNT(known) && strcasecmp(known[i], piece) != 0)
			i++;
		if (i < COUNT(known))
			left = arena_printf(arena, "%s%s%s", left, *left ? "," : "", piece);
		else if (strcasecmp(piece, "BROADCAST") != 0)
			return TWIN_NONE;
	}
	if (!*left)
		return TWIN_NONE;
	if (!str_eq(left, value_of(option)))
		rules_word_set(&option->args.items[0], left);
	return TWIN_KEEP;
}

/* So many bits of an address are one client: all of them, or nobody can say how many. */
static enum twin_result bits_turn(struct rules_option *option)
{
	if (str_eq(value_of(option), "0"))
		return TWIN_KEEP;
	if (!str_eq(value_of(option), "32"))
		return TWIN_NONE;
	rules_word_set(&option->args.items[0], "128");
	return TWIN_KEEP;
}

/* Of -m recent, which iptables-save always writes; -j CONNMARK has one that is a number. */
static enum twin_result mask_turn(struct rules_option *option)
{
	if (!strchr(value_of(option), '.'))
		return TWIN_KEEP;
	if (!str_eq(value_of(option), "255.255.255.255"))
		return TWIN_NONE;
	rules_word_set(&option->args.items[0], "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	return TWIN_KEEP;
}

static enum twin_result other_turn(struct arena *arena, struct rules_option *option)
{
	const char *name = option->name;
	const struct pair *pair = pair_find(renamed, COUNT(renamed), name);

	if (pair)
		rules_option_rename(option, pair->v6);
	else if (str_eq(name, "--src-type") || str_eq(name, "--dst-type"))
		return type_turn(arena, option);
	else if (str_eq(name, "--connlimit-mask") || str_eq(name, "--hashlimit-srcmask") ||
		 str_eq(name, "--hashlimit-dstmask"))
		return bits_turn(option);
	else if (str_eq(name, "--mask"))
		return mask_turn(option);
	else if (str_eq(name, "-f"))
		return TWIN_NONE;
	return TWIN_KEEP;
}

enum twin_result twin_option(struct arena *arena, const struct rules_command *command,
			     struct rules_option *option, const char **ret_reason)
{
	const char *value = value_of(option);
	enum twin_result result;

	if (str_eq(option->name, "-p") || str_eq(option->name, "--ctproto"))
		result = turn(option, pair_find_short(protocols, COUNT(protocols), value));
	else if (str_eq(option->name, "-m"))
		result = match_turn(command, option);
	else if (str_eq(option->name, "-j"))
		result = turn(option, pair_find(targets, COUNT(targets), value));
	else if (str_eq(option->name, "--icmp-type"))
		result = icmp_turn(option);
	else if (str_eq(option->name, "--reject-with"))
		result = answer_turn(option);
	else
		result = other_turn(arena, option);
	if (result == TWIN_NONE)
		*ret_reason = arena_printf(arena, "'%s%s%s' means something of IPv4", option->name,
					   *value ? " " : "", value);
	return result;
}
