/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the reader of rules files is made of; nobody else includes this. */
#pragma once

#include "base/diag.h"
#include "base/limits.h"
#include "rules/rules.h"

struct rules_name;

/* One word of the line that is being read. */
struct token {
	struct rules_word word;
	uint32_t start; /* of the raw word in the text */
	uint32_t end;
	uint32_t len;		       /* of the word's text */
	const struct rules_name *name; /* that the text is, or NULL */
	bool quoted;		       /* holds a quote: a '!' is meant as text */
};

struct reader {
	struct arena *arena;
	const char *text;
	uint32_t len;
	char *copy; /* of text: words are cut out of it by a NUL behind them */
	uint16_t source;
	struct diag_list *diags;
	const char *table; /* the one that is open, or NULL */
	struct origin table_origin;
	bool outside; /* a line outside of any table was told */
	struct token tokens[LIMIT_RULES_WORDS];
	uint32_t token_count;
	uint32_t words; /* of the whole file */
	struct rules_option options[LIMIT_RULES_WORDS];
	uint32_t option_count;
};

static inline bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static inline struct origin token_origin(const struct reader *r, const struct token *token)
{
	return origin_make(r->source, token->start, token->end);
}

/* "[3:180]"; false if text is none. */
bool counters_parse(const char *text, uint64_t *ret_packets, uint64_t *ret_bytes);
/* text[start, end) with a NUL behind it. */
const char *reader_piece(struct reader *r, uint32_t start, uint32_t end);
/* Sets what follows from the word's text. */
void token_known(struct token *token, uint32_t len);
/* What parts two words; NULL if it is one space. */
const char *reader_gap(struct reader *r, uint32_t start, uint32_t end);
/* Adds the words of text[pos, end) to the tokens; false if there was a mistake, which is told. */
bool reader_cut(struct reader *r, uint32_t pos, uint32_t end);
/*
 * Reads the tokens from `first` on as a command; those before (the counters) are its head already.
 * False if there was a mistake, which is told: each line has one at most.
 */
bool reader_command(struct reader *r, uint32_t first, struct rules_line *line);
/* A chain's name that iptables takes; false if it was told that it is none. */
bool reader_chain_name(struct reader *r, const struct token *token);

enum option_args {
	ARGS_ANY,  /* not known: up to the next option */
	ARGS_NONE, /* a flag */
	ARGS_ONE,
	ARGS_TEXT,  /* one, whatever it looks like */
	ARGS_APART, /* one; "-ieth0" is an interface named "-ieth0" for iptables-restore */
	ARGS_TWO,
};

enum name_kind { NAME_OPTION, NAME_VERB, NAME_REFUSED };

struct rules_name {
	const char *canonical;
	uint8_t kind; /* enum name_kind */
	uint8_t args; /* enum option_args, of an option */
	uint8_t verb; /* enum rules_verb, of a verb */
};

/* text[0, len) is "-A" or "--append"; NULL if it is not known. */
const struct rules_name *rules_name_find(const char *text, uint32_t len);
const char *rules_verb_name(enum rules_verb verb);
