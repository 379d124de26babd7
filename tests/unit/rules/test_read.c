/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the reader of rules files understands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "rules/read.h"
#include "unit/rules/reading.h"

/* Without a list of arguments: it has none; otherwise they are parted by '|'. */
static void assert_option(const struct rules_line *line, uint32_t number, const char *name,
			  const char *args)
{
	auto_str struct str_buf got = {0};

	assert_true(number < line->command->options.len);
	assert_string_equal(line->command->options.items[number].name, name);
	vec_each (&line->command->options.items[number].args, arg)
		str_buf_addf(&got, "%s%s", got.len ? "|" : "", arg->text);
	assert_string_equal(str_buf_text(&got), args);
}

static void reads_each_kind_of_line(void **state)
{
	static const char text[] = "# saved\n"
				   "\n"
				   "*filter\n"
				   ":INPUT DROP [3:180]\n"
				   ":own - [0:0]\n"
				   "  # indented\t\n"
				   "-A INPUT -j own\n"
				   "COMMIT\n"
				   "*nat\n"
				   ":OUTPUT ACCEPT\n"
				   "COMMIT";
	static const uint8_t kinds[] = {RULES_COMMENT, RULES_BLANK,   RULES_TABLE,   RULES_CHAIN,
					RULES_CHAIN,   RULES_COMMENT, RULES_COMMAND, RULES_COMMIT,
					RULES_TABLE,   RULES_CHAIN,   RULES_COMMIT};
	const struct rules_line *lines;
	struct reading r;

	(void)state;
	reading_of(&r, text, sizeof(text) - 1);
	assert_int_equal(r.diags.errors, 0);
	assert_int_equal(r.file->lines.len, sizeof(kinds));
	lines = r.file->lines.items;
	for (uint32_t i = 0; i < sizeof(kinds); i++)
		assert_int_equal(lines[i].kind, kinds[i]);
	assert_string_equal(lines[0].text, "# saved");
	assert_null(lines[0].table);
	assert_string_equal(lines[2].name, "filter");
	assert_string_equal(lines[3].name, "INPUT");
	assert_string_equal(lines[3].policy, "DROP");
	assert_true(lines[3].has_counters);
	assert_int_equal(lines[3].packets, 3);
	assert_int_equal(lines[3].bytes, 180);
	assert_string_equal(lines[4].policy, "-");
	assert_string_equal(lines[5].text, "# indented");
	assert_string_equal(lines[6].table, "filter");
	assert_string_equal(lines[9].table, "nat");
	assert_false(lines[9].has_counters);
	assert_int_equal(lines[6].origin.len, strlen("-A INPUT -j own"));
	assert_int_equal(lines[6].name_origin.start, (size_t)(strstr(text, "INPUT -j") - text));
	arena_free(r.arena);
}

static void reads_each_verb(void **state)
{
	static const struct {
		const char *rule;
		const char *name;
		const char *policy;
		uint32_t number;
		enum rules_verb verb;
	} cases[] = {
		{"-A INPUT -j DROP", "INPUT", NULL, 0, RULES_APPEND},
		{"--append INPUT", "INPUT", NULL, 0, RULES_APPEND},
		{"-I INPUT -j DROP", "INPUT", NULL, 0, RULES_INSERT},
		{"--insert INPUT 3 -j DROP", "INPUT", NULL, 3, RULES_INSERT},
		{"-D INPUT 4294967295", "INPUT", NULL, UINT32_MAX, RULES_DELETE},
		{"--delete INPUT -j DROP", "INPUT", NULL, 0, RULES_DELETE},
		{"-R INPUT 2 -j DROP", "INPUT", NULL, 2, RULES_REPLACE},
		{"--replace INPUT 2 -j DROP", "INPUT", NULL, 2, RULES_REPLACE},
		{"-F", NULL, NULL, 0, RULES_FLUSH},
		{"--flush own", "own", NULL, 0, RULES_FLUSH},
		{"-N own", "own", NULL, 0, RULES_NEW_CHAIN},
		{"--new-chain own", "own", NULL, 0, RULES_NEW_CHAIN},
		{"--new own", "own", NULL, 0, RULES_NEW_CHAIN},
		{"-X", NULL, NULL, 0, RULES_DELETE_CHAIN},
		{"--delete-chain own", "own", NULL, 0, RULES_DELETE_CHAIN},
		{"-P INPUT DROP", "INPUT", "DROP", 0, RULES_POLICY},
		{"--policy INPUT ACCEPT", "INPUT", "ACCEPT", 0, RULES_POLICY},
		{"-Z", NULL, NULL, 0, RULES_ZERO},
		{"--zero INPUT 1", "INPUT", NULL, 1, RULES_ZERO},
		{"-E old new", "old", "new", 0, RULES_RENAME},
		{"--rename-chain old new", "old", "new", 0, RULES_RENAME},
		{"--rename old new", "old", "new", 0, RULES_RENAME},
		{"\"-A\" \"INPUT\"", "INPUT", NULL, 0, RULES_APPEND},
		{"-AINPUT -j DROP", "INPUT", NULL, 0, RULES_APPEND},
		{"--append=INPUT", "INPUT", NULL, 0, RULES_APPEND},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reading r;
		const struct rules_line *line = reading_rule(&r, cases[i].rule);

		assert_int_equal(line->command->verb, cases[i].verb);
		assert_int_equal(line->command->number, cases[i].number);
		if (cases[i].name)
			assert_string_equal(line->name, cases[i].name);
		else
			assert_null(line->name);
		if (cases[i].policy)
			assert_string_equal(line->policy, cases[i].policy);
		else
			assert_null(line->policy);
		arena_free(r.arena);
	}
}

