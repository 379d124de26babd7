/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cuts a line into words as iptables-restore does: only double quotes quote, a backslash counts
 * within them only, and a closing quote ends the word.
 */
#include <string.h>

#include "rules/parts.h"

const char *reader_piece(struct reader *r, uint32_t start, uint32_t end)
{
	char *behind = r->copy + end;

	switch (*behind) {
	case ' ':
	case '\t':
	case '\n':
	case '\r':
	case '\0':
		*behind = '\0';
		return r->copy + start;
	default: /* a word stands right behind it */
		return arena_strndup(r->arena, r->text + start, end - start);
	}
}

const char *reader_gap(struct reader *r, uint32_t start, uint32_t end)
{
	if (end - start == 1 && r->text[start] == ' ')
		return NULL;
	return arena_strndup(r->arena, r->text + start, end - start);
}

bool counters_parse(const char *text, uint64_t *ret_packets, uint64_t *ret_bytes)
{
	size_t len = strlen(text);
	const char *colon = memchr(text, ':', len);

	return colon && text[0] == '[' && text[len - 1] == ']' &&
	       str_parse_u64(text + 1, (size_t)(colon - text - 1), 0, UINT64_MAX, ret_packets) &&
	       str_parse_u64(colon + 1, (size_t)(text + len - 1 - colon - 1), 0, UINT64_MAX,
			     ret_bytes);
}

/* The place behind the closing quote of the one at `open`, or 0. */
static uint32_t quote_end(const struct reader *r, uint32_t open, uint32_t end)
{
	for (uint32_t pos = open + 1; pos < end; pos++) {
		if (r->text[pos] == '\\')
			pos++;
		else if (r->text[pos] == '"')
			return pos + 1;
	}
	return 0;
}

/* Without quotes; within them a backslash takes the next character as it is. */
static const char *unquote(struct reader *r, uint32_t start, uint32_t end, uint32_t *ret_len)
{
	char *text = arena_alloc(r->arena, end - start + 1);
	uint32_t len = 0;
	bool open = false;

	for (uint32_t pos = start; pos < end; pos++) {
		if (r->text[pos] == '"') {
			open = !open;
			continue;
		}
		if (open && r->text[pos] == '\\')
			pos++;
		text[len++] = r->text[pos];
	}
	*ret_len = len;
	return text;
}

/* The end of the word at start; told and 0 if a quote does not close. */
static uint32_t word_end(struct reader *r, uint32_t start, uint32_t end, bool *ret_quoted)
{
	uint32_t pos = start;

	while (pos < end && !is_blank(r->text[pos]) && r->text[pos] != '"')
		pos++;
	*ret_quoted = pos < end && r->text[pos] == '"';
	if (*ret_quoted) {
		uint32_t close = quote_end(r, pos, end);

		if (!close)
			diag_error(r->diags, origin_make(r->source, pos, end), DIAG_RULES_QUOTE,
				   "the quote is not closed, the rest of the line would be its "
				   "text; expected "
				   "'\"' behind the text, and \\\" for a quote within it");
		return close;
	}
	if (r->text[start] == '\'' && (pos - start < 2 || r->text[pos - 1] != '\'')) {
		diag_error(r->diags, origin_make(r->source, start, pos), DIAG_RULES_QUOTE,
			   "single quotes do not keep words together for iptables-restore; write "
			   "double quotes");
		return 0;
	}
	return pos;
}

void token_known(struct token *token, uint32_t len)
{
	token->len = len;
	token->name = token->word.text[0] == '-' ? rules_name_find(token->word.text, len) : NULL;
}

static bool token_add(struct reader *r, uint32_t gap, uint32_t start, uint32_t end, bool quoted)
{
	struct token *token = &r->tokens[r->token_count];
	uint32_t len = end - start;

	if (end - start > LIMIT_RULES_WORD_BYTES) {
		diag_error(r->diags, origin_make(r->source, start, end), DIAG_RULES_TOO_LONG,
			   "the word has %u bytes, iptables-restore takes %u; shorten it",
			   (unsigned)(end - start), LIMIT_RULES_WORD_BYTES);
		return false;
	}
	if (r->token_count == LIMIT_RULES_WORDS) {
		diag_error(r->diags, origin_make(r->source, start, end), DIAG_RULES_TOO_LONG,
			   "more than %u words in a line, iptables-restore does not take them; "
			   "make several rules of it",
			   LIMIT_RULES_WORDS);
		return false;
	}
	token->start = start;
	token->end = end;
	token->quoted = quoted;
	token->word.gap = r->token_count ? reader_gap(r, gap, start) : NULL;
	token->word.raw = reader_piece(r, start, end);
	token->word.text = quoted ? unquote(r, start, end, &len) : token->word.raw;
	token->word.origin = token_origin(r, token);
	token_known(token, len);
	r->token_count++;
	return true;
}

bool reader_cut(struct reader *r, uint32_t pos, uint32_t end)
{
	for (;;) {
		uint32_t gap = pos;
		uint32_t start;
		bool quoted;

		while (pos < end && is_blank(r->text[pos]))
			pos++;
		if (pos == end)
			return true;
		start = pos;
		pos = word_end(r, start, end, &quoted);
		if (!pos || !token_add(r, gap, start, pos, quoted))
			return false;
	}
}
