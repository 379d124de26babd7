/*
 * What the parts of the reader share: the current token, the tree's memory, how a mistake is said.
 *
 * Functions that read return false when they do not know how to go on: the mistake is reported and
 * the caller skips the statement.  A value that is wrong in itself (a port 0) is reported, sets
 * `bad`, and reading goes on; a statement that is bad is left out of the tree.
 */
#pragma once

#include "base/ip.h"
#include "lang/lexer.h"
#include "lang/tree.h"

#define PARSER_WORDS 64u /* must be a power of two */

struct parser_word {
	const char *text;
	uint32_t len;
};

struct parser {
	struct arena *arena;
	struct diag_list *diags;
	const char *text;
	uint16_t source;
	bool bad;
	bool pack;	   /* plain sentences are packed */
	struct token tok;  /* the one that was not read yet */
	uint32_t last_end; /* where the last one that is no newline ended */
	struct lexer lexer;
	/* Nodes are cut from pieces of the arena, closer than it aligns them. */
	char *piece;
	uint32_t piece_left;
	uint32_t piece_size;
	uint32_t sentence_count;
	bool sentence_limit_told;
	/* Lists are gathered here and then copied once, in their length. */
	VEC(struct tree_service) services;
	VEC(struct tree_ports) ports;
	VEC(struct tree_container) containers;
	VEC(struct tree_source) sources;
	/* The same few names stand in many sentences. */
	struct parser_word words[PARSER_WORDS];
};

void parser_init(struct parser *p, struct arena *arena, const struct source_set *sources,
		 uint16_t source, struct diag_list *diags);
void parser_next(struct parser *p);

/* Memory and text */
void *parser_alloc(struct parser *p, size_t size);
void *parser_copy(struct parser *p, const void *data, size_t size); /* NULL for nothing */
const char *parser_text(struct parser *p, uint32_t start, uint32_t end);
/* Of a word as it is, of a string without quotes and escapes. */
const char *parser_token_text(struct parser *p, const struct token *token);
struct origin parser_at(const struct parser *p, uint32_t start, uint32_t end);
struct origin parser_token_at(const struct parser *p, const struct token *token);
/* The first letter decides nearly always: there are 20 such questions in a sentence. */
static inline bool parser_word_is(const struct parser *p, const struct token *token,
				  const char *word)
{
	return p->text[token->start] == word[0] && token->kind == TOKEN_WORD &&
	       str_eqn(word, p->text + token->start, token->end - token->start);
}
static inline bool parser_is_word(const struct parser *p, const char *word)
{
	return parser_word_is(p, &p->tok, word);
}
static inline bool parser_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Mistakes */
__attribute__((format(printf, 4, 5))) struct diag *
parser_error(struct parser *p, struct origin at, enum diag_code code, const char *fmt, ...);
/* "expected WHAT, not ..." at the current token; NULL if that was reported already. */
struct diag *parser_expected(struct parser *p, const char *what);
/* As a note "did you mean", if a word of the NULL-terminated list is nearly alike. */
void parser_suggest(struct parser *p, struct diag *diag, const struct token *token,
		    const char *const *words);
const char *parser_nearest(const char *word, size_t len, const char *const *words);

/* Steps */
/* newline, ';', '}' or the end */
static inline bool parser_at_end(const struct parser *p)
{
	return p->tok.kind == TOKEN_NEWLINE || p->tok.kind == TOKEN_SEMICOLON ||
	       p->tok.kind == TOKEN_CLOSE || p->tok.kind == TOKEN_END;
}
bool parser_take_comma(struct parser *p);     /* and the newlines behind it */
void parser_skip_statement(struct parser *p); /* up to what parser_at_end() names */
/*
 * LEFT separator RIGHT, written as one word or as up to three.  Returns false if there is only
 * LEFT; a RIGHT that is missing is empty.  The current token is a word.
 */
bool parser_take_pair(struct parser *p, char separator, struct token *ret_left,
		      struct token *ret_right);
/* [A-Za-z][A-Za-z0-9_-]*, not too long; reports otherwise. */
bool parser_check_name(struct parser *p, uint32_t start, uint32_t end, const char *what);
struct tree_name parser_take_name(struct parser *p);

/* Comments that wait in the lexer, as a tree keeps them; NULL if there are none. */
const char **parser_take_comments(struct parser *p, bool first, bool last);
/* The end of a statement: what stands behind it, and what stood within it. */
void parser_end_comments(struct parser *p, struct tree_comments *comments);

/* parse_address.c */
bool parse_looks_like_address(const char *text, size_t len);
bool parse_prefix(struct parser *p, const struct token *word, struct ip_prefix *ret);
bool parse_element(struct parser *p, struct tree_elem *ret, bool with_sets);
bool parse_set_name_missing(struct parser *p); /* reports a lone '@'; false */

/* parse_container.c */
bool parse_container(struct parser *p, struct tree_container *ret);

/*
 * parse_plain.c.  The current token is the verb; false, and nothing was read, if the line is not of
 * the plainest form.
 */
bool parse_plain_sentence(struct parser *p, struct tree_sentence *sentence);
/* The same, packed; the caller fills in the verb. */
bool parse_plain_packed(struct parser *p, struct tree_packed *ret);

/* "tcp 22 from 198.51.100.7", as behind "allow"; NULL if it is wrong. */
struct tree_sentence *parse_allowed(struct parser *p);

/* parse_service.c */
bool parse_services(struct parser *p, struct tree_sentence *sentence);

/* parse_sentence.c */
bool parse_clauses(struct parser *p, struct tree_sentence *sentence);
extern const char *const parse_clause_words[];
bool parse_is_clause_word(const struct parser *p);

/* parse_section.c */
bool parse_is_verb(const struct parser *p);
/* From '{' to '}'. */
void parse_section_body(struct parser *p, struct tree_section *section, struct tree_item *item);
