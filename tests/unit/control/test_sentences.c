/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two policies compared by their sentences. */
#include "control/sentences.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lang/parse.h"

struct text {
	struct arena *arena;
	struct source_set sources;
	struct policy policy;
};

static void text_read(struct text *text, struct arena *arena, const char *content)
{
	struct diag_list diags = {.arena = arena};
	uint16_t source;

	*text = (struct text){.arena = arena, .sources = {.arena = arena}};
	source = source_set_add(&text->sources, "p", content, (uint32_t)strlen(content));
	*vec_add(arena, &text->policy.files) = parse_file(arena, &text->sources, source, &diags);
	assert_int_equal(diags.errors, 0);
}

static void check(const char *before, const char *after, const char *want)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	auto_str struct str_buf got = {0};
	struct sentence_changes changes = {0};
	struct text old;
	struct text new;

	text_read(&old, arena, before);
	text_read(&new, arena, after);
	sentences_compare(arena, &old.policy, &old.sources, &new.policy, &new.sources, &changes);
	vec_each (&changes.items, change)
		str_buf_addf(&got, "%c%s\n", change->added ? '+' : '-', change->text);
	assert_string_equal(str_buf_text(&got), want);
}

static void test_compare(void **state)
{
	(void)state;
	check("a -> b { allow ssh }", "a -> b { allow ssh }", "");
	check("a -> b { allow ssh }", "# only a comment\na -> b {\n allow  ssh # more\n}\n", "");
	check("a -> b { allow ssh }", "a -> b { deny ssh }",
	      "-a -> b: allow ssh\n+a -> b: deny ssh\n");
	check("a -> b { allow ssh; allow ssh }", "a -> b { allow ssh }", "-a -> b: allow ssh\n");
	check("zone lan = eth1\n", "zone lan = eth2\n", "-zone lan = eth1\n+zone lan = eth2\n");
	check("", "a -> b { allow }", "+a -> b: allow\n");
}

static void test_count(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct text text;

	(void)state;
	text_read(&text, arena, "zone x = eth1\na -> b { allow; deny ssh }\na -> c { allow }\n");
	assert_int_equal(sentences_count(&text.policy), 3);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
