/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What leads from one nft table to another, in an order that the kernel takes in one transaction.
 */
#include "ir/diff.h"

#include <string.h>

#include "base/str.h"

/* What one run knows; `remade` marks sets of `want` that stand under their name, but do not fit. */
struct diff {
	struct arena *arena;
	const struct ir_table *have;
	const struct ir_table *want;
	struct ir_change_list *list;
	bool *remade;
	bool *refill; /* chains of `want` whose rules are to be added */
};

static struct ir_change *change_add(struct diff *diff, enum ir_change_kind kind)
{
	struct ir_change *change = vec_add(diff->arena, &diff->list->items);

	change->kind = (uint8_t)kind;
	return change;
}

static const struct ir_set *have_set(const struct diff *diff, const char *name)
{
	return diff->have ? ir_table_set(diff->have, name) : NULL;
}

static const struct ir_chain *have_chain(const struct diff *diff, const char *name)
{
	return diff->have ? ir_table_chain(diff->have, name) : NULL;
}

static bool has_counter(const struct ir_table *table, const char *name)
{
	vec_each (&table->counters, counter) {
		if (str_eq(counter->name, name))
			return true;
	}
	return false;
}

static void add_counters(struct diff *diff)
{
	vec_each (&diff->want->counters, counter) {
		if (!diff->have || !has_counter(diff->have, counter->name))
			change_add(diff, IR_CHANGE_ADD_COUNTER)->counter = counter;
	}
}

static void add_sets(struct diff *diff)
{
	for (uint32_t i = 0; i < diff->want->sets.len; i++) {
		const struct ir_set *want = &diff->want->sets.items[i];
		const struct ir_set *have = have_set(diff, want->name);

		if (!have)
			change_add(diff, IR_CHANGE_ADD_SET)->set = want;
		else
			diff->remade[i] = !ir_set_fits(have, want);
	}
}

static void add_chains(struct diff *diff)
{
	vec_each (&diff->want->chains, want) {
		const struct ir_chain *have = have_chain(diff, want->name);

		if (!have || (want->hook != IR_HOOK_NONE && have->policy_drop != want->policy_drop))
			change_add(diff, IR_CHANGE_ADD_CHAIN)->chain = want;
	}
}

static bool set_is_remade(const struct diff *diff, const char *name)
{
	for (uint32_t i = 0; i < diff->want->sets.len; i++) {
		if (diff->remade[i] && str_eq(diff->want->sets.items[i].name, name))
			return true;
	}
	return false;
}

/* Does the chain hold on to a set that has to go? */
static bool chain_mentions_remade(const struct diff *diff, const struct ir_chain *chain)
{
	vec_each (&chain->rules, rule) {
		vec_each (&rule->stmts, stmt) {
			if (stmt->match.set && set_is_remade(diff, stmt->match.set))
				return true;
		}
	}
	return false;
}

static bool rules_eq(const struct ir_chain *a, const struct ir_chain *b)
{
	if (a->rules.len != b->rules.len)
		return false;
	for (uint32_t i = 0; i < a->rules.len; i++) {
		if (!ir_rule_eq(&a->rules.items[i], &b->rules.items[i]))
			return false;
	}
	return true;
}

static bool text_eq(const char *a, const char *b)
{
	return a == b || (a && b && str_eq(a, b));
}

/* The same key: is it the same element? */
static bool element_eq(const struct ir_set *have, uint32_t i, const struct ir_set *want, uint32_t j)
{
	if (want->is_map && (have->verdicts[i].verdict != want->verdicts[j].verdict ||
			     !text_eq(have->verdicts[i].chain, want->verdicts[j].chain)))
		return false;
	/* A dump need not read comments; where it does they are compared. */
	return !have->comments || !want->comments || text_eq(have->comments[i], want->comments[j]);
}

static bool elements_same(const struct ir_set *have, const struct ir_set *want)
{
	if (have->count != want->count ||
	    (want->count &&
	     memcmp(have->keys, want->keys, (size_t)want->count * want->key_size) != 0))
		return false;
	for (uint32_t i = 0; (want->is_map || want->comments) && i < want->count; i++) {
		if (!element_eq(have, i, want, i))
			return false;
	}
	return true;
}

static bool chain_mentions(const struct ir_chain *chain, const char *set)
{
	vec_each (&chain->rules, rule) {
		vec_each (&rule->stmts, stmt) {
			if (stmt->match.set && str_eq(stmt->match.set, set))
				return true;
		}
	}
	return false;
}

