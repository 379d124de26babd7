/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a policy file: zones, sets, options, includes, and the heads of sections. */
#include "lang/parse.h"

#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "lang/parser.h"

#define OPTION_FAILSAFE "failsafe"

static const char *const keywords[] = {"zone", "set", "option", "include", NULL};

static bool expect(struct parser *p, enum token_kind kind, const char *what)
{
	if (p->tok.kind != kind) {
		(void)parser_expected(p, what);
		return false;
	}
	parser_next(p);
	return true;
}

/* NAME = */
static bool parse_definition(struct parser *p, const char *what, struct tree_name *ret)
{
	struct token word = p->tok;

	if (word.kind != TOKEN_WORD) {
		(void)parser_expected(p, what);
		return false;
	}
	*ret = parser_take_name(p);
	(void)parser_check_name(p, word.start, word.end, what + strlen("the name of a "));
	for (size_t i = 0; keywords[i]; i++) {
		if (str_eq(ret->text, keywords[i]))
			(void)parser_error(p, ret->at, DIAG_BAD_NAME,
					   "'%s' is a word of the language, not a name", ret->text);
	}
	return expect(p, TOKEN_EQUALS, "'='");
}

static void check_iface(struct parser *p, const struct tree_iface *iface, bool quoted)
{
	size_t len = strlen(iface->name);
	struct diag *diag;

	if (len > 0 && len + iface->wildcard <= 15 && !strpbrk(iface->name, "/: \t*@%") &&
	    !str_eq(iface->name, ".") && !str_eq(iface->name, "..") &&
	    (quoted || (!iface->wildcard && !strchr(iface->name, '+'))))
		return;
	diag = parser_error(p, iface->at, DIAG_BAD_INTERFACE,
			    "'%s%s' is not the name of an interface", iface->name,
			    iface->wildcard ? "*" : "");
	if (len == 0 && iface->wildcard)
		diag_note(diag, iface->at, "the zone of all other interfaces is 'auto'");
	else if (len + iface->wildcard > 15)
		diag_note(diag, iface->at, "such a name has at most 15 bytes");
	else if (strchr(iface->name, '@'))
		diag_note(diag, iface->at, "the name ends before the '@'");
	else if (strchr(iface->name, '*'))
		diag_note(diag, iface->at, "a '*' stands only at the end");
	else if (!quoted)
		diag_note(diag, iface->at, "a pattern stands in quotes, as in \"wg*\"");
}

static bool parse_iface(struct parser *p, struct tree_zone *zone)
{
	bool quoted = p->tok.kind == TOKEN_STRING;
	struct tree_iface iface = {.at = parser_token_at(p, &p->tok)};
	const char *text;
	size_t len;

	if (p->tok.kind != TOKEN_WORD && !quoted) {
		(void)parser_expected(p, "the name of an interface");
		return false;
	}
	text = parser_token_text(p, &p->tok);
	len = strlen(text);
	iface.wildcard = len > 0 && text[len - 1] == '*';
	iface.name = iface.wildcard ? arena_strndup(p->arena, text, len - 1) : text;
	check_iface(p, &iface, quoted);
	parser_next(p);
	if (zone->ifaces.len >= LIMIT_LIST_ITEMS) {
		(void)parser_error(p, iface.at, DIAG_TOO_MANY,
				   "more than %u interfaces in one list", LIMIT_LIST_ITEMS);
		return false;
	}
	*vec_add(p->arena, &zone->ifaces) = iface;
	return true;
}

static bool parse_zone(struct parser *p, struct tree_item *item)
{
	struct tree_zone *zone = arena_new_object(p->arena, struct tree_zone);

	item->kind = TREE_ZONE;
	item->zone = zone;
	if (!parse_definition(p, "the name of a zone", &zone->name))
		return false;
	if (parser_is_word(p, "auto")) {
		zone->is_auto = true;
		parser_next(p);
		return true;
	}
	do {
		if (!parse_iface(p, zone))
			return false;
	} while (parser_take_comma(p));
	return true;
}

static bool take_string(struct parser *p, const char *what, struct tree_name *ret)
{
	struct diag *diag;

	if (p->tok.kind == TOKEN_STRING && p->tok.end - p->tok.start > 2) {
		*ret = parser_take_name(p);
		return true;
	}
	diag = parser_expected(p, what);
	if (diag && p->tok.kind == TOKEN_WORD)
		diag_note(diag, parser_token_at(p, &p->tok), "names of files stand in quotes");
	return false;
}

static bool parse_set(struct parser *p, struct tree_item *item)
{
	struct tree_set *set = arena_new_object(p->arena, struct tree_set);
	struct tree_name file = {0};

	item->kind = TREE_SET;
	item->set = set;
	if (!parse_definition(p, "the name of a set", &set->name))
		return false;
	if (parser_is_word(p, "file")) {
		parser_next(p);
		if (!take_string(p, "the name of a file in quotes", &file))
			return false;
		set->file = file.text;
		set->file_at = file.at;
		return true;
	}
	do {
		struct tree_elem elem;

		if (!parse_element(p, &elem, true))
			return false;
		if (set->elems.len >= LIMIT_SET_ELEMENTS) {
			(void)parser_error(p, elem.at, DIAG_TOO_MANY,
					   "more than %u elements in a set", LIMIT_SET_ELEMENTS);
			return false;
		}
		*vec_add(p->arena, &set->elems) = elem;
	} while (parser_take_comma(p));
	return true;
}

