/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a policy and the facts to a model: the order of the steps. */
#include "resolve/resolve.h"

#include "base/str.h"
#include "resolve/resolver.h"

#define POOL_BLOCK_ITEMS 128u

void *pool_take(struct resolver *resolver, struct pool *pool, size_t size)
{
	void *taken;

	if (!pool->left) {
		pool->next = arena_alloc(resolver->arena, size * POOL_BLOCK_ITEMS);
		pool->left = POOL_BLOCK_ITEMS;
	}
	taken = pool->next;
	pool->next += size;
	pool->left--;
	return taken;
}

static void resolver_init(struct resolver *resolver, struct arena *arena, struct arena *scratch)
{
	resolver->arena = arena;
	resolver->scratch = scratch;
	resolver->set_index.arena = scratch;
	resolver->union_index.arena = scratch;
	resolver->service_index.arena = scratch;
	resolver->container_index.arena = scratch;
	resolver->target_index.arena = scratch;
	resolver->target_union_index.arena = scratch;
	resolver->host_network_index.arena = scratch;
	resolver->published_index.arena = scratch;
	resolver->model = arena_new_object(arena, struct model);
}

struct model *resolve_policy(struct arena *arena, const struct policy *policy,
			     const struct facts *facts, struct diag_list *diags)
{
	auto_of(arena_free) struct arena *scratch = arena_new();
	struct resolver resolver = {.policy = policy, .facts = facts, .diags = diags};
	struct policy_options options = {0};

	resolver_init(&resolver, arena, scratch);
	zones_resolve(&resolver);
	topology_resolve(&resolver);
	sets_collect(&resolver);
	options_check(&resolver);
	sections_resolve(&resolver);
	sets_warn(&resolver);
	str_buf_done(&resolver.key);
	policy_options_read(scratch, policy, &options);
	resolver.model->log_refused = options.log_refused;
	resolver.model->allow_ping = options.allow_ping;
	resolver.model->count_all = options.count_all;
	/* Mistakes that the loader found count too: half a policy is no policy. */
	return diags->errors ? NULL : resolver.model;
}
