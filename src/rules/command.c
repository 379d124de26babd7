/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the words of a rule: its command, the chain, and the options. */
#include <string.h>

#include "rules/parts.h"

#define SHOWN_MAX 40 /* bytes of a word in a message */

/* What is being read of one line. */
struct parse {
	struct reader *r;
	struct rules_line *line;
	struct rules_command *command;
	uint32_t next;		   /* token */
	struct rules_word head[5]; /* counters, verb, chain, number or policy */
	uint32_t head_count;
	bool has_verb;
	struct rules_option *option; /* the one that takes the words, or NULL */
	uint8_t args;		     /* enum option_args, of it */
	bool joined;		     /* its value was cut off its name */
};

static struct token *peek(struct parse *p)
{
	return p->next < p->r->token_count ? &p->r->tokens[p->next] : NULL;
}

static bool is_bang(const struct token *token)
{
	return token->len == 1 && token->word.text[0] == '!' && !token->quoted;
}

__attribute__((format(printf, 4, 5))) static bool
mistake(struct parse *p, const struct token *token, enum diag_code code, const char *fmt, ...)
{
	struct origin at = token ? token_origin(p->r, token) : p->line->origin;
	va_list args;
	char text[256];

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	diag_error(p->r->diags, at, code, "%s", text);
	return false;
}

/*
 * What may begin an option.  A number, "-" or "--" alone, and a quoted word that is no known name
 * are values.
 */
static bool is_option_like(const struct token *token)
{
	const char *text = token->word.text;

	if (token->name)
		return true;
	return text[0] == '-' && token->len > 1 && !str_eq(text, "--") &&
	       token->word.raw[0] != '"' && (text[1] < '0' || text[1] > '9');
}

/*
 * "--dport=22" and "-jACCEPT" are two words: makes the token the second of them, and *ret_name the
 * first.  `len` is that of the name, `gap` what parts the two.
 */
static void token_split(struct reader *r, struct token *token, uint32_t len, uint32_t gap,
			struct token *ret_name)
{
	uint32_t cut = token->start + len;

	*ret_name = *token;
	ret_name->end = cut;
	ret_name->word.raw = arena_strndup(r->arena, r->text + token->start, len);
	ret_name->word.text = ret_name->word.raw;
	ret_name->word.origin = token_origin(r, ret_name);
	token_known(ret_name, len);
	token->start = cut + gap;
	token->word.text += len + gap;
	token->word.raw += len + gap;
	token->word.gap = arena_strndup(r->arena, r->text + cut, gap);
	token->word.origin = token_origin(r, token);
	token_known(token, token->len - len - gap);
}

/* True if the name's value may stand right behind its letter. */
static bool takes_value(const struct rules_name *name)
{
	return name->kind == NAME_VERB || name->args != ARGS_NONE;
}

/* Takes the name of a command or option from the next token; what is left of it stays there. */
static void take_name(struct parse *p, struct token *ret)
{
	struct token *token = &p->r->tokens[p->next];
	const char *text = token->word.text;
	const char *equals = memchr(text, '=', token->len);
	const struct rules_name *letter =
		text[1] != '-' && token->word.raw[0] != '"' && token->word.raw[1] != '"'
			? rules_name_find(text, 2)
			: NULL;

	p->joined = !token->name;
	if (p->joined && letter && takes_value(letter)) {
		token_split(p->r, token, 2, 0, ret);
		return;
	}
	if (p->joined && text[1] == '-' && equals && equals - text > 2 &&
	    memcmp(token->word.raw, text, (size_t)(equals - text) + 1) == 0) {
		token_split(p->r, token, (uint32_t)(equals - text), 1, ret);
		return;
	}
	p->joined = false;
	*ret = *token;
	p->next++;
}

static void head_add(struct parse *p, const struct token *token)
{
	p->head[p->head_count++] = token->word;
}

/* The word behind a command; NULL if there is none that could be a value. */
static const struct token *take_value(struct parse *p)
{
	struct token *token = peek(p);

	if (!token || is_bang(token) || is_option_like(token))
		return NULL;
	p->next++;
	return token;
}

static bool needs_chain(enum rules_verb verb)
{
	return verb != RULES_FLUSH && verb != RULES_DELETE_CHAIN && verb != RULES_ZERO;
}

static bool read_chain_of(struct parse *p, const struct token *verb)
{
	const struct token *token = take_value(p);

	if (!token && needs_chain((enum rules_verb)p->command->verb))
		return mistake(p, verb, DIAG_RULES_CHAIN,
			       "expected the name of a chain behind '%s', as %s INPUT",
			       verb->word.text, verb->word.text);
	if (!token)
		return true;
	if (!reader_chain_name(p->r, token))
		return false;
	head_add(p, token);
	p->line->name = token->word.text;
	p->line->name_origin = token->word.origin;
	return true;
}

