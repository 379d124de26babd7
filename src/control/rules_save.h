/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What iptables-save printed: the live rules, chain by chain, as they were written. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/vec.h"

struct save_chain {
	const char *table;
	const char *name;
	const char *policy;	 /* "ACCEPT", "DROP"; "-" of a chain that somebody made */
	const char *head;	 /* ":INPUT ACCEPT [0:0]" */
	VEC(const char *) lines; /* "-A INPUT -i lo -j ACCEPT" */
};

struct save {
	VEC(struct save_chain *) chains;
};

/* Reads it; text is cut up in place.  What is no chain and no rule is passed over. */
void save_parse(struct arena *arena, char *text, struct save *ret);
const struct save_chain *save_find(const struct save *save, const char *table, const char *name);
/* Some chain refuses or has a rule: not just the empty chains of a table that somebody looked at.
 */
bool save_holds_rules(const struct save *save);
/* The chain has rules of a container engine, or the jump to DOCKER-USER, beside those of others. */
bool save_chain_is_shared(const struct save_chain *chain);
bool save_chain_has(const struct save_chain *chain, const char *line);
/* A chain that only a container engine makes: it manages its rules in this place. */
bool save_holds_engine(const struct save *save);
/* DOCKER-USER, which rules files make too, when the engine has never run. */
bool save_holds_user_chain(const struct save *save);
