/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table on trial beside the one that it may follow. */
#include "ir/trial.h"

#include <string.h>

#include "base/str.h"

/* NFPROTO_IPV4 and NFPROTO_IPV6, as keys of a set of one byte fields. */
static const uint8_t families[][4] = {{2}, {10}};

#define FAMILIES (sizeof(families) / sizeof(families[0]))

struct trial {
	struct arena *arena;
	const struct ir_table *want;
	struct ir_table *table;
};

static bool is_prefixed(const char *name)
{
	return name && str_starts(name, IR_TRIAL_PREFIX);
}

static const char *renamed(const struct trial *trial, const char *name)
{
	return arena_printf(trial->arena, IR_TRIAL_PREFIX "%s", name);
}

static const char *set_renamed(const struct trial *trial, const char *name)
{
	const struct ir_set *set = ir_table_set(trial->want, name);

	return set && set->timed ? name : renamed(trial, name);
}

static void stmt_rename(const struct trial *trial, struct ir_stmt *stmt)
{
	switch ((enum ir_stmt_kind)stmt->kind) {
	case IR_STMT_MATCH:
		if (stmt->match.op == IR_IN_SET)
			stmt->match.set = set_renamed(trial, stmt->match.set);
		return;
	case IR_STMT_VERDICT_MAP:
	case IR_STMT_METER:
		stmt->match.set = set_renamed(trial, stmt->match.set);
		return;
	case IR_STMT_VERDICT:
		if (stmt->verdict == IR_JUMP || stmt->verdict == IR_GOTO)
			stmt->name = renamed(trial, stmt->name);
		return;
	case IR_STMT_COUNTER:
	case IR_STMT_COUNTER_REF:
	case IR_STMT_LIMIT:
	case IR_STMT_LOG:
	case IR_STMT_REJECT:
		return;
	}
}

static void rule_copy(const struct trial *trial, const struct ir_rule *rule, struct ir_rule *ret)
{
	*ret = *rule;
	ret->stmts.items = NULL;
	ret->stmts.len = 0;
	ret->stmts.cap = 0;
	vec_each (&rule->stmts, stmt) {
		struct ir_stmt *copy = vec_add(trial->arena, &ret->stmts);

		*copy = *stmt;
		stmt_rename(trial, copy);
	}
}

static void chain_add(const struct trial *trial, const struct ir_chain *chain)
{
	struct ir_chain copy = {.name = renamed(trial, chain->name)};

	vec_each (&chain->rules, rule)
		rule_copy(trial, rule, vec_add(trial->arena, &copy.rules));
	*vec_add(trial->arena, &trial->table->chains) = copy;
}

static void set_add(const struct trial *trial, const struct ir_set *set)
{
	struct ir_set copy = *set;

	if (set->timed && ir_table_set(trial->table, set->name))
		return;
	copy.name = set_renamed(trial, set->name);
	if (set->verdicts) {
		copy.verdicts = arena_memdup(trial->arena, set->verdicts,
					     set->count * sizeof(*set->verdicts));
		for (uint32_t i = 0; i < set->count; i++) {
			if (copy.verdicts[i].chain)
				copy.verdicts[i].chain = renamed(trial, copy.verdicts[i].chain);
		}
	}
	*vec_add(trial->arena, &trial->table->sets) = copy;
}

static bool has_counter(const struct ir_table *table, const char *name)
{
	vec_each (&table->counters, counter) {
		if (str_eq(counter->name, name))
			return true;
	}
	return false;
}

static void switch_add(const struct trial *trial, uint32_t seconds)
{
	struct ir_set *set = vec_add(trial->arena, &trial->table->sets);

	*set = (struct ir_set){.name = IR_TRIAL_SET,
			       .fields = {IR_META_NFPROTO},
			       .field_count = 1,
			       .timed = true,
			       .key_size = ir_field_room(IR_META_NFPROTO),
			       .count = FAMILIES};
	set->keys = arena_memdup(trial->arena, families, sizeof(families));
	set->timeouts_s = arena_new_array(trial->arena, uint32_t, FAMILIES);
	for (size_t i = 0; i < FAMILIES; i++)
		set->timeouts_s[i] = seconds;
}

static void head_fill(const struct trial *trial, const char *name, struct ir_rule *head)
{
	*vec_add(trial->arena, &head->stmts) =
		(struct ir_stmt){.kind = IR_STMT_MATCH,
				 .match = {.fields = {{.field = IR_META_NFPROTO}},
					   .field_count = 1,
					   .op = IR_IN_SET,
					   .set = IR_TRIAL_SET}};
	*vec_add(trial->arena, &head->stmts) = (struct ir_stmt){
		.kind = IR_STMT_VERDICT, .verdict = IR_GOTO, .name = renamed(trial, name)};
	head->comment = "a policy on trial decides until its time is over";
}

