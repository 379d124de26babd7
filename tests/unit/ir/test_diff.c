/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What leads from one table to another: the right changes, in an order that the kernel takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "ir/diff.h"

struct fixture {
	struct arena *arena;
	struct ir_table have;
	struct ir_table want;
	struct ir_change_list changes;
};

static int setup(void **state)
{
	struct arena *arena = arena_new();
	struct fixture *fixture = arena_new_object(arena, struct fixture);

	fixture->arena = arena;
	fixture->have.name = fixture->want.name = "t";
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	arena_free(fixture->arena);
	return 0;
}

static struct ir_chain *add_chain(struct fixture *fixture, struct ir_table *table, const char *name)
{
	struct ir_chain *chain = vec_add(fixture->arena, &table->chains);

	chain->name = name;
	return chain;
}

static struct ir_stmt *add_rule(struct fixture *fixture, struct ir_chain *chain, uint8_t kind)
{
	struct ir_rule *rule = vec_add(fixture->arena, &chain->rules);
	struct ir_stmt *stmt = vec_add(fixture->arena, &rule->stmts);

	stmt->kind = kind;
	return stmt;
}

/* A set of ports. */
static struct ir_set *add_ports(struct fixture *fixture, struct ir_table *table, uint32_t size,
				const uint8_t *ports, uint32_t count)
{
	struct ir_set *set = vec_add(fixture->arena, &table->sets);

	set->name = "ports";
	set->fields[0] = IR_TH_DPORT;
	set->field_count = 1;
	set->key_size = 4;
	set->size = size;
	set->count = count;
	set->keys = arena_alloc(fixture->arena, 4 * (size_t)count + 1);
	for (uint32_t i = 0; i < count; i++)
		set->keys[4 * i + 1] = ports[i];
	return set;
}

static void look_up_ports(struct fixture *fixture, struct ir_chain *chain)
{
	struct ir_match *match = &add_rule(fixture, chain, IR_STMT_MATCH)->match;

	match->op = IR_IN_SET;
	match->fields[0].field = IR_TH_DPORT;
	match->field_count = 1;
	match->set = "ports";
}

static void expect(struct fixture *fixture, const uint8_t *kinds, uint32_t count)
{
	ir_diff(fixture->arena, &fixture->have, &fixture->want, &fixture->changes);
	for (uint32_t i = 0; i < count && i < fixture->changes.items.len; i++)
		assert_int_equal(fixture->changes.items.items[i].kind, kinds[i]);
	assert_int_equal(fixture->changes.items.len, count);
}

static void equal_tables_lead_nowhere(void **state)
{
	struct fixture *fixture = *state;

	add_ports(fixture, &fixture->have, 16, (const uint8_t[]){1, 2}, 2);
	add_ports(fixture, &fixture->want, 16, (const uint8_t[]){1, 2}, 2);
	add_rule(fixture, add_chain(fixture, &fixture->have, "a"), IR_STMT_COUNTER);
	add_rule(fixture, add_chain(fixture, &fixture->want, "a"), IR_STMT_COUNTER);
	fixture->have.chains.items[0].rules.items[0].handle = 7;
	expect(fixture, NULL, 0);
}

static void no_table_gets_everything(void **state)
{
	static const uint8_t kinds[] = {IR_CHANGE_ADD_TABLE,	IR_CHANGE_ADD_COUNTER,
					IR_CHANGE_ADD_SET,	IR_CHANGE_ADD_CHAIN,
					IR_CHANGE_ADD_ELEMENTS, IR_CHANGE_ADD_RULE};
	struct fixture *fixture = *state;

	add_ports(fixture, &fixture->want, 16, (const uint8_t[]){1}, 1);
	look_up_ports(fixture, add_chain(fixture, &fixture->want, "a"));
	vec_add(fixture->arena, &fixture->want.counters)->name = "c";
	ir_diff(fixture->arena, NULL, &fixture->want, &fixture->changes);
	assert_int_equal(fixture->changes.items.len, sizeof(kinds));
	for (uint32_t i = 0; i < sizeof(kinds); i++)
		assert_int_equal(fixture->changes.items.items[i].kind, kinds[i]);
	assert_null(fixture->changes.items.items[4].elements);
}

static void elements_change_alone(void **state)
{
	static const uint8_t kinds[] = {IR_CHANGE_DELETE_ELEMENTS, IR_CHANGE_ADD_ELEMENTS};
	struct fixture *fixture = *state;

	add_ports(fixture, &fixture->have, 32, (const uint8_t[]){1, 3, 5}, 3);
	add_ports(fixture, &fixture->want, 16, (const uint8_t[]){1, 4, 5, 6}, 4);
	expect(fixture, kinds, 2);
	assert_int_equal(fixture->changes.items.items[0].element_count, 1);
	assert_int_equal(fixture->changes.items.items[0].elements[0], 1);
	assert_int_equal(fixture->changes.items.items[1].element_count, 2);
	assert_int_equal(fixture->changes.items.items[1].elements[0], 1);
	assert_int_equal(fixture->changes.items.items[1].elements[1], 3);
}

