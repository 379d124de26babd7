/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each mistake of a rules file is told once, at its place, and what stands around it is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "rules/read.h"
#include "unit/rules/reading.h"

struct mistake {
	const char *code;
	const char *text;
	const char *part; /* of the message */
	uint32_t line;
	uint32_t column;
	uint32_t len; /* of the span, 0: any */
};

static void assert_mistake(const struct reading *r, const struct mistake *want)
{
	struct source_place place;
	const struct diag *diag;

	if (r->diags.errors != 1 || r->diags.items.len != 1) {
		auto_str struct str_buf messages = {0};

		diag_list_format(&r->diags, &r->sources, &messages);
		print_error("%s\n%s", want->text, str_buf_text(&messages));
		fail();
	}
	diag = r->diags.items.items[0];
	if (!strstr(diag->text, want->part))
		print_error("%s\n'%s' is not in: %s\n", want->text, want->part, diag->text);
	assert_non_null(strstr(diag->text, want->part));
	assert_string_equal(diag_code_text(diag->code), want->code);
	assert_true(source_place_of(&r->sources, diag->at, &place));
	assert_int_equal(place.line, want->line);
	assert_int_equal(place.column, want->column);
	if (want->len)
		assert_int_equal(diag->at.len, want->len);
}

/* The text between "*filter" and two rules. */
static void each_mistake_has_its_place(void **state)
{
	static const struct mistake cases[] = {
		{"E0801", "-A INPUT\x01 -j DROP", "0x01", 2, 9, 1},
		{"E0801", "-A INPUT \r -j DROP", "end the line there", 2, 10, 1},
		{"E0801", ":own\x7f - [0:0]", "0x7f", 2, 5, 1},
		{"E0802", "-A INPUT --comment \"a b -j DROP", "not closed", 2, 20, 12},
		{"E0802", "-A INPUT --comment \"a\\\" -j DROP", "not closed", 2, 20, 12},
		{"E0802", "-A INPUT --comment 'a b' -j DROP", "double quotes", 2, 20, 2},
		{"E0802", "-A INPUT --comment ' -j DROP", "double quotes", 2, 20, 1},
		{"E0804", "COMMIT now\n*filter", "behind COMMIT", 2, 7, 4},
		{"E0804", ":own - [0:0] x", "behind the chain's counters", 2, 14, 1},
		{"E0804", ":\"own\" - [0:0]", "without them", 2, 2, 5},
		{"E0804", "COMMIT\n*\n*filter", "name of a table", 3, 1, 1},
		{"E0804", "COMMIT\n*nat x\nCOMMIT\n*filter", "behind the table's name", 3, 6, 1},
		{"E0804", "COMMIT\n-A INPUT\n-A OUTPUT\n*filter", "line in no table", 3, 1, 8},
		{"E0804", "COMMIT\nCOMMIT\n*filter", "line in no table", 3, 1, 6},
		{"E0803", "*filter", "no COMMIT", 1, 1, 7},
		{"E0805", "INPUT -j DROP", "begins no line", 2, 1, 5},
		{"E0805", "[0:0] INPUT -j DROP", "begins no line", 2, 7, 5},
		{"E0805", "COMMIT#", "begins no line", 2, 1, 7},
		{"E0805", "-j DROP", "without a command", 2, 1, 7},
		{"E0805", "[0:0]", "without a command", 2, 1, 5},
		{"E0805", "-A INPUT -F OUTPUT", "second command", 2, 10, 2},
		{"E0805", "-A INPUT -t nat -j DROP", "'-t' does not stand", 2, 10, 2},
		{"E0805", "--table nat -A INPUT", "'--table' does not stand", 2, 1, 7},
		{"E0805", "--check INPUT -j DROP", "changes no rule", 2, 1, 7},
		{"E0805", "-L", "changes no rule", 2, 1, 2},
		{"E0806", "-A", "name of a chain", 2, 1, 2},
		{"E0806", "--append -j DROP", "name of a chain", 2, 1, 8},
		{"E0806", "-N ! own", "name of a chain", 2, 1, 2},
		{"E0806", "-N !own", "cannot name a chain", 2, 4, 4},
		{"E0806", "-N \"\"", "cannot name a chain", 2, 4, 2},
		{"E0806", "-N \"o wn\"", "cannot name a chain", 2, 4, 6},
		{"E0806", "-N a2345678901234567890123456789", "29 bytes", 2, 4, 29},
		{"E0806", ":a2345678901234567890123456789 - [0:0]", "29 bytes", 2, 2, 29},
		{"E0806", ":-own - [0:0]", "cannot name a chain", 2, 2, 4},
		{"E0806", ":own", "and its policy", 2, 1, 4},
		{"E0806", ":", "and its policy", 2, 1, 1},
		{"E0806", ":own [0:0]", "and its policy", 2, 6, 5},
		{"E0806", ":INPUT REJECT [0:0]", "and its policy", 2, 8, 6},
		{"E0806", "-P INPUT", "ACCEPT or DROP", 2, 1, 2},
		{"E0806", "-P INPUT REJECT", "ACCEPT or DROP", 2, 10, 6},
		{"E0806", "-E old", "new name", 2, 1, 2},
		{"E0806", "-E old !new", "cannot name a chain", 2, 8, 4},
		{"E0807", ":INPUT DROP [0]", "[0:0]", 2, 13, 3},
		{"E0807", ":INPUT DROP 0:0", "[0:0]", 2, 13, 3},
		{"E0807", "[3:] -A INPUT", "[3:180]", 2, 1, 4},
		{"E0807", "[3:180 -A INPUT", "[3:180]", 2, 1, 15},
		{"E0807", "[-3:180] -A INPUT", "[3:180]", 2, 1, 8},
		{"E0807", "[3:18446744073709551616] -A INPUT", "[3:180]", 2, 1, 24},
		{"E0808", "-A INPUT own -j DROP", "'own' belongs to no option", 2, 10, 3},
		{"E0808", "-A INPUT -s 192.0.2.1 192.0.2.2", "belongs to no option", 2, 23, 9},
		{"E0808", "-A INPUT --comment ! a", "'a' belongs to no option", 2, 22, 1},
		{"E0808", "-A INPUT --comment a b -j DROP", "double quotes", 2, 22, 1},
		{"E0808", "-A INPUT -j DROP [3:180]", "belongs to no option", 2, 18, 7},
		{"E0808", "-A INPUT -s -j DROP", "expected a value behind '-s'", 2, 10, 2},
		{"E0808", "-A INPUT -j", "expected a value behind '-j'", 2, 10, 2},
		{"E0808", "-A INPUT --tcp-flags SYN -j DROP", "expected two values", 2, 10, 15},
		{"E0808", "-A INPUT ! -j", "expected a value behind '-j'", 2, 10, 4},
		{"E0808", "-A INPUT ! lo", "an option behind '!'", 2, 10, 1},
		{"E0808", "-A INPUT !", "an option behind '!'", 2, 10, 1},
		{"E0808", "-A INPUT ! ! -i lo", "an option behind '!'", 2, 10, 1},
		{"E0808", "-A INPUT ! -s ! 192.0.2.1", "expected a value behind '-s'", 2, 10, 4},
		{"E0808", "! -A INPUT", "in front of a command", 2, 1, 1},
		{"E0808", "-A INPUT -- x", "'--' belongs to no option", 2, 10, 2},
		{"E0808", "-A INPUT -ieth0 -j DROP", "write '-i', a blank", 2, 10, 2},
		{"E0808", "-A INPUT -j\"DROP\"", "and 'DROP' for one value", 2, 10, 2},
		{"E0808", "-A INPUT --source=192.0.2.1", "write '-s', a blank", 2, 10, 8},
		{"E0808", "-I INPUT 0 -j DROP", "number of a rule", 2, 10, 1},
		{"E0808", "-D INPUT x", "number of a rule", 2, 10, 1},
		{"E0808", "-R INPUT -j DROP", "number of a rule", 2, 1, 2},
		{"E0808", "-R INPUT 4294967296 -j DROP", "number of a rule", 2, 10, 10},
		{"E0808", "-D INPUT 1 -j DROP", "takes no options", 2, 12, 7},
		{"E0808", "-F INPUT -s 192.0.2.1", "takes no options", 2, 10, 12},
		{"E0808", "-N own -j DROP", "takes no options", 2, 8, 7},
		{"E0808", "-P INPUT DROP 3", "belongs to no option", 2, 15, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_str struct str_buf text = {0};
		struct reading r;
		uint32_t rules = 0;

		str_buf_addf(&text, "*filter\n%s\n-A INPUT -i lo\n-A OUTPUT -o lo\nCOMMIT\n",
			     cases[i].text);
		reading_of(&r, text.data, (uint32_t)text.len);
		assert_mistake(&r, &cases[i]);
		vec_each (&r.file->lines, line)
			rules += line->kind == RULES_COMMAND;
		assert_int_equal(rules, 2);
		arena_free(r.arena);
	}
}

static void nul_bytes_are_told(void **state)
{
	static const char rule[] = "*filter\n-A INPUT\0 -j DROP\nCOMMIT\n";
	static const char comment[] = "*filter\n# a\0b\nCOMMIT\n";
	static const struct mistake in_rule = {"E0801", "rule", "0x00", 2, 9, 1};
	static const struct mistake in_comment = {"E0801", "comment", "0x00", 2, 4, 1};
	struct reading r;

	(void)state;
	reading_of(&r, rule, sizeof(rule) - 1);
	assert_mistake(&r, &in_rule);
	assert_int_equal(r.file->lines.len, 2);
	arena_free(r.arena);
	reading_of(&r, comment, sizeof(comment) - 1);
	assert_mistake(&r, &in_comment);
	arena_free(r.arena);
}

static void end_of_file_without_commit(void **state)
{
	static const struct mistake want = {"E0803", "end", "table 'nat' has no COMMIT", 3, 1, 4};
	static const char text[] = "*filter\nCOMMIT\n*nat\n-A OUTPUT -j own";
	struct reading r;

	(void)state;
	reading_of(&r, text, sizeof(text) - 1);
	assert_mistake(&r, &want);
	assert_int_equal(r.file->lines.len, 4);
	arena_free(r.arena);
}

static void add_repeated(struct str_buf *text, const char *piece, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		str_buf_adds(text, piece);
}

/* The text with `count` times the piece between `front` and `behind`, in a table. */
static void read_repeated(struct reading *r, struct str_buf *text, const char *front,
			  const char *piece, uint32_t count, const char *behind)
{
	str_buf_addf(text, "*filter\n%s", front);
	add_repeated(text, piece, count);
	str_buf_addf(text, "%s\nCOMMIT\n", behind);
	reading_of(r, text->data, (uint32_t)text->len);
}

static void longer_than_iptables_restore_reads(void **state)
{
	static const struct {
		const char *front;
		const char *piece;
		uint32_t most;
		struct mistake want;
	} cases[] = {
		{"-A INPUT -i ",
		 "a",
		 LIMIT_RULES_WORD_BYTES,
		 {"E0809", "word", "1024 bytes", 2, 13, 1024}},
		{"-A INPUT",
		 " -4",
		 LIMIT_RULES_WORDS - 2,
		 {"E0809", "words", "more than 248 words", 2, 9 + 3 * 246 + 1, 2}},
		{"# ",
		 "a",
		 LIMIT_RULES_LINE_BYTES - 2,
		 {"E0809", "line", "10239 bytes", 2, 1, 10239}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_str struct str_buf text = {0};
		auto_str struct str_buf longer = {0};
		struct reading r;

		read_repeated(&r, &text, cases[i].front, cases[i].piece, cases[i].most, "");
		assert_int_equal(r.diags.errors, 0);
		assert_int_equal(r.file->lines.len, 3);
		arena_free(r.arena);
		read_repeated(&r, &longer, cases[i].front, cases[i].piece, cases[i].most + 1, "");
		assert_mistake(&r, &cases[i].want);
		assert_int_equal(r.file->lines.len, 2);
		arena_free(r.arena);
	}
}

/* More than is read of one file: told at once, with nothing read. */
static void larger_than_a_file_may_be(void **state)
{
	static const struct mistake bytes = {"E0701", "bytes", "make several files", 1, 1, 1};
	static const struct mistake lines = {"E0702", "lines", "make several files", 1, 1, 1};
	auto_str struct str_buf text = {0};
	auto_str struct str_buf many = {0};
	struct reading r;

	(void)state;
	read_repeated(&r, &text, "#", "aaaaaaaaaaaaaaaa", LIMIT_RULES_BYTES / 16, "");
	assert_mistake(&r, &bytes);
	assert_int_equal(r.file->lines.len, 0);
	arena_free(r.arena);
	read_repeated(&r, &many, "", "\n", LIMIT_RULES_LINES, "");
	assert_mistake(&r, &lines);
	assert_int_equal(r.file->lines.len, 0);
	arena_free(r.arena);
}

static void more_words_than_a_file_may_have(void **state)
{
	auto_str struct str_buf text = {0};
	auto_str struct str_buf line = {0};
	struct reading r;

	(void)state;
	str_buf_adds(&line, "-A a");
	add_repeated(&line, " -4", 240);
	str_buf_addc(&line, '\n');
	str_buf_adds(&text, "*filter\n");
	add_repeated(&text, line.data, LIMIT_RULES_FILE_WORDS / 242 + 1);
	str_buf_adds(&text, "COMMIT\n");
	reading_of(&r, text.data, (uint32_t)text.len);
	assert_int_equal(r.diags.errors, 1);
	assert_string_equal(diag_code_text(r.diags.items.items[0]->code), "E0702");
	arena_free(r.arena);
}

/* Texts made to cost: what they take is bounded by their size, and by what one file may hold. */
static void hostile_texts_are_bounded(void **state)
{
	static const struct {
		const char *front;
		const char *piece;
		size_t piece_len;
		uint32_t count;
		uint32_t errors;
	} cases[] = {
		{"*f\n", "a", 1, LIMIT_RULES_BYTES - 8, 2},
		{"", "\0", 1, LIMIT_RULES_BYTES, 1},
		{"#", "\0", 1, LIMIT_RULES_BYTES - 1, 1},
		{"", "*f\n", 3, 999999, 999999},
		{"", "*f\nCOMMIT\n", 10, 499999, 0},
		{"*f\n", "x\n", 2, 900000, 900001},
		{"*f\n", "\x01\n", 2, 900000, 900001},
		{"*f\n", "-A a \"\n", 7, 900000, 900001},
		{"*f\n", "-A a -q -q -q -q -q -q\n", 23, 600000, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_str struct str_buf text = {0};
		struct reading r;

		str_buf_adds(&text, cases[i].front);
		for (uint32_t k = 0; k < cases[i].count; k++)
			str_buf_add(&text, cases[i].piece, cases[i].piece_len);
		reading_of(&r, text.data, (uint32_t)text.len);
		assert_int_equal(r.diags.errors, cases[i].errors);
		assert_true(arena_bytes(r.arena) < (size_t)384 * 1024 * 1024);
		arena_free(r.arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mistake_has_its_place),
		cmocka_unit_test(nul_bytes_are_told),
		cmocka_unit_test(end_of_file_without_commit),
		cmocka_unit_test(longer_than_iptables_restore_reads),
		cmocka_unit_test(larger_than_a_file_may_be),
		cmocka_unit_test(more_words_than_a_file_may_have),
		cmocka_unit_test(hostile_texts_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
