/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cuts policy text into tokens. */
#include "lang/lexer.h"

#include <string.h>

#include "base/limits.h"

enum char_class { CHAR_BAD, CHAR_WORD, CHAR_DASH, CHAR_SPACE, CHAR_OTHER };

static const uint8_t char_classes[256] = {
	['a' ... 'z'] = CHAR_WORD, ['A' ... 'Z'] = CHAR_WORD, ['0' ... '9'] = CHAR_WORD,
	['_'] = CHAR_WORD,	   ['.'] = CHAR_WORD,	      [':'] = CHAR_WORD,
	['/'] = CHAR_WORD,	   ['@'] = CHAR_WORD,	      ['*'] = CHAR_WORD,
	['+'] = CHAR_WORD,	   ['%'] = CHAR_WORD,	      ['-'] = CHAR_DASH,
	[' '] = CHAR_SPACE,	   ['\t'] = CHAR_SPACE,	      ['\n'] = CHAR_OTHER,
	['\r'] = CHAR_OTHER,	   ['"'] = CHAR_OTHER,	      ['#'] = CHAR_OTHER,
	[','] = CHAR_OTHER,	   ['='] = CHAR_OTHER,	      ['{'] = CHAR_OTHER,
	['}'] = CHAR_OTHER,	   [';'] = CHAR_OTHER,
};

/* Binary data would give a message a byte: after this many errors a text is given up. */
#define ERRORS_MAX (LIMIT_DIAGNOSTICS * 4)

bool lexer_is_word_char(char c)
{
	uint8_t class = char_classes[(uint8_t)c];

	return class == CHAR_WORD || class == CHAR_DASH;
}

void lexer_init(struct lexer *lexer, struct arena *arena, const struct source *text,
		uint16_t source, struct diag_list *diags)
{
	*lexer = (struct lexer){.arena = arena,
				.text = text->text,
				.len = text->len,
				.source = source,
				.line_empty = true,
				.diags = diags};
	if (lexer->len >= 3 && memcmp(lexer->text, "\xef\xbb\xbf", 3) == 0)
		lexer->pos = 3;
}

static bool is_control(char c)
{
	return ((uint8_t)c < 0x20 && c != '\t') || c == 0x7f;
}

/* The end of the line that pos is on: its '\n', the '\r' before it, or the end of the text. */
static uint32_t line_end(const struct lexer *lexer, uint32_t pos)
{
	const char *found = memchr(lexer->text + pos, '\n', lexer->len - pos);
	uint32_t end = found ? (uint32_t)(found - lexer->text) : lexer->len;

	if (end > pos && lexer->text[end - 1] == '\r')
		end--;
	return end;
}

/* Bytes of the UTF-8 character at pos; 1 for what is none. */
static uint32_t character_len(const struct lexer *lexer, uint32_t pos)
{
	uint8_t head = (uint8_t)lexer->text[pos];
	uint32_t len = head >= 0xf0 ? 4 : head >= 0xe0 ? 3 : head >= 0xc2 ? 2 : 1;

	for (uint32_t i = 1; i < len; i++) {
		if (pos + i >= lexer->len || ((uint8_t)lexer->text[pos + i] & 0xc0) != 0x80)
			return 1;
	}
	return len;
}

static void report_character(struct lexer *lexer, uint32_t start, uint32_t end)
{
	struct origin at = origin_make(lexer->source, start, end);
	char first = lexer->text[start];
	struct diag *diag;

	if (lexer->quiet)
		return;
	if (lexer->diags->errors >= ERRORS_MAX) {
		lexer->pos = lexer->len;
		return;
	}
	if (is_control(first)) {
		(void)diag_error(lexer->diags, at, DIAG_BAD_CHARACTER,
				 "byte 0x%02x is in no policy", (unsigned)(uint8_t)first);
		return;
	}
	if (end - start == 1 && (uint8_t)first >= 0x80) {
		(void)diag_error(lexer->diags, at, DIAG_BAD_CHARACTER, "byte 0x%02x is not UTF-8",
				 (unsigned)(uint8_t)first);
		return;
	}
	diag = diag_error(lexer->diags, at, DIAG_BAD_CHARACTER,
			  "character '%.*s' stands only in strings and comments",
			  (int)(end - start), lexer->text + start);
	if (diag && first == '>')
		diag_note(diag, at, "did you mean '->'?");
	if (diag && first == '\'')
		diag_note(diag, at, "strings stand in double quotes");
}

static void read_bad(struct lexer *lexer, struct token *ret)
{
	lexer->pos += character_len(lexer, lexer->pos);
	ret->end = lexer->pos;
	ret->kind = TOKEN_BAD;
	report_character(lexer, ret->start, ret->end);
}