/* A base chain of both: the trial's is asked first, as long as it lasts. */
static void base_add(const struct trial *trial, const struct ir_chain *chain, bool keeps_rules)
{
	struct ir_chain copy = *chain;
	bool on_trial = ir_table_chain(trial->want, chain->name) != NULL;

	if (on_trial || !keeps_rules) {
		memset(&copy.rules, 0, sizeof(copy.rules));
		copy.policy_drop = keeps_rules && chain->policy_drop;
	}
	if (on_trial)
		head_fill(trial, chain->name, vec_add(trial->arena, &copy.rules));
	if (on_trial && keeps_rules) {
		vec_each (&chain->rules, rule)
			*vec_add(trial->arena, &copy.rules) = *rule;
	}
	*vec_add(trial->arena, &trial->table->chains) = copy;
}

struct ir_table *ir_trial_begin(struct arena *arena, const struct ir_table *base,
				const struct ir_table *want, uint32_t seconds)
{
	struct trial trial = {
		.arena = arena, .want = want, .table = arena_new_object(arena, struct ir_table)};

	trial.table->name = want->name;
	for (uint32_t i = 0; base && i < base->chains.len; i++) {
		const struct ir_chain *chain = &base->chains.items[i];

		if (chain->hook == IR_HOOK_NONE)
			*vec_add(arena, &trial.table->chains) = *chain;
		else
			base_add(&trial, chain, true);
	}
	for (uint32_t i = 0; base && i < base->sets.len; i++)
		*vec_add(arena, &trial.table->sets) = base->sets.items[i];
	for (uint32_t i = 0; base && i < base->counters.len; i++)
		*vec_add(arena, &trial.table->counters) = base->counters.items[i];
	switch_add(&trial, seconds);
	vec_each (&want->sets, set)
		set_add(&trial, set);
	vec_each (&want->counters, counter) {
		if (!has_counter(trial.table, counter->name))
			*vec_add(arena, &trial.table->counters) = *counter;
	}
	vec_each (&want->chains, chain) {
		if (chain->hook != IR_HOOK_NONE && !ir_table_chain(trial.table, chain->name))
			base_add(&trial, chain, false);
		chain_add(&trial, chain);
	}
	return trial.table;
}

bool ir_trial_is(const struct ir_table *table)
{
	return ir_table_set(table, IR_TRIAL_SET) != NULL;
}

static bool leads_to_trial(const struct ir_rule *rule)
{
	vec_each (&rule->stmts, stmt) {
		if (stmt->kind == IR_STMT_VERDICT && is_prefixed(stmt->name))
			return true;
	}
	return false;
}

static bool rule_mentions(const struct ir_rule *rule, const char *set)
{
	vec_each (&rule->stmts, stmt) {
		if (stmt->match.set && str_eq(stmt->match.set, set))
			return true;
	}
	return false;
}

static bool table_mentions(const struct ir_table *table, const char *set)
{
	vec_each (&table->chains, chain) {
		vec_each (&chain->rules, rule) {
			if (rule_mentions(rule, set))
				return true;
		}
	}
	return false;
}

bool ir_trial_is_asked(const struct ir_table *table)
{
	return table_mentions(table, IR_TRIAL_SET);
}

struct ir_table *ir_trial_end(struct arena *arena, const struct ir_table *table)
{
	struct ir_table *rest = arena_new_object(arena, struct ir_table);
	bool holds_rules = false;

	rest->name = table->name;
	rest->counters = table->counters;
	vec_each (&table->chains, chain) {
		struct ir_chain copy = *chain;

		if (is_prefixed(chain->name))
			continue;
		memset(&copy.rules, 0, sizeof(copy.rules));
		vec_each (&chain->rules, rule) {
			if (!leads_to_trial(rule))
				*vec_add(arena, &copy.rules) = *rule;
		}
		holds_rules = holds_rules || copy.rules.len;
		*vec_add(arena, &rest->chains) = copy;
	}
	vec_each (&table->sets, set) {
		if (is_prefixed(set->name) || str_eq(set->name, IR_TRIAL_SET))
			continue;
		if (!set->timed || table_mentions(rest, set->name))
			*vec_add(arena, &rest->sets) = *set;
	}
	return holds_rules ? rest : NULL;
}
