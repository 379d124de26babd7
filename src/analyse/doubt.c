/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sentences that never decide anything, because earlier ones of their section took it all. */
#include "analyse/doubt.h"

#include "analyse/cover.h"

/* A sentence that is shadowed in at least one pair. */
struct shadowed {
	struct origin origin;
	const struct rule *rule;
	const struct rule *by;
	uint32_t times; /* pairs in which it is shadowed */
	uint32_t pairs; /* pairs in which it stands */
};

struct shadowed_list {
	struct arena *arena;
	struct hash_index index; /* place of the sentence -> number in items */
	VEC(struct shadowed) items;
};

static void shadowed_add(struct shadowed_list *list, const struct rule *rule, const struct rule *by)
{
	struct shadowed *shadowed;
	uint32_t *number;
	int is_new;

	number = hash_index_put(&list->index, &rule->origin, sizeof(rule->origin), &is_new);
	if (is_new) {
		*number = list->items.len;
		shadowed = vec_add(list->arena, &list->items);
		shadowed->rule = rule;
		shadowed->by = by;
		shadowed->origin = rule->origin;
	}
	list->items.items[*number].times++;
}

static void pair_look(const struct pair *pair, struct shadowed_list *list)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct cover *cover = cover_new(arena);

	vec_each (&pair->rules, rule) {
		const struct rule *by = cover_find(cover, rule);

		/* What is shadowed itself adds nothing to what is covered. */
		if (by)
			shadowed_add(list, rule, by);
		else
			cover_add(cover, rule);
	}
}

static void pairs_count(const struct pair *pair, struct shadowed_list *list)
{
	vec_each (&pair->rules, rule) {
		const uint32_t *number =
			hash_index_get(&list->index, &rule->origin, sizeof(rule->origin));

		if (number)
			list->items.items[*number].pairs++;
	}
}

static void shadowed_report(const struct shadowed *shadowed, struct diag_list *diags)
{
	struct diag *diag;

	diag = diag_warning(diags, shadowed->origin, DIAG_NEVER_MATCHES,
			    "this sentence can never match, earlier ones take all it speaks of");
	if (diag)
		diag_note(diag, shadowed->by->origin, "this one does");
}

void doubt_shadowed(const struct model *model, const struct source_set *sources,
		    struct diag_list *diags)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct shadowed_list list = {.arena = arena, .index.arena = arena};
	uint32_t pair_count = model->zones.len * model->zones.len;

	(void)sources; /* the diagnostics are printed from it, nothing is read here */
	for (uint32_t i = 0; i < pair_count; i++)
		pair_look(&model->pairs[i], &list);
	if (!list.items.len)
		return;
	for (uint32_t i = 0; i < pair_count; i++)
		pairs_count(&model->pairs[i], &list);
	/* Needed in one pair is needed: only what is shadowed everywhere is doubtful. */
	vec_each (&list.items, shadowed) {
		if (shadowed->times == shadowed->pairs)
			shadowed_report(shadowed, diags);
	}
}
