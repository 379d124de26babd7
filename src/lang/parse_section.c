/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sections: the sentences between '{' and '}', and sentences that stand alone. */
#include "lang/parser.h"

#include <string.h>

#include "base/limits.h"
#include "lang/load.h"
#include "lang/parse.h"

#define SAMPLE 1024u /* sentences from which the number of a section's sentences is guessed */

static const char *const verbs[] = {"allow", "deny", "reject", "default", NULL};

#define VERB_DEFAULT 3u
#define VERB_NONE 4u

static unsigned verb_of(const struct parser *p)
{
	unsigned verb = 0;

	while (verb < VERB_NONE && !parser_is_word(p, verbs[verb]))
		verb++;
	return verb;
}

bool parse_is_verb(const struct parser *p)
{
	return verb_of(p) != VERB_NONE;
}

static bool parse_default(struct parser *p, struct tree_sentence *sentence)
{
	unsigned verb;
	struct diag *diag;

	sentence->is_default = true;
	verb = verb_of(p);
	if (verb != TREE_DENY && verb != TREE_REJECT) {
		static const char *const ends[] = {"deny", "reject", NULL};

		diag = parser_expected(p, "'deny' or 'reject' behind 'default'");
		if (diag && verb == TREE_ALLOW)
			diag_note(diag, (struct origin){0},
				  "to allow the rest, write 'allow' as the last sentence");
		else
			parser_suggest(p, diag, &p->tok, ends);
		return false;
	}
	sentence->verb = (uint8_t)verb;
	parser_next(p);
	if (parser_at_end(p))
		return true;
	(void)parser_expected(p, "the end of the sentence");
	return false;
}

/* False if it was wrong; what is left of it was skipped then. */
static bool parse_one(struct parser *p, struct tree_sentence *sentence)
{
	uint32_t start = p->tok.start;
	unsigned verb = verb_of(p);
	bool good;

	p->bad = false;
	*sentence = (struct tree_sentence){0};
	if (verb == VERB_NONE) {
		parser_suggest(p,
			       parser_expected(p, "a sentence that starts with 'allow', 'deny' "
						  "or 'reject'"),
			       &p->tok, verbs);
		parser_skip_statement(p);
		return false;
	}
	if (verb != VERB_DEFAULT && parse_plain_sentence(p, sentence)) {
		sentence->verb = (uint8_t)verb;
		sentence->at = parser_at(p, start, p->last_end);
		return true;
	}
	parser_next(p);
	if (verb == VERB_DEFAULT) {
		good = parse_default(p, sentence);
	} else {
		sentence->verb = (uint8_t)verb;
		good = parser_at_end(p) || parse_is_clause_word(p) || parse_services(p, sentence);
		good = good && parse_clauses(p, sentence);
	}
	if (!good)
		parser_skip_statement(p);
	sentence->at = parser_at(p, start, p->last_end);
	return good && !p->bad;
}

/*
 * Doubling the array of a large section would leave half of what it takes unused or behind, so its
 * length is guessed from the text that is left.
 */
static uint32_t grown_cap(const struct parser *p, uint32_t cap, uint32_t body)
{
	uint64_t want = cap ? (uint64_t)cap * 2 : 4;

	if (cap >= SAMPLE) {
		const char *from = p->text + p->lexer.pos;
		const char *end = memchr(from, '}', p->lexer.len - p->lexer.pos);
		uint64_t left = end ? (uint64_t)(end - from) : p->lexer.len - p->lexer.pos;
		uint64_t used = p->lexer.pos - body;
		uint64_t guess = cap + cap * left / used;

		guess += guess / 32 + 4;
		want = (uint64_t)cap + cap / 4;
		if (guess > want)
			want = guess;
		if (want > LIMIT_SENTENCES + 1)
			want = LIMIT_SENTENCES + 1;
	}
	return (uint32_t)want;
}

#define grow_vec(p, vec, body)                                                                     \
	do {                                                                                       \
		uint32_t cap_ = grown_cap((p), (vec)->cap, (body));                                \
                                                                                                   \
		(vec)->items =                                                                     \
			arena_grow((p)->arena, (vec)->items, (vec)->cap * sizeof(*(vec)->items),   \
				   cap_ * sizeof(*(vec)->items));                                  \
		(vec)->cap = cap_;                                                                 \
	} while (0)

static void add_sentence(struct parser *p, struct tree_section *section, uint32_t body,
			 const struct tree_sentence *sentence)
{
	if (++p->sentence_count > LIMIT_SENTENCES) {
		if (!p->sentence_limit_told)
			(void)parser_error(p, sentence->at, DIAG_TOO_MANY,
					   "more than %u sentences in one policy", LIMIT_SENTENCES);
		p->sentence_limit_told = true;
		return;
	}
	if (section->sentences.len == section->sentences.cap)
		grow_vec(p, &section->sentences, body);
	section->sentences.items[section->sentences.len++] = *sentence;
}

