/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text for iptables-restore, and what undoes it. */
#include "control/rules_text.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rules/read.h"

#define EMPTY "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n"
#define PASS_REST                                                                                  \
	" FORWARD -o br-+ -m comment --comment \"wharfwall: the engine decides\" -j ACCEPT\n"
#define DOCKER                                                                                     \
	"*filter\n:INPUT ACCEPT [3:4]\n:FORWARD DROP [0:0]\n:DOCKER-USER - [0:0]\n"                \
	":DOCKER - [0:0]\n-A FORWARD -j DOCKER-USER\n-A FORWARD -o docker0 -j DOCKER\n"            \
	"-A DOCKER-USER -j RETURN\nCOMMIT\n"

static const struct {
	const char *name;
	const char *file;
	const char *before;
	const char *want;
	const char *undo;
} cases[] = {
	{"the article's file, before dockerd has ever run",
	 "# base\n*filter\n:INPUT ACCEPT [0:0]\n:DOCKER-USER - [0:0]\n\n-F INPUT\n-F DOCKER-USER\n"
	 "-A INPUT -i lo -m comment --comment \"a b\" -j ACCEPT\n-A DOCKER-USER -j "
	 "RETURN\nCOMMIT\n",
	 EMPTY,
	 "*filter\n:INPUT ACCEPT [0:0]\n:DOCKER-USER - [0:0]\n-F INPUT\n-F DOCKER-USER\n"
	 "-A INPUT -i lo -m comment --comment \"a b\" -j ACCEPT\n-A DOCKER-USER -j RETURN\n"
	 "-I FORWARD 1 -j DOCKER-USER\nCOMMIT\n",
	 "*filter\n:INPUT ACCEPT [0:0]\n-F INPUT\n:DOCKER-USER - [0:0]\n-F DOCKER-USER\n"
	 "-D FORWARD -j DOCKER-USER\n-X DOCKER-USER\nCOMMIT\n"},
	{"after it: the jump is there, once and first",
	 "*filter\n:DOCKER-USER - [0:0]\n-A DOCKER-USER -i eth0 -j DROP\nCOMMIT\n", DOCKER,
	 "*filter\n:DOCKER-USER - [0:0]\n-A DOCKER-USER -i eth0 -j DROP\nCOMMIT\n",
	 "*filter\n:DOCKER-USER - [0:0]\n-F DOCKER-USER\n-A DOCKER-USER -j RETURN\nCOMMIT\n"},
	{"the jump is there, twice and last", "*filter\n-A DOCKER-USER -j DROP\nCOMMIT\n",
	 "*filter\n:FORWARD DROP [0:0]\n:DOCKER-USER - [0:0]\n-A FORWARD -i a -j ACCEPT\n"
	 "-A FORWARD -j DOCKER-USER\n-A FORWARD -j DOCKER-USER\nCOMMIT\n",
	 "*filter\n-F DOCKER-USER\n-A DOCKER-USER -j DROP\n-D FORWARD -j DOCKER-USER\n"
	 "-D FORWARD -j DOCKER-USER\n-I FORWARD 1 -j DOCKER-USER\nCOMMIT\n",
	 NULL},
	{"rules without -F are not added twice", "*filter\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n",
	 "*filter\n:INPUT DROP [1:2]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n",
	 "*filter\n-F INPUT\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n",
	 "*filter\n:INPUT DROP [1:2]\n-F INPUT\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n"},
	{"-F of everything means what the file names",
	 "*filter\n:INPUT ACCEPT [0:0]\n-F\n-X\n-A INPUT -j DROP\nCOMMIT\n", DOCKER,
	 "*filter\n:INPUT ACCEPT [0:0]\n-F INPUT\n-A INPUT -j DROP\nCOMMIT\n", NULL},
	{"-N of a chain that is there",
	 "*filter\n-N MINE\n-A MINE -j DROP\n-A INPUT -j MINE\nCOMMIT\n", EMPTY,
	 "*filter\n-F INPUT\n:MINE - [0:0]\n-A MINE -j DROP\n-A INPUT -j MINE\nCOMMIT\n",
	 "*filter\n:MINE - [0:0]\n-F MINE\n:INPUT ACCEPT [0:0]\n-F INPUT\n-X MINE\nCOMMIT\n"},
	{"a table in two pieces",
	 "*filter\n-A INPUT -i a -j DROP\nCOMMIT\n*filter\n-A INPUT -i b -j DROP\nCOMMIT\n", EMPTY,
	 "*filter\n-F INPUT\n-A INPUT -i a -j DROP\nCOMMIT\n*filter\n-A INPUT -i b -j "
	 "DROP\nCOMMIT\n",
	 NULL},
	{"the file's own jump is placed by us",
	 "*filter\n-A DOCKER-USER -j RETURN\n-A FORWARD -j DOCKER-USER\nCOMMIT\n", DOCKER,
	 "*filter\n-F DOCKER-USER\n-A DOCKER-USER -j RETURN\nCOMMIT\n", NULL},
	{"a jump alone takes nothing out of DOCKER-USER",
	 "*filter\n-I FORWARD -j DOCKER-USER\nCOMMIT\n", DOCKER, "*filter\nCOMMIT\n", NULL},
	{"commands on single rules stay as they are",
	 "*filter\n-D INPUT 1\n-I INPUT 2 -j DROP\nCOMMIT\n", EMPTY,
	 "*filter\n-D INPUT 1\n-I INPUT 2 -j DROP\nCOMMIT\n", NULL},
	{"tables are kept apart",
	 "*nat\n-A POSTROUTING -o a -j MASQUERADE\nCOMMIT\n*filter\n-A INPUT -j DROP\nCOMMIT\n",
	 EMPTY,
	 "*nat\n-F POSTROUTING\n-A POSTROUTING -o a -j MASQUERADE\nCOMMIT\n*filter\n-F INPUT\n"
	 "-A INPUT -j DROP\nCOMMIT\n",
	 NULL},
	{"FORWARD, which Docker's rules hang in: nothing but the file's own moves",
	 "*filter\n-A FORWARD -i wg1 -j ACCEPT\nCOMMIT\n",
	 "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -o docker0 -j DOCKER\n"
	 "-A FORWARD -i wg0 -j ACCEPT\nCOMMIT\n",
	 "*filter\n-D FORWARD -i wg0 -j ACCEPT\n-A FORWARD -i wg1 -j ACCEPT\nCOMMIT\n",
	 "*filter\n:FORWARD DROP [0:0]\n-F FORWARD\n-A FORWARD -o docker0 -j DOCKER\n"
	 "-A FORWARD -i wg0 -j ACCEPT\nCOMMIT\n"},
	{"FORWARD is emptied by the file: the jump of another one comes back",
	 "*filter\n-F FORWARD\n-A FORWARD -i wg1 -j ACCEPT\nCOMMIT\n", DOCKER,
	 "*filter\n-F FORWARD\n-A FORWARD -i wg1 -j ACCEPT\n-I FORWARD 1 -j DOCKER-USER\nCOMMIT\n",
	 NULL},
	{"only the jump is there: it stays", "*filter\n-A FORWARD -i wg1 -j ACCEPT\nCOMMIT\n",
	 "*filter\n:FORWARD DROP [0:0]\n:DOCKER-USER - [0:0]\n-A FORWARD -j DOCKER-USER\nCOMMIT\n",
	 "*filter\n-A FORWARD -i wg1 -j ACCEPT\nCOMMIT\n", NULL},
	{"what passed the engine's bridges goes when the file does not ask for it any more",
	 "*filter\n:FORWARD DROP [0:0]\n-A INPUT -j DROP\nCOMMIT\n",
	 "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -o docker0 -j DOCKER\n-A" PASS_REST "COMMIT\n",
	 "*filter\n:FORWARD DROP [0:0]\n-D" PASS_REST "-F INPUT\n-A INPUT -j DROP\nCOMMIT\n",
	 "*filter\n:FORWARD DROP [0:0]\n-F FORWARD\n:INPUT ACCEPT [0:0]\n-F INPUT\n"
	 "-A FORWARD -o docker0 -j DOCKER\n-A" PASS_REST "COMMIT\n"},
	{"a policy", "*filter\n-P INPUT DROP\nCOMMIT\n", EMPTY, "*filter\n-P INPUT DROP\nCOMMIT\n",
	 "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n"},
};

