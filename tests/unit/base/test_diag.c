/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What diagnostics look like, byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "base/limits.h"

struct caret_case {
	const char *text;
	uint32_t start;
	uint32_t end;
	const char *want;
};

static const struct caret_case carets[] = {
	/* a word; the pad is spaces */
	{"    allow htps\n", 10, 14,
	 "p:1:11: error: wrong [E0101]\n    allow htps\n          ^~~~\n"},
	/* tabs are kept in the pad */
	{"x\n\tallow\ttcp 9-8\n", 13, 16,
	 "p:2:12: error: wrong [E0101]\n\tallow\ttcp 9-8\n\t     \t    ^~~\n"},
	/* a span over the line's end is cut there */
	{"ab cd\nef\n", 3, 8, "p:1:4: error: wrong [E0101]\nab cd\n   ^~\n"},
	/* an empty span draws one caret, at the end of a line too */
	{"abc\n", 1, 1, "p:1:2: error: wrong [E0101]\nabc\n ^\n"},
	{"abc\n", 3, 3, "p:1:4: error: wrong [E0101]\nabc\n   ^\n"},
	{"abc\n", 3, 4, "p:1:4: error: wrong [E0101]\nabc\n   ^\n"},
	/* the end of the text, with and without a last newline */
	{"abc", 3, 3, "p:1:4: error: wrong [E0101]\nabc\n   ^\n"},
	{"abc\n", 4, 4, "p:2:1: error: wrong [E0101]\n\n^\n"},
	{"", 0, 0, "p:1:1: error: wrong [E0101]\n\n^\n"},
	/* past the text: a place is made up, nothing is read */
	{"abc", 900, 905, "p:1:4: error: wrong [E0101]\nabc\n   ^\n"},
	/* CRLF */
	{"abc def\r\n", 4, 9, "p:1:5: error: wrong [E0101]\nabc def\n    ^~~\n"},
	/* one column for a character, however many bytes it has */
	{"\xc3\xa4\xe2\x86\x92 x\xc3\xb6y\n", 6, 10,
	 "p:1:7: error: wrong [E0101]\n\xc3\xa4\xe2\x86\x92 x\xc3\xb6y\n   ^~~\n"},
	/* nothing that a terminal obeys: ESC, DEL, C1 as UTF-8 and alone, broken UTF-8 */
	{"\x1b[1m x\n", 5, 6, "p:1:6: error: wrong [E0101]\n?[1m x\n     ^\n"},
	{"\x7f\xc2\x9b\x9b\xe2\x86 x\n", 7, 8, "p:1:8: error: wrong [E0101]\n?????? x\n       ^\n"},
};

static void carets_stand_under_the_span(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(carets) / sizeof(carets[0]); i++) {
		const struct caret_case *c = &carets[i];
		auto_of(arena_free) struct arena *arena = arena_new();
		struct source_set sources = {.arena = arena};
		struct diag_list diags = {.arena = arena};
		auto_str struct str_buf out = {0};
		uint16_t source = source_set_add(&sources, "p", c->text, (uint32_t)strlen(c->text));

		(void)diag_error(&diags, origin_make(source, c->start, c->end), DIAG_SYNTAX,
				 "wrong");
		diag_list_format(&diags, &sources, &out);
		assert_string_equal(str_buf_text(&out), c->want);
	}
}

static void notes_have_their_own_line(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct source_set sources = {.arena = arena};
	struct diag_list diags = {.arena = arena};
	auto_str struct str_buf out = {0};
	uint16_t one = source_set_add(&sources, "a.policy", "zone x = eth0\nzone x = eth1\n", 28);
	struct diag *diag = diag_warning(&diags, origin_make(one, 19, 20), DIAG_DUPLICATE_ZONE,
					 "zone '%s' again", "x\n\x1b");

	(void)state;
	diag_note(diag, origin_make(one, 5, 6), "first");
	diag_note(diag, origin_make(one, 19, 20), "here");
	diag_note(diag, (struct origin){0}, "no place");
	diag_list_format(&diags, &sources, &out);
	assert_string_equal(str_buf_text(&out),
			    "a.policy:2:6: warning: zone 'x\\x0a\\x1b' again [E0301]\n"
			    "zone x = eth1\n"
			    "     ^\n"
			    "a.policy:1:6: note: first\n"
			    "zone x = eth0\n"
			    "     ^\n"
			    "a.policy:2:6: note: here\n"
			    "note: no place\n");
	assert_int_equal(diags.warnings, 1);
	assert_int_equal(diags.errors, 0);
}

static void messages_are_sorted_and_said_once(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct source_set sources = {.arena = arena};
	struct diag_list diags = {.arena = arena};
	auto_str struct str_buf out = {0};
	uint16_t one = source_set_add(&sources, "a", "xy", 2);
	uint16_t two = source_set_add(&sources, "b", "z", 1);

	(void)state;
	(void)diag_error(&diags, origin_make(two, 0, 1), DIAG_SYNTAX, "third");
	(void)diag_error(&diags, origin_make(one, 1, 2), DIAG_SYNTAX, "second");
	(void)diag_error(&diags, origin_make(one, 0, 1), DIAG_SYNTAX, "first");
	diag_note(diag_error(&diags, origin_make(one, 0, 1), DIAG_SYNTAX, "again"),
		  origin_make(one, 1, 2), "lost with it");
	assert_int_equal(diags.errors, 3);
	diag_list_format(&diags, &sources, &out);
	assert_string_equal(str_buf_text(&out), "a:1:1: error: first [E0101]\nxy\n^\n"
						"a:1:2: error: second [E0101]\nxy\n ^\n"
						"b:1:1: error: third [E0101]\nz\n^\n");
}

static void messages_and_lines_are_limited(void **state)
{
	static char text[100000];
	auto_of(arena_free) struct arena *arena = arena_new();
	struct source_set sources = {.arena = arena};
	struct diag_list diags = {.arena = arena};
	auto_str struct str_buf out = {0};
	uint16_t source;

	(void)state;
	memset(text, 'x', sizeof(text));
	source = source_set_add(&sources, "p", text, sizeof(text));
	for (uint32_t i = 0; i < sizeof(text); i++)
		diag_note(
			diag_error(&diags, origin_make(source, i, sizeof(text)), DIAG_SYNTAX, "no"),
			(struct origin){0}, "n");
	assert_int_equal(diags.errors, sizeof(text));
	assert_true(diags.items.len < 100 * LIMIT_DIAGNOSTICS);
	diag_list_format(&diags, &sources, &out);
	assert_true(out.len < LIMIT_DIAGNOSTICS * 1200);
	assert_true(str_ends(str_buf_text(&out), "... and 99900 more\n"));
}

static void codes_are_unique(void **state)
{
	(void)state;
	for (int i = 0; i < DIAG_CODE_COUNT; i++) {
		assert_int_equal(strlen(diag_code_text((enum diag_code)i)), 5);
		assert_true(strlen(diag_code_title((enum diag_code)i)) > 5);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(diag_code_text((enum diag_code)i),
						diag_code_text((enum diag_code)j));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(carets_stand_under_the_span),
		cmocka_unit_test(notes_have_their_own_line),
		cmocka_unit_test(messages_are_sorted_and_said_once),
		cmocka_unit_test(messages_and_lines_are_limited),
		cmocka_unit_test(codes_are_unique),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
