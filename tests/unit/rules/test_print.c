/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is read is printed as it was written; what we make is printed so that it is read again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fts.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/limits.h"
#include "rules/print.h"
#include "rules/read.h"
#include "unit/rules/reading.h"

static void keeps_how_it_was_written(void **state)
{
	static const char *const texts[] = {
		"",
		"\n",
		"# no newline at the end",
		"*filter\nCOMMIT",
		"*filter\r\n# dos\r\n-A INPUT -j DROP\r\nCOMMIT\r\n",
		"\t \n  # a\t \n* filter \n  : INPUT\tDROP  [03:1] \n COMMIT  \n",
		"*filter\n[3:180]-A INPUT\nCOMMIT\n",
		"*filter\n  [3:180]\t-A\tINPUT -j DROP\t\nCOMMIT\n",
		"*filter\n--append   INPUT --jump  DROP\nCOMMIT\n",
		"*filter\n-AINPUT -mtcp -m\"udp\" -c=1 2 --dport=22 --comment=\"a b\" "
		"--to=\nCOMMIT\n",
		"*filter\n-A INPUT  !  -i lo -s  !  192.0.2.1\nCOMMIT\n",
		"*filter\n-4  ! -s 192.0.2.1\t--append \"INPUT\" -j \"DROP\"\nCOMMIT\n",
		"*filter\n-A INPUT --comment \"a \\\" \\a\"-j DROP\nCOMMIT\n",
		"*filter\n-A INPUT --\"x=y\" --\"dport=22\"\nCOMMIT\n",
		"*filter\n-s 192.0.2.1 -A INPUT\nCOMMIT\n", /* all options in front */
		"*filter\n--insert INPUT 007\n-P INPUT \"DROP\"\n-E  a  b\nCOMMIT\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_same_when_printed(texts[i], (uint32_t)strlen(texts[i]));
}

static void a_line_has_neither_blanks_around_it_nor_an_end(void **state)
{
	static const char text[] = "*filter\r\n  -A INPUT  -j DROP \r\n\tCOMMIT\n";
	static const char *const lines[] = {"*filter", "-A INPUT  -j DROP", "COMMIT"};
	struct reading r;

	(void)state;
	reading_of(&r, text, sizeof(text) - 1);
	assert_int_equal(r.file->lines.len, 3);
	for (uint32_t i = 0; i < 3; i++) {
		auto_str struct str_buf out = {0};

		rules_print_line(&r.file->lines.items[i], &out);
		assert_string_equal(str_buf_text(&out), lines[i]);
	}
	arena_free(r.arena);
}

static struct rules_word word_of(const char *text)
{
	return (struct rules_word){.text = text};
}

static void prints_what_we_make(void **state)
{
	static const char *const values[] = {"a b", "", "a\"b", "a\\b", "it's", "-x", "!", "plain"};
	static const char want[] = "[3:180] -A INPUT ! -i lo --of-tomorrow \"a b\" \"\" \"a\\\"b\" "
				   "\"a\\\\b\" \"it's\" \"-x\" \"!\" plain";
	struct arena *arena = arena_new();
	struct rules_command command = {.verb = RULES_APPEND};
	struct rules_line line = {.kind = RULES_COMMAND,
				  .name = "INPUT",
				  .has_counters = true,
				  .packets = 3,
				  .bytes = 180,
				  .command = &command};
	auto_str struct str_buf out = {0};
	struct rules_option *option;

	(void)state;
	option = vec_add(arena, &command.options);
	option->name = "-i";
	option->negated = true;
	*vec_add(arena, &option->args) = word_of("lo");
	option = vec_add(arena, &command.options);
	option->name = "--of-tomorrow";
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		*vec_add(arena, &option->args) = word_of(values[i]);
	rules_print_line(&line, &out);
	assert_string_equal(str_buf_text(&out), want);
	arena_free(arena);
}

static void prints_each_verb_of_ours(void **state)
{
	static const struct {
		const char *name;
		const char *policy;
		const char *want;
		uint32_t number;
		enum rules_verb verb;
	} cases[] = {
		{"own", NULL, "-A own", 0, RULES_APPEND},
		{"own", NULL, "-I own", 0, RULES_INSERT},
		{"own", NULL, "-I own 2", 2, RULES_INSERT},
		{"own", NULL, "-D own 2", 2, RULES_DELETE},
		{"own", NULL, "-R own 2", 2, RULES_REPLACE},
		{NULL, NULL, "-F", 0, RULES_FLUSH},
		{"own", NULL, "-N own", 0, RULES_NEW_CHAIN},
		{"own", NULL, "-X own", 0, RULES_DELETE_CHAIN},
		{"INPUT", "DROP", "-P INPUT DROP", 0, RULES_POLICY},
		{"own", NULL, "-Z own", 0, RULES_ZERO},
		{"old", "new", "-E old new", 0, RULES_RENAME},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rules_command command = {.verb = (uint8_t)cases[i].verb,
						.number = cases[i].number};
		struct rules_line line = {.kind = RULES_COMMAND,
					  .name = cases[i].name,
					  .policy = cases[i].policy,
					  .command = &command};
		auto_str struct str_buf out = {0};

		rules_print_line(&line, &out);
		assert_string_equal(str_buf_text(&out), cases[i].want);
	}
}

/* What was changed since it was read is printed, not what was written. */
static void prints_what_was_changed(void **state)
{
	static const char text[] = "* filter\n:INPUT ACCEPT [1:2]\n[1:2] --append \"INPUT\" -s ! "
				   "192.0.2.1 --comment=a\n--insert INPUT 2 -j own\nCOMMIT";
	static const char want[] = "*nat\n:OUTPUT DROP [3:4]\n-I OUTPUT -s 192.0.2.1 "
				   "--comment=\"b c\"\n--insert INPUT 5 -j own\nCOMMIT\n# more\n";
	auto_str struct str_buf out = {0};
	struct rules_line *lines;
	struct reading r;

	(void)state;
	reading_of(&r, text, sizeof(text) - 1);
	assert_int_equal(r.diags.errors, 0);
	lines = r.file->lines.items;
	lines[0].name = "nat";
	lines[1].name = "OUTPUT";
	lines[1].policy = "DROP";
	lines[1].packets = 3;
	lines[1].bytes = 4;
	lines[2].has_counters = false;
	lines[2].command->verb = RULES_INSERT;
	lines[2].name = "OUTPUT";
	lines[2].command->options.items[0].negated = false;
	lines[2].command->options.items[1].args.items[0].text = "b c";
	lines[2].command->options.items[1].args.items[0].raw = NULL;
	lines[3].command->number = 5;
	*vec_add(r.arena, &r.file->lines) =
		(struct rules_line){.kind = RULES_COMMENT, .text = "# more"};
	rules_print(r.file, &out);
	assert_string_equal(str_buf_text(&out), want);
	arena_free(r.arena);
}

/* A line break in a value would begin a rule of its own. */
static void a_value_is_never_a_second_line(void **state)
{
	struct arena *arena = arena_new();
	struct rules_command command = {.verb = RULES_APPEND};
	struct rules_line line = {.kind = RULES_COMMAND, .name = "a\n-F", .command = &command};
	auto_str struct str_buf out = {0};
	struct rules_option *option;

	(void)state;
	option = vec_add(arena, &command.options);
	option->name = "--comment";
	*vec_add(arena, &option->args) = word_of("a\n-F\r");
	rules_print_line(&line, &out);
	assert_string_equal(str_buf_text(&out), "-A \"a -F\" --comment \"a -F \"");
	arena_free(arena);
}

static bool only_commit_is_missing(const struct diag_list *diags)
{
	vec_each (&diags->items, diag) {
		if ((*diag)->code != DIAG_RULES_COMMIT)
			return false;
	}
	return true;
}

/* True if the file was read whole; then it has to be printed as it is. */
static bool is_round(const char *path)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	auto_str struct str_buf out = {0};
	struct err err = {0};
	struct reading r;
	bool whole;
	uint32_t len;
	char *text;

	if (file_read(arena, path, FILE_ANY, LIMIT_RULES_BYTES, &text, &len, &err) < 0)
		fail_msg("%s", err.text);
	reading_of(&r, text, len);
	whole = only_commit_is_missing(&r.diags);
	if (whole) {
		rules_print(r.file, &out);
		if (out.len != len || memcmp(str_buf_text(&out), text, len) != 0)
			fail_msg("%s is printed otherwise", path);
	} else {
		print_message("%s: %u mistakes\n", path, r.diags.errors);
	}
	arena_free(r.arena);
	return whole;
}

