/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tools for making an nft table: a rule, statement by statement. */
#include "compile/build.h"

#include <string.h>

static struct ir_stmt *stmt_add(struct build *build, struct ir_rule *rule, enum ir_stmt_kind kind)
{
	struct ir_stmt *stmt = vec_add(build->arena, &rule->stmts);

	stmt->kind = (uint8_t)kind;
	return stmt;
}

static struct ir_match *match_add(struct build *build, struct ir_rule *rule, enum ir_field field,
				  enum ir_op op)
{
	struct ir_match *match = &stmt_add(build, rule, IR_STMT_MATCH)->match;

	match->fields[0].field = (uint8_t)field;
	match->field_count = 1;
	match->op = (uint8_t)op;
	return match;
}

void rule_equal(struct build *build, struct ir_rule *rule, enum ir_field field, const void *value)
{
	memcpy(match_add(build, rule, field, IR_EQUAL)->value, value, ir_field_size(field));
}

void rule_equal_u8(struct build *build, struct ir_rule *rule, enum ir_field field, uint8_t value)
{
	rule_equal(build, rule, field, &value);
}

static void put_u16(uint8_t *to, uint16_t value)
{
	to[0] = (uint8_t)(value >> 8);
	to[1] = (uint8_t)value;
}

void rule_equal_u16(struct build *build, struct ir_rule *rule, enum ir_field field, uint16_t value)
{
	put_u16(match_add(build, rule, field, IR_EQUAL)->value, value);
}

void rule_range(struct build *build, struct ir_rule *rule, enum ir_field field, uint16_t low,
		uint16_t high)
{
	struct ir_match *match;

	if (low == high) {
		rule_equal_u16(build, rule, field, low);
		return;
	}
	match = match_add(build, rule, field, IR_RANGE);
	put_u16(match->value, low);
	put_u16(match->high, high);
}

void rule_range_u8(struct build *build, struct ir_rule *rule, enum ir_field field, uint8_t low,
		   uint8_t high)
{
	struct ir_match *match = match_add(build, rule, field, IR_RANGE);

	match->value[0] = low;
	match->high[0] = high;
}

/* At most 15 bytes, as the kernel has it; the rest stays zero. */
static void put_iface(uint8_t *to, const char *name)
{
	memcpy(to, name, strnlen(name, 15));
}

void rule_iface(struct build *build, struct ir_rule *rule, enum ir_field field, const char *name,
		bool not_equal)
{
	put_iface(match_add(build, rule, field, not_equal ? IR_NOT_EQUAL : IR_EQUAL)->value, name);
}

void rule_iface_prefix(struct build *build, struct ir_rule *rule, enum ir_field field,
		       const char *name)
{
	struct ir_match *match;

	if (!*name) /* every interface */
		return;
	match = match_add(build, rule, field, IR_PREFIX);
	put_iface(match->value, name);
	match->value_len = (uint8_t)strnlen(name, 15);
}

void rule_in_prefix(struct build *build, struct ir_rule *rule, enum ir_field field,
		    const uint8_t *bytes, uint8_t len)
{
	struct ir_match *match;

	if (len == 8 * ir_field_size(field)) {
		rule_equal(build, rule, field, bytes);
		return;
	}
	match = match_add(build, rule, field, IR_PREFIX);
	memcpy(match->value, bytes, ir_field_size(field));
	match->value_len = len;
}

void rule_bits(struct build *build, struct ir_rule *rule, enum ir_field field, uint32_t bits)
{
	struct ir_match *match = match_add(build, rule, field, IR_ANY_BIT);

	put_u16(match->value, (uint16_t)(bits >> 16));
	put_u16(match->value + 2, (uint16_t)bits);
}

void rule_in_set(struct build *build, struct ir_rule *rule, const struct ir_operand *operands,
		 unsigned count, const char *set)
{
	struct ir_match *match = match_add(build, rule, IR_META_IIFNAME, IR_IN_SET);

	memcpy(match->fields, operands, count * sizeof(*operands));
	match->field_count = (uint8_t)count;
	match->set = set;
}

void rule_in_map(struct build *build, struct ir_rule *rule, enum ir_field field, const char *map)
{
	struct ir_match *match = &stmt_add(build, rule, IR_STMT_VERDICT_MAP)->match;

	match->fields[0].field = (uint8_t)field;
	match->field_count = 1;
	match->op = IR_IN_SET;
	match->set = map;
}

void rule_limit(struct build *build, struct ir_rule *rule, const struct ir_rate *rate)
{
	stmt_add(build, rule, IR_STMT_LIMIT)->rate = *rate;
}

void rule_meter(struct build *build, struct ir_rule *rule, struct ir_operand operand,
		const struct ir_rate *rate, const char *set)
{
	struct ir_stmt *stmt = stmt_add(build, rule, IR_STMT_METER);

	stmt->match.fields[0] = operand;
	stmt->match.field_count = 1;
	stmt->match.op = IR_IN_SET;
	stmt->match.set = set;
	stmt->rate = *rate;
}

void rule_log(struct build *build, struct ir_rule *rule, const char *prefix)
{
	stmt_add(build, rule, IR_STMT_LOG)->name = prefix;
}

void rule_log_group(struct build *build, struct ir_rule *rule, const char *prefix, uint16_t group,
		    uint16_t snaplen)
{
	struct ir_stmt *stmt = stmt_add(build, rule, IR_STMT_LOG);

	stmt->name = prefix;
	stmt->group = group;
	stmt->snaplen = snaplen;
}

void rule_reject(struct build *build, struct ir_rule *rule, enum ir_reject reject)
{
	stmt_add(build, rule, IR_STMT_REJECT)->reject = (uint8_t)reject;
}

void rule_verdict(struct build *build, struct ir_rule *rule, enum ir_verdict verdict,
		  const char *chain)
{
	struct ir_stmt *stmt = stmt_add(build, rule, IR_STMT_VERDICT);

	stmt->verdict = (uint8_t)verdict;
	stmt->name = chain;
}

void rule_counter(struct build *build, struct ir_rule *rule)
{
	(void)stmt_add(build, rule, IR_STMT_COUNTER);
}

void rule_goal(struct build *build, struct ir_rule *rule, const struct goal *goal)
{
	if (goal->counter)
		stmt_add(build, rule, IR_STMT_COUNTER_REF)->name = goal->counter;
	rule_verdict(build, rule, (enum ir_verdict)goal->verdict, goal->chain);
}

void rule_comment(struct build *build, struct ir_rule *rule, const char *text)
{
	rule->comment = build_comment(build, text, IR_COMMENT_MAX);
}