/* The line goes on like a head or a definition: the '}' before it is missing. */
static bool at_next_item(const struct parser *p)
{
	static const char *const words[] = {"zone", "set", "option", "include"};
	const char *text = p->text + p->tok.start;
	const char *limit = p->text + p->lexer.len;

	if (p->tok.kind != TOKEN_WORD || verb_of(p) != VERB_NONE)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (parser_is_word(p, words[i]))
			return true;
	}
	for (; text + 1 < limit && *text != '\n' && *text != '#' && *text != '"'; text++) {
		if (text[0] == '-' && text[1] == '>')
			return true;
	}
	return false;
}

static void report_unclosed(struct parser *p, const struct tree_item *item)
{
	struct diag *diag;

	if (p->tok.kind == TOKEN_END)
		diag = parser_error(p, parser_token_at(p, &p->tok), DIAG_SYNTAX,
				    "expected '}' before the end of the text");
	else
		diag = parser_error(p, parser_token_at(p, &p->tok), DIAG_SYNTAX,
				    "expected '}' before '%.*s'", (int)(p->tok.end - p->tok.start),
				    p->text + p->tok.start);
	if (diag)
		diag_note(diag, item->at, "the section starts here");
}

static void keep_comments(struct parser *p, struct tree_sentence *sentence,
			  struct tree_comments *comments)
{
	parser_end_comments(p, comments);
	if (comments->before || comments->behind)
		sentence->comments = parser_copy(p, comments, sizeof(*comments));
}

/* "allow ssh; # why": the comment belongs to the sentence although the ';' came first. */
static void end_of_line_comment(struct parser *p, struct tree_section *section, bool was_good)
{
	struct tree_sentence *last;
	struct tree_comments comments = {0};

	if (p->tok.kind != TOKEN_NEWLINE || p->lexer.comments.len == 0)
		return;
	if (!was_good || section->sentences.len == 0) {
		p->lexer.comments.len = 0;
		return;
	}
	last = &section->sentences.items[section->sentences.len - 1];
	if (last->comments)
		comments = *last->comments;
	keep_comments(p, last, &comments);
}

/* False, and nothing was read, if the line is to be read the long way. */
static bool parse_packed(struct parser *p, struct tree_section *section, uint32_t body)
{
	struct tree_sentence *run = NULL;
	struct tree_packed packed;
	unsigned verb = verb_of(p);

	if (p->lexer.comments.len > 0 || verb >= VERB_DEFAULT ||
	    p->sentence_count >= LIMIT_SENTENCES || !parse_plain_packed(p, &packed))
		return false;
	packed.verb = (uint8_t)verb;
	p->bad = false;
	p->sentence_count++;
	if (section->packed.len == section->packed.cap)
		grow_vec(p, &section->packed, body);
	section->packed.items[section->packed.len++] = packed;
	if (section->sentences.len)
		run = &section->sentences.items[section->sentences.len - 1];
	if (!run || !run->packed) {
		run = vec_add(p->arena, &section->sentences);
		run->at.source = p->source;
		section->runs++;
	}
	run->packed++;
	return true;
}

static void parse_line(struct parser *p, struct tree_section *section, uint32_t body,
		       uint32_t *seen)
{
	struct tree_comments comments = {0};
	struct tree_sentence sentence;
	struct diag *diag;
	bool good;

	if (p->pack && parse_packed(p, section, body)) {
		(*seen)++;
		return;
	}
	if (p->lexer.comments.len > 0)
		comments.before = parser_take_comments(p, *seen == 0, false);
	good = parse_one(p, &sentence);
	if (good && sentence.is_default && *seen > 0) {
		diag = parser_error(p, sentence.at, DIAG_DEFAULT_NOT_FIRST,
				    "'default' is not the first sentence of the section");
		if (diag)
			diag_note(diag, (struct origin){0},
				  "it says how the section ends, and stands at its head");
		good = false;
	}
	(*seen)++;
	if (p->lexer.comments.len > 0 || comments.before)
		keep_comments(p, &sentence, &comments);
	if (good)
		add_sentence(p, section, body, &sentence);
	if (p->tok.kind == TOKEN_SEMICOLON) {
		parser_next(p);
		end_of_line_comment(p, section, good);
	}
}

