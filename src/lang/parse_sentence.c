/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clauses of a sentence, in any order: to, from, limit, log. */
#include "lang/parser.h"

#include <string.h>

#include "base/limits.h"
#include "lang/parse.h"

enum clause { CLAUSE_TO, CLAUSE_FROM, CLAUSE_LIMIT, CLAUSE_LOG, CLAUSE_NONE };

const char *const parse_clause_words[] = {"to", "from", "limit", "log", NULL};

#define RATE_MAX 1000000u
#define BURST_MAX 1000000u

static enum clause clause_of(const struct parser *p)
{
	const char *text = p->text + p->tok.start;

	if (p->tok.kind != TOKEN_WORD)
		return CLAUSE_NONE;
	switch (p->tok.end - p->tok.start) {
	case 2:
		return memcmp(text, "to", 2) == 0 ? CLAUSE_TO : CLAUSE_NONE;
	case 3:
		return memcmp(text, "log", 3) == 0 ? CLAUSE_LOG : CLAUSE_NONE;
	case 4:
		return memcmp(text, "from", 4) == 0 ? CLAUSE_FROM : CLAUSE_NONE;
	case 5:
		return memcmp(text, "limit", 5) == 0 ? CLAUSE_LIMIT : CLAUSE_NONE;
	default:
		return CLAUSE_NONE;
	}
}

bool parse_is_clause_word(const struct parser *p)
{
	return clause_of(p) != CLAUSE_NONE;
}

static bool list_is_full(struct parser *p, uint32_t len, const char *what)
{
	if (len < LIMIT_LIST_ITEMS)
		return false;
	(void)parser_error(p, parser_token_at(p, &p->tok), DIAG_TOO_MANY,
			   "more than %u %s in one list", LIMIT_LIST_ITEMS, what);
	return true;
}

static bool parse_to(struct parser *p, struct tree_sentence *sentence)
{
	p->containers.len = 0;
	do {
		struct tree_container container;

		if (list_is_full(p, p->containers.len, "containers") ||
		    !parse_container(p, &container))
			return false;
		*vec_add(p->arena, &p->containers) = container;
	} while (parser_take_comma(p));
	sentence->has_to = true;
	sentence->to_count = p->containers.len;
	sentence->to =
		parser_copy(p, p->containers.items, p->containers.len * sizeof(*sentence->to));
	return true;
}

static bool parse_source(struct parser *p, struct tree_source *ret)
{
	struct token word = p->tok;
	const char *text = p->text + word.start;
	struct tree_container container;

	*ret = (struct tree_source){.at = parser_token_at(p, &word)};
	if (word.kind == TOKEN_WORD && text[0] == '@') {
		if (word.end - word.start == 1)
			return parse_set_name_missing(p);
		parser_next(p);
		ret->kind = TREE_SOURCE_SET;
		if (parser_check_name(p, word.start + 1, word.end, "set"))
			ret->set = parser_text(p, word.start + 1, word.end);
		return true;
	}
	if (word.kind == TOKEN_WORD && parse_looks_like_address(text, word.end - word.start)) {
		parser_next(p);
		ret->kind = TREE_SOURCE_PREFIX;
		(void)parse_prefix(p, &word, &ret->prefix);
		return true;
	}
	if ((word.kind != TOKEN_WORD && word.kind != TOKEN_STRING) || parse_is_clause_word(p)) {
		(void)parser_expected(p, "a source: '@SET', an address, a prefix or a container");
		return false;
	}
	ret->kind = TREE_SOURCE_CONTAINER;
	if (!parse_container(p, &container))
		return false;
	ret->container = parser_copy(p, &container, sizeof(container));
	ret->at = container.at;
	return true;
}

static bool parse_from(struct parser *p, struct tree_sentence *sentence)
{
	p->sources.len = 0;
	do {
		struct tree_source source;

		if (list_is_full(p, p->sources.len, "sources") || !parse_source(p, &source))
			return false;
		*vec_add(p->arena, &p->sources) = source;
	} while (parser_take_comma(p));
	sentence->has_from = true;
	sentence->from_count = p->sources.len;
	sentence->from = parser_copy(p, p->sources.items, p->sources.len * sizeof(*sentence->from));
	return true;
}

static bool unit_of(struct parser *p, const struct token *word, uint8_t *ret)
{
	static const char *const units[] = {"second", "minute", "hour", "day", NULL};
	const char *text = p->text + word->start;
	size_t len = word->end - word->start;
	const char *nearest = NULL;
	struct diag *diag;

	for (size_t i = 0; units[i]; i++) {
		if (str_eqn(units[i], text, len)) {
			*ret = (uint8_t)i;
			return true;
		}
		if (len > 0 && strncmp(units[i], text, len) == 0)
			nearest = units[i];
	}
	if (len == 0) {
		(void)parser_error(p, parser_at(p, p->last_end, p->last_end), DIAG_BAD_RATE,
				   "expected 'second', 'minute', 'hour' or 'day' behind the '/'");
		return false;
	}
	diag = parser_error(p, parser_token_at(p, word), DIAG_BAD_RATE,
			    "expected 'second', 'minute', 'hour' or 'day', not '%.*s'", (int)len,
			    text);
	if (diag && nearest)
		diag_note(diag, parser_token_at(p, word), "did you mean '%s'?", nearest);
	else
		parser_suggest(p, diag, word, units);
	return false;
}

