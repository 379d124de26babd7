/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sentences that containers say of themselves.  They stand behind all sentences of the policy, so
 * that those decide first, and each opens its own container only: by its id, whatever it is named.
 */
#include <string.h>

#include "base/str.h"
#include "resolve/resolver.h"

static bool is_outside(uint32_t zone)
{
	return zone != ZONE_NUMBER_HOST && zone != ZONE_NUMBER_CONTAINERS;
}

void labels_plan(struct resolver *resolver)
{
	const struct model *model = resolver->model;
	struct section_plan *plan = &resolver->label_plan;
	uint32_t sentences = 0;

	vec_each (&resolver->policy->labels, label)
		sentences += label->sentences.len;
	plan->zones_known = true;
	plan->to_containers = true;
	plan->pairs = arena_new_array(resolver->scratch, uint32_t, model->zones.len);
	for (uint32_t zone = 0; sentences && zone < model->zones.len; zone++) {
		uint32_t number = zone * model->zones.len + ZONE_NUMBER_CONTAINERS;

		if (!is_outside(zone))
			continue;
		plan->pairs[plan->pair_count++] = number;
		model->pairs[number].rules.cap += sentences;
	}
}

static const char *label_text(struct resolver *resolver, const struct rule *rule, const char *name)
{
	resolver->key.len = 0;
	str_buf_adds(&resolver->key, rule->text);
	str_buf_adds(&resolver->key, " (label of ");
	str_buf_add_visible(&resolver->key, name, strlen(name));
	str_buf_addc(&resolver->key, ')');
	return arena_strdup(resolver->arena, str_buf_text(&resolver->key));
}

/* All sentences of a label or none: what is wrong with one is said as a warning. */
static void label_resolve(struct resolver *resolver, const struct policy_label *label)
{
	const struct container *container =
		&resolver->facts->engine.containers.items[label->container];
	struct target_list *self = arena_new_object(resolver->arena, struct target_list);
	struct rule *rules = arena_new_array(resolver->scratch, struct rule, label->sentences.len);
	struct diag_list *diags = resolver->diags;
	struct diag_list found = {.arena = resolver->arena};

	self->len = 1;
	self->containers = arena_memdup(resolver->arena, &label->container, sizeof(uint32_t));
	resolver->diags = &found;
	for (uint32_t i = 0; i < label->sentences.len; i++) {
		rule_resolve(resolver, &resolver->label_plan, &label->sentences.items[i],
			     &rules[i]);
		rules[i].to = self;
		if (rules[i].text)
			rules[i].text = label_text(resolver, &rules[i], container->name);
	}
	resolver->diags = diags;
	diag_list_demote(&found, diags, DIAG_LABEL);
	if (found.errors)
		return;
	for (uint32_t i = 0; i < resolver->label_plan.pair_count; i++)
		resolver->model->pairs[resolver->label_plan.pairs[i]].named = true;
	for (uint32_t i = 0; i < label->sentences.len; i++)
		section_add_rule(resolver, &resolver->label_plan, &rules[i]);
}

void labels_resolve(struct resolver *resolver)
{
	vec_each (&resolver->policy->labels, label)
		label_resolve(resolver, label);
}
