/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From interfaces to zones: a map of exact names, wildcards behind it, the rest is auto. */
#include "compile/zones.h"

#include <string.h>

struct wildcard {
	const char *name;
	size_t len;
	uint32_t zone;
};

struct wildcard_vec {
	struct wildcard *items;
	uint32_t len;
	uint32_t cap;
};

bool zone_has_ifaces(const struct model *model, uint32_t zone)
{
	return zone == model->auto_zone || model->zones.items[zone].ifaces.len > 0;
}

static void collect_zone(const struct model *model, uint32_t zone, struct keys *keys)
{
	vec_each (&model->zones.items[zone].ifaces, pattern) {
		if (!pattern->wildcard)
			memcpy(keys_add(keys, zone), pattern->name, strnlen(pattern->name, 15));
	}
}

static void add_map(struct build *build, const struct model *model, uint32_t chain,
		    enum ir_field field, const struct goal *goals, const char *map_name)
{
	struct keys keys = {.key_size = 16};
	struct ir_set *map;

	/* The first stays: a container network whatever a zone claims, then the first zone. */
	collect_zone(model, ZONE_NUMBER_CONTAINERS, &keys);
	for (uint32_t zone = 0; zone < model->zones.len; zone++)
		collect_zone(model, zone, &keys);
	if (keys.count) {
		keys_sort(&keys);
		map = build_set(build, map_name);
		map->is_map = true;
		build_set_field(map, field);
		keys_to_set(&keys, build->arena, map);
		map->verdicts =
			arena_new_array(build->arena, struct ir_element_verdict, map->count);
		for (uint32_t i = 0; i < map->count; i++) {
			const struct goal *goal = &goals[keys_tag(&keys, i)];

			map->verdicts[i].verdict = goal->verdict;
			map->verdicts[i].chain = goal->chain;
		}
		rule_in_map(build, build_rule(build, chain), field, map->name);
	}
	keys_done(&keys);
}

/* The longest first, of equal ones the first zone's. */
static void insert_wildcard(struct build *build, struct wildcard_vec *all, const char *name,
			    uint32_t zone)
{
	struct wildcard wildcard = {.name = name, .len = strlen(name), .zone = zone};
	uint32_t at;

	(void)vec_add(build->arena, all);
	for (at = all->len - 1; at > 0 && all->items[at - 1].len < wildcard.len; at--)
		all->items[at] = all->items[at - 1];
	all->items[at] = wildcard;
}

void zones_dispatch(struct build *build, const struct model *model, uint32_t chain,
		    enum ir_field field, const struct goal *goals, const char *map_name)
{
	struct wildcard_vec wildcards = {0};
	struct ir_rule *rule;

	add_map(build, model, chain, field, goals, map_name);
	for (uint32_t zone = 0; zone < model->zones.len; zone++) {
		vec_each (&model->zones.items[zone].ifaces, pattern) {
			if (pattern->wildcard)
				insert_wildcard(build, &wildcards, pattern->name, zone);
		}
	}
	vec_each (&wildcards, wildcard) {
		rule = build_rule(build, chain);
		rule_iface_prefix(build, rule, field, wildcard->name);
		rule_goal(build, rule, &goals[wildcard->zone]);
	}
	rule = build_rule(build, chain);
	rule_goal(build, rule, &goals[model->auto_zone]);
	rule_comment(build, rule, "every other interface");
}