/* The place in the chain, from 1. */
static bool read_number(struct parse *p, const struct token *verb)
{
	struct token *token = peek(p);
	const char *text = token ? token->word.text : "";

	if (token && str_parse_u32(text, strlen(text), 1, UINT32_MAX, &p->command->number)) {
		head_add(p, token);
		p->next++;
		return true;
	}
	if (token && !is_bang(token) && !is_option_like(token))
		return mistake(p, token, DIAG_RULES_WORD,
			       "expected the number of a rule, from 1, or an option");
	if (p->command->verb == RULES_REPLACE)
		return mistake(p, verb, DIAG_RULES_WORD,
			       "expected the number of a rule behind the chain, as %s INPUT 1",
			       verb->word.text);
	return true;
}

static bool read_policy(struct parse *p, const struct token *verb)
{
	const struct token *token = take_value(p);

	if (p->command->verb == RULES_POLICY &&
	    (!token || (!str_eq(token->word.text, "ACCEPT") && !str_eq(token->word.text, "DROP"))))
		return mistake(p, token ? token : verb, DIAG_RULES_CHAIN,
			       "expected the policy ACCEPT or DROP behind the chain");
	if (!token)
		return mistake(p, verb, DIAG_RULES_CHAIN,
			       "expected the chain's new name behind the old one");
	if (!reader_chain_name(p->r, token))
		return false;
	head_add(p, token);
	p->line->policy = token->word.text;
	return true;
}

static bool read_verb(struct parse *p, const struct token *verb, const struct rules_name *name)
{
	if (p->has_verb)
		return mistake(p, verb, DIAG_RULES_VERB,
			       "second command in a line; put it on a line of its own");
	p->has_verb = true;
	p->option = NULL;
	p->command->verb = name->verb;
	p->command->ahead = p->r->option_count;
	head_add(p, verb);
	if (!read_chain_of(p, verb))
		return false;
	switch ((enum rules_verb)name->verb) {
	case RULES_INSERT:
	case RULES_DELETE:
	case RULES_REPLACE:
		return read_number(p, verb);
	case RULES_ZERO:
		return !p->line->name || read_number(p, verb);
	case RULES_POLICY:
	case RULES_RENAME:
		return read_policy(p, verb);
	case RULES_APPEND:
	case RULES_FLUSH:
	case RULES_NEW_CHAIN:
	case RULES_DELETE_CHAIN:
		return true;
	}
	return true;
}

static bool refuse(struct parse *p, const struct token *token, const struct rules_name *name)
{
	if (str_eq(name->canonical, "-t"))
		return mistake(
			p, token, DIAG_RULES_VERB,
			"'%s' does not stand in a rules file; put the rule below the line of "
			"its table, as *nat",
			token->word.text);
	return mistake(p, token, DIAG_RULES_VERB,
		       "'%s' changes no rule; expected -A, -I, -D, -R, -F, -N, -X, -P, -Z or -E",
		       token->word.text);
}

static uint32_t args_wanted(uint8_t args)
{
	switch ((enum option_args)args) {
	case ARGS_ANY:
		return UINT32_MAX;
	case ARGS_NONE:
		return 0;
	case ARGS_ONE:
	case ARGS_TEXT:
	case ARGS_APART:
		return 1;
	case ARGS_TWO:
		return 2;
	}
	return 0;
}

/* The option before is complete, if its arguments are known. */
static bool option_end(struct parse *p)
{
	struct rules_option *option = p->option;
	uint32_t wanted = option ? args_wanted(p->args) : 0;

	p->option = NULL;
	if (!option || wanted == UINT32_MAX || option->args.len == wanted)
		return true;
	diag_error(p->r->diags, option->origin, DIAG_RULES_WORD, "expected %s behind '%.*s'",
		   wanted == 1 ? "a value" : "two values", SHOWN_MAX, option->word.text);
	return false;
}

/* Words stand in a row in the tokens: the option's arguments are `count` of them from `first`. */
static void option_args(struct parse *p, uint32_t first, uint32_t count)
{
	struct rules_option *option = p->option;

	if (!count)
		return;
	option->args.items = arena_new_array(p->r->arena, struct rules_word, count);
	option->args.len = count;
	option->args.cap = count;
	for (uint32_t i = 0; i < count; i++)
		option->args.items[i] = p->r->tokens[first + i].word;
	option->origin = origin_join(option->origin, p->r->tokens[first + count - 1].word.origin);
}