static void rate_number(struct parser *p, const struct token *word, uint32_t max, uint32_t *ret)
{
	if (str_parse_u32(p->text + word->start, word->end - word->start, 1, max, ret))
		return;
	(void)parser_error(p, parser_token_at(p, word), DIAG_BAD_RATE,
			   "'%.*s' is not a number from 1 to %u", (int)(word->end - word->start),
			   p->text + word->start, max);
}

static bool parse_rate_rest(struct parser *p, struct tree_rate *rate)
{
	static const char *const words[] = {"source", NULL};

	if (parser_is_word(p, "burst")) {
		parser_next(p);
		if (p->tok.kind != TOKEN_WORD || !parser_is_digit(p->text[p->tok.start]))
			return parser_expected(p, "a number behind 'burst'"), false;
		rate_number(p, &p->tok, BURST_MAX, &rate->burst);
		parser_next(p);
	}
	if (parser_is_word(p, "per")) {
		parser_next(p);
		if (!parser_is_word(p, "source")) {
			parser_suggest(p, parser_expected(p, "'source' behind 'per'"), &p->tok,
				       words);
			return false;
		}
		parser_next(p);
		rate->per_source = true;
	}
	return true;
}

static bool parse_limit(struct parser *p, struct tree_sentence *sentence)
{
	uint32_t start = p->tok.start;
	struct tree_rate rate = {0};
	struct token count;
	struct token unit;

	if (p->tok.kind != TOKEN_WORD || !parser_is_digit(p->text[start]))
		return parser_expected(p, "a rate like '10/minute'"), false;
	if (!parser_take_pair(p, '/', &count, &unit)) {
		(void)parser_error(p, parser_token_at(p, &count), DIAG_BAD_RATE,
				   "'%.*s' is not a rate: expected NUMBER/second, /minute, /hour "
				   "or /day",
				   (int)(count.end - count.start), p->text + count.start);
	} else {
		rate_number(p, &count, RATE_MAX, &rate.count);
		(void)unit_of(p, &unit, &rate.unit);
	}
	if (!parse_rate_rest(p, &rate))
		return false;
	rate.at = parser_at(p, start, p->last_end);
	sentence->rate = parser_copy(p, &rate, sizeof(rate));
	return true;
}

static bool parse_clause(struct parser *p, enum clause clause, struct tree_sentence *sentence)
{
	switch (clause) {
	case CLAUSE_TO:
		return parse_to(p, sentence);
	case CLAUSE_FROM:
		return parse_from(p, sentence);
	case CLAUSE_LIMIT:
		return parse_limit(p, sentence);
	case CLAUSE_LOG:
		sentence->log = true;
		if (p->tok.kind == TOKEN_STRING) {
			sentence->log_text = parser_token_text(p, &p->tok);
			parser_next(p);
		}
		return true;
	case CLAUSE_NONE:
		break;
	}
	return false;
}

/* Something stands where a clause or the end should. */
static void report_clause(struct parser *p, const struct tree_sentence *sentence, bool any_clause)
{
	const char *const what = "'to', 'from', 'limit', 'log' or the end of the sentence";
	const char *text = p->text + p->tok.start;
	int len = (int)(p->tok.end - p->tok.start);
	const struct tree_service *last =
		sentence->service_count ? &sentence->services[sentence->service_count - 1] : NULL;
	const char *nearest = NULL;
	struct diag *diag;

	/* "allow form @office": the word before is what is wrong. */
	if (!any_clause && last && last->kind == TREE_SERVICE_NAME && last->name)
		nearest = parser_nearest(last->name, strlen(last->name), parse_clause_words);
	if (nearest && p->tok.kind != TOKEN_BAD) {
		diag = parser_error(p, last->at, DIAG_SYNTAX,
				    "expected a service or a clause, not '%s'", last->name);
		if (diag)
			diag_note(diag, last->at, "did you mean '%s'?", nearest);
		return;
	}
	diag = parser_expected(p, what);
	if (!diag || p->tok.kind != TOKEN_WORD)
		return;
	if (str_parse_u64(text, (size_t)len, 0, UINT64_MAX, &(uint64_t){0})) {
		if (last && !any_clause)
			diag_note(diag, parser_token_at(p, &p->tok), "ports stand with commas");
	} else if (text[0] == '@' || parse_looks_like_address(text, (size_t)len))
		diag_note(diag, parser_token_at(p, &p->tok), "did you mean 'from %.*s'?", len,
			  text);
	else
		parser_suggest(p, diag, &p->tok, parse_clause_words);
}

bool parse_clauses(struct parser *p, struct tree_sentence *sentence)
{
	struct origin first[CLAUSE_NONE] = {0};
	bool any = false;

	while (!parser_at_end(p)) {
		enum clause clause = clause_of(p);
		struct origin at = parser_token_at(p, &p->tok);
		struct tree_sentence again = {0};
		struct diag *diag;

		if (clause == CLAUSE_NONE) {
			report_clause(p, sentence, any);
			return false;
		}
		parser_next(p);
		any = true;
		if (first[clause].len == 0) {
			first[clause] = at;
			if (!parse_clause(p, clause, sentence))
				return false;
			continue;
		}
		diag = parser_error(p, at, DIAG_DUPLICATE_CLAUSE,
				    "'%s' stands twice in this sentence",
				    parse_clause_words[clause]);
		if (diag)
			diag_note(diag, first[clause], "the first stands here");
		if (!parse_clause(p, clause, &again))
			return false;
	}
	return true;
}
