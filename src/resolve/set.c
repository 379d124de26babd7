/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of addresses: nested sets and ranges become one sorted list of prefixes. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "resolve/resolver.h"

static int prefix_order(const void *a, const void *b)
{
	return ip_prefix_compare(a, b);
}

uint32_t prefixes_normalise(struct ip_prefix *items, uint32_t len)
{
	uint32_t kept = 0;
	bool sorted = true;

	for (uint32_t i = 1; i < len && sorted; i++)
		sorted = ip_prefix_compare(&items[i - 1], &items[i]) <= 0;
	if (!sorted)
		qsort(items, len, sizeof(*items), prefix_order);
	for (uint32_t i = 0; i < len; i++) {
		if (kept > 0 && ip_prefix_contains(&items[kept - 1], &items[i]))
			continue;
		items[kept++] = items[i];
	}
	return kept;
}

static uint32_t *set_number(struct resolver *resolver, const char *name)
{
	return hash_index_get(&resolver->set_index, name, (uint32_t)strlen(name));
}

static void set_collect(struct resolver *resolver, const struct tree_set *tree)
{
	struct set_entry *entry;
	uint32_t *number;
	int is_new;

	number = hash_index_put(&resolver->set_index, tree->name.text,
				(uint32_t)strlen(tree->name.text), &is_new);
	if (!is_new) {
		struct diag *diag = diag_error(resolver->diags, tree->name.at, DIAG_DUPLICATE_SET,
					       "set '%s' is defined twice", tree->name.text);

		if (diag)
			diag_note(diag, resolver->sets.items[*number - 1].tree->name.at,
				  "it is defined first here");
		return;
	}
	entry = vec_add(resolver->scratch, &resolver->sets);
	entry->tree = tree;
	*number = resolver->sets.len;
}

void sets_collect(struct resolver *resolver)
{
	vec_each (&resolver->policy->files, file) {
		vec_each (&(*file)->items, item) {
			if (item->kind == TREE_SET)
				set_collect(resolver, item->set);
		}
	}
}

static const struct source_list *set_of_number(struct resolver *resolver, uint32_t number,
					       struct origin at, uint32_t depth);

static struct set_entry *set_find(struct resolver *resolver, const char *name, struct origin at)
{
	const uint32_t *number = set_number(resolver, name);
	struct nearest nearest = {.word = name};
	struct diag *diag;

	if (number)
		return &resolver->sets.items[*number - 1];
	diag = diag_error(resolver->diags, at, DIAG_UNKNOWN_SET, "unknown set '@%s'", name);
	vec_each (&resolver->sets, entry)
		nearest_try(&nearest, entry->tree->name.text);
	if (diag && nearest.best)
		diag_note(diag, at, "did you mean '@%s'?", nearest.best);
	return NULL;
}

static void prefixes_add(struct resolver *resolver, struct ip_prefix_vec *all,
			 const struct ip_prefix *items, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		*vec_add(resolver->scratch, all) = items[i];
}

static void elem_add(struct resolver *resolver, const struct tree_elem *elem, uint32_t depth,
		     struct ip_prefix_vec *all)
{
	const struct source_list *nested;
	struct set_entry *entry;

	switch ((enum tree_elem_kind)elem->kind) {
	case TREE_ELEM_PREFIX:
		*vec_add(resolver->scratch, all) = elem->prefix;
		return;
	case TREE_ELEM_RANGE:
		ip_range_to_prefixes(resolver->scratch, &elem->range.low, &elem->range.high, all);
		return;
	case TREE_ELEM_SET:
		entry = set_find(resolver, elem->set, elem->at);
		if (!entry)
			return;
		entry->used = true;
		nested = set_of_number(resolver, (uint32_t)(entry - resolver->sets.items), elem->at,
				       depth + 1);
		if (nested && nested->len <= LIMIT_SET_ELEMENTS)
			prefixes_add(resolver, all, nested->items, nested->len);
		return;
	}
}

static const struct source_list *set_flatten(struct resolver *resolver, const struct tree_set *tree,
					     uint32_t depth)
{
	struct source_list *list = arena_new_object(resolver->arena, struct source_list);
	struct ip_prefix_vec all = {0};

	all.items = arena_new_array(resolver->scratch, struct ip_prefix, tree->elems.len);
	all.cap = tree->elems.len;
	vec_each (&tree->elems, elem) {
		elem_add(resolver, elem, depth, &all);
		if (all.len > LIMIT_SET_ELEMENTS) {
			diag_error(resolver->diags, tree->name.at, DIAG_TOO_MANY,
				   "set '%s' has more than %u elements", tree->name.text,
				   LIMIT_SET_ELEMENTS);
			break;
		}
	}
	list->len = prefixes_normalise(all.items, all.len);
	list->items = arena_memdup(resolver->arena, all.items, list->len * sizeof(*list->items));
	return list;
}

static const struct source_list *set_of_number(struct resolver *resolver, uint32_t number,
					       struct origin at, uint32_t depth)
{
	struct set_entry *entry = &resolver->sets.items[number];

	if (entry->progress == SET_DONE)
		return entry->list;
	if (entry->progress == SET_IN_PROGRESS) {
		diag_error(resolver->diags, at, DIAG_SET_CYCLE, "set '%s' contains itself",
			   entry->tree->name.text);
		return NULL;
	}
	if (depth > LIMIT_SET_DEPTH) {
		diag_error(resolver->diags, at, DIAG_TOO_DEEP, "sets are nested more than %u deep",
			   LIMIT_SET_DEPTH);
		return NULL;
	}
	entry->progress = SET_IN_PROGRESS;
	entry->list = set_flatten(resolver, entry->tree, depth);
	entry->progress = SET_DONE;
	return entry->list;
}

const struct source_list *set_resolve(struct resolver *resolver, const char *name, struct origin at)
{
	struct set_entry *entry = set_find(resolver, name, at);

	if (!entry)
		return NULL;
	entry->used = true;
	return set_of_number(resolver, (uint32_t)(entry - resolver->sets.items), at, 0);
}

/* After the sections: what they used is known now; the others are looked at for mistakes. */
void sets_warn(struct resolver *resolver)
{
	for (uint32_t i = 0; i < resolver->sets.len; i++) {
		const struct tree_set *tree = resolver->sets.items[i].tree;
		const struct source_list *list = set_of_number(resolver, i, tree->name.at, 0);

		/* After an error it may be empty because of that. */
		if (list && list->len == 0 && !resolver->diags->errors)
			diag_warning(resolver->diags, tree->name.at, DIAG_EMPTY_SET,
				     "set '%s' has no elements, 'from @%s' is nobody",
				     tree->name.text, tree->name.text);
	}
	vec_each (&resolver->sets, entry) {
		if (!entry->used)
			diag_warning(resolver->diags, entry->tree->name.at, DIAG_UNUSED_SET,
				     "set '%s' is used nowhere", entry->tree->name.text);
	}
}
