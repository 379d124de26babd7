/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The drop-in file of the command line: what an edit makes of a text. */
#include "control/dropin.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lang/parse.h"

struct edit_case {
	const char *name;
	const char *old;
	const char *sentence;
	bool remove;
	const char *want; /* part of the result; NULL: no result */
	const char *not_want;
};

static const struct edit_case cases[] = {
	{"new file", NULL, "allow tcp 80", false, "a -> b {\n    allow tcp 80\n}\n", NULL},
	{"new section", "a -> c {\n    allow\n}\n", "allow tcp 80", false,
	 "a -> b {\n    allow tcp 80\n}\n", NULL},
	{"old section stays", "a -> c {\n    allow\n}\n", "allow tcp 80", false,
	 "a -> c {\n    allow\n}\n", NULL},
	{"on top", "a -> b {\n    allow tcp 1\n}\n", "deny tcp 2", false,
	 "    deny tcp 2\n    allow tcp 1\n", NULL},
	{"default stays first", "a -> b {\n    default reject\n    allow tcp 1\n}\n", "deny tcp 2",
	 false, "    default reject\n    deny tcp 2\n    allow tcp 1\n", NULL},
	{"opposite is replaced", "a -> b {\n    allow tcp 1\n    allow tcp 2\n}\n", "deny tcp 2",
	 false, "    deny tcp 2\n    allow tcp 1\n}", "allow tcp 2"},
	{"twice is once", "a -> b {\n    allow tcp 1\n}\n", "allow tcp 1", false,
	 "a -> b {\n    allow tcp 1\n}\n", "allow tcp 1\n    allow tcp 1"},
	{"comments stay", "# head\n\na -> b {\n    # mine\n    allow tcp 1 # behind\n}\n",
	 "allow tcp 2", false, "    allow tcp 2\n    # mine\n    allow tcp 1 # behind\n", NULL},
	{"delete", "a -> b {\n    allow tcp 1\n    allow tcp 2\n}\n", "allow tcp 1", true,
	 "a -> b {\n    allow tcp 2\n}\n", "tcp 1"},
	{"delete keeps the opposite", "a -> b {\n    deny tcp 1\n}\n", "allow tcp 1", true, NULL,
	 NULL},
	{"delete what is not there", "a -> b {\n    allow tcp 2\n}\n", "allow tcp 1", true, NULL,
	 NULL},
	{"delete without a file", NULL, "allow tcp 1", true, NULL, NULL},
	{"an empty section goes", "# head\na -> b {\n    allow tcp 1\n}\n", "allow tcp 1", true,
	 "# head", "a -> b"},
};

static void check_case(const struct edit_case *c)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct source_set sources = {.arena = arena};
	struct diag_list diags = {.arena = arena};
	struct dropin dropin = {.path = "command-line.policy"};
	struct dropin_edit edit = {.from = "a", .to = "b", .remove = c->remove};
	const char *text;

	if (c->old) {
		dropin.old_text = arena_strdup(arena, c->old);
		dropin.old_len = (uint32_t)strlen(c->old);
	}
	edit.sentence = parse_sentence(
		arena, &sources,
		source_set_add(&sources, "words", c->sentence, (uint32_t)strlen(c->sentence)),
		&diags);
	assert_non_null(edit.sentence);
	text = dropin_text(arena, &dropin, &edit, &sources, &diags);
	assert_int_equal(diags.errors, 0);
	if (!c->want) {
		if (text)
			fail_msg("%s: gave %s", c->name, text);
		return;
	}
	if (!text || !strstr(text, c->want))
		fail_msg("%s: '%s' is not in: %s", c->name, c->want, text ? text : "(nothing)");
	if (c->not_want && strstr(text, c->not_want))
		fail_msg("%s: '%s' is in: %s", c->name, c->not_want, text);
}

static void test_edits(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check_case(&cases[i]);
}

static void test_wrong_old_text(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct source_set sources = {.arena = arena};
	struct diag_list diags = {.arena = arena};
	char old[] = "a -> b {\n    allow tcp x\n}\n";
	struct dropin dropin = {.path = "d", .old_text = old, .old_len = sizeof(old) - 1};
	struct tree_sentence sentence = {.verb = TREE_ALLOW};
	struct dropin_edit edit = {.from = "a", .to = "b", .sentence = &sentence};

	(void)state;
	assert_null(dropin_text(arena, &dropin, &edit, &sources, &diags));
	assert_true(diags.errors > 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edits),
		cmocka_unit_test(test_wrong_old_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