static bool is_rules_file(const char *name)
{
	return str_ends(name, ".rules") || str_ends(name, ".v4") || str_ends(name, ".v6") ||
	       str_ends(name, ".rules.empty") || str_ends(name, "-save.txt");
}

/* All of them, and how many were read whole. */
static void round_trips(const char *folder, uint32_t *ret_files, uint32_t *ret_whole)
{
	char *const paths[] = {(char *)(uintptr_t)folder, NULL};
	FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *entry;

	assert_non_null(tree);
	while ((entry = fts_read(tree))) {
		if (entry->fts_info != FTS_F || !is_rules_file(entry->fts_name))
			continue;
		(*ret_files)++;
		*ret_whole += is_round(entry->fts_path);
	}
	(void)fts_close(tree);
}

static bool is_folder(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* The real files that are not ours to ship; WHARFWALL_DATA says where they are. */
static void real_files_are_printed_as_they_are(void **state)
{
	const char *given = getenv("WHARFWALL_DATA");
	const char *data = given ? given : WHARFWALL_SOURCE "/../shared/data";
	uint32_t files = 0, whole = 0;

	(void)state;
	if (!given && !is_folder(data))
		skip();
	assert_true(is_folder(data));
	round_trips(data, &files, &whole);
	print_message("%u of %u files have no mistake but a missing COMMIT\n", whole, files);
	assert_true(files >= 100);
	assert_true(whole * 10 >= files * 9);
}

static void the_first_rules_files_are_printed_as_they_are(void **state)
{
	uint32_t files = 0, whole = 0;

	(void)state;
	round_trips(WHARFWALL_SOURCE "/tests/seed", &files, &whole);
	assert_true(files >= 2);
	assert_int_equal(whole, files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_how_it_was_written),
		cmocka_unit_test(a_line_has_neither_blanks_around_it_nor_an_end),
		cmocka_unit_test(prints_what_we_make),
		cmocka_unit_test(prints_each_verb_of_ours),
		cmocka_unit_test(prints_what_was_changed),
		cmocka_unit_test(a_value_is_never_a_second_line),
		cmocka_unit_test(real_files_are_printed_as_they_are),
		cmocka_unit_test(the_first_rules_files_are_printed_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
