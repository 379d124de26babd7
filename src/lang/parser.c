/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the reader share: tokens, memory, mistakes. */
#include "lang/parser.h"

#include <ctype.h>
#include <string.h>

#include "base/limits.h"

#define PIECE_MIN 512u
#define PIECE_MAX 32768u
#define SHOWN_MAX 48 /* bytes of a word in a message */

void parser_init(struct parser *p, struct arena *arena, const struct source_set *sources,
		 uint16_t source, struct diag_list *diags)
{
	const struct source *text = source_set_get(sources, source);

	*p = (struct parser){.arena = arena,
			     .diags = diags,
			     .text = text->text,
			     .source = source,
			     .piece_size = PIECE_MIN};
	lexer_init(&p->lexer, arena, text, source, diags);
	parser_next(p);
}

void parser_next(struct parser *p)
{
	if (p->tok.kind != TOKEN_NEWLINE)
		p->last_end = p->tok.end;
	lexer_next(&p->lexer, &p->tok);
}

void *parser_alloc(struct parser *p, size_t size)
{
	void *ret;

	size = (size + 7) & ~(size_t)7;
	if (size > p->piece_left) {
		if (size > PIECE_MAX / 4)
			return arena_alloc(p->arena, size);
		while (p->piece_size < size * 4)
			p->piece_size *= 2;
		p->piece = arena_alloc(p->arena, p->piece_size);
		p->piece_left = p->piece_size;
		if (p->piece_size < PIECE_MAX)
			p->piece_size *= 2;
	}
	ret = p->piece;
	p->piece += size;
	p->piece_left -= (uint32_t)size;
	return ret;
}

void *parser_copy(struct parser *p, const void *data, size_t size)
{
	void *ret;

	if (size == 0)
		return NULL;
	ret = parser_alloc(p, size);
	memcpy(ret, data, size);
	return ret;
}

const char *parser_text(struct parser *p, uint32_t start, uint32_t end)
{
	const char *text = p->text + start;
	uint32_t len = end - start;
	struct parser_word *word;
	char *copy;

	if (len == 0)
		return "";
	word = &p->words[((uint8_t)text[0] * 7u + (uint8_t)text[len - 1] * 3u + len) &
			 (PARSER_WORDS - 1)];
	if (word->len == len && memcmp(word->text, text, len) == 0)
		return word->text;
	copy = parser_alloc(p, (size_t)len + 1);
	memcpy(copy, text, len);
	*word = (struct parser_word){.text = copy, .len = len};
	return copy;
}

const char *parser_token_text(struct parser *p, const struct token *token)
{
	uint32_t start = token->start;
	uint32_t end = token->end;
	uint32_t len = 0;
	char *copy;

	if (token->kind != TOKEN_STRING)
		return parser_text(p, start, end);
	start++;
	end--;
	if (!memchr(p->text + start, '\\', end - start))
		return parser_text(p, start, end);
	copy = parser_alloc(p, (size_t)(end - start) + 1);
	for (uint32_t i = start; i < end; i++) {
		char next = i + 1 < end ? p->text[i + 1] : '\0';

		if (p->text[i] == '\\' && (next == '"' || next == '\\'))
			i++;
		copy[len++] = p->text[i];
	}
	return copy;
}

struct origin parser_at(const struct parser *p, uint32_t start, uint32_t end)
{
	uint32_t len = end - start;

	return (struct origin){.start = start,
			       .len = len > UINT16_MAX ? UINT16_MAX : (uint16_t)len,
			       .source = p->source};
}

/* What is missing at the end of a line is missing behind its last word. */
struct origin parser_token_at(const struct parser *p, const struct token *token)
{
	if (token->kind == TOKEN_NEWLINE || token->kind == TOKEN_END)
		return parser_at(p, p->last_end, p->last_end);
	return parser_at(p, token->start, token->end);
}

struct diag *parser_error(struct parser *p, struct origin at, enum diag_code code, const char *fmt,
			  ...)
{
	struct diag *diag;
	va_list args;
	char *text;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	text = arena_alloc(p->arena, (size_t)len + 1);
	va_start(args, fmt);
	(void)vsnprintf(text, (size_t)len + 1, fmt, args);
	va_end(args);
	diag = diag_error(p->diags, at, code, "%s", text);
	p->bad = true;
	return diag;
}

