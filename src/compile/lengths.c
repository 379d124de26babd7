/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each prefix length of a stage costs every packet a lookup: short prefixes are written as several
 * longer ones until few lengths are left, as long as that does not make the sets much larger.
 */
#include "compile/section.h"

#define LENGTHS_MAX 5u
#define WIDEN_BITS_MAX 12u

struct length_plan {
	uint64_t counts[129];
	unsigned bits;
};

static void plan_identity(uint8_t *lengths, unsigned bits)
{
	for (unsigned len = 0; len <= bits; len++)
		lengths[len] = (uint8_t)len;
}

static void count_rule(const struct rule *rule, struct length_plan *v4, struct length_plan *v6)
{
	uint64_t weight = rule->service_count ? rule->service_count : 1;

	for (uint32_t i = 0; rule->from && i < rule->from->len; i++) {
		const struct ip_prefix *prefix = &rule->from->items[i];

		(prefix->family == IP_V4 ? v4 : v6)->counts[prefix->len] += weight;
	}
}

/* The length that is cheapest to write as the next longer one; 0 if there is none. */
static unsigned cheapest(const struct length_plan *plan, unsigned *ret_next, uint64_t *ret_cost)
{
	unsigned best = 0, next = 0;

	for (unsigned len = plan->bits; len > 0; len--) {
		uint64_t cost;

		if (!plan->counts[len])
			continue;
		if (next && next - len <= WIDEN_BITS_MAX) {
			cost = plan->counts[len] * ((1u << (next - len)) - 1u);
			if (!best || cost < *ret_cost) {
				best = len;
				*ret_next = next;
				*ret_cost = cost;
			}
		}
		next = len;
	}
	return best;
}

static void plan_merge(struct length_plan *plan, uint8_t *lengths)
{
	uint64_t total = 0, allowed;
	unsigned distinct = 0;

	for (unsigned len = 1; len <= plan->bits; len++) {
		total += plan->counts[len];
		distinct += plan->counts[len] != 0;
	}
	for (allowed = total; distinct > LENGTHS_MAX; distinct--) {
		uint64_t cost = 0;
		unsigned next = 0, len = cheapest(plan, &next, &cost);

		if (!len || cost > allowed)
			return;
		allowed -= cost;
		plan->counts[next] += plan->counts[len] << (next - len);
		plan->counts[len] = 0;
		for (unsigned i = 1; i <= plan->bits; i++) {
			if (lengths[i] == len)
				lengths[i] = (uint8_t)next;
		}
	}
}

void section_lengths(struct section *section, const struct stage *stage)
{
	struct length_plan v4 = {.bits = 32}, v6 = {.bits = 128};

	plan_identity(section->length4, 32);
	plan_identity(section->length6, 128);
	if (stage->rules.len == 1 && section->pair->rules.items[stage->rules.items[0]].from == NULL)
		return;
	vec_each (&stage->rules, number)
		count_rule(&section->pair->rules.items[*number], &v4, &v6);
	plan_merge(&v4, section->length4);
	plan_merge(&v6, section->length6);
}
