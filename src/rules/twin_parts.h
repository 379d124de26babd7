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
 * Chains of the filter table that refuse accept first what IPv6 cannot do without: neighbour and
 * router discovery (RFC 4890; hop limit 255: it was not routed) and multicast listeners (hop
 * limit 1).
 */
struct rules_file *twin_neighbours(struct arena *arena, const struct rules_file *file);
