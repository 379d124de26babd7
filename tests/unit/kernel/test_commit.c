/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commits, dumps and refusals against a real kernel, in a namespace of this test's own. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "ir/print.h"
#include "kernel/commit.h"
#include "kernel/dump.h"
#include "kernel_lab.h"

struct fixture {
	struct arena *arena;
	struct kernel_session *session;
	struct err err;
};

static int setup(void **state)
{
	struct fixture *fixture = mem_alloc(sizeof(*fixture));

	*fixture = (struct fixture){.arena = arena_new()};
	if (kernel_session_open(&fixture->session, &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;
	uint32_t changes;

	(void)kernel_replace_table(fixture->session, "lab", NULL, &changes, NULL);
	kernel_session_free(fixture->session);
	arena_free(fixture->arena);
	free(fixture);
	return 0;
}

static uint32_t replace(struct fixture *fixture, const struct ir_table *want)
{
	uint32_t changes = 0;

	if (kernel_replace_table(fixture->session, "lab", want, &changes, &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
	return changes;
}

static struct ir_table *dump(struct fixture *fixture, uint32_t *ret_generation)
{
	struct ir_table *table = NULL;

	if (kernel_dump_table(fixture->session, fixture->arena, "lab", &table, ret_generation,
			      &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
	return table;
}

static void list(struct str_buf *ret)
{
	static const char *const words[] = {"list", "table", "inet", "lab", NULL};
	int status = lab_nft(words, NULL, ret);

	if (status != 0)
		fail_msg("nft list: %d %s", status, str_buf_text(ret));
}

/* The expressions of all rules.  Handles and the order in a hash set differ from load to load. */
static void list_bytecode(struct str_buf *ret)
{
	static const char *const words[] = {
		"--debug=netlink", "list", "table", "inet", "lab", NULL};
	auto_str struct str_buf all = {0};
	const char *line, *end;

	assert_int_equal(lab_nft(words, NULL, &all), 0);
	for (line = str_buf_text(&all); (end = strchr(line, '\n')) != NULL; line = end + 1) {
		if (str_starts(line, "  "))
			str_buf_add(ret, line, (size_t)(end - line) + 1);
	}
}

/* cmocka cuts long strings: show the first line that differs. */
static void assert_same_text(const char *a, const char *b)
{
	const char *line_a = a, *line_b = b;

	for (; *a && *a == *b; a++, b++) {
		if (*a == '\n') {
			line_a = a + 1;
			line_b = b + 1;
		}
	}
	if (*a != *b)
		fail_msg("'%.*s' is not '%.*s'", (int)strcspn(line_a, "\n"), line_a,
			 (int)strcspn(line_b, "\n"), line_b);
}

/* What differs, as text, when a dump is not what was committed. */
static void assert_same(struct fixture *fixture, const struct ir_table *have,
			const struct ir_table *want)
{
	struct ir_change_list changes = {0};
	auto_str struct str_buf a = {0}, b = {0};

	assert_non_null(have);
	for (uint32_t i = 0; i < want->chains.len; i++) {
		const struct ir_chain *chain = ir_table_chain(have, want->chains.items[i].name);

		assert_non_null(chain);
		for (uint32_t j = 0; j < want->chains.items[i].rules.len; j++) {
			const struct ir_rule *rule = &want->chains.items[i].rules.items[j];

			assert_true(j < chain->rules.len);
			if (ir_rule_eq(rule, &chain->rules.items[j]))
				continue;
			ir_print_rule(rule, &a);
			ir_print_rule(&chain->rules.items[j], &b);
			fail_msg("%s rule %u: sent '%s', read '%s'", chain->name, j,
				 str_buf_text(&a), str_buf_text(&b));
		}
	}
	ir_diff(fixture->arena, have, want, &changes);
	assert_int_equal(changes.items.len, 0);
}

static void test_dump_equals_commit(void **state)
{
	struct fixture *fixture = *state;
	struct ir_table *want = lab_table(fixture->arena);
	uint32_t generation;

	assert_null(dump(fixture, &generation));
	assert_true(replace(fixture, want) > 0);
	assert_same(fixture, dump(fixture, &generation), want);
	/* the second time there is nothing to do */
	assert_int_equal(replace(fixture, want), 0);
	assert_true(replace(fixture, NULL) > 0);
	assert_null(dump(fixture, &generation));
}

static void test_listing_is_that_of_nft(void **state)
{
	struct fixture *fixture = *state;
	struct ir_table *want = lab_table(fixture->arena);
	auto_str struct str_buf text = {0}, output = {0}, native = {0}, loaded = {0};
	auto_str struct str_buf native_code = {0}, loaded_code = {0};
	uint32_t generation;
	int status;

	ir_print_table(want, &text);
	replace(fixture, want);
	list(&native);
	list_bytecode(&native_code);
	replace(fixture, NULL);
	status = lab_nft(NULL, str_buf_text(&text), &output);
	if (status != 0)
		fail_msg("nft -f: %d %s", status, str_buf_text(&output));
	list(&loaded);
	list_bytecode(&loaded_code);
	assert_true(native_code.len > 1000);
	assert_same_text(str_buf_text(&native_code), str_buf_text(&loaded_code));
	assert_same_text(str_buf_text(&native), str_buf_text(&loaded));
	/* and what nft made is to us the same table */
	assert_same(fixture, dump(fixture, &generation), want);
}

static void test_foreign_rules_are_shown(void **state)
{
	static const char *const rule[] = {"add", "rule",  "inet",     "lab",	 "other",
					   "tcp", "dport", "{ 1, 2 }", "accept", NULL};
	struct fixture *fixture = *state;
	struct ir_table *want = lab_table(fixture->arena), *have;
	auto_str struct str_buf output = {0};
	const struct ir_chain *other;
	uint32_t generation;

	replace(fixture, want);
	assert_int_equal(lab_nft(rule, NULL, &output), 0);
	have = dump(fixture, &generation);
	other = ir_table_chain(have, "other");
	assert_int_equal(other->rules.len, 1);
	assert_true(str_starts(other->rules.items[0].comment, "not understood"));
	assert_true(replace(fixture, want) > 0);
	assert_same(fixture, dump(fixture, &generation), want);
}

/* A policy's chain may call itself through another: only the kernel sees the loop. */
static void test_refused_rule_leads_to_its_origin(void **state)
{
	struct fixture *fixture = *state;
	struct ir_table *want = lab_table(fixture->arena);
	struct ir_rule *rule;
	uint32_t changes, generation;

	rule = lab_add_rule(fixture->arena, &want->chains.items[4], "allow tcp 9999");
	lab_add_verdict(fixture->arena, rule, IR_JUMP, "nowhere");
	rule->origin = origin_make(3, 17, 29);
	assert_true(kernel_replace_table(fixture->session, "lab", want, &changes, &fixture->err) <
		    0);
	assert_int_equal(fixture->err.code, -ENOENT);
	assert_int_equal(fixture->err.origin.source, 3);
	assert_int_equal(fixture->err.origin.start, 17);
	assert_non_null(strstr(fixture->err.text, "rule 1 of chain 'other' (allow tcp 9999)"));
	assert_null(dump(fixture, &generation));
}

static void test_refused_element_leads_to_its_origin(void **state)
{
	struct fixture *fixture = *state;
	struct ir_table *want = lab_table(fixture->arena);
	struct ir_set *ports = &want->sets.items[6];
	uint32_t changes;

	assert_string_equal(ports->name, "ports");
	ports->verdicts[1] = (struct ir_element_verdict){IR_JUMP, "nowhere"};
	ports->origins = arena_new_array(fixture->arena, struct origin, ports->count);
	ports->origins[0] = origin_make(1, 5, 6);
	ports->origins[1] = origin_make(2, 8, 9);
	assert_true(kernel_replace_table(fixture->session, "lab", want, &changes, &fixture->err) <
		    0);
	assert_int_equal(fixture->err.origin.source, 2);
	assert_int_equal(fixture->err.origin.start, 8);
	assert_non_null(strstr(fixture->err.text, "element 2 of set 'ports'"));
}

static void test_stale_generation_changes_nothing(void **state)
{
	static const char *const other[] = {"add", "table", "inet", "elsewhere", NULL};
	struct fixture *fixture = *state;
	struct ir_table *want = lab_table(fixture->arena);
	struct ir_change_list changes = {.table = "lab"};
	auto_str struct str_buf output = {0};
	uint32_t generation = 0;

	assert_null(dump(fixture, &generation));
	ir_diff(fixture->arena, NULL, want, &changes);
	assert_int_equal(lab_nft(other, NULL, &output), 0);
	assert_int_equal(kernel_commit(fixture->session, &changes, generation, &fixture->err),
			 -ERESTART);
	assert_null(dump(fixture, &generation));
	assert_int_equal(kernel_commit(fixture->session, &changes, generation, &fixture->err), 0);
	assert_same(fixture, dump(fixture, &generation), want);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static void test_many_elements(void **state)
{
	struct fixture *fixture = *state;
	struct ir_table *want = lab_table(fixture->arena);
	struct ir_set *many = lab_add_many(fixture->arena, want, 100000);
	uint32_t generation;
	struct ir_table *have;
	double start = now(), loaded, dumped;

	assert_true(replace(fixture, want) > 0);
	loaded = now();
	have = dump(fixture, &generation);
	dumped = now();
	printf("100,000 elements: replaced in %.1f ms, dumped in %.1f ms\n", loaded - start,
	       dumped - loaded);
	assert_same(fixture, have, want);
	/* one element less, far from the start of the list */
	memmove(many->keys + 70000 * 12, many->keys + 70001 * 12, (size_t)29999 * 12);
	many->count--;
	assert_int_equal(replace(fixture, want), 1);
	assert_same(fixture, dump(fixture, &generation), want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_dump_equals_commit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_listing_is_that_of_nft, setup, teardown),
		cmocka_unit_test_setup_teardown(test_foreign_rules_are_shown, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused_rule_leads_to_its_origin, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_refused_element_leads_to_its_origin, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_stale_generation_changes_nothing, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_many_elements, setup, teardown),
	};
	int rc = lab_enter();

	if (rc != 0)
		return rc;
	return cmocka_run_group_tests_name("kernel/commit", tests, NULL, NULL);
}
