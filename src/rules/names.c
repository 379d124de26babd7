/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of commands and options, and which of them mean the same. */
#include <string.h>

#include "rules/parts.h"

static const struct rules_name letters[128] = {
	['A'] = {"-A", NAME_VERB, 0, RULES_APPEND},
	['D'] = {"-D", NAME_VERB, 0, RULES_DELETE},
	['E'] = {"-E", NAME_VERB, 0, RULES_RENAME},
	['F'] = {"-F", NAME_VERB, 0, RULES_FLUSH},
	['I'] = {"-I", NAME_VERB, 0, RULES_INSERT},
	['N'] = {"-N", NAME_VERB, 0, RULES_NEW_CHAIN},
	['P'] = {"-P", NAME_VERB, 0, RULES_POLICY},
	['R'] = {"-R", NAME_VERB, 0, RULES_REPLACE},
	['X'] = {"-X", NAME_VERB, 0, RULES_DELETE_CHAIN},
	['Z'] = {"-Z", NAME_VERB, 0, RULES_ZERO},
	['C'] = {"-C", NAME_REFUSED, 0, 0},
	['L'] = {"-L", NAME_REFUSED, 0, 0},
	['S'] = {"-S", NAME_REFUSED, 0, 0},
	['V'] = {"-V", NAME_REFUSED, 0, 0},
	['h'] = {"-h", NAME_REFUSED, 0, 0},
	['t'] = {"-t", NAME_REFUSED, 0, 0},
	['4'] = {"-4", NAME_OPTION, ARGS_NONE, 0},
	['6'] = {"-6", NAME_OPTION, ARGS_NONE, 0},
	['c'] = {"-c", NAME_OPTION, ARGS_TWO, 0},
	['d'] = {"-d", NAME_OPTION, ARGS_APART, 0},
	['f'] = {"-f", NAME_OPTION, ARGS_NONE, 0},
	['g'] = {"-g", NAME_OPTION, ARGS_APART, 0},
	['i'] = {"-i", NAME_OPTION, ARGS_APART, 0},
	['j'] = {"-j", NAME_OPTION, ARGS_APART, 0},
	['m'] = {"-m", NAME_OPTION, ARGS_ONE, 0},
	['o'] = {"-o", NAME_OPTION, ARGS_APART, 0},
	['p'] = {"-p", NAME_OPTION, ARGS_APART, 0},
	['s'] = {"-s", NAME_OPTION, ARGS_APART, 0},
};

struct long_name {
	const char *name;
	uint8_t len;
	char letter; /* of the short name that means the same, or 0 */
	struct rules_name is;
};

#define SHORT(name, letter)                                                                        \
	{                                                                                          \
		name, sizeof(name) - 1, letter,                                                    \
		{                                                                                  \
			0                                                                          \
		}                                                                                  \
	}
#define OPTION(name, canonical, args)                                                              \
	{                                                                                          \
		name, sizeof(name) - 1, 0,                                                         \
		{                                                                                  \
			canonical, NAME_OPTION, args, 0                                            \
		}                                                                                  \
	}
#define SAME(name, args) OPTION(name, name, args)

/* The usual ones first: it is looked through from the front. */
static const struct long_name long_names[] = {
	SAME("--dport", ARGS_ONE),
	SAME("--state", ARGS_ONE),
	SAME("--ctstate", ARGS_ONE),
	SAME("--comment", ARGS_TEXT),
	SAME("--dports", ARGS_ONE),
	SAME("--tcp-flags", ARGS_TWO),
	SAME("--reject-with", ARGS_ONE),
	SAME("--log-prefix", ARGS_TEXT),
	SAME("--log-level", ARGS_ONE),
	SAME("--limit", ARGS_ONE),
	SAME("--limit-burst", ARGS_ONE),
	SAME("--ctorigdstport", ARGS_ONE),
	SAME("--ctorigdst", ARGS_ONE),
	SAME("--sport", ARGS_ONE),
	SAME("--sports", ARGS_ONE),
	SAME("--ports", ARGS_ONE),
	SAME("--icmp-type", ARGS_ONE),
	SAME("--icmpv6-type", ARGS_ONE),
	SAME("--src-range", ARGS_ONE),
	SAME("--dst-range", ARGS_ONE),
	SAME("--syn", ARGS_NONE),
	SAME("--nflog-prefix", ARGS_TEXT),
	SAME("--string", ARGS_TEXT),
	SAME("--hex-string", ARGS_TEXT),
	OPTION("--source-port", "--sport", ARGS_ONE),
	OPTION("--destination-port", "--dport", ARGS_ONE),
	OPTION("--source-ports", "--sports", ARGS_ONE),
	OPTION("--destination-ports", "--dports", ARGS_ONE),
	SHORT("--append", 'A'),
	SHORT("--check", 'C'),
	SHORT("--delete", 'D'),
	SHORT("--rename-chain", 'E'),
	SHORT("--rename", 'E'),
	SHORT("--flush", 'F'),
	SHORT("--insert", 'I'),
	SHORT("--list", 'L'),
	SHORT("--new-chain", 'N'),
	SHORT("--new", 'N'),
	SHORT("--policy", 'P'),
	SHORT("--replace", 'R'),
	SHORT("--list-rules", 'S'),
	SHORT("--version", 'V'),
	SHORT("--delete-chain", 'X'),
	SHORT("--zero", 'Z'),
	SHORT("--ipv4", '4'),
	SHORT("--ipv6", '6'),
	SHORT("--set-counters", 'c'),
	SHORT("--destination", 'd'),
	SHORT("--dst", 'd'),
	SHORT("--fragment", 'f'),
	SHORT("--fragments", 'f'),
	SHORT("--goto", 'g'),
	SHORT("--help", 'h'),
	SHORT("--in-interface", 'i'),
	SHORT("--jump", 'j'),
	SHORT("--match", 'm'),
	SHORT("--out-interface", 'o'),
	SHORT("--protocol", 'p'),
	SHORT("--proto", 'p'),
	SHORT("--source", 's'),
	SHORT("--src", 's'),
	SHORT("--table", 't'),
};

const struct rules_name *rules_name_find(const char *text, uint32_t len)
{
	if (len < 2 || text[0] != '-')
		return NULL;
	if (len == 2) {
		uint8_t letter = (uint8_t)text[1];

		return letter < 128 && letters[letter].canonical ? &letters[letter] : NULL;
	}
	for (size_t i = 0; i < sizeof(long_names) / sizeof(long_names[0]); i++) {
		const struct long_name *name = &long_names[i];

		if (name->len == len && memcmp(name->name, text, len) == 0)
			return name->letter ? &letters[(uint8_t)name->letter] : &name->is;
	}
	return NULL;
}

const char *rules_verb_name(enum rules_verb verb)
{
	for (size_t i = 'A'; i <= 'Z'; i++) {
		if (letters[i].canonical && letters[i].kind == NAME_VERB &&
		    letters[i].verb == (uint8_t)verb)
			return letters[i].canonical;
	}
	return NULL;
}
