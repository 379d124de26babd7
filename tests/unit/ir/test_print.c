/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules as nft text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "ir/print.h"

static void expect_rule(struct ir_stmt *stmts, uint32_t count, const char *text)
{
	auto_str struct str_buf out = {0};
	struct ir_rule rule = {.stmts = {stmts, count, count}};

	ir_print_rule(&rule, &out);
	assert_string_equal(str_buf_text(&out), text);
}

static void masked_addresses_in_a_set(void **state)
{
	struct ir_stmt stmts[2] = {{.kind = IR_STMT_MATCH}, {.kind = IR_STMT_VERDICT}};
	struct ir_match *match = &stmts[0].match;

	(void)state;
	match->op = IR_IN_SET;
	match->field_count = 3;
	match->fields[0] = (struct ir_operand){IR_IP_SADDR, 24};
	match->fields[1] = (struct ir_operand){IR_META_L4PROTO, 0};
	match->fields[2] = (struct ir_operand){IR_TH_DPORT, 0};
	match->set = "s";
	expect_rule(stmts, 2, "ip saddr & 255.255.255.0 . meta l4proto . th dport @s accept");
}

static void interfaces_are_quoted(void **state)
{
	struct ir_stmt stmts[1] = {{.kind = IR_STMT_MATCH}};
	struct ir_match *match = &stmts[0].match;

	(void)state;
	match->field_count = 1;
	match->fields[0].field = IR_META_IIFNAME;
	memcpy(match->value, "wg", 2);
	expect_rule(stmts, 1, "iifname \"wg\"");
	match->op = IR_PREFIX;
	match->value_len = 2;
	expect_rule(stmts, 1, "iifname \"wg*\"");
}

static void states_are_words(void **state)
{
	struct ir_stmt stmts[1] = {{.kind = IR_STMT_MATCH}};
	struct ir_match *match = &stmts[0].match;

	(void)state;
	match->op = IR_ANY_BIT;
	match->field_count = 1;
	match->fields[0].field = IR_CT_STATE;
	match->value[3] = IR_CT_STATE_ESTABLISHED | IR_CT_STATE_RELATED;
	expect_rule(stmts, 1, "ct state established,related");
}

static void quotes_in_comments_become_single(void **state)
{
	auto_str struct str_buf out = {0};
	struct ir_rule rule = {.comment = "log \"x\"\nnext"};

	(void)state;
	ir_print_rule(&rule, &out);
	assert_string_equal(str_buf_text(&out), " comment \"log 'x' next\"");
}

static void rates(void **state)
{
	struct ir_stmt stmts[2] = {{.kind = IR_STMT_METER}, {.kind = IR_STMT_VERDICT}};

	(void)state;
	stmts[0].match.field_count = 1;
	stmts[0].match.fields[0].field = IR_IP_SADDR;
	stmts[0].match.set = "s";
	stmts[0].rate = (struct ir_rate){.count = 10, .burst = 5, .unit = IR_PER_MINUTE};
	stmts[1].verdict = IR_GOTO;
	stmts[1].name = "c";
	expect_rule(stmts, 2, "update @s { ip saddr limit rate 10/minute burst 5 packets } goto c");
}

static void logs(void **state)
{
	struct ir_stmt stmts[1] = {{.kind = IR_STMT_LOG, .name = "what ", .group = 7}};

	(void)state;
	expect_rule(stmts, 1, "log prefix \"what \"");
	stmts[0].snaplen = 128;
	expect_rule(stmts, 1, "log prefix \"what \" group 7 snaplen 128");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(masked_addresses_in_a_set),
		cmocka_unit_test(interfaces_are_quoted),
		cmocka_unit_test(states_are_words),
		cmocka_unit_test(quotes_in_comments_become_single),
		cmocka_unit_test(rates),
		cmocka_unit_test(logs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
