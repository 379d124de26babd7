/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A rules file: the form that iptables-save writes and iptables-restore reads, as plain data, line
 * by line.  Nothing is interpreted beyond what the form itself says: every match and target is kept
 * as it was written, known or not.
 *
 *	*filter
 *	:INPUT ACCEPT [0:0]
 *	-F INPUT
 *	[3:180] -A INPUT -i lo -m comment --comment "loopback" -j ACCEPT
 *	COMMIT
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/source.h"
#include "base/vec.h"

enum rules_line_kind {
	RULES_BLANK,
	RULES_COMMENT, /* text: with its '#' */
	RULES_TABLE,   /* "*filter": name */
	RULES_CHAIN,   /* ":INPUT ACCEPT [0:0]": name, policy, counters */
	RULES_COMMAND, /* command, name is the chain */
	RULES_COMMIT,
};

enum rules_verb {
	RULES_APPEND,	    /* -A --append */
	RULES_INSERT,	    /* -I --insert, number or 0 */
	RULES_DELETE,	    /* -D --delete, number or a rule */
	RULES_REPLACE,	    /* -R --replace, number */
	RULES_FLUSH,	    /* -F --flush, name NULL: all chains of the table */
	RULES_NEW_CHAIN,    /* -N --new-chain */
	RULES_DELETE_CHAIN, /* -X --delete-chain, name NULL: all empty ones */
	RULES_POLICY,	    /* -P --policy */
	RULES_ZERO,	    /* -Z --zero */
	RULES_RENAME,	    /* -E --rename-chain; the new name is policy */
};

/* One that we make has a text only: it is printed in quotes where it needs them. */
struct rules_word {
	const char *text;     /* without quotes and escapes; no control bytes */
	const char *raw;      /* as written; what is printed; NULL: made by us */
	const char *gap;      /* what parts it from the word before, NULL: one space */
	struct origin origin; /* zero when it was made by us */
};

/*
 * One option with what follows it, up to the next option: "! -s 10.0.0.0/8", "-m tcp",
 * "--tcp-flags SYN,ACK SYN".  A '!' on either side of the name ("-s ! 10.0.0.0/8") sets negated.
 */
struct rules_option {
	const char *name; /* canonical: "-i" for --in-interface; unknown ones as written */
	struct rules_word word;
	bool negated;
	bool negated_behind;  /* the '!' stood behind the name: printed where it stood */
	const char *bang_gap; /* what parts the '!' from the word before, NULL: one space */
	VEC(struct rules_word) args;
	struct origin origin; /* from the '!' or name to the last argument */
};

struct rules_command {
	uint8_t verb;	 /* enum rules_verb */
	uint32_t number; /* of -I -D -R -Z; 0: not given */
	uint32_t ahead;	 /* so many of the options stood in front of the verb */
	VEC(struct rules_option) options;
};

struct rules_line {
	uint8_t kind; /* enum rules_line_kind */
	bool has_counters;
	uint64_t packets;
	uint64_t bytes;
	const char *table;  /* the table it stands in, NULL outside of any */
	const char *name;   /* of table or chain */
	const char *policy; /* of a chain: "ACCEPT", "DROP", "-" */
	const char *text;   /* of a comment */
	struct rules_command *command;
	struct origin origin;	   /* the line without blanks around it */
	struct origin name_origin; /* of name */
	/*
	 * How it was written; all empty when it was made by us.  The head is what stands in front
	 * of the options: counters, verb, names and numbers.  A value that was changed since is
	 * printed instead of its word.
	 */
	VEC(struct rules_word) head;
	const char *indent; /* blanks in front, NULL: none */
	const char *end;    /* blanks and line end behind, NULL: "\n" */
};

struct rules_file {
	VEC(struct rules_line) lines;
};

/* The first option of that canonical name ("-i", "--dport"), or NULL. */
const struct rules_option *rules_option_find(const struct rules_command *command, const char *name);
/* Its first argument's text, or NULL. */
const char *rules_option_value(const struct rules_command *command, const char *name);
/* True if the command has "-m NAME" (or "-p NAME", which loads the match of that name too). */
bool rules_has_match(const struct rules_command *command, const char *match);
/* The same matches and target, written alike and in the same order: what -D looks for. */
bool rules_same_options(const struct rules_command *a, const struct rules_command *b);
