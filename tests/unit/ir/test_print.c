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

static struct ir_stmt match_of(uint8_t field, uint8_t first, uint8_t second)
{
	struct ir_stmt stmt = {.kind = IR_STMT_MATCH};

	stmt.match.field_count = 1;
	stmt.match.fields[0].field = field;
	stmt.match.value[0] = first;
	stmt.match.value[1] = second;
	return stmt;
}

/* "meta l4proto tcp th dport 22" is the same code; nft lists it in the shorter words. */
static void ports_follow_their_protocol(void **state)
{
	struct ir_stmt mark = match_of(IR_IP_SADDR, 10, 0), udp = match_of(IR_META_L4PROTO, 17, 0);
	struct ir_stmt esp = match_of(IR_META_L4PROTO, 50, 0);
	struct ir_stmt sport = match_of(IR_TH_SPORT, 0, 67), dport = match_of(IR_TH_DPORT, 1, 0);
	struct ir_stmt range = dport, other = udp;

	(void)state;
	expect_rule((struct ir_stmt[]){udp, sport, dport, mark}, 4,
		    "udp sport 67 udp dport 256 ip saddr 10.0.0.0");
	expect_rule((struct ir_stmt[]){mark, udp, dport}, 3, "ip saddr 10.0.0.0 udp dport 256");
	expect_rule((struct ir_stmt[]){udp}, 1, "meta l4proto udp");
	expect_rule((struct ir_stmt[]){udp, mark, dport}, 3,
		    "meta l4proto udp ip saddr 10.0.0.0 th dport 256");
	/* nft has no words for the ports of others */
	expect_rule((struct ir_stmt[]){esp, dport}, 2, "meta l4proto esp th dport 256");
	range.match.op = IR_RANGE;
	range.match.high[0] = 2;
	expect_rule((struct ir_stmt[]){udp, range}, 2, "udp dport 256-512");
	other.match.op = IR_NOT_EQUAL;
	expect_rule((struct ir_stmt[]){other, dport}, 2, "meta l4proto != udp th dport 256");
}

static void priorities_have_names(void **state)
{
	static const struct {
		int32_t priority;
		const char *text;
	} cases[] = {
		{0, "priority filter;"},       {-10, "priority filter - 10;"},
		{10, "priority filter + 10;"}, {-310, "priority raw - 10;"},
		{-11, "priority -11;"},	       {50, "priority security;"},
		{-2000, "priority -2000;"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_str struct str_buf out = {0};
		struct ir_chain chain = {
			.name = "c", .hook = IR_HOOK_INPUT, .priority = cases[i].priority};
		struct ir_table table = {.name = "t", .chains = {&chain, 1, 1}};

		ir_print_table(&table, &out);
		assert_non_null(strstr(str_buf_text(&out), cases[i].text));
	}
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
		cmocka_unit_test(ports_follow_their_protocol),
		cmocka_unit_test(priorities_have_names),
		cmocka_unit_test(interfaces_are_quoted),
		cmocka_unit_test(states_are_words),
		cmocka_unit_test(quotes_in_comments_become_single),
		cmocka_unit_test(rates),
		cmocka_unit_test(logs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
