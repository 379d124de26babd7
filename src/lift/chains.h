/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The chains of the filter table as a rules file leaves them when it is loaded by `rules apply`:
 * its commands are carried out in their order on empty chains.  Rules are understood as far as
 * rules/match.h does.
 */
#pragma once

#include "rules/match.h"

struct lift_rule {
	const struct rules_line *line;
	struct rules_match match;
};

struct lift_chain {
	const char *name;
	const char *policy; /* "ACCEPT", "DROP"; NULL: not said, or a chain of the user's */
	VEC(struct lift_rule) rules;
};

struct lift_chains {
	VEC(struct lift_chain *) items; /* those that the file names, in its order */
};

/* A chain that the file deletes is not there.  Points into the file. */
void lift_chains_make(struct arena *arena, const struct rules_file *file, struct lift_chains *ret);
/* NULL if the file does not name it, or name is NULL. */
const struct lift_chain *lift_chains_find(const struct lift_chains *chains, const char *name);

/* A target that lets the packet go on to the next rule: LOG, NFLOG, MARK ..., or none at all. */
bool lift_rule_goes_on(const struct rules_match *match);
/* "docker0", "br-..." and the like: what engines call the bridges of container networks. */
bool lift_is_container_name(const char *name, bool wildcard);
/* The interface's pattern takes a name; false for one that is not given. */
bool lift_iface_takes(const struct rules_iface *iface, const char *name);