/* The arguments of the option, as far as it takes them. */
static void take_args(struct parse *p)
{
	uint32_t wanted = args_wanted(p->args);
	uint32_t first = p->next;
	struct token *token = peek(p);

	if (wanted && p->args != ARGS_TEXT && token && is_bang(token) && !p->option->negated &&
	    p->next + 1 < p->r->token_count && !is_option_like(token + 1)) {
		p->option->negated = true;
		p->option->negated_behind = true;
		p->option->bang_gap = token->word.gap;
		first = ++p->next;
	}
	while ((token = peek(p)) && p->next - first < wanted) {
		/* right behind the name: whatever it is, it is the value */
		bool joined = p->joined && p->next == first;

		if (p->args != ARGS_TEXT && !joined && (is_bang(token) || is_option_like(token)))
			break;
		p->next++;
	}
	option_args(p, first, p->next - first);
}

static bool read_option(struct parse *p, const struct token *bang)
{
	struct rules_option *option = &p->r->options[p->r->option_count];
	const struct rules_name *name;
	struct token word;

	take_name(p, &word);
	name = word.name;
	if (name && name->kind != NAME_OPTION && bang)
		return mistake(p, bang, DIAG_RULES_WORD,
			       "'!' does not stand in front of a command; put it in front of an "
			       "option");
	if (name && name->kind == NAME_REFUSED)
		return refuse(p, &word, name);
	if (name && name->kind == NAME_VERB)
		return read_verb(p, &word, name);
	if (name && name->args == ARGS_APART && p->joined)
		return mistake(p, &word, DIAG_RULES_WORD,
			       "iptables-restore takes the name and '%.*s' for one value; write "
			       "'%s', a blank, and the value",
			       SHOWN_MAX, p->r->tokens[p->next].word.text, name->canonical);
	*option = (struct rules_option){
		.name = name ? name->canonical : word.word.text,
		.word = word.word,
		.negated = bang != NULL,
		.bang_gap = bang ? bang->word.gap : NULL,
		.origin =
			bang ? origin_join(bang->word.origin, word.word.origin) : word.word.origin};
	p->r->option_count++;
	p->option = option;
	p->args = name ? name->args : ARGS_ANY;
	take_args(p);
	return option_end(p);
}

/* A word that begins neither option nor command. */
static bool stray(struct parse *p, const struct token *token)
{
	if (!p->has_verb && p->next == p->head_count)
		return mistake(
			p, token, DIAG_RULES_VERB,
			"'%.*s' begins no line of a rules file; expected -A and a chain, '#' "
			"and a comment, or COMMIT",
			SHOWN_MAX, token->word.text);
	return mistake(p, token, DIAG_RULES_WORD,
		       "'%.*s' belongs to no option; delete it, or put double quotes around the "
		       "words of one value",
		       SHOWN_MAX, token->word.text);
}

static bool read_next(struct parse *p)
{
	struct token *token = &p->r->tokens[p->next];
	struct token *bang = NULL;

	if (is_bang(token)) {
		bang = token++;
		p->next++;
		if (p->next == p->r->token_count || !is_option_like(token))
			return mistake(p, bang, DIAG_RULES_WORD,
				       "expected an option behind '!', as ! -s 192.0.2.1");
	}
	if (is_option_like(token))
		return read_option(p, bang);
	return stray(p, token);
}

static bool takes_options(enum rules_verb verb)
{
	return verb == RULES_APPEND || verb == RULES_INSERT || verb == RULES_DELETE ||
	       verb == RULES_REPLACE;
}

static bool is_complete(struct parse *p)
{
	const struct rules_command *command = p->command;

	if (!p->has_verb)
		return mistake(p, NULL, DIAG_RULES_VERB,
			       "line without a command; expected -A and a chain in front");
	if (!p->r->option_count)
		return true;
	if (takes_options((enum rules_verb)command->verb) &&
	    !(command->verb == RULES_DELETE && command->number))
		return true;
	diag_error(p->r->diags, p->r->options[0].origin, DIAG_RULES_WORD,
		   "'%s' takes no options here; delete it", p->r->options[0].name);
	return false;
}

bool reader_command(struct reader *r, uint32_t first, struct rules_line *line)
{
	struct rules_command *command = arena_new_object(r->arena, struct rules_command);
	struct parse parse = {.r = r, .line = line, .command = command};

	r->option_count = 0;
	while (parse.next < first)
		head_add(&parse, &r->tokens[parse.next++]);
	while (parse.next < r->token_count) {
		if (!read_next(&parse))
			return false;
	}
	if (!is_complete(&parse))
		return false;
	command->options.items =
		arena_memdup(r->arena, r->options, sizeof(r->options[0]) * r->option_count);
	command->options.len = r->option_count;
	command->options.cap = r->option_count;
	line->command = command;
	line->head.items =
		arena_memdup(r->arena, parse.head, sizeof(parse.head[0]) * parse.head_count);
	line->head.len = parse.head_count;
	line->head.cap = parse.head_count;
	return true;
}
