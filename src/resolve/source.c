/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who a sentence is for: sets, prefixes and, at containers, the containers' own addresses. */
#include <string.h>

#include "base/str.h"
#include "resolve/resolver.h"

static struct source_list *source_list_of_prefix(struct resolver *resolver,
						 const struct ip_prefix *prefix)
{
	struct source_list *list = pool_take(resolver, &resolver->list_pool, sizeof(*list));

	list->len = 1;
	list->items = pool_take(resolver, &resolver->prefix_pool, sizeof(*list->items));
	list->items[0] = *prefix;
	return list;
}

static void prefixes_add_list(struct resolver *resolver, const struct source_list *list)
{
	for (uint32_t i = 0; list && i < list->len; i++)
		*vec_add(resolver->scratch, &resolver->prefixes) = list->items[i];
}

static struct source_list *source_list_make(struct resolver *resolver)
{
	struct source_list *list = arena_new_object(resolver->arena, struct source_list);
	struct ip_prefix_vec *all = &resolver->prefixes;

	list->len = prefixes_normalise(all->items, all->len);
	list->items = arena_memdup(resolver->arena, all->items, list->len * sizeof(*list->items));
	return list;
}

static void prefixes_add_container(struct resolver *resolver, const struct section_plan *plan,
				   const struct tree_container *container)
{
	const struct target_list *list;

	if (plan->zones_known && !plan->from_containers) {
		diag_error(resolver->diags, container->at, DIAG_FROM_CONTAINER,
			   "a container as a source is for sections that start at containers only");
		return;
	}
	list = target_resolve(resolver, container);
	for (uint32_t i = 0; i < list->len; i++) {
		const struct model_container *found =
			&resolver->model->containers.items[list->containers[i]];

		vec_each (&found->addrs, addr)
			*vec_add(resolver->scratch, &resolver->prefixes) =
				ip_prefix_of(addr, ip_family_bits(addr->family));
	}
}

/* The same sets named together are joined once, however many sentences name them. */
static const struct source_list *sources_join_sets(struct resolver *resolver,
						   const struct tree_sentence *sentence)
{
	uint32_t *number;
	int is_new;

	resolver->key.len = 0;
	for (uint32_t i = 0; i < sentence->from_count; i++)
		str_buf_add(&resolver->key, sentence->from[i].set,
			    strlen(sentence->from[i].set) + 1);
	number = hash_index_put(&resolver->union_index, resolver->key.data,
				(uint32_t)resolver->key.len, &is_new);
	if (is_new) {
		resolver->prefixes.len = 0;
		for (uint32_t i = 0; i < sentence->from_count; i++)
			prefixes_add_list(resolver, set_resolve(resolver, sentence->from[i].set,
								sentence->from[i].at));
		*number = resolver->unions.len;
		*vec_add(resolver->scratch, &resolver->unions) = source_list_make(resolver);
	}
	return resolver->unions.items[*number];
}

static void prefixes_add_source(struct resolver *resolver, const struct section_plan *plan,
				const struct tree_source *source)
{
	switch ((enum tree_source_kind)source->kind) {
	case TREE_SOURCE_SET:
		prefixes_add_list(resolver, set_resolve(resolver, source->set, source->at));
		return;
	case TREE_SOURCE_PREFIX:
		*vec_add(resolver->scratch, &resolver->prefixes) = source->prefix;
		return;
	case TREE_SOURCE_CONTAINER:
		prefixes_add_container(resolver, plan, source->container);
		return;
	}
}

static bool sources_are_sets(const struct tree_sentence *sentence)
{
	for (uint32_t i = 0; i < sentence->from_count; i++) {
		if (sentence->from[i].kind != TREE_SOURCE_SET)
			return false;
	}
	return true;
}

const struct source_list *sources_resolve(struct resolver *resolver,
					  const struct section_plan *plan,
					  const struct tree_sentence *sentence)
{
	if (sentence->from_count == 1 && sentence->from->kind == TREE_SOURCE_PREFIX)
		return source_list_of_prefix(resolver, &sentence->from->prefix);
	if (sentence->from_count == 1 && sentence->from->kind == TREE_SOURCE_SET)
		return set_resolve(resolver, sentence->from->set, sentence->from->at);
	if (sources_are_sets(sentence))
		return sources_join_sets(resolver, sentence);
	resolver->prefixes.len = 0;
	for (uint32_t i = 0; i < sentence->from_count; i++)
		prefixes_add_source(resolver, plan, &sentence->from[i]);
	return source_list_make(resolver);
}