static void mark_refills(struct diff *diff)
{
	for (uint32_t i = 0; i < diff->want->chains.len; i++) {
		const struct ir_chain *want = &diff->want->chains.items[i];
		const struct ir_chain *have = have_chain(diff, want->name);

		diff->refill[i] = !have || diff->refill[i] || !rules_eq(have, want) ||
				  chain_mentions_remade(diff, have);
	}
}

/* Do rules that go now look into the set? */
static bool set_loses_rules(const struct diff *diff, const struct ir_set *set)
{
	vec_each (&diff->have->chains, have) {
		const struct ir_chain *want = ir_table_chain(diff->want, have->name);

		if ((!want || diff->refill[want - diff->want->chains.items]) &&
		    chain_mentions(have, set->name))
			return true;
	}
	return false;
}

/*
 * A packet on its way through the old rules when the generation flips still looks into the old
 * sets, and no longer finds the elements that the same transaction deletes: measured as one lost
 * packet in some hundred replacements.  A set that is deleted as a whole keeps its elements until
 * the last such packet has passed; so where rules change, sets are made anew.  Maps deactivate
 * their elements with themselves, so nothing is gained for them.
 */
static void mark_remade(struct diff *diff)
{
	for (uint32_t i = 0; diff->have && i < diff->want->sets.len; i++) {
		const struct ir_set *want = &diff->want->sets.items[i];
		const struct ir_set *have = have_set(diff, want->name);

		if (have && !want->is_map && !want->dynamic && !want->timed && !diff->remade[i] &&
		    !elements_same(have, want) && set_loses_rules(diff, want))
			diff->remade[i] = true;
	}
}

static bool chain_goes(const struct diff *diff, const struct ir_chain *have)
{
	return have->rules.len && !ir_table_chain(diff->want, have->name);
}

/* A base chain decides as long as it holds rules, and a set that is made anew must be let go. */
static bool chain_goes_at_once(const struct diff *diff, const struct ir_chain *have)
{
	return have->hook != IR_HOOK_NONE || chain_mentions_remade(diff, have);
}

static void flush_chains(struct diff *diff)
{
	for (uint32_t i = 0; i < diff->want->chains.len; i++) {
		const struct ir_chain *have = have_chain(diff, diff->want->chains.items[i].name);

		if (have && diff->refill[i] && have->rules.len)
			change_add(diff, IR_CHANGE_FLUSH_CHAIN)->chain = have;
	}
	if (!diff->have)
		return;
	vec_each (&diff->have->chains, have) {
		if (chain_goes(diff, have) && chain_goes_at_once(diff, have))
			change_add(diff, IR_CHANGE_FLUSH_CHAIN)->chain = have;
	}
}

static void remake_sets(struct diff *diff)
{
	for (uint32_t i = 0; i < diff->want->sets.len; i++) {
		const struct ir_set *want = &diff->want->sets.items[i];

		if (!diff->remade[i])
			continue;
		change_add(diff, IR_CHANGE_DELETE_SET)->set = have_set(diff, want->name);
		change_add(diff, IR_CHANGE_ADD_SET)->set = want;
	}
}

struct element_list {
	uint32_t *numbers;
	uint32_t len;
};

/* One walk along two sorted arrays: what only `have` holds goes, what only `want` holds comes. */
static void elements_merge(const struct ir_set *have, const struct ir_set *want,
			   struct element_list *gone, struct element_list *come)
{
	uint32_t i = 0, j = 0;

	while (i < have->count || j < want->count) {
		int order = i == have->count ? 1 : -1;

		if (i < have->count && j < want->count)
			order = memcmp(have->keys + (size_t)i * have->key_size,
				       want->keys + (size_t)j * want->key_size, want->key_size);
		if (order < 0) {
			gone->numbers[gone->len++] = i++;
		} else if (order > 0) {
			come->numbers[come->len++] = j++;
		} else {
			if (!element_eq(have, i, want, j)) {
				gone->numbers[gone->len++] = i;
				come->numbers[come->len++] = j;
			}
			i++;
			j++;
		}
	}
}

