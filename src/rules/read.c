/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading rules files: the lines; words.c cuts them, command.c reads those with rules. */
#include "rules/read.h"

#include <stdlib.h>
#include <string.h>

#include "rules/parts.h"

#define COMMIT "COMMIT"
#define SHOWN_MAX 40 /* bytes of a word in a message */

static bool is_control(char c)
{
	return ((uint8_t)c < 0x20 && c != '\t') || c == 0x7f;
}

/* Told, and true, if a character of text[start, end) is none that a rule may hold. */
static bool has_control(struct reader *r, uint32_t start, uint32_t end)
{
	for (uint32_t pos = start; pos < end; pos++) {
		if (!is_control(r->text[pos]))
			continue;
		diag_error(r->diags, origin_make(r->source, pos, pos + 1), DIAG_RULES_CHARACTER,
			   "byte 0x%02x is no text; delete it%s", (unsigned)(uint8_t)r->text[pos],
			   r->text[pos] == '\r' ? ", or end the line there" : "");
		return true;
	}
	return false;
}

static void line_head(struct reader *r, struct rules_line *line, uint32_t count)
{
	line->head.items = arena_new_array(r->arena, struct rules_word, count);
	line->head.len = count;
	line->head.cap = count;
	for (uint32_t i = 0; i < count; i++)
		line->head.items[i] = r->tokens[i].word;
}

static bool line_unknown(struct reader *r, struct origin at, const char *why)
{
	diag_error(r->diags, at, DIAG_RULES_LINE, "%s", why);
	return false;
}

/* "*filter" or ":INPUT ACCEPT [0:0]": the words behind the sign at `start`. */
static bool cut_behind_sign(struct reader *r, uint32_t start, uint32_t end)
{
	uint32_t pos = start + 1;

	r->token_count = 0;
	if (!reader_cut(r, pos, end))
		return false;
	if (r->token_count && r->tokens[0].start > pos)
		r->tokens[0].word.gap =
			arena_strndup(r->arena, r->text + pos, r->tokens[0].start - pos);
	for (uint32_t i = 0; i < r->token_count; i++) {
		if (!r->tokens[i].quoted)
			continue;
		diag_error(r->diags, token_origin(r, &r->tokens[i]), DIAG_RULES_LINE,
			   "quotes are for rules; write the word without them");
		return false;
	}
	return true;
}

static void table_close(struct reader *r)
{
	if (!r->table)
		return;
	diag_error(r->diags, r->table_origin, DIAG_RULES_COMMIT,
		   "table '%.*s' has no COMMIT, nothing of it would be loaded; write a line COMMIT "
		   "behind its last rule",
		   SHOWN_MAX, r->table);
	r->table = NULL;
}

static bool read_table(struct reader *r, uint32_t start, uint32_t end, struct rules_line *line)
{
	struct origin at = origin_make(r->source, start, end);

	table_close(r);
	r->outside = true; /* until its name is read */
	line->kind = RULES_TABLE;
	if (!cut_behind_sign(r, start, end))
		return false;
	if (!r->token_count)
		return line_unknown(r, at, "expected the name of a table behind '*', as *filter");
	if (r->token_count > 1)
		return line_unknown(r, token_origin(r, &r->tokens[1]),
				    "unexpected word behind the table's name; delete it");
	line_head(r, line, 1);
	line->name = r->tokens[0].word.text;
	line->name_origin = r->tokens[0].word.origin;
	line->table = line->name;
	r->table = line->name;
	r->table_origin = at;
	r->outside = false;
	return true;
}

bool reader_chain_name(struct reader *r, const struct token *token)
{
	const char *name = token->word.text;

	if (!name[0] || name[0] == '-' || name[0] == '!' || strpbrk(name, " \t")) {
		diag_error(r->diags, token_origin(r, token), DIAG_RULES_CHAIN,
			   "'%.*s' cannot name a chain; expected a word that begins with neither "
			   "'-' nor '!'",
			   SHOWN_MAX, name);
		return false;
	}
	if (strlen(name) > LIMIT_RULES_CHAIN_BYTES) {
		diag_error(r->diags, token_origin(r, token), DIAG_RULES_CHAIN,
			   "the chain's name has %zu bytes, iptables takes %u; shorten it",
			   strlen(name), LIMIT_RULES_CHAIN_BYTES);
		return false;
	}
	return true;
}

/* Of chains of the kernel's; '-' stands for those of one's own. */
static bool is_policy(const char *word)
{
	return str_eq(word, "ACCEPT") || str_eq(word, "DROP") || str_eq(word, "-");
}

