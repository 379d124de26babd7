/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bans by prefix length: one lookup for each length that occurs. */
#include "compile/ban.h"

#include <string.h>

#include "compile/compile.h"
#include "compile/keys.h"

static const char *set_name(struct arena *arena, uint8_t family, uint8_t len)
{
	unsigned number = family == IP_V4 ? 4 : 6;

	if (len == ip_family_bits(family))
		return arena_printf(arena, "banned%u", number);
	return arena_printf(arena, "banned%u_%u", number, (unsigned)len);
}

static void set_fill(struct arena *arena, const struct ban_list *bans, uint8_t family, uint8_t len,
		     struct ir_set *set)
{
	struct keys keys = {.key_size = ip_family_bytes(family)};

	set->timed = true;
	build_set_field(set, family == IP_V4 ? IR_IP_SADDR : IR_IP6_SADDR);
	for (uint32_t i = 0; bans && i < bans->items.len; i++) {
		const struct ban *ban = &bans->items.items[i];

		if (!ban->over && ban->prefix.family == family && ban->prefix.len == len)
			memcpy(keys_add(&keys, i), ban->prefix.bytes, keys.key_size);
	}
	keys_sort(&keys);
	keys_to_set(&keys, arena, set);
	if (keys.count)
		set->timeouts_s = arena_new_array(arena, uint32_t, keys.count);
	for (uint32_t i = 0; i < keys.count; i++)
		set->timeouts_s[i] = bans->items.items[keys_tag(&keys, i)].timeout_s;
	set->size = 0; /* grows; room for many bans would cost every host a MiB */
	keys_done(&keys);
}

static bool is_wanted(const struct ban_list *bans, uint8_t family, uint8_t len)
{
	if (len == ip_family_bits(family))
		return true;
	for (uint32_t i = 0; bans && i < bans->items.len; i++) {
		const struct ip_prefix *prefix = &bans->items.items[i].prefix;

		if (prefix->family == family && prefix->len == len)
			return true;
	}
	return false;
}

void bans_refuse(struct build *build, uint32_t chain, const struct ban_list *bans)
{
	static const uint8_t families[] = {IP_V4, IP_V6};
	struct goal drop = {.verdict = IR_DROP, .counter = BUILD_BANNED};

	for (size_t i = 0; i < sizeof(families); i++) {
		uint8_t family = families[i];

		for (unsigned len = ip_family_bits(family); len > 0; len--) {
			struct ir_operand operand = {.field = family == IP_V4 ? IR_IP_SADDR
									      : IR_IP6_SADDR};
			struct ir_rule *rule;
			struct ir_set *set;

			if (!is_wanted(bans, family, (uint8_t)len))
				continue;
			set = build_set(build, set_name(build->arena, family, (uint8_t)len));
			set_fill(build->arena, bans, family, (uint8_t)len, set);
			if (len < ip_family_bits(family))
				operand.prefix_len = (uint8_t)len;
			rule = build_rule(build, chain);
			rule_in_set(build, rule, &operand, 1, set->name);
			rule_goal(build, rule, &drop);
			rule_comment(build, rule, "banned");
		}
	}
}

struct ir_set *compile_ban_set(struct arena *arena, const struct ban *ban)
{
	struct ir_set *set = arena_new_object(arena, struct ir_set);
	struct ban_list list = {0};

	*vec_add(arena, &list.items) = *ban;
	set->name = set_name(arena, ban->prefix.family, ban->prefix.len);
	set_fill(arena, &list, ban->prefix.family, ban->prefix.len, set);
	return set;
}