static bool parse_option(struct parser *p, struct tree_item *item)
{
	struct tree_option *option = arena_new_object(p->arena, struct tree_option);

	item->kind = TREE_OPTION;
	item->option = option;
	if (p->tok.kind != TOKEN_WORD) {
		(void)parser_expected(p, "the name of an option");
		return false;
	}
	option->name = parser_take_name(p);
	if (!expect(p, TOKEN_EQUALS, "'='"))
		return false;
	if (str_eq(option->name.text, OPTION_FAILSAFE)) {
		option->sentence = parse_allowed(p);
		return option->sentence != NULL;
	}
	do {
		if (p->tok.kind != TOKEN_WORD && p->tok.kind != TOKEN_STRING) {
			(void)parser_expected(p, option->values.len ? "the end of the line"
								    : "the value of the option");
			return false;
		}
		if (option->values.len >= LIMIT_LIST_ITEMS) {
			(void)parser_expected(p, "fewer values");
			return false;
		}
		*vec_add(p->arena, &option->values) = parser_take_name(p);
	} while (!parser_at_end(p));
	return true;
}

static bool parse_include(struct parser *p, struct tree_item *item)
{
	item->kind = TREE_INCLUDE;
	item->include = arena_new_object(p->arena, struct tree_include);
	return take_string(p, "a file name or pattern in quotes", &item->include->pattern);
}

/* Zone names in a section's head; the words of the language are none. */
static bool parse_head_names(struct parser *p, struct tree_section *section, bool from)
{
	uint32_t count = 0;

	do {
		struct token word = p->tok;
		struct tree_name name;

		if (word.kind != TOKEN_WORD) {
			(void)parser_expected(p, "the name of a zone");
			return false;
		}
		name = parser_take_name(p);
		(void)parser_check_name(p, word.start, word.end, "zone");
		if (++count > LIMIT_ZONES) {
			(void)parser_error(p, name.at, DIAG_TOO_MANY, "more than %u zones",
					   LIMIT_ZONES);
			return false;
		}
		if (from)
			*vec_add(p->arena, &section->from) = name;
		else
			*vec_add(p->arena, &section->to) = name;
	} while (parser_take_comma(p));
	return true;
}

/* The first word is no keyword, and what follows it makes it no head of a section. */
static void report_item(struct parser *p, const struct token *word, bool is_verb)
{
	int len = (int)(word->end - word->start);
	const char *text = p->text + word->start;
	struct origin at = parser_token_at(p, word);
	struct diag *diag;

	if (is_verb) {
		diag = parser_error(p, at, DIAG_SYNTAX, "'%.*s' stands outside of a section", len,
				    text);
		if (diag)
			diag_note(diag, at,
				  "sentences stand in a section: internet -> host { ... }");
		return;
	}
	if (parser_nearest(text, (size_t)len, keywords)) {
		diag = parser_error(p, at, DIAG_SYNTAX,
				    "expected 'zone', 'set', 'option', 'include' or a section, "
				    "not '%.*s'",
				    len, text);
		parser_suggest(p, diag, word, keywords);
		return;
	}
	diag = parser_expected(p, "'->' or ','");
	if (diag)
		diag_note(diag, at, "a section starts with: ZONE -> ZONE {");
}

static bool parse_head(struct parser *p, struct tree_section *section)
{
	struct token word = p->tok;
	bool is_verb = parse_is_verb(p);

	if (word.kind != TOKEN_WORD) {
		(void)parser_expected(p, "'zone', 'set', 'option', 'include' or a section");
		return false;
	}
	if (!parse_head_names(p, section, true))
		return false;
	if (p->tok.kind != TOKEN_ARROW) {
		if (section->from.len == 1)
			report_item(p, &word, is_verb);
		else
			(void)parser_expected(p, "'->'");
		return false;
	}
	parser_next(p);
	return parse_head_names(p, section, false);
}

/* Up to the end of the line; a block in braces that starts there is skipped whole. */
static void skip_item(struct parser *p)
{
	unsigned depth = 0;

	p->lexer.quiet = true;
	while (p->tok.kind != TOKEN_END) {
		if (depth == 0 && (p->tok.kind == TOKEN_NEWLINE || p->tok.kind == TOKEN_SEMICOLON))
			break;
		if (p->tok.kind == TOKEN_OPEN)
			depth++;
		if (p->tok.kind == TOKEN_CLOSE && depth > 0)
			depth--;
		parser_next(p);
	}
	p->lexer.quiet = false;
}