static const char *describe(struct parser *p, const struct token *token)
{
	uint32_t len = token->end - token->start;
	bool cut = len > SHOWN_MAX;

	switch (token->kind) {
	case TOKEN_END:
		return "the end of the text";
	case TOKEN_NEWLINE:
		return "the end of the line";
	case TOKEN_STRING:
		return "a string";
	case TOKEN_WORD:
	case TOKEN_COMMA:
	case TOKEN_EQUALS:
	case TOKEN_OPEN:
	case TOKEN_CLOSE:
	case TOKEN_SEMICOLON:
	case TOKEN_ARROW:
	case TOKEN_BAD:
		break;
	}
	return arena_printf(p->arena, "'%.*s%s'", cut ? SHOWN_MAX : (int)len,
			    p->text + token->start, cut ? "..." : "");
}

struct diag *parser_expected(struct parser *p, const char *what)
{
	p->bad = true;
	if (p->tok.kind == TOKEN_BAD)
		return NULL;
	return parser_error(p, parser_token_at(p, &p->tok), DIAG_SYNTAX, "expected %s, not %s",
			    what, describe(p, &p->tok));
}

const char *parser_nearest(const char *word, size_t len, const char *const *words)
{
	unsigned limit = len <= 3 ? 1 : 2;
	const char *best = NULL;

	if (len > LIMIT_NAME_BYTES)
		return NULL;
	for (size_t i = 0; words[i]; i++) {
		unsigned distance = str_distance(word, len, words[i], strlen(words[i]), limit);

		if (distance > limit || distance == 0)
			continue;
		best = words[i];
		limit = distance - 1;
	}
	return best;
}

void parser_suggest(struct parser *p, struct diag *diag, const struct token *token,
		    const char *const *words)
{
	const char *word;

	if (!diag || token->kind != TOKEN_WORD)
		return;
	word = parser_nearest(p->text + token->start, token->end - token->start, words);
	if (word)
		diag_note(diag, parser_token_at(p, token), "did you mean '%s'?", word);
}

bool parser_take_comma(struct parser *p)
{
	if (p->tok.kind != TOKEN_COMMA)
		return false;
	parser_next(p);
	while (p->tok.kind == TOKEN_NEWLINE)
		parser_next(p);
	return true;
}

/* Characters that are wrong in a statement that is wrong are not reported any more. */
void parser_skip_statement(struct parser *p)
{
	p->lexer.quiet = true;
	while (!parser_at_end(p))
		parser_next(p);
	p->lexer.quiet = false;
}

bool parser_take_pair(struct parser *p, char separator, struct token *ret_left,
		      struct token *ret_right)
{
	struct token word = p->tok;
	const char *found = NULL;

	for (uint32_t i = word.start; i < word.end && !found; i++) {
		if (p->text[i] == separator)
			found = p->text + i;
	}
	*ret_left = word;
	*ret_right = word;
	parser_next(p);
	if (found) {
		ret_left->end = (uint32_t)(found - p->text);
		ret_right->start = ret_left->end + 1;
		if (ret_right->start < ret_right->end)
			return true;
	} else {
		if (p->tok.kind != TOKEN_WORD || p->text[p->tok.start] != separator)
			return false;
		*ret_right = p->tok;
		ret_right->start++;
		parser_next(p);
		if (ret_right->start < ret_right->end)
			return true;
	}
	if (p->tok.kind == TOKEN_WORD) {
		*ret_right = p->tok;
		parser_next(p);
	}
	return true;
}

bool parser_check_name(struct parser *p, uint32_t start, uint32_t end, const char *what)
{
	struct origin at = parser_at(p, start, end);
	struct diag *diag;

	if (end - start > LIMIT_NAME_BYTES) {
		(void)parser_error(p, at, DIAG_BAD_NAME, "name of a %s is longer than %u bytes",
				   what, LIMIT_NAME_BYTES);
		return false;
	}
	for (uint32_t i = start; i < end; i++) {
		char c = p->text[i];

		if (isalpha((unsigned char)c))
			continue;
		if (i > start && (isdigit((unsigned char)c) || c == '_' || c == '-'))
			continue;
		diag = parser_error(p, at, DIAG_BAD_NAME, "'%.*s' cannot name a %s",
				    (int)(end - start), p->text + start, what);
		if (diag)
			diag_note(diag, (struct origin){0},
				  "a name is a letter, then letters, digits, '_' and '-'");
		return false;
	}
	return start < end;
}

struct tree_name parser_take_name(struct parser *p)
{
	struct tree_name name = {.text = parser_token_text(p, &p->tok),
				 .at = parser_token_at(p, &p->tok)};

	parser_next(p);
	return name;
}
