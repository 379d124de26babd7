/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a rule says: its options one by one, the first that is not understood is remembered. */
#include "rules/match.h"

#include <string.h>

#include "base/protocol.h"
#include "base/str.h"
#include "rules/match_parts.h"

struct matcher {
	struct arena *arena;
	const struct rules_file *file;
	const struct rules_line *line;
	struct rules_match *match;
};

static const char *value_of(const struct rules_option *option)
{
	return option->args.len ? option->args.items[0].text : "";
}

/* Two options that name another family each match nothing; the first one is kept. */
static bool family_note(struct rules_match *match, uint8_t family)
{
	if (match->family != IP_NONE && match->family != family)
		return false;
	match->family = family;
	return true;
}

static bool iface_read(struct matcher *m, const struct rules_option *option,
		       struct rules_iface *ret)
{
	const char *name = value_of(option);
	size_t len = strlen(name);

	if (!len || ret->name)
		return false;
	ret->wildcard = name[len - 1] == '+';
	ret->negated = option->negated;
	ret->name = ret->wildcard ? arena_strndup(m->arena, name, len - 1) : name;
	return true;
}

static bool addrs_read(struct matcher *m, const struct rules_option *option, bool range,
		       struct rules_addrs *ret)
{
	const char *text = value_of(option);

	if (ret->prefixes.len)
		return false;
	ret->negated = option->negated;
	if (!(range ? match_addr_range(m->arena, text, ret) : match_addrs(m->arena, text, ret))) {
		ret->prefixes.len = 0;
		return false;
	}
	return family_note(m->match, ret->prefixes.items[0].family);
}

static bool ports_read(struct matcher *m, const struct rules_option *option,
		       struct rules_ports *ret)
{
	if (ret->ranges.len)
		return false;
	ret->negated = option->negated;
	if (match_ports(m->arena, value_of(option), ret))
		return true;
	ret->ranges.len = 0;
	return false;
}

static bool protocol_read(struct matcher *m, const struct rules_option *option)
{
	struct rules_match *match = m->match;

	if (!match_protocol(value_of(option), &match->protocol))
		return false;
	match->protocol_negated = option->negated;
	if (option->negated)
		return match->protocol != 0;
	if (match->protocol == PROTOCOL_ICMP)
		return family_note(match, IP_V4);
	return match->protocol != PROTOCOL_ICMPV6 || family_note(match, IP_V6);
}

static bool states_read(struct matcher *m, const struct rules_option *option)
{
	if (m->match->states)
		return false;
	m->match->states_negated = option->negated;
	return match_states(value_of(option), &m->match->states);
}

static bool icmp_read(struct matcher *m, const struct rules_option *option, bool six)
{
	m->match->icmp_negated = option->negated;
	return match_icmp(value_of(option), six, m->match) &&
	       (m->match->has_icmp_type || !option->negated) &&
	       family_note(m->match, six ? IP_V6 : IP_V4);
}

/* --syn, and the flags that it stands for. */
static bool flags_read(struct matcher *m, const struct rules_option *option)
{
	bool is_syn = str_eq(option->name, "--syn");

	if (!is_syn)
		is_syn = option->args.len == 2 && str_eq(value_of(option), "FIN,SYN,RST,ACK") &&
			 str_eq(option->args.items[1].text, "SYN");
	m->match->syn_only = is_syn && !option->negated;
	return m->match->syn_only;
}

static bool limit_read(struct matcher *m, const struct rules_option *option)
{
	struct rules_match *match = m->match;
	const char *value = value_of(option);

	/* Beside a hashlimit: one of the two would be forgotten. */
	if (match->has_limit && !match->limit && !match->burst)
		return false;
	match->has_limit = true;
	if (str_eq(option->name, "--limit-burst"))
		return str_parse_u32(value, strlen(value), 1, UINT32_MAX, &match->burst);
	return match_limit(value, match) && !option->negated;
}

/* Modules whose options are all told by their own names below. */
static bool module_read(struct matcher *m, const struct rules_option *option)
{
	static const char *const known[] = {
		"tcp",	     "udp",   "sctp",	 "dccp",  "udplite", "icmp",	  "icmp6",
		"multiport", "state", "comment", "limit", "iprange", "conntrack", "hashlimit",
	};

	if (str_eq(value_of(option), "hashlimit")) {
		if (m->match->has_limit)
			return false;
		m->match->has_limit = true;
	}
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (str_eq(known[i], value_of(option)))
			return true;
	}
	return false;
}

static bool is_chain(const struct rules_file *file, const char *table, const char *name)
{
	/* The engine's chains are there, whether the file names them or not. */
	if (str_starts(name, "DOCKER"))
		return true;
	vec_each (&file->lines, line) {
		bool makes = line->kind == RULES_CHAIN || (line->kind == RULES_COMMAND &&
							   line->command->verb == RULES_NEW_CHAIN);

		if (makes && line->name && str_eq(line->name, name) &&
		    (!table || !line->table || str_eq(line->table, table)))
			return true;
	}
	return false;
}

static const struct {
	const char *name;
	enum rules_target target;
} targets[] = {
	{"ACCEPT", RULES_TARGET_ACCEPT}, {"DROP", RULES_TARGET_DROP},
	{"REJECT", RULES_TARGET_REJECT}, {"RETURN", RULES_TARGET_RETURN},
	{"LOG", RULES_TARGET_LOG},	 {"NFLOG", RULES_TARGET_LOG},
};

