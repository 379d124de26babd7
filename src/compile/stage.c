/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sentences into stages.  First match wins, so a sentence may join an earlier stage of its verdict
 * only if nothing in between could decide about the same packet.
 */
#include "compile/section.h"

#define LOOK_BACK_STAGES 8u
#define LOOK_BACK_RULES 64u
#define SOURCE_PAIRS_MAX 1024u

static bool services_meet(const struct service *a, const struct service *b)
{
	if (a->kind == SERVICE_PING || b->kind == SERVICE_PING) {
		/* A sentence about all ICMP speaks of pings as well. */
		return a->kind != SERVICE_PORTS && b->kind != SERVICE_PORTS;
	}
	if (a->protocol != b->protocol)
		return false;
	return a->kind == SERVICE_PROTOCOL || b->kind == SERVICE_PROTOCOL ||
	       (a->low <= b->high && b->low <= a->high);
}

static bool rules_share_service(const struct rule *a, const struct rule *b)
{
	if (a->any_service || b->any_service)
		return true;
	for (uint32_t i = 0; i < a->service_count; i++) {
		for (uint32_t j = 0; j < b->service_count; j++) {
			if (services_meet(&a->services[i], &b->services[j]))
				return true;
		}
	}
	return false;
}

static bool rules_share_source(const struct rule *a, const struct rule *b)
{
	if (!a->from || !b->from || (uint64_t)a->from->len * b->from->len > SOURCE_PAIRS_MAX)
		return true;
	for (uint32_t i = 0; i < a->from->len; i++) {
		for (uint32_t j = 0; j < b->from->len; j++) {
			if (ip_prefix_contains(&a->from->items[i], &b->from->items[j]) ||
			    ip_prefix_contains(&b->from->items[j], &a->from->items[i]))
				return true;
		}
	}
	return false;
}

static bool rule_meets_stage(const struct section *section, const struct rule *rule,
			     const struct stage *stage)
{
	vec_each (&stage->rules, number) {
		const struct rule *other = &section->pair->rules.items[*number];

		if (rules_share_service(rule, other) && rules_share_source(rule, other))
			return true;
	}
	return false;
}

/* The stage that may take the rule, or NULL. */
static struct stage *stage_for(struct section *section, const struct rule *rule)
{
	uint32_t seen = 0;

	for (uint32_t back = 1; back <= section->stages.len && back <= LOOK_BACK_STAGES; back++) {
		struct stage *stage = &section->stages.items[section->stages.len - back];

		if (!stage->alone && stage->verdict == rule->verdict)
			return stage;
		seen += stage->rules.len;
		if (seen > LOOK_BACK_RULES || rule_meets_stage(section, rule, stage))
			return NULL;
	}
	return NULL;
}

void section_stages(struct section *section)
{
	for (uint32_t i = 0; i < section->pair->rules.len; i++) {
		const struct rule *rule = &section->pair->rules.items[i];
		bool alone = rule->rate || rule->log;
		struct stage *stage = NULL;

		if (!section_uses(section, rule))
			continue;
		if (!alone)
			stage = stage_for(section, rule);
		if (!stage) {
			stage = vec_add(section->build->arena, &section->stages);
			stage->verdict = rule->verdict;
			stage->alone = alone;
		}
		*vec_add(section->build->arena, &stage->rules) = i;
	}
}