static bool read_chain(struct reader *r, uint32_t start, uint32_t end, struct rules_line *line)
{
	const struct token *tokens = r->tokens;

	line->kind = RULES_CHAIN;
	if (!cut_behind_sign(r, start, end))
		return false;
	if (r->token_count < 2 || !is_policy(tokens[1].word.text)) {
		diag_error(r->diags,
			   r->token_count < 2 ? origin_make(r->source, start, end)
					      : tokens[1].word.origin,
			   DIAG_RULES_CHAIN,
			   "expected the chain's name and its policy, ACCEPT, DROP, or '-' for a "
			   "chain "
			   "of your own, as :INPUT ACCEPT [0:0]");
		return false;
	}
	if (!reader_chain_name(r, &tokens[0]))
		return false;
	line->name = tokens[0].word.text;
	line->name_origin = tokens[0].word.origin;
	line->policy = tokens[1].word.text;
	line->has_counters = r->token_count > 2;
	if (line->has_counters &&
	    !counters_parse(tokens[2].word.text, &line->packets, &line->bytes)) {
		diag_error(r->diags, tokens[2].word.origin, DIAG_RULES_COUNTERS,
			   "expected the counters of packets and bytes, as [0:0]");
		return false;
	}
	if (r->token_count > 3)
		return line_unknown(r, tokens[3].word.origin,
				    "unexpected word behind the chain's counters; delete it");
	line_head(r, line, r->token_count);
	return true;
}

/* "[3:180] -A": iptables-restore needs no blank behind the ']'. */
static bool cut_counters(struct reader *r, uint32_t *pos, uint32_t end, struct rules_line *line)
{
	const char *close = memchr(r->text + *pos, ']', end - *pos);
	uint32_t behind = close ? (uint32_t)(close - r->text) + 1 : end;
	struct token *token = &r->tokens[0];

	token->start = *pos;
	token->end = behind;
	token->word = (struct rules_word){.raw = reader_piece(r, *pos, behind),
					  .origin = origin_make(r->source, *pos, behind)};
	token->word.text = token->word.raw;
	if (!counters_parse(token->word.text, &line->packets, &line->bytes)) {
		diag_error(r->diags, token->word.origin, DIAG_RULES_COUNTERS,
			   "expected the rule's counters of packets and bytes, as [3:180]");
		return false;
	}
	r->token_count = 1;
	line->has_counters = true;
	*pos = behind;
	return true;
}

static bool read_command(struct reader *r, uint32_t start, uint32_t end, struct rules_line *line)
{
	uint32_t pos = start;

	line->kind = RULES_COMMAND;
	r->token_count = 0;
	if (r->text[pos] == '[' && !cut_counters(r, &pos, end, line))
		return false;
	if (!reader_cut(r, pos, end))
		return false;
	return reader_command(r, line->has_counters ? 1 : 0, line);
}

static bool is_commit(const struct reader *r, uint32_t start, uint32_t end)
{
	uint32_t len = (uint32_t)strlen(COMMIT);

	return end - start >= len && memcmp(r->text + start, COMMIT, len) == 0 &&
	       (end - start == len || is_blank(r->text[start + len]));
}

static bool read_commit(struct reader *r, uint32_t start, uint32_t end, struct rules_line *line)
{
	uint32_t behind = start + (uint32_t)strlen(COMMIT);

	line->kind = RULES_COMMIT;
	r->table = NULL;
	if (behind < end)
		return line_unknown(r, origin_make(r->source, behind, end),
				    "unexpected text behind COMMIT; put it on a line of its own");
	return true;
}

static bool read_comment(struct reader *r, uint32_t start, uint32_t end, struct rules_line *line)
{
	const char *nul = memchr(r->text + start, '\0', end - start);

	line->kind = RULES_COMMENT;
	if (nul)
		return !has_control(r, (uint32_t)(nul - r->text), end);
	line->text = reader_piece(r, start, end);
	return true;
}

/* text[start, end) has neither blanks around it nor is it empty. */
static bool read_line(struct reader *r, uint32_t start, uint32_t end, struct rules_line *line)
{
	char first = r->text[start];

	line->origin = origin_make(r->source, start, end);
	line->table = r->table;
	if (first == '#')
		return read_comment(r, start, end, line);
	if (has_control(r, start, end))
		return false;
	if (first == '*')
		return read_table(r, start, end, line);
	if (!r->table && r->outside)
		return false; /* told at the first of them */
	r->outside = !r->table;
	if (!r->table)
		return line_unknown(
			r, line->origin,
			"line in no table; expected a table first, as *filter, or '#' and "
			"a comment");
	if (is_commit(r, start, end))
		return read_commit(r, start, end, line);
	if (first == ':')
		return read_chain(r, start, end, line);
	return read_command(r, start, end, line);
}