static bool target_read(struct matcher *m, const struct rules_option *option)
{
	const char *name = value_of(option);
	bool goes = str_eq(option->name, "-g");

	m->match->jump = name;
	m->match->target = RULES_TARGET_OTHER;
	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++) {
		if (!goes && str_eq(targets[i].name, name))
			m->match->target = (uint8_t)targets[i].target;
	}
	if (m->match->target == RULES_TARGET_OTHER && is_chain(m->file, m->line->table, name))
		m->match->target = goes ? RULES_TARGET_GOTO : RULES_TARGET_JUMP;
	return true;
}

/* Options that change nothing of what is matched. */
static bool is_silent(const struct rules_option *option)
{
	static const char *const names[] = {"-c",
					    "--log-level",
					    "--log-uid",
					    "--log-ip-options",
					    "--log-tcp-options",
					    "--log-tcp-sequence",
					    "--log-macdecode"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (str_eq(names[i], option->name))
			return true;
	}
	return str_starts(option->name, "--nflog-") || str_starts(option->name, "--hashlimit-");
}

static bool text_read(struct matcher *m, const struct rules_option *option)
{
	struct rules_match *match = m->match;

	if (str_eq(option->name, "--comment"))
		match->comment = value_of(option);
	else if (str_eq(option->name, "--log-prefix") || str_eq(option->name, "--nflog-prefix"))
		match->log_prefix = value_of(option);
	else if (str_eq(option->name, "--reject-with"))
		match->reject_with = value_of(option);
	else
		return is_silent(option);
	return true;
}

enum kind {
	KIND_PROTOCOL,
	KIND_IN,
	KIND_OUT,
	KIND_FROM,
	KIND_TO,
	KIND_FROM_RANGE,
	KIND_TO_RANGE,
	KIND_DIALLED_ADDR,
	KIND_SPORTS,
	KIND_DPORTS,
	KIND_DIALLED,
	KIND_STATES,
	KIND_ICMP,
	KIND_ICMP6,
	KIND_FLAGS,
	KIND_LIMIT,
	KIND_MODULE,
	KIND_TARGET,
	KIND_V4,
	KIND_V6,
	KIND_TEXT,
};

static enum kind kind_of(const char *name)
{
	static const struct {
		const char *name;
		enum kind kind;
	} kinds[] = {
		{"-m", KIND_MODULE},
		{"-p", KIND_PROTOCOL},
		{"-j", KIND_TARGET},
		{"-g", KIND_TARGET},
		{"-i", KIND_IN},
		{"-o", KIND_OUT},
		{"-s", KIND_FROM},
		{"-d", KIND_TO},
		{"--dport", KIND_DPORTS},
		{"--dports", KIND_DPORTS},
		{"--sport", KIND_SPORTS},
		{"--sports", KIND_SPORTS},
		{"--ctstate", KIND_STATES},
		{"--state", KIND_STATES},
		{"--ctorigdstport", KIND_DIALLED},
		{"--ctorigdst", KIND_DIALLED_ADDR},
		{"--src-range", KIND_FROM_RANGE},
		{"--dst-range", KIND_TO_RANGE},
		{"--icmp-type", KIND_ICMP},
		{"--icmpv6-type", KIND_ICMP6},
		{"--syn", KIND_FLAGS},
		{"--tcp-flags", KIND_FLAGS},
		{"--limit", KIND_LIMIT},
		{"--limit-burst", KIND_LIMIT},
		{"-4", KIND_V4},
		{"-6", KIND_V6},
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (str_eq(kinds[i].name, name))
			return kinds[i].kind;
	}
	return KIND_TEXT;
}

static bool option_read(struct matcher *m, const struct rules_option *option)
{
	struct rules_match *match = m->match;

	switch (kind_of(option->name)) {
	case KIND_PROTOCOL:
		return protocol_read(m, option);
	case KIND_IN:
		return iface_read(m, option, &match->in);
	case KIND_OUT:
		return iface_read(m, option, &match->out);
	case KIND_FROM:
		return addrs_read(m, option, false, &match->from);
	case KIND_TO:
		return addrs_read(m, option, false, &match->to);
	case KIND_FROM_RANGE:
		return addrs_read(m, option, true, &match->from);
	case KIND_TO_RANGE:
		return addrs_read(m, option, true, &match->to);
	case KIND_DIALLED_ADDR:
		return addrs_read(m, option, false, &match->dialled_addr);
	case KIND_SPORTS:
		return ports_read(m, option, &match->sports);
	case KIND_DPORTS:
		return ports_read(m, option, &match->dports);
	case KIND_DIALLED:
		return ports_read(m, option, &match->dialled);
	case KIND_STATES:
		return states_read(m, option);
	case KIND_ICMP:
		return icmp_read(m, option, false);
	case KIND_ICMP6:
		return icmp_read(m, option, true);
	case KIND_FLAGS:
		return flags_read(m, option);
	case KIND_LIMIT:
		return limit_read(m, option);
	case KIND_MODULE:
		return module_read(m, option);
	case KIND_TARGET:
		return target_read(m, option);
	case KIND_V4:
		return family_note(match, IP_V4);
	case KIND_V6:
		return family_note(match, IP_V6);
	case KIND_TEXT:
		return text_read(m, option);
	}
	return false;
}

void rules_match_read(struct arena *arena, const struct rules_file *file,
		      const struct rules_line *line, struct rules_match *ret)
{
	struct matcher m = {.arena = arena, .file = file, .line = line, .match = ret};

	*ret = (struct rules_match){0};
	vec_each (&line->command->options, option) {
		/* What stands behind an extension's name is about what it does. */
		if (ret->target == RULES_TARGET_OTHER && kind_of(option->name) == KIND_TEXT) {
			(void)text_read(&m, option);
			continue;
		}
		if (!option_read(&m, option) && !ret->opaque)
			ret->opaque = option;
	}
}