static struct rules_file *file_read_text(struct arena *arena, struct source_set *sources,
					 const char *text)
{
	struct diag_list diags = {.arena = arena};
	struct rules_file *file =
		rules_read(arena, sources,
			   source_set_add(sources, "test", text, (uint32_t)strlen(text)), &diags);

	assert_int_equal(diags.errors, 0);
	return file;
}

static void test_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		auto_of(arena_free) struct arena *arena = arena_new();
		struct source_set sources = {.arena = arena};
		struct rules_file *file = file_read_text(arena, &sources, cases[i].file);
		auto_str struct str_buf undo = {0};
		struct rules_uses uses = {0};
		struct rules_text text = {0};
		struct save before = {0};
		struct rules_added_list added = {0};

		*vec_add(arena, &added.items) =
			(struct rules_added){"filter", "-A FORWARD -i wg0 -j ACCEPT"};
		save_parse(arena, arena_strdup(arena, cases[i].before), &before);
		rules_uses_of(arena, file, &before, &added, &uses);
		rules_text_make(arena, file, &uses, &before, &added, &text);
		print_message("%s\n", cases[i].name);
		assert_string_equal(str_buf_text(&text.text), cases[i].want);
		rules_text_undo(arena, &uses, &before, &undo);
		if (cases[i].undo)
			assert_string_equal(str_buf_text(&undo), cases[i].undo);
		rules_text_done(&text);
	}
}

/* Each line of the text leads back to the line of the file; those of ours to none. */
static void test_lines(void **state)
{
	static const char source[] = "*filter\n# c\n\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n";
	auto_of(arena_free) struct arena *arena = arena_new();
	struct source_set sources = {.arena = arena};
	struct rules_file *file = file_read_text(arena, &sources, source);
	struct rules_uses uses = {0};
	struct rules_text text = {0};
	struct save before = {0};
	struct rules_added_list added = {0};

	(void)state;
	rules_uses_of(arena, file, &before, &added, &uses);
	rules_text_make(arena, file, &uses, &before, &added, &text);
	assert_int_equal(text.lines.len, 4);
	assert_int_equal(text.lines.items[1].source, 0);
	assert_int_equal(text.lines.items[2].start, strstr(source, "-A") - source);
	rules_text_done(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