/* The blanks and line end from `end` to `next`. */
static const char *line_end(struct reader *r, uint32_t end, uint32_t next)
{
	if (next - end == 1 && r->text[end] == '\n')
		return NULL;
	return arena_strndup(r->arena, r->text + end, next - end);
}

/* The line of text[start, next), its '\n' with it. */
static void add_line(struct reader *r, struct rules_file *file, uint32_t start, uint32_t next)
{
	struct rules_line *line = &file->lines.items[file->lines.len];
	uint32_t first = start;
	uint32_t end = next;

	*line = (struct rules_line){.table = r->table};
	if (end > start && r->text[end - 1] == '\n')
		end--;
	if (end - start > LIMIT_RULES_LINE_BYTES) {
		diag_error(r->diags, origin_make(r->source, start, end), DIAG_RULES_TOO_LONG,
			   "the line has %u bytes, iptables-restore cuts it at %u; make several of "
			   "it",
			   (unsigned)(end - start), LIMIT_RULES_LINE_BYTES);
		return;
	}
	if (end > start && r->text[end - 1] == '\r')
		end--;
	while (end > start && is_blank(r->text[end - 1]))
		end--;
	while (first < end && is_blank(r->text[first]))
		first++;
	line->end = line_end(r, end, next);
	line->origin = origin_make(r->source, first, end);
	if (first > start)
		line->indent = arena_strndup(r->arena, r->text + start, first - start);
	if (first == end || read_line(r, first, end, line))
		file->lines.len++;
}

static uint32_t lines_count(const struct source *source)
{
	const char *pos = source->text;
	const char *end = pos + source->len;
	uint32_t count = 1;

	while ((pos = memchr(pos, '\n', (size_t)(end - pos)))) {
		count++;
		pos++;
	}
	return count;
}

static bool is_too_large(const struct source *source, uint16_t number, uint32_t lines,
			 struct diag_list *diags)
{
	struct origin at = origin_make(number, 0, source->len ? 1 : 0);

	if (source->len > LIMIT_RULES_BYTES)
		diag_error(diags, at, DIAG_TOO_LARGE,
			   "the file has %u bytes, %u are read; make several files of it",
			   (unsigned)source->len, LIMIT_RULES_BYTES);
	else if (lines > LIMIT_RULES_LINES)
		diag_error(diags, at, DIAG_TOO_MANY,
			   "the file has %u lines, %u are read; make several files of it",
			   (unsigned)lines, LIMIT_RULES_LINES);
	else
		return false;
	return true;
}

static void read_lines(struct reader *r, struct rules_file *file)
{
	for (uint32_t pos = 0, next; pos < r->len; pos = next) {
		const char *found = memchr(r->text + pos, '\n', r->len - pos);

		next = found ? (uint32_t)(found - r->text) + 1 : r->len;
		add_line(r, file, pos, next);
		r->words += r->token_count;
		r->token_count = 0;
		if (r->words > LIMIT_RULES_FILE_WORDS) {
			diag_error(r->diags, origin_make(r->source, pos, next), DIAG_TOO_MANY,
				   "more than %u words up to here; make several files of it",
				   LIMIT_RULES_FILE_WORDS);
			return;
		}
	}
	table_close(r);
}

struct rules_file *rules_read(struct arena *arena, const struct source_set *sources,
			      uint16_t source, struct diag_list *diags)
{
	const struct source *text = source_set_get(sources, source);
	struct rules_file *file = arena_new_object(arena, struct rules_file);
	uint32_t lines = text->len <= LIMIT_RULES_BYTES ? lines_count(text) : 0;
	struct reader *r;

	if (is_too_large(text, source, lines, diags))
		return file;
	file->lines.items = arena_new_array(arena, struct rules_line, lines);
	file->lines.cap = lines;
	r = mem_alloc(sizeof(*r));
	*r = (struct reader){.arena = arena,
			     .text = text->text,
			     .len = text->len,
			     .copy = arena_strndup(arena, text->text, text->len),
			     .source = source,
			     .diags = diags};
	read_lines(r, file);
	free(r);
	return file;
}
