/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sections: which pairs they speak of, and their sentences in file order. */
#include "base/limits.h"
#include "resolve/resolve.h"
#include "resolve/resolver.h"

/* Sections of many zones multiply their sentences; this bounds the product. */
static const uint32_t rules_max = 4u * LIMIT_SENTENCES;

static int zone_of_name(struct resolver *resolver, const struct tree_name *name)
{
	int found = zone_find(resolver->model, name->text);
	struct nearest nearest = {.word = name->text};
	struct diag *diag;

	if (found >= 0)
		return found;
	diag = diag_error(resolver->diags, name->at, DIAG_UNKNOWN_ZONE, "unknown zone '%s'",
			  name->text);
	vec_each (&resolver->model->zones, zone)
		nearest_try(&nearest, zone->name);
	nearest_note(&nearest, diag, name->at);
	return -1;
}

static void plan_add_pair(struct resolver *resolver, struct section_plan *plan, uint32_t pair)
{
	for (uint32_t i = 0; i < plan->pair_count; i++) {
		if (plan->pairs[i] == pair)
			return;
	}
	plan->pairs[plan->pair_count++] = pair;
	resolver->model->pairs[pair].named = true;
	resolver->model->pairs[pair].open = false;
}

static void plan_add_pairs(struct resolver *resolver, struct section_plan *plan,
			   const struct tree_name *from_name)
{
	int from = zone_of_name(resolver, from_name);

	if (from < 0)
		plan->zones_known = false;
	if (from != (int)ZONE_NUMBER_CONTAINERS)
		plan->from_containers = false;
	vec_each (&plan->tree->to, to_name) {
		int to = zone_of_name(resolver, to_name);

		if (to < 0)
			plan->zones_known = false;
		if (to != (int)ZONE_NUMBER_CONTAINERS)
			plan->to_containers = false;
		if (to < 0 || from < 0)
			continue;
		if (to == (int)ZONE_NUMBER_HOST && from == (int)ZONE_NUMBER_HOST) {
			diag_error(
				resolver->diags, to_name->at, DIAG_SELF_PAIR,
				"the host is not a section to itself, loopback is always allowed");
			continue;
		}
		plan_add_pair(resolver, plan,
			      (uint32_t)from * resolver->model->zones.len + (uint32_t)to);
	}
}

/* A pair that occurs in two lists of 65,536 names each is still one of LIMIT_ZONES squared. */
static uint32_t plan_pair_max(const struct model *model, const struct tree_section *tree)
{
	uint64_t named = (uint64_t)tree->from.len * tree->to.len;
	uint64_t all = (uint64_t)model->zones.len * model->zones.len;

	return (uint32_t)(named < all ? named : all);
}

static void section_plan_make(struct resolver *resolver, const struct tree_section *tree)
{
	struct section_plan *plan = vec_add(resolver->scratch, &resolver->sections);

	plan->tree = tree;
	plan->zones_known = true;
	plan->from_containers = true;
	plan->to_containers = true;
	plan->pairs =
		arena_new_array(resolver->scratch, uint32_t, plan_pair_max(resolver->model, tree));
	vec_each (&tree->from, name)
		plan_add_pairs(resolver, plan, name);
	for (uint32_t i = 0; i < plan->pair_count; i++)
		resolver->model->pairs[plan->pairs[i]].rules.cap += tree_section_count(tree);
}

static void default_resolve(struct resolver *resolver, const struct section_plan *plan,
			    const struct tree_sentence *sentence)
{
	if (sentence != plan->tree->sentences.items) {
		diag_error(resolver->diags, sentence->at, DIAG_DEFAULT_NOT_FIRST,
			   "'default' must be the first sentence of its section");
		return;
	}
	for (uint32_t i = 0; i < plan->pair_count; i++)
		resolver->model->pairs[plan->pairs[i]].end =
			sentence->verb == TREE_REJECT ? VERDICT_REJECT : VERDICT_DENY;
}

void section_add_rule(struct resolver *resolver, const struct section_plan *plan,
		      const struct rule *rule)
{
	struct model *model = resolver->model;

	for (uint32_t i = 0; i < plan->pair_count; i++) {
		struct pair *pair = &model->pairs[plan->pairs[i]];

		pair->rules.items[pair->rules.len++] = *rule;
	}
	model->rule_count += plan->pair_count;
}

static void rule_add(struct resolver *resolver, const struct section_plan *plan,
		     const struct tree_sentence *sentence)
{
	struct rule rule = {0};

	rule_resolve(resolver, plan, sentence, &rule);
	section_add_rule(resolver, plan, &rule);
}

static void section_fill(struct resolver *resolver, const struct section_plan *plan)
{
	const struct tree_packed *packed = plan->tree->packed.items;
	struct tree_plain plain;

	vec_each (&plan->tree->sentences, sentence) {
		if (sentence->is_default) {
			default_resolve(resolver, plan, sentence);
			continue;
		}
		if (!sentence->packed)
			rule_add(resolver, plan, sentence);
		for (uint32_t i = 0; i < sentence->packed; i++) {
			tree_unpack(packed++, sentence->at.source, &plain);
			rule_add(resolver, plan, &plain.sentence);
		}
	}
}

/* The arrays are made once, as long as all sections together need. */
static bool rules_allocate(struct resolver *resolver)
{
	struct model *model = resolver->model;
	uint32_t pair_count = model->zones.len * model->zones.len;
	uint64_t total = 0;

	for (uint32_t i = 0; i < pair_count; i++)
		total += model->pairs[i].rules.cap;
	if (total > rules_max) {
		struct origin at = {0};

		if (resolver->sections.len)
			at = resolver->sections.items[0].tree->from.items[0].at;
		diag_error(resolver->diags, at, DIAG_TOO_MANY,
			   "the sections name more than %u rules in all", (unsigned)rules_max);
		return false;
	}
	for (uint32_t i = 0; i < pair_count; i++) {
		struct pair *pair = &model->pairs[i];

		if (pair->rules.cap)
			pair->rules.items =
				arena_new_array(resolver->arena, struct rule, pair->rules.cap);
	}
	return true;
}

void sections_resolve(struct resolver *resolver)
{
	uint64_t sentences = 0;

	vec_each (&resolver->policy->files, file) {
		vec_each (&(*file)->items, item) {
			if (item->kind != TREE_SECTION)
				continue;
			sentences += tree_section_count(item->section);
			if (sentences > LIMIT_SENTENCES) {
				diag_error(resolver->diags, item->at, DIAG_TOO_MANY,
					   "more than %u sentences", LIMIT_SENTENCES);
				return;
			}
			section_plan_make(resolver, item->section);
		}
	}
	resolver->with_text = sentences <= RESOLVE_TEXT_MAX;
	labels_plan(resolver);
	if (!rules_allocate(resolver))
		return;
	vec_each (&resolver->sections, plan)
		section_fill(resolver, plan);
	labels_resolve(resolver);
}