static void read_string(struct lexer *lexer, struct token *ret)
{
	uint32_t end = line_end(lexer, ret->start);
	uint32_t bad = 0;
	uint32_t pos = ret->start + 1;

	for (; pos < end && lexer->text[pos] != '"'; pos++) {
		if (lexer->text[pos] == '\\' && pos + 1 < end)
			pos++;
		if (is_control(lexer->text[pos]) && bad == 0)
			bad = pos;
	}
	ret->kind = bad == 0 && pos < end ? TOKEN_STRING : TOKEN_BAD;
	ret->end = pos < end ? pos + 1 : end;
	lexer->pos = ret->end;
	if (bad != 0)
		report_character(lexer, bad, bad + 1);
	else if (pos >= end && !lexer->quiet)
		(void)diag_error(lexer->diags, origin_make(lexer->source, ret->start, end),
				 DIAG_BAD_STRING,
				 "string without an end: expected '\"' on this line");
}

static void add_comment(struct lexer *lexer, uint32_t start, uint32_t end, bool blank)
{
	*vec_add(lexer->arena, &lexer->comments) =
		(struct lexer_comment){.start = start, .end = end, .blank = blank};
}

static void read_comment(struct lexer *lexer)
{
	uint32_t start = lexer->pos + 1;
	uint32_t end = line_end(lexer, start);

	lexer->pos = end;
	for (uint32_t pos = start; pos < end; pos++) {
		if (!is_control(lexer->text[pos]))
			continue;
		report_character(lexer, pos, pos + 1);
		return;
	}
	while (end > start && char_classes[(uint8_t)lexer->text[end - 1]] == CHAR_SPACE)
		end--;
	lexer->line_empty = false;
	add_comment(lexer, start, end, false);
}

static void note_blank_line(struct lexer *lexer)
{
	uint32_t count = lexer->comments.len;

	if (count == 0 || !lexer->comments.items[count - 1].blank)
		add_comment(lexer, 0, 0, true);
}

static void read_word(struct lexer *lexer, struct token *ret)
{
	const char *text = lexer->text;
	uint32_t pos = ret->start;

	for (;;) {
		while (char_classes[(uint8_t)text[pos]] == CHAR_WORD)
			pos++;
		if (text[pos] != '-' || text[pos + 1] == '>')
			break;
		pos++;
	}
	lexer->pos = pos;
	ret->end = pos;
	ret->kind = TOKEN_WORD;
}

static void read_mark(struct lexer *lexer, struct token *ret, enum token_kind kind, uint32_t len)
{
	lexer->pos += len;
	ret->end = lexer->pos;
	ret->kind = kind;
}

static void read_other(struct lexer *lexer, struct token *ret)
{
	switch (lexer->text[lexer->pos]) {
	case ',':
		read_mark(lexer, ret, TOKEN_COMMA, 1);
		return;
	case '=':
		read_mark(lexer, ret, TOKEN_EQUALS, 1);
		return;
	case '{':
		read_mark(lexer, ret, TOKEN_OPEN, 1);
		return;
	case '}':
		read_mark(lexer, ret, TOKEN_CLOSE, 1);
		return;
	case ';':
		read_mark(lexer, ret, TOKEN_SEMICOLON, 1);
		return;
	case '"':
		read_string(lexer, ret);
		return;
	default: /* a '\r' that ends no line, what is in no policy */
		read_bad(lexer, ret);
	}
}

static void read_newline(struct lexer *lexer, struct token *ret)
{
	if (lexer->line_empty)
		note_blank_line(lexer);
	read_mark(lexer, ret, TOKEN_NEWLINE, lexer->text[lexer->pos] == '\r' ? 2 : 1);
	lexer->line_empty = true;
}

void lexer_next(struct lexer *lexer, struct token *ret)
{
	const char *text = lexer->text;

	for (;;) {
		char c;

		while (char_classes[(uint8_t)text[lexer->pos]] == CHAR_SPACE)
			lexer->pos++;
		c = text[lexer->pos];
		ret->start = lexer->pos;
		if (c == '#') {
			read_comment(lexer);
			continue;
		}
		if (c == '\n' || (c == '\r' && text[lexer->pos + 1] == '\n')) {
			read_newline(lexer, ret);
			return;
		}
		if (lexer->pos >= lexer->len) {
			read_mark(lexer, ret, TOKEN_END, 0);
			return;
		}
		break;
	}
	lexer->line_empty = false;
	switch ((enum char_class)char_classes[(uint8_t)text[lexer->pos]]) {
	case CHAR_DASH:
		if (text[lexer->pos + 1] == '>') {
			read_mark(lexer, ret, TOKEN_ARROW, 2);
			return;
		}
		read_word(lexer, ret);
		return;
	case CHAR_WORD:
		read_word(lexer, ret);
		return;
	case CHAR_BAD:
	case CHAR_SPACE:
	case CHAR_OTHER:
		read_other(lexer, ret);
		return;
	}
}
