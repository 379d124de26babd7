/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Containers that a sentence names: by name, compose service, label or network. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "lang/format.h"
#include "resolve/resolver.h"

static bool label_matches(const struct container *container, const struct tree_container *tree)
{
	vec_each (&container->labels, label) {
		if (str_eq(label->key, tree->name) &&
		    (!tree->value || (label->value && str_eq(label->value, tree->value))))
			return true;
	}
	return false;
}

static bool network_matches(const struct container *container, const char *network)
{
	vec_each (&container->endpoints, endpoint) {
		if (endpoint->network && str_eq(endpoint->network, network))
			return true;
	}
	return false;
}

static bool container_matches(const struct container *container, const struct tree_container *tree)
{
	switch ((enum tree_container_kind)tree->kind) {
	case TREE_CONTAINER_NAME:
		return str_eq(container->name, tree->name);
	case TREE_CONTAINER_SERVICE:
		return container->project && container->service &&
		       str_eq(container->project, tree->name) &&
		       str_eq(container->service, tree->value);
	case TREE_CONTAINER_LABEL:
		return label_matches(container, tree);
	case TREE_CONTAINER_NETWORK:
		return network_matches(container, tree->name);
	}
	return false;
}

static struct target_list *target_list_make(struct resolver *resolver)
{
	struct target_list *list = arena_new_object(resolver->arena, struct target_list);

	list->len = resolver->numbers.len;
	list->containers = arena_memdup(resolver->arena, resolver->numbers.items,
					list->len * sizeof(*list->containers));
	return list;
}

static struct target_list *target_search(struct resolver *resolver,
					 const struct tree_container *tree)
{
	const struct engine *engine = &resolver->facts->engine;
	const uint32_t *number;

	resolver->numbers.len = 0;
	if (tree->kind == TREE_CONTAINER_NAME) {
		number = hash_index_get(&resolver->container_index, tree->name,
					(uint32_t)strlen(tree->name));
		if (number)
			*vec_add(resolver->scratch, &resolver->numbers) = *number - 1;
		return target_list_make(resolver);
	}
	for (uint32_t i = 0; i < engine->containers.len; i++) {
		if (container_matches(&engine->containers.items[i], tree))
			*vec_add(resolver->scratch, &resolver->numbers) = i;
	}
	return target_list_make(resolver);
}

static void target_warn(struct resolver *resolver, const struct tree_container *tree)
{
	struct str_buf name auto_str = {0};

	if (resolver->facts->engine.state != ENGINE_ANSWERED)
		return;
	format_container(tree, &name);
	diag_warning(resolver->diags, tree->at, DIAG_NO_SUCH_CONTAINER,
		     "no running container is '%s', the sentence takes effect when one starts",
		     str_buf_text(&name));
}

/* The number in resolver->targets of what `tree` names. */
static uint32_t target_number(struct resolver *resolver, const struct tree_container *tree)
{
	uint32_t *number;
	int is_new;

	resolver->key.len = 0;
	str_buf_addc(&resolver->key, (char)('0' + tree->kind));
	str_buf_adds(&resolver->key, tree->name);
	/* A label without a value is not a label with an empty one. */
	if (tree->value) {
		str_buf_add(&resolver->key, "", 1);
		str_buf_adds(&resolver->key, tree->value);
	}
	number = hash_index_put(&resolver->target_index, resolver->key.data,
				(uint32_t)resolver->key.len, &is_new);
	if (is_new) {
		struct target_list *found = target_search(resolver, tree);

		*number = resolver->targets.len;
		*vec_add(resolver->scratch, &resolver->targets) = found;
	}
	if (resolver->targets.items[*number]->len == 0)
		target_warn(resolver, tree);
	return *number;
}

const struct target_list *target_resolve(struct resolver *resolver,
					 const struct tree_container *container)
{
	uint32_t number = target_number(resolver, container);

	return resolver->targets.items[number];
}

static int number_order(const void *a, const void *b)
{
	const uint32_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static struct target_list *target_list_join(struct resolver *resolver, const uint32_t *lists,
					    uint32_t count)
{
	uint32_t kept = 0;

	resolver->numbers.len = 0;
	for (uint32_t i = 0; i < count; i++) {
		const struct target_list *list = resolver->targets.items[lists[i]];

		for (uint32_t j = 0; j < list->len; j++)
			*vec_add(resolver->scratch, &resolver->numbers) = list->containers[j];
	}
	if (resolver->numbers.len > 1)
		qsort(resolver->numbers.items, resolver->numbers.len, sizeof(uint32_t),
		      number_order);
	for (uint32_t i = 0; i < resolver->numbers.len; i++) {
		if (kept && resolver->numbers.items[kept - 1] == resolver->numbers.items[i])
			continue;
		resolver->numbers.items[kept++] = resolver->numbers.items[i];
	}
	resolver->numbers.len = kept;
	return target_list_make(resolver);
}

const struct target_list *targets_resolve(struct resolver *resolver,
					  const struct tree_sentence *sentence)
{
	auto_free uint32_t *lists = NULL;
	uint32_t *number;
	int is_new;

	if (sentence->to_count == 1)
		return target_resolve(resolver, sentence->to);
	lists = mem_alloc((sentence->to_count + 1) * sizeof(*lists));
	for (uint32_t i = 0; i < sentence->to_count; i++)
		lists[i] = target_number(resolver, &sentence->to[i]);
	number = hash_index_put(&resolver->target_union_index, lists,
				(uint32_t)(sentence->to_count * sizeof(*lists)), &is_new);
	if (is_new) {
		struct target_list *joined = target_list_join(resolver, lists, sentence->to_count);

		*number = resolver->targets.len;
		*vec_add(resolver->scratch, &resolver->targets) = joined;
	}
	return resolver->targets.items[*number];
}