void parse_section_body(struct parser *p, struct tree_section *section, struct tree_item *item)
{
	uint32_t body = p->tok.start;
	uint32_t seen = 0;
	bool one_line = true;

	/* Without a '{', which was reported, the sentences are read nevertheless. */
	if (p->tok.kind == TOKEN_OPEN)
		parser_next(p);
	if (p->tok.kind == TOKEN_NEWLINE)
		parser_end_comments(p, &item->comments);
	for (;;) {
		if (p->tok.kind == TOKEN_NEWLINE || p->tok.kind == TOKEN_SEMICOLON) {
			one_line = one_line && p->tok.kind != TOKEN_NEWLINE;
			parser_next(p);
			continue;
		}
		if (p->tok.kind == TOKEN_CLOSE || p->tok.kind == TOKEN_END || at_next_item(p))
			break;
		parse_line(p, section, body, &seen);
	}
	if (p->tok.kind != TOKEN_CLOSE) {
		report_unclosed(p, item);
		return;
	}
	section->comments_at_end = parser_take_comments(p, seen == 0, true);
	parser_next(p);
	if (p->tok.kind != TOKEN_NEWLINE && p->tok.kind != TOKEN_END)
		return;
	/* Behind "{ allow }" it is the head's, behind a '}' alone the last in the section. */
	if (one_line && !item->comments.behind) {
		parser_end_comments(p, &item->comments);
	} else if (p->lexer.comments.len > 0) {
		struct tree_comments after = {.before = section->comments_at_end};

		after.behind = "";
		parser_end_comments(p, &after);
		section->comments_at_end = after.before;
	}
}

struct tree_sentence *parse_allowed(struct parser *p)
{
	struct tree_sentence *sentence = parser_alloc(p, sizeof(*sentence));
	uint32_t start = p->tok.start;
	bool good;

	*sentence = (struct tree_sentence){.verb = TREE_ALLOW};
	if (parse_is_clause_word(p) || parser_at_end(p)) {
		(void)parser_expected(p, "a service, as in 'tcp 22 from 198.51.100.7'");
		return NULL;
	}
	good = parse_services(p, sentence) && parse_clauses(p, sentence);
	sentence->at = parser_at(p, start, p->last_end);
	return good && !p->bad ? sentence : NULL;
}

struct tree_sentence *parse_sentence(struct arena *arena, const struct source_set *sources,
				     uint16_t source, struct diag_list *diags)
{
	struct tree_sentence *sentence = arena_new_object(arena, struct tree_sentence);
	struct parser p;
	bool good;

	parser_init(&p, arena, sources, source, diags);
	while (p.tok.kind == TOKEN_NEWLINE)
		parser_next(&p);
	good = parse_one(&p, sentence);
	while (p.tok.kind == TOKEN_NEWLINE || p.tok.kind == TOKEN_SEMICOLON)
		parser_next(&p);
	if (p.tok.kind == TOKEN_END)
		return good ? sentence : NULL;
	if (good)
		(void)parser_expected(&p, "the end of the sentence");
	return NULL;
}

/* A label is what a container says of itself: it can open its own ports, and refuse nobody. */
static bool label_sentence_check(struct parser *p, const struct tree_sentence *sentence)
{
	if (sentence->is_default || sentence->verb != TREE_ALLOW) {
		diag_error(p->diags, sentence->at, DIAG_LABEL,
			   "a label can allow only, to refuse is for the policy");
		return false;
	}
	if (sentence->has_to) {
		diag_error(p->diags, sentence->to ? sentence->to->at : sentence->at, DIAG_LABEL,
			   "a label speaks of its own container: leave 'to' out");
		return false;
	}
	return true;
}

bool parse_label(struct arena *arena, const struct source_set *sources, uint16_t source,
		 uint32_t max, struct policy_label *label, struct diag_list *diags)
{
	struct tree_sentence sentence;
	struct parser p;
	bool good = true;

	parser_init(&p, arena, sources, source, diags);
	for (;;) {
		while (p.tok.kind == TOKEN_NEWLINE || p.tok.kind == TOKEN_SEMICOLON)
			parser_next(&p);
		if (p.tok.kind == TOKEN_END)
			return good && !diags->errors;
		if (label->sentences.len == max) {
			diag_error(diags, parser_at(&p, p.tok.start, p.tok.end), DIAG_TOO_MANY,
				   "more than %u sentences in a label", (unsigned)max);
			return false;
		}
		if (p.tok.kind == TOKEN_CLOSE) {
			(void)parser_expected(&p, "a sentence");
			return false;
		}
		if (parse_one(&p, &sentence) && label_sentence_check(&p, &sentence))
			*vec_add(arena, &label->sentences) = sentence;
		else
			good = false;
	}
}
