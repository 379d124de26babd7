/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be asked of a model without following a packet. */
#include "model/model.h"

#include <assert.h>
#include <string.h>

#include "base/str.h"

struct pair *model_pair(const struct model *model, uint32_t from, uint32_t to)
{
	assert(from < model->zones.len && to < model->zones.len);
	return &model->pairs[from * model->zones.len + to];
}

bool model_iface_is_container(const struct model *model, const char *iface)
{
	vec_each (&model->zones.items[ZONE_NUMBER_CONTAINERS].ifaces, pattern) {
		if (!pattern->wildcard && str_eq(pattern->name, iface))
			return true;
	}
	return false;
}

/* How well a pattern fits: 0 not at all, an exact name better than any wildcard. */
static size_t iface_pattern_weight(const struct iface_pattern *pattern, const char *iface)
{
	if (!pattern->wildcard)
		return str_eq(pattern->name, iface) ? SIZE_MAX : 0;
	return str_starts(iface, pattern->name) ? strlen(pattern->name) + 1 : 0;
}

uint32_t model_zone_of_iface(const struct model *model, const char *iface)
{
	uint32_t best_zone = model->auto_zone;
	size_t best = 0;

	/* A container network stays one, whatever name a zone claims. */
	if (model_iface_is_container(model, iface))
		return ZONE_NUMBER_CONTAINERS;
	for (uint32_t i = 0; i < model->zones.len; i++) {
		vec_each (&model->zones.items[i].ifaces, pattern) {
			size_t weight = iface_pattern_weight(pattern, iface);

			if (weight > best) {
				best = weight;
				best_zone = i;
			}
		}
	}
	return best_zone;
}

/* Prefixes of a list do not overlap, so only the last one that starts at or before addr counts. */
bool source_list_contains(const struct source_list *list, const struct ip_addr *addr)
{
	struct ip_prefix key = ip_prefix_of(addr, ip_family_bits(addr->family));
	uint32_t low = 0, high = list->len;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (ip_prefix_compare(&list->items[middle], &key) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && ip_prefix_contains_addr(&list->items[low - 1], addr);
}

bool target_list_contains(const struct target_list *list, uint32_t container)
{
	uint32_t low = 0, high = list->len;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (list->containers[middle] < container)
			low = middle + 1;
		else
			high = middle;
	}
	return low < list->len && list->containers[low] == container;
}

const char *verdict_name(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_ALLOW:
		return "allow";
	case VERDICT_DENY:
		return "deny";
	case VERDICT_REJECT:
		return "reject";
	}
	return "?";
}
