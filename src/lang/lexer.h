/*
 * Words of policy text.  Tokens are spans of the text, nothing is copied.  Comments and blank lines
 * are no tokens: they wait in `comments` until the parser takes them.
 */
#pragma once

#include "base/diag.h"
#include "base/source.h"
#include "base/vec.h"

enum token_kind {
	TOKEN_END,
	TOKEN_NEWLINE,
	TOKEN_WORD,   /* names, numbers, addresses, prefixes, @set */
	TOKEN_STRING, /* with its quotes */
	TOKEN_COMMA,
	TOKEN_EQUALS,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_SEMICOLON,
	TOKEN_ARROW,
	TOKEN_BAD, /* was reported, unless quiet */
};

struct token {
	uint32_t start;
	uint32_t end;
	enum token_kind kind;
};

/* Without the '#' and without space at its end. */
struct lexer_comment {
	uint32_t start;
	uint32_t end;
	bool blank; /* a blank line */
};

struct lexer {
	struct arena *arena;
	const char *text; /* NUL-terminated */
	uint32_t len;
	uint32_t pos;
	uint16_t source;
	bool quiet;	 /* a statement that is known to be wrong is skipped */
	bool line_empty; /* nothing on this line so far */
	VEC(struct lexer_comment) comments;
	struct diag_list *diags;
};

void lexer_init(struct lexer *lexer, struct arena *arena, const struct source *text,
		uint16_t source, struct diag_list *diags);
void lexer_next(struct lexer *lexer, struct token *ret);
/* A character that a TOKEN_WORD may hold. */
bool lexer_is_word_char(char c);
