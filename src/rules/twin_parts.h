/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What twin.c is made of; nobody else includes this. */
#pragma once

#include "rules/rules.h"

enum twin_result {
	TWIN_KEEP,   /* means the same for IPv6, maybe with other words */
	TWIN_REMOVE, /* says nothing there: the rule goes without it */
	TWIN_NONE,   /* *ret_reason says why not */
};

/* Changes one option of a rule to its twin. */
enum twin_result twin_option(struct arena *arena, const struct rules_command *command,
			     struct rules_option *option, const char **ret_reason);
/*
 * "-R INPUT 3" counts rules, of which some are left out: the rules of each chain that is changed
 * like that, as IPv4 has them.
 */
struct twin_rule {
	const struct rules_line *line;
	bool is_here; /* for IPv6 too */
};

struct twin_chain {
	const char *table;
	const char *name;
	VEC(struct twin_rule) rules;
};

struct twin_numbers {
	struct arena *arena;
	VEC(struct twin_chain) chains;
};

void twin_numbers_begin(struct twin_numbers *numbers, const struct rules_file *file);
/*
 * Notes a command and gives its twin the number of IPv6; is_here tells if its rule has a twin.
 * False: there is nothing to do for IPv6.
 */
bool twin_number(struct twin_numbers *numbers, const struct rules_line *line,
		 struct rules_line *twin, bool is_here);
/*
 * Chains that refuse accept first what IPv6 cannot do without: neighbour and
 * router discovery (RFC 4890; hop limit 255: it was not routed) and multicast listeners (hop
 * limit 1).
 */
struct rules_file *twin_neighbours(struct arena *arena, const struct rules_file *file);