/* A head that is wrong is reported, and its sentences are looked at nevertheless. */
static bool parse_section(struct parser *p, struct tree_item *item)
{
	struct tree_section *section = arena_new_object(p->arena, struct tree_section);
	uint32_t start = p->tok.start;
	bool good = parse_head(p, section);
	uint32_t head_end;

	item->kind = TREE_SECTION;
	item->section = section;
	item->at = parser_at(p, start, p->last_end);
	if (!good) {
		p->lexer.quiet = true;
		while (p->tok.kind != TOKEN_OPEN && !parser_at_end(p))
			parser_next(p);
		p->lexer.quiet = false;
		if (p->tok.kind != TOKEN_OPEN)
			return false;
	}
	head_end = p->last_end;
	while (p->tok.kind == TOKEN_NEWLINE)
		parser_next(p);
	if (p->tok.kind != TOKEN_OPEN) {
		(void)parser_error(p, parser_at(p, head_end, head_end), DIAG_SYNTAX,
				   "expected '{' behind the head of the section");
		if (!parse_is_verb(p))
			return false;
	}
	good = good && !p->bad;
	parse_section_body(p, section, item);
	p->bad = !good;
	return true;
}

static bool parse_item(struct parser *p, struct tree_item *item)
{
	static bool (*const readers[])(struct parser *, struct tree_item *) = {
		parse_zone, parse_set, parse_option, parse_include};
	uint32_t start = p->tok.start;
	bool good;

	p->bad = false;
	item->at = parser_token_at(p, &p->tok);
	for (size_t i = 0; keywords[i]; i++) {
		if (!parser_is_word(p, keywords[i]))
			continue;
		parser_next(p);
		good = readers[i](p, item);
		item->at = parser_at(p, start, p->last_end);
		return good;
	}
	return parse_section(p, item);
}

static void end_item(struct parser *p, struct tree_item *item, bool good)
{
	/* A section that lacks its '}' ends where the next item starts. */
	if (!good) {
		skip_item(p);
	} else if (p->tok.kind == TOKEN_CLOSE ||
		   (item->kind != TREE_SECTION && !parser_at_end(p))) {
		(void)parser_expected(p, item->kind == TREE_SECTION
						 ? "the next definition or section"
						 : "',' or the end of the line");
		skip_item(p);
	}
	if (p->tok.kind == TOKEN_NEWLINE || p->tok.kind == TOKEN_END)
		parser_end_comments(p, &item->comments);
}

static struct tree_file *read_file(struct arena *arena, const struct source_set *sources,
				   uint16_t source, struct diag_list *diags, bool pack)
{
	struct tree_file *file = arena_new_object(arena, struct tree_file);
	bool first = true;
	struct parser p;

	file->source = source;
	parser_init(&p, arena, sources, source, diags);
	p.pack = pack;
	while (p.tok.kind != TOKEN_END) {
		struct tree_item item = {0};
		bool good;

		if (p.tok.kind == TOKEN_NEWLINE || p.tok.kind == TOKEN_SEMICOLON) {
			parser_next(&p);
			continue;
		}
		item.comments.before = parser_take_comments(&p, first, false);
		first = false;
		good = parse_item(&p, &item);
		end_item(&p, &item, good);
		if (good && !p.bad)
			*vec_add(arena, &file->items) = item;
	}
	file->comments_at_end = parser_take_comments(&p, first, true);
	return file;
}

struct tree_file *parse_file(struct arena *arena, const struct source_set *sources, uint16_t source,
			     struct diag_list *diags)
{
	return read_file(arena, sources, source, diags, false);
}

struct tree_file *parse_file_packed(struct arena *arena, const struct source_set *sources,
				    uint16_t source, struct diag_list *diags)
{
	return read_file(arena, sources, source, diags, true);
}

void parse_set_file(struct arena *arena, const struct source_set *sources, uint16_t source,
		    struct tree_set *set, struct diag_list *diags)
{
	struct parser p;

	parser_init(&p, arena, sources, source, diags);
	set->file_origin = parser_at(&p, 0, p.lexer.len);
	while (p.tok.kind != TOKEN_END) {
		struct tree_elem elem;
		bool good;

		p.lexer.comments.len = 0;
		if (p.tok.kind == TOKEN_NEWLINE) {
			parser_next(&p);
			continue;
		}
		p.bad = false;
		good = parse_element(&p, &elem, false);
		if (good && p.tok.kind != TOKEN_NEWLINE && p.tok.kind != TOKEN_END)
			(void)parser_expected(&p, "the end of the line");
		if (set->elems.len >= LIMIT_SET_ELEMENTS) {
			(void)parser_error(&p, elem.at, DIAG_TOO_MANY,
					   "more than %u elements in a set", LIMIT_SET_ELEMENTS);
			return;
		}
		if (good && !p.bad)
			*vec_add(arena, &set->elems) = elem;
		while (p.tok.kind != TOKEN_NEWLINE && p.tok.kind != TOKEN_END) {
			p.lexer.quiet = true;
			parser_next(&p);
		}
		p.lexer.quiet = false;
	}
}
