/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules for containers of a rules file as a table of our own, for an engine that has no
 * DOCKER-USER chain: Docker's nftables backend.
 *
 *	table inet wharfwall {
 *		chain forward { type filter hook forward priority -10; policy accept;
 *			meta nfproto ipv4 jump docker_user; meta nfproto ipv6 jump docker_user_6 }
 *		chain docker_user { ... }		DOCKER-USER, and a chain for each it reaches
 *		chain loaded { return comment "..." }	the marker
 *	}
 *
 * The forward chain is asked before the engine's own.  What it drops or rejects is gone; ACCEPT and
 * RETURN of DOCKER-USER both leave the packet to the engine, which still refuses what it does not
 * publish (under iptables ACCEPT skips that too: a warning, W0951, where the rule does not only
 * speak of known connections).  A match or target that the table cannot hold is an error, E0871, at
 * its place: nothing is left out silently.
 */
#pragma once

#include "base/diag.h"
#include "ir/ir.h"
#include "rules/rules.h"

#define TABLE_FAMILIES 2 /* IPv4, IPv6 */

struct table_marker {
	const char *table;   /* COMPILE_TABLE_NAME */
	const char *chain;   /* COMPILE_MARKER_CHAIN */
	const char *comment; /* compile_marker_rules() */
};

/* True if the file fills DOCKER-USER of the filter table. */
bool table_is_wanted(const struct rules_file *file);
/*
 * The files as they would be loaded: without placeholders, [0] for IPv4, [1] for IPv6 or NULL (its
 * packets then pass).  NULL with errors in diags when something cannot be said.  Deterministic.
 */
struct ir_table *table_lift(struct arena *arena, const struct rules_file *const files[],
			    const struct table_marker *marker, struct diag_list *diags);
/*
 * What is left for iptables-restore: a copy without the lines of DOCKER-USER and the jumps to it.
 * The chains it reaches stay, nobody jumps to them.  Where the file's policy of FORWARD is DROP,
 * the engine's bridges pass at the end of FORWARD: it cannot accept there any more, only its own
 * table decides.
 */
struct rules_file *table_rest(struct arena *arena, const struct rules_file *file);
/* True for a rule that table_rest() has made. */
bool table_is_pass(const struct rules_line *line);
/* The same of a line that iptables-save has written. */
bool table_text_is_pass(const char *line);
