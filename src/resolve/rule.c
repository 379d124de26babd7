/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One sentence becomes one rule. */
#include "base/str.h"
#include "lang/format.h"
#include "resolve/resolver.h"

/* A limit without a burst lets this many through at once, as nft does. */
#define RATE_BURST_DEFAULT 5u
/* Wider ranges on the host network are not listed port by port; their listeners are. */
#define HOST_NETWORK_RANGE_MAX 1024u

static uint8_t verdict_of(const struct tree_sentence *sentence)
{
	switch ((enum tree_verb)sentence->verb) {
	case TREE_ALLOW:
		return VERDICT_ALLOW;
	case TREE_DENY:
		return VERDICT_DENY;
	case TREE_REJECT:
		return VERDICT_REJECT;
	}
	return VERDICT_DENY;
}

static uint8_t rate_unit_of(const struct tree_rate *tree)
{
	switch ((enum tree_unit)tree->unit) {
	case TREE_UNIT_SECOND:
		return RATE_SECOND;
	case TREE_UNIT_MINUTE:
		return RATE_MINUTE;
	case TREE_UNIT_HOUR:
		return RATE_HOUR;
	case TREE_UNIT_DAY:
		return RATE_DAY;
	}
	return RATE_DAY;
}

static bool rate_eq(const struct rate *a, const struct rate *b)
{
	return a->count == b->count && a->burst == b->burst && a->unit == b->unit &&
	       a->per_source == b->per_source;
}

static const struct rate *rate_resolve(struct resolver *resolver,
				       const struct tree_sentence *sentence)
{
	const struct tree_rate *tree = sentence->rate;
	struct rate rate = {.count = tree->count,
			    .burst = tree->burst ? tree->burst : RATE_BURST_DEFAULT,
			    .unit = rate_unit_of(tree),
			    .per_source = tree->per_source};

	if (sentence->verb != TREE_ALLOW)
		diag_warning(
			resolver->diags, tree->at, DIAG_LIMIT_ON_DENY,
			"'limit' on a sentence that refuses changes little: what exceeds it is "
			"dropped");
	if (!resolver->last_rate || !rate_eq(resolver->last_rate, &rate))
		resolver->last_rate = arena_memdup(resolver->arena, &rate, sizeof(rate));
	return resolver->last_rate;
}

/*
 * A sentence that names a container with host networking opens its ports whenever the container
 * runs, not only once somebody listens there.
 */
static void host_network_ports_of_rule(struct resolver *resolver, const struct rule *rule)
{
	for (uint32_t i = 0; i < rule->to->len; i++) {
		uint32_t container = rule->to->containers[i];

		if (!resolver->model->containers.items[container].host_network)
			continue;
		for (uint32_t j = 0; j < rule->service_count; j++) {
			const struct service *service = &rule->services[j];

			if (service->kind != SERVICE_PORTS || service->inside ||
			    service->high - service->low + 1u > HOST_NETWORK_RANGE_MAX)
				continue;
			for (uint32_t port = service->low; port <= service->high; port++)
				host_network_port_add(resolver, service->protocol, (uint16_t)port,
						      container);
		}
	}
}

static void target_of_rule(struct resolver *resolver, const struct section_plan *plan,
			   const struct tree_sentence *sentence, struct rule *ret)
{
	if (plan->zones_known && !plan->to_containers) {
		diag_error(resolver->diags,
			   origin_join(sentence->to[0].at, sentence->to[sentence->to_count - 1].at),
			   DIAG_TO_OUTSIDE_CONTAINERS,
			   "'to' is for sections that lead to containers only");
		return;
	}
	ret->to = targets_resolve(resolver, sentence);
	host_network_ports_of_rule(resolver, ret);
}

static const char *text_of_rule(struct resolver *resolver, const struct tree_sentence *sentence)
{
	resolver->key.len = 0;
	format_sentence(sentence, &resolver->key);
	return arena_strdup(resolver->arena, str_buf_text(&resolver->key));
}

void rule_resolve(struct resolver *resolver, const struct section_plan *plan,
		  const struct tree_sentence *sentence, struct rule *ret)
{
	ret->origin = sentence->at;
	ret->verdict = verdict_of(sentence);
	ret->log = sentence->log;
	services_resolve(resolver, plan, sentence, ret);
	if (sentence->has_from && sentence->from_count)
		ret->from = sources_resolve(resolver, plan, sentence);
	if (sentence->has_to && sentence->to_count)
		target_of_rule(resolver, plan, sentence, ret);
	if (sentence->rate)
		ret->rate = rate_resolve(resolver, sentence);
	if (sentence->log_text)
		ret->log_text = arena_strdup(resolver->arena, sentence->log_text);
	if (resolver->with_text)
		ret->text = text_of_rule(resolver, sentence);
}
