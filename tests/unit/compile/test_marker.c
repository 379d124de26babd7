/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The marker comes back as it was written; lockdown says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "compile/compile.h"

static const struct compile_marker written = {0x0123456789abcdef, "my hash applied.policy",
					      "2026-11-23T05:00:00Z", false};

static void lockdown_is_read_back(void **state)
{
	static const uint16_t ports[] = {22, 2222};
	auto_of(arena_free) struct arena *arena = arena_new();
	struct ir_table *table = compile_lockdown(arena, ports, 2, NULL, NULL, &written);
	struct compile_marker marker;
	bool lockdown = false;

	(void)state;
	assert_true(compile_marker_read(arena, table, &marker, &lockdown));
	assert_true(lockdown);
	assert_true(marker.policy_hash == written.policy_hash);
	assert_string_equal(marker.policy, written.policy);
	assert_string_equal(marker.applied, written.applied);
	assert_int_equal(ir_table_set(table, "lockdown_ports")->count, 2);
}

static void a_rules_file_is_told_apart(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct ir_table *table = compile_lockdown(arena, NULL, 0, NULL, NULL, &written);
	struct ir_chain *loaded = &table->chains.items[table->chains.len - 1];
	struct compile_marker marker;
	bool lockdown = true;

	(void)state;
	assert_true(compile_marker_read(arena, table, &marker, &lockdown));
	assert_false(marker.rules);
	loaded->rules.items[0].comment = compile_marker_rules(arena, &written);
	assert_true(compile_marker_read(arena, table, &marker, &lockdown));
	assert_true(marker.rules);
	assert_false(lockdown);
	assert_true(marker.policy_hash == written.policy_hash);
	assert_string_equal(marker.policy, written.policy);
	assert_string_equal(marker.applied, written.applied);
}

static void what_is_no_marker_is_none(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct ir_table *table = compile_lockdown(arena, NULL, 0, NULL, NULL, &written);
	struct ir_chain *loaded = &table->chains.items[table->chains.len - 1];
	struct compile_marker marker;
	bool lockdown;

	(void)state;
	loaded->rules.items[0].comment = "lockdown x hash 0123 applied now";
	assert_false(compile_marker_read(arena, table, &marker, &lockdown));
	loaded->rules.items[0].comment = NULL;
	assert_false(compile_marker_read(arena, table, &marker, &lockdown));
	table->chains.len--;
	assert_false(compile_marker_read(arena, table, &marker, &lockdown));
}

static void long_names_fit(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct compile_marker marker = written, read;
	char name[400];
	bool lockdown;
	struct ir_table *table;

	(void)state;
	memset(name, 0xc3, sizeof(name));
	for (size_t i = 1; i < sizeof(name); i += 2)
		name[i] = (char)0xa4;
	name[sizeof(name) - 2] = '\0';
	marker.policy = name;
	table = compile_lockdown(arena, NULL, 0, NULL, NULL, &marker);
	assert_true(strlen(table->chains.items[table->chains.len - 1].rules.items[0].comment) <=
		    IR_COMMENT_MAX);
	assert_true(compile_marker_read(arena, table, &read, &lockdown));
	assert_true(read.policy_hash == written.policy_hash);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lockdown_is_read_back),
		cmocka_unit_test(a_rules_file_is_told_apart),
		cmocka_unit_test(what_is_no_marker_is_none),
		cmocka_unit_test(long_names_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