static void names_of_options_are_canonical(void **state)
{
	static const struct {
		const char *option;
		const char *name;
		const char *args;
	} cases[] = {
		{"--protocol tcp", "-p", "tcp"},
		{"--proto tcp", "-p", "tcp"},
		{"--source 192.0.2.1", "-s", "192.0.2.1"},
		{"--src 192.0.2.1", "-s", "192.0.2.1"},
		{"--destination 192.0.2.1", "-d", "192.0.2.1"},
		{"--dst 192.0.2.1", "-d", "192.0.2.1"},
		{"--in-interface lo", "-i", "lo"},
		{"--out-interface lo", "-o", "lo"},
		{"--jump DROP", "-j", "DROP"},
		{"--goto own", "-g", "own"},
		{"--match tcp", "-m", "tcp"},
		{"--fragment", "-f", ""},
		{"--set-counters 3 180", "-c", "3|180"},
		{"--source-port 1:2", "--sport", "1:2"},
		{"--destination-port 22", "--dport", "22"},
		{"--source-ports 1,2", "--sports", "1,2"},
		{"--destination-ports 1,2", "--dports", "1,2"},
		{"--destination-port=22", "--dport", "22"},
		{"-mtcp", "-m", "tcp"},
		{"--match=tcp", "-m", "tcp"},
		{"\"-i\"lo", "-i", "lo"},
		{"-m\"a b\"", "-m", "a b"},
		{"--comment=\"a b\"", "--comment", "a b"},
		{"--of-tomorrow a b -1 \"-c x\" -", "--of-tomorrow", "a|b|-1|-c x|-"},
		{"--\"x=y\"", "--x=y", ""},
		{"--dport=-x", "--dport", "-x"},
		{"--of-tomorrow=a", "--of-tomorrow", "a"},
		{"--tcp-flags SYN,ACK SYN", "--tcp-flags", "SYN,ACK|SYN"},
		{"--match-set a src,dst", "--match-set", "a|src,dst"},
		{"--comment -A", "--comment", "-A"},
		{"--comment !", "--comment", "!"},
		{"--log-prefix --syn", "--log-prefix", "--syn"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_str struct str_buf rule = {0};
		const struct rules_line *line;
		struct reading r;

		str_buf_addf(&rule, "-A INPUT %s -j DROP", cases[i].option);
		line = reading_rule(&r, str_buf_text(&rule));
		assert_int_equal(line->command->options.len, 2);
		assert_option(line, 0, cases[i].name, cases[i].args);
		assert_option(line, 1, "-j", "DROP");
		arena_free(r.arena);
	}
}

static void quotes_as_iptables_restore(void **state)
{
	static const struct {
		const char *written;
		const char *text;
	} cases[] = {
		{"a\\\\\"b\"", "a\\\\b"},	{"\"a  b\"", "a  b"},	  {"\"\"", ""},
		{"\"a\\\"b\"", "a\"b"},		{"\"a\\\\\"", "a\\"},	  {"a\\b", "a\\b"},
		{"a\"b c\"", "ab c"},		{"'ab'", "'ab'"},	  {"it's", "it's"},
		{"\"it's\"", "it's"},		{"\"#\"", "#"},		  {"#", "#"},
		{"\"tab\there\"", "tab\there"}, {"\xc3\xa4", "\xc3\xa4"}, {"\"\\a\"", "a"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_str struct str_buf rule = {0};
		const struct rules_word *word;
		struct reading r;

		str_buf_addf(&rule, "-A INPUT --comment %s -j DROP", cases[i].written);
		word = reading_rule(&r, str_buf_text(&rule))->command->options.items[0].args.items;
		assert_string_equal(word->text, cases[i].text);
		assert_string_equal(word->raw, cases[i].written);
		arena_free(r.arena);
	}
}

/* A closing quote ends the word; what follows begins the next, without a blank. */
static void closing_quote_ends_the_word(void **state)
{
	struct reading r;
	const struct rules_line *line = reading_rule(&r, "-A INPUT --comment \"a b\"-j DROP");

	(void)state;
	assert_option(line, 0, "--comment", "a b");
	assert_option(line, 1, "-j", "DROP");
	arena_free(r.arena);
}

static void negation_stands_on_either_side(void **state)
{
	struct reading r;
	const struct rules_option *options;
	const struct rules_line *line = reading_rule(
		&r, "-A INPUT ! -i lo -s ! 192.0.2.1 ! --syn --tcp-flags ! SYN,ACK SYN "
		    "--comment \"!\" --of-tomorrow \"!\"");

	(void)state;
	options = line->command->options.items;
	assert_int_equal(line->command->options.len, 6);
	assert_true(options[0].negated);
	assert_false(options[0].negated_behind);
	assert_option(line, 0, "-i", "lo");
	assert_int_equal(options[0].origin.len, strlen("! -i lo"));
	assert_true(options[1].negated);
	assert_true(options[1].negated_behind);
	assert_option(line, 1, "-s", "192.0.2.1");
	assert_int_equal(options[1].origin.len, strlen("-s ! 192.0.2.1"));
	assert_true(options[2].negated);
	assert_option(line, 2, "--syn", "");
	assert_true(options[3].negated_behind);
	assert_option(line, 3, "--tcp-flags", "SYN,ACK|SYN");
	assert_false(options[4].negated);
	assert_option(line, 4, "--comment", "!");
	assert_false(options[5].negated);
	assert_option(line, 5, "--of-tomorrow", "!");
	arena_free(r.arena);
}

static void counters_stand_in_front_of_a_rule(void **state)
{
	struct reading r;
	const struct rules_line *line = reading_rule(&r, "[3:18446744073709551615]-A INPUT -j own");

	(void)state;
	assert_true(line->has_counters);
	assert_int_equal(line->packets, 3);
	assert_true(line->bytes == UINT64_MAX);
	assert_string_equal(line->name, "INPUT");
	arena_free(r.arena);
	line = reading_rule(&r, "-A INPUT -c 3 180 -j own");
	assert_false(line->has_counters);
	assert_option(line, 0, "-c", "3|180");
	arena_free(r.arena);
}

static void options_may_stand_in_front_of_the_verb(void **state)
{
	struct reading r;
	const struct rules_line *line = reading_rule(&r, "-4 ! -s 192.0.2.1 -A INPUT -j DROP");

	(void)state;
	assert_int_equal(line->command->ahead, 2);
	assert_string_equal(line->name, "INPUT");
	assert_option(line, 0, "-4", "");
	assert_option(line, 1, "-s", "192.0.2.1");
	assert_true(line->command->options.items[1].negated);
	assert_option(line, 2, "-j", "DROP");
	arena_free(r.arena);
}

static void finds_options(void **state)
{
	struct reading r;
	const struct rules_line *line =
		reading_rule(&r, "-A INPUT --protocol tcp -m state --state NEW --jump DROP");

	(void)state;
	assert_string_equal(rules_option_value(line->command, "-p"), "tcp");
	assert_string_equal(rules_option_value(line->command, "--state"), "NEW");
	assert_null(rules_option_value(line->command, "-s"));
	assert_true(rules_has_match(line->command, "state"));
	assert_true(rules_has_match(line->command, "tcp"));
	assert_false(rules_has_match(line->command, "udp"));
	arena_free(r.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_each_kind_of_line),
		cmocka_unit_test(reads_each_verb),
		cmocka_unit_test(names_of_options_are_canonical),
		cmocka_unit_test(quotes_as_iptables_restore),
		cmocka_unit_test(closing_quote_ends_the_word),
		cmocka_unit_test(negation_stands_on_either_side),
		cmocka_unit_test(counters_stand_in_front_of_a_rule),
		cmocka_unit_test(options_may_stand_in_front_of_the_verb),
		cmocka_unit_test(finds_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
