/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Containers as sentences name them: web, shop/db, label vpn=true, network backend. */
#include "lang/parser.h"

#include <ctype.h>
#include <string.h>

static bool is_engine_name(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (isalnum((unsigned char)text[i]))
			continue;
		if (i == 0 || !strchr("_.-", text[i]) || text[i] == '\0')
			return false;
	}
	return len > 0;
}

static bool take_word(struct parser *p, const char *what, const char **ret)
{
	if (p->tok.kind != TOKEN_WORD && p->tok.kind != TOKEN_STRING) {
		(void)parser_expected(p, what);
		return false;
	}
	*ret = parser_token_text(p, &p->tok);
	parser_next(p);
	return true;
}

static bool parse_label(struct parser *p, struct tree_container *ret)
{
	ret->kind = TREE_CONTAINER_LABEL;
	if (!take_word(p, "the key of a label", &ret->name))
		return false;
	if (p->tok.kind != TOKEN_EQUALS)
		return true;
	parser_next(p);
	return take_word(p, "the value of the label", &ret->value);
}

static void report_name(struct parser *p, const struct token *word)
{
	struct diag *diag = parser_error(p, parser_token_at(p, word), DIAG_BAD_NAME,
					 "'%.*s' cannot name a container",
					 (int)(word->end - word->start), p->text + word->start);

	if (diag)
		diag_note(diag, (struct origin){0},
			  "containers are NAME, PROJECT/SERVICE, label KEY=VALUE or network NAME");
}

static void parse_plain(struct parser *p, struct tree_container *ret)
{
	struct token word = p->tok;
	const char *text = p->text + word.start;
	uint32_t len = word.end - word.start;
	const char *slash = memchr(text, '/', len);
	uint32_t head = slash ? (uint32_t)(slash - text) : len;

	parser_next(p);
	ret->kind = slash ? TREE_CONTAINER_SERVICE : TREE_CONTAINER_NAME;
	if (!is_engine_name(text, head) || (slash && !is_engine_name(slash + 1, len - head - 1))) {
		report_name(p, &word);
		return;
	}
	ret->name = parser_text(p, word.start, word.start + head);
	if (slash)
		ret->value = parser_text(p, word.start + head + 1, word.end);
}

bool parse_container(struct parser *p, struct tree_container *ret)
{
	uint32_t start = p->tok.start;

	*ret = (struct tree_container){.at = parser_token_at(p, &p->tok)};
	if (p->tok.kind == TOKEN_STRING) {
		ret->kind = TREE_CONTAINER_NAME;
		if (p->tok.end - p->tok.start == 2)
			return parser_expected(p, "the name of a container"), false;
		return take_word(p, "", &ret->name);
	}
	if (p->tok.kind != TOKEN_WORD || parse_is_clause_word(p)) {
		(void)parser_expected(
			p, "a container: NAME, PROJECT/SERVICE, label KEY=VALUE or network NAME");
		return false;
	}
	if (parser_is_word(p, "label")) {
		parser_next(p);
		if (!parse_label(p, ret))
			return false;
	} else if (parser_is_word(p, "network")) {
		parser_next(p);
		ret->kind = TREE_CONTAINER_NETWORK;
		if (!take_word(p, "the name of a network", &ret->name))
			return false;
	} else {
		parse_plain(p, ret);
	}
	ret->at = parser_at(p, start, p->last_end);
	return true;
}
