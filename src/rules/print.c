/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing rules files: each word as it was written, those that we made in plain form. */
#include "rules/print.h"

#include <string.h>

#include "rules/parts.h"

/* A line break in a word would begin a command of its own. */
static void add_quoted(const char *text, struct str_buf *out)
{
	if (text[0] && text[0] != '-' && text[0] != '!' && !text[strcspn(text, " \t\r\n\"'\\")]) {
		str_buf_adds(out, text);
		return;
	}
	str_buf_addc(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			str_buf_addc(out, '\\');
		str_buf_addc(out, *text == '\n' || *text == '\r' ? ' ' : *text);
	}
	str_buf_addc(out, '"');
}

/* `start` is where the line begins in out: its first word has nothing in front. */
struct printer {
	struct str_buf *out;
	size_t start;
};

static void add_gap(const struct printer *p, const char *gap)
{
	if (p->out->len == p->start)
		return;
	if (gap)
		str_buf_adds(p->out, gap);
	else
		str_buf_addc(p->out, ' ');
}

static void add_word(const struct printer *p, const struct rules_word *word)
{
	add_gap(p, word->gap);
	if (word->raw)
		str_buf_adds(p->out, word->raw);
	else
		add_quoted(word->text, p->out);
}

static void add_option(const struct printer *p, const struct rules_option *option)
{
	if (option->negated && !option->negated_behind) {
		add_gap(p, option->bang_gap);
		str_buf_addc(p->out, '!');
	}
	add_gap(p, option->word.gap);
	str_buf_adds(p->out, option->word.raw ? option->word.raw : option->name);
	if (option->negated && option->negated_behind) {
		add_gap(p, option->bang_gap);
		str_buf_addc(p->out, '!');
	}
	vec_each (&option->args, arg)
		add_word(p, arg);
}

/* The value: as the head's word number *at was written, if that still says the same. */
static void add_value(const struct printer *p, const struct rules_line *line, uint32_t *at,
		      const char *value)
{
	const struct rules_word *word = *at < line->head.len ? &line->head.items[*at] : NULL;

	(*at)++;
	if (word && str_eq(word->text, value)) {
		add_word(p, word);
		return;
	}
	add_gap(p, NULL);
	add_quoted(value, p->out);
}

static bool has_counters_word(const struct rules_line *line, uint32_t at)
{
	return at < line->head.len && line->head.items[at].text[0] == '[';
}

static void add_counters(const struct printer *p, const struct rules_line *line, uint32_t at)
{
	uint64_t packets, bytes;

	if (has_counters_word(line, at) &&
	    counters_parse(line->head.items[at].text, &packets, &bytes) &&
	    packets == line->packets && bytes == line->bytes) {
		add_word(p, &line->head.items[at]);
		return;
	}
	add_gap(p, NULL);
	str_buf_addf(p->out, "[%llu:%llu]", (unsigned long long)line->packets,
		     (unsigned long long)line->bytes);
}

static void add_verb(const struct printer *p, const struct rules_line *line, uint32_t *at)
{
	const struct rules_word *word = *at < line->head.len ? &line->head.items[*at] : NULL;
	const struct rules_name *name =
		word ? rules_name_find(word->text, (uint32_t)strlen(word->text)) : NULL;

	(*at)++;
	if (name && name->kind == NAME_VERB && name->verb == line->command->verb) {
		add_word(p, word);
		return;
	}
	add_gap(p, NULL);
	str_buf_adds(p->out, rules_verb_name((enum rules_verb)line->command->verb));
}

static void add_number(const struct printer *p, const struct rules_line *line, uint32_t *at)
{
	const struct rules_word *word = *at < line->head.len ? &line->head.items[*at] : NULL;
	uint32_t number;

	if (word && str_parse_u32(word->text, strlen(word->text), 0, UINT32_MAX, &number) &&
	    number == line->command->number) {
		add_word(p, word);
		return;
	}
	add_gap(p, NULL);
	str_buf_addf(p->out, "%u", (unsigned)line->command->number);
}

static void add_command(const struct printer *p, const struct rules_line *line)
{
	const struct rules_command *command = line->command;
	uint32_t ahead =
		command->ahead < command->options.len ? command->ahead : command->options.len;
	uint32_t at = 0;

	if (line->has_counters)
		add_counters(p, line, at);
	if (has_counters_word(line, at))
		at++;
	for (uint32_t i = 0; i < ahead; i++)
		add_option(p, &command->options.items[i]);
	add_verb(p, line, &at);
	if (line->name)
		add_value(p, line, &at, line->name);
	if (line->policy)
		add_value(p, line, &at, line->policy);
	else if (command->number)
		add_number(p, line, &at);
	for (uint32_t i = ahead; i < command->options.len; i++)
		add_option(p, &command->options.items[i]);
}

/* "*filter", ":INPUT": blanks may stand behind the sign. */
static void add_name(const struct printer *p, const struct rules_line *line, char sign,
		     uint32_t *at)
{
	bool same = line->head.len && str_eq(line->head.items[0].text, line->name);

	str_buf_addc(p->out, sign);
	if (same && line->head.items[0].gap)
		str_buf_adds(p->out, line->head.items[0].gap);
	str_buf_adds(p->out, line->name);
	(*at)++;
}

static void add_chain(const struct printer *p, const struct rules_line *line)
{
	uint32_t at = 0;

	add_name(p, line, ':', &at);
	add_value(p, line, &at, line->policy);
	if (line->has_counters)
		add_counters(p, line, at);
}

void rules_print_line(const struct rules_line *line, struct str_buf *out)
{
	const struct printer printer = {.out = out, .start = out->len};
	uint32_t at = 0;

	switch ((enum rules_line_kind)line->kind) {
	case RULES_BLANK:
		break;
	case RULES_COMMENT:
		str_buf_adds(out, line->text);
		break;
	case RULES_TABLE:
		add_name(&printer, line, '*', &at);
		break;
	case RULES_CHAIN:
		add_chain(&printer, line);
		break;
	case RULES_COMMAND:
		add_command(&printer, line);
		break;
	case RULES_COMMIT:
		str_buf_adds(out, "COMMIT");
		break;
	}
}

void rules_print(const struct rules_file *file, struct str_buf *out)
{
	vec_each (&file->lines, line) {
		bool last = line == file->lines.items + file->lines.len - 1;

		if (line->indent)
			str_buf_adds(out, line->indent);
		rules_print_line(line, out);
		str_buf_adds(out, line->end ? line->end : "\n");
		/* one without a line end was the last when it was read */
		if (!last && line->end && !str_ends(line->end, "\n"))
			str_buf_addc(out, '\n');
	}
}