static void a_changed_verdict_deletes_and_adds(void **state)
{
	static const uint8_t kinds[] = {IR_CHANGE_DELETE_ELEMENTS, IR_CHANGE_ADD_ELEMENTS};
	struct ir_element_verdict drop = {IR_DROP, NULL}, accept = {IR_ACCEPT, NULL};
	struct fixture *fixture = *state;
	struct ir_set *have = add_ports(fixture, &fixture->have, 16, (const uint8_t[]){1}, 1);
	struct ir_set *want = add_ports(fixture, &fixture->want, 16, (const uint8_t[]){1}, 1);

	have->is_map = want->is_map = true;
	have->verdicts = &drop;
	want->verdicts = &accept;
	expect(fixture, kinds, 2);
}

static void a_set_that_is_too_small_is_made_anew(void **state)
{
	static const uint8_t kinds[] = {IR_CHANGE_FLUSH_CHAIN, IR_CHANGE_DELETE_SET,
					IR_CHANGE_ADD_SET, IR_CHANGE_ADD_ELEMENTS,
					IR_CHANGE_ADD_RULE};
	struct fixture *fixture = *state;

	add_ports(fixture, &fixture->have, 16, (const uint8_t[]){1}, 1);
	add_ports(fixture, &fixture->want, 32, (const uint8_t[]){1, 2}, 2);
	look_up_ports(fixture, add_chain(fixture, &fixture->have, "a"));
	look_up_ports(fixture, add_chain(fixture, &fixture->want, "a"));
	expect(fixture, kinds, 5);
	assert_null(fixture->changes.items.items[3].elements);
}

static void what_nobody_wants_goes_last(void **state)
{
	static const uint8_t kinds[] = {IR_CHANGE_FLUSH_CHAIN, IR_CHANGE_FLUSH_CHAIN,
					IR_CHANGE_DELETE_SET, IR_CHANGE_DELETE_CHAIN,
					IR_CHANGE_DELETE_COUNTER};
	struct fixture *fixture = *state;
	struct ir_chain *base = add_chain(fixture, &fixture->have, "base");

	base->hook = IR_HOOK_INPUT; /* is emptied, never deleted */
	add_rule(fixture, base, IR_STMT_COUNTER);
	add_ports(fixture, &fixture->have, 16, (const uint8_t[]){1}, 1);
	look_up_ports(fixture, add_chain(fixture, &fixture->have, "a"));
	vec_add(fixture->arena, &fixture->have.counters)->name = "c";
	expect(fixture, kinds, 5);
	/* the base chain decides until it is empty, the rest can wait for a batch of its own */
	assert_int_equal(fixture->changes.cleanup, 1);
}

/* Packets on their way through the old rules must find the old elements. */
static void a_set_changes_with_its_rules_as_a_whole(void **state)
{
	static const uint8_t kinds[] = {IR_CHANGE_FLUSH_CHAIN, IR_CHANGE_DELETE_SET,
					IR_CHANGE_ADD_SET,     IR_CHANGE_ADD_ELEMENTS,
					IR_CHANGE_ADD_RULE,    IR_CHANGE_ADD_RULE};
	struct fixture *fixture = *state;
	struct ir_chain *want;

	add_ports(fixture, &fixture->have, 16, (const uint8_t[]){1, 2}, 2);
	add_ports(fixture, &fixture->want, 16, (const uint8_t[]){2, 3}, 2);
	look_up_ports(fixture, add_chain(fixture, &fixture->have, "a"));
	want = add_chain(fixture, &fixture->want, "a");
	look_up_ports(fixture, want);
	add_rule(fixture, want, IR_STMT_COUNTER);
	expect(fixture, kinds, 6);
}

static void dynamic_content_is_not_compared(void **state)
{
	struct fixture *fixture = *state;
	struct ir_set *have = add_ports(fixture, &fixture->have, 16, (const uint8_t[]){1}, 1);
	struct ir_set *want = add_ports(fixture, &fixture->want, 16, NULL, 0);

	have->dynamic = want->dynamic = true;
	expect(fixture, NULL, 0);
}

static void no_table_wanted(void **state)
{
	struct fixture *fixture = *state;

	ir_diff(fixture->arena, &fixture->have, NULL, &fixture->changes);
	assert_int_equal(fixture->changes.items.len, 1);
	assert_int_equal(fixture->changes.items.items[0].kind, IR_CHANGE_DELETE_TABLE);
	assert_string_equal(fixture->changes.table, "t");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(equal_tables_lead_nowhere),
		TEST(no_table_gets_everything),
		TEST(elements_change_alone),
		TEST(a_changed_verdict_deletes_and_adds),
		TEST(a_set_that_is_too_small_is_made_anew),
		TEST(a_set_changes_with_its_rules_as_a_whole),
		TEST(what_nobody_wants_goes_last),
		TEST(dynamic_content_is_not_compared),
		TEST(no_table_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
