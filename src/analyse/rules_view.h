/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A rules file as chains, each with its rules in the order in which a packet meets them, and what
 * becomes of a packet there.  All answers are sets of what may happen: what a rule says is not
 * always understood, and neither is all of a packet known.
 */
#pragma once

#include "base/hash.h"
#include "rules/match.h"

#define RULES_VIEW_DEPTH_MAX 32u /* chains that call chains; deeper is not understood */

struct rules_view_chain;

struct rules_view_rule {
	const struct rules_line *line;
	struct rules_match match;
	bool unreached;		       /* no packet comes to it (marked by who asks) */
	struct rules_view_chain *jump; /* where -j or -g leads, NULL if not in the file */
};

struct rules_view_chain {
	const char *table;
	const char *name;
	const char *policy;		/* "ACCEPT", "DROP"; NULL: not said, or no built-in chain */
	const struct rules_line *first; /* the first line that names it */
	const struct rules_line *policy_line; /* where policy was said, or NULL */
	uint8_t hooks;	/* of the filter table: bits of enum rules_hook, through jumps of this file
			 */
	bool flushed;	/* emptied by -F, or by the ':' line of a chain that is not built in */
	bool uncertain; /* rules are taken out, replaced or put at places: the order is not known */
	bool takes_all; /* what enters is accepted or refused there: nothing comes back */
	bool asked;	/* takes_all was looked for */
	bool called;	/* some rule of the file leads here; */
	bool called_freely; /* one without a limit (both marked by who asks) */
	VEC(struct rules_view_rule *) rules;
};

struct rules_view {
	struct arena *arena;
	const struct rules_file *file;
	const char *const *external; /* what the placeholder stands for */
	uint32_t external_count;
	struct hash_index index;	       /* "table chain" -> number in chains */
	struct rules_view_chain *recent;       /* that was asked for last while reading */
	VEC(struct rules_view_chain *) chains; /* in the order of the file */
};

void rules_view_make(struct arena *arena, const struct rules_file *file, struct rules_view *ret);
/* NULL if the file does not name it. */
struct rules_view_chain *rules_view_find(const struct rules_view *view, const char *table,
					 const char *name);

/* From where packets come into a chain: bits. */
enum rules_hook {
	RULES_HOOK_INPUT = 1 << 0,
	RULES_HOOK_FORWARD = 1 << 1, /* DOCKER-USER too */
	RULES_HOOK_OUTPUT = 1 << 2,
	RULES_HOOK_DOCKER_USER = 1 << 3,
};

/* What may become of a packet in a chain: bits. */
enum rules_fate {
	RULES_FATE_ACCEPTED = 1 << 0,
	RULES_FATE_REFUSED = 1 << 1,
	RULES_FATE_GOES_ON = 1 << 2, /* back to the chain that called */
};

/* Stands for any interface that is not this host's own. */
#define RULES_PROBE_OUTSIDE "?"

/* A new connection's first packet.  What is zero is not known. */
struct rules_probe {
	uint8_t family;	  /* IP_NONE: either */
	uint8_t protocol; /* always known */
	const char *in;	  /* NULL: none, as in OUTPUT */
	const char *out;  /* NULL: none, as in INPUT */
	struct ip_addr src;
	struct ip_addr dst;
	uint16_t sport;
	uint16_t dport; /* always known */
};

struct rules_outcome {
	uint8_t fates; /* bits of enum rules_fate; never GOES_ON of a base chain */
	const struct rules_view_rule *last; /* that surely refuses; NULL: the policy */
};

/* In a base chain of the filter table, policy included. */
struct rules_outcome rules_view_walk(const struct rules_view *view,
				     const struct rules_view_chain *chain,
				     const struct rules_probe *probe);
/* The rule looks at nothing: every packet matches. */
bool rules_rule_is_plain(const struct rules_view_rule *rule);
/* The rule decides each packet it matches: nothing behind it sees that packet. */
bool rules_rule_decides(const struct rules_view_rule *rule);
/* True if the name may be meant: exactly, by the wildcard, or as one of the placeholder's. */
bool rules_view_iface_is(const struct rules_view *view, const struct rules_iface *iface,
			 const char *name);
/* Place of the first argument of the first option of one of the names (ended by NULL); of the whole
 * line if there is none. */
struct origin rules_view_place(const struct rules_line *line, const char *const *names);
/* Place of the target's name, as in "-j DROP". */
struct origin rules_view_target_place(const struct rules_line *line);