static void add_element_change(struct diff *diff, enum ir_change_kind kind,
			       const struct ir_set *set, const struct element_list *elements)
{
	struct ir_change *change;

	if (!elements->len)
		return;
	change = change_add(diff, kind);
	change->set = set;
	change->element_count = elements->len;
	if (elements->len < set->count)
		change->elements = arena_memdup(diff->arena, elements->numbers,
						elements->len * sizeof(*elements->numbers));
}

static void change_set_elements(struct diff *diff, const struct ir_set *have,
				const struct ir_set *want)
{
	auto_free uint32_t *gone_numbers = NULL;
	auto_free uint32_t *come_numbers = NULL;
	struct element_list gone = {0}, come = {0};

	if (want->count == 0 && have->count == 0)
		return;
	if (want->count && have->count && elements_same(have, want))
		return;
	gone_numbers = mem_alloc((have->count + 1) * sizeof(*gone_numbers));
	come_numbers = mem_alloc((want->count + 1) * sizeof(*come_numbers));
	gone.numbers = gone_numbers;
	come.numbers = come_numbers;
	elements_merge(have, want, &gone, &come);
	add_element_change(diff, IR_CHANGE_DELETE_ELEMENTS, have, &gone);
	add_element_change(diff, IR_CHANGE_ADD_ELEMENTS, want, &come);
}

static void change_elements(struct diff *diff)
{
	for (uint32_t i = 0; i < diff->want->sets.len; i++) {
		const struct ir_set *want = &diff->want->sets.items[i];
		const struct ir_set *have = have_set(diff, want->name);

		if (want->dynamic || (want->timed && have && !diff->remade[i]))
			continue;
		if (have && !diff->remade[i]) {
			change_set_elements(diff, have, want);
		} else if (want->count) {
			struct ir_change *change = change_add(diff, IR_CHANGE_ADD_ELEMENTS);

			change->set = want;
			change->element_count = want->count;
		}
	}
}

static void add_rules(struct diff *diff)
{
	for (uint32_t i = 0; i < diff->want->chains.len; i++) {
		const struct ir_chain *chain = &diff->want->chains.items[i];

		if (!diff->refill[i])
			continue;
		vec_each (&chain->rules, rule) {
			struct ir_change *change = change_add(diff, IR_CHANGE_ADD_RULE);

			change->chain = chain;
			change->rule = rule;
		}
	}
}

/* Sets before chains: elements of a map hold on to the chains that they lead to. */
static void delete_unused(struct diff *diff)
{
	if (!diff->have)
		return;
	vec_each (&diff->have->chains, chain) {
		if (chain_goes(diff, chain) && !chain_goes_at_once(diff, chain))
			change_add(diff, IR_CHANGE_FLUSH_CHAIN)->chain = chain;
	}
	vec_each (&diff->have->sets, set) {
		if (!ir_table_set(diff->want, set->name))
			change_add(diff, IR_CHANGE_DELETE_SET)->set = set;
	}
	vec_each (&diff->have->chains, chain) {
		if (chain->hook == IR_HOOK_NONE && !ir_table_chain(diff->want, chain->name))
			change_add(diff, IR_CHANGE_DELETE_CHAIN)->chain = chain;
	}
	vec_each (&diff->have->counters, counter) {
		if (!has_counter(diff->want, counter->name))
			change_add(diff, IR_CHANGE_DELETE_COUNTER)->counter = counter;
	}
}

void ir_diff(struct arena *arena, const struct ir_table *have, const struct ir_table *want,
	     struct ir_change_list *ret)
{
	struct diff diff = {.arena = arena, .have = have, .want = want, .list = ret};

	*ret = (struct ir_change_list){.table = want ? want->name : have ? have->name : NULL};
	if (!want) {
		if (have)
			change_add(&diff, IR_CHANGE_DELETE_TABLE);
		ret->cleanup = ret->items.len;
		return;
	}
	diff.remade = arena_new_array(arena, bool, want->sets.len + 1);
	diff.refill = arena_new_array(arena, bool, want->chains.len + 1);
	if (!have)
		change_add(&diff, IR_CHANGE_ADD_TABLE);
	add_counters(&diff);
	add_sets(&diff);
	add_chains(&diff);
	mark_refills(&diff);
	mark_remade(&diff);
	mark_refills(&diff);
	flush_chains(&diff);
	remake_sets(&diff);
	change_elements(&diff);
	add_rules(&diff);
	ret->cleanup = ret->items.len;
	delete_unused(&diff);
}
