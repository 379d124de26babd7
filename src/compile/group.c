/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The elements of a stage, grouped by what their keys are made of. */
#include "compile/section.h"

#include <assert.h>
#include <string.h>

static uint32_t source_shape(const struct ip_prefix *source, unsigned len)
{
	if (!source)
		return SOURCE_NONE;
	if (!len)
		return SOURCE_FAMILY;
	return source->family == IP_V4 ? SOURCE_V4(len) : SOURCE_V6(len);
}

static enum target_shape target_shape(const struct aim *aim)
{
	if (aim->to.family == IP_NONE)
		return SHAPE_NO_TARGET;
	return aim->to.family == IP_V4 ? SHAPE_TO4 : SHAPE_TO6;
}

static void group_operand(struct group *group, enum ir_field field, unsigned prefix_len)
{
	struct ir_operand *operand = &group->operands[group->operand_count++];

	operand->field = (uint8_t)field;
	if (prefix_len < 8 * ir_field_size(field))
		operand->prefix_len = (uint8_t)prefix_len;
	group->keys.key_size += ir_field_room(field);
}

static void group_init(struct group *group, const struct section *section, const struct aim *aim,
		       uint32_t source, enum target_shape target)
{
	*group = (struct group){.like = *aim}; /* its place may have been used before */
	group->source = (uint16_t)source;
	group->target = (uint8_t)target;
	group->first_rule = group->last_rule = UINT32_MAX;
	if (source == SOURCE_FAMILY)
		group_operand(group, IR_META_NFPROTO, 8);
	else if (source >= SOURCE_V6(1))
		group_operand(group, IR_IP6_SADDR, source - SOURCE_V6(0));
	else if (source >= SOURCE_V4(1))
		group_operand(group, IR_IP_SADDR, source - SOURCE_V4(0));
	if (target != SHAPE_NO_TARGET)
		group_operand(group, target == SHAPE_TO4 ? IR_IP_DADDR : IR_IP6_DADDR, 128);
	if (aim->shape != SHAPE_ANY)
		group_operand(group, IR_META_L4PROTO, 8);
	if (aim->shape == SHAPE_PORT)
		group_operand(group,
			      section->way == WAY_DIALLED ? IR_CT_ORIG_PROTO_DST : IR_TH_DPORT, 16);
}

static struct group *group_add(struct section *section, const struct aim *aim, uint32_t source)
{
	struct group *group = vec_add(section->build->arena, &section->groups);

	group_init(group, section, aim, source, target_shape(aim));
	return group;
}

static struct group *group_find(struct section *section, const struct aim *aim, uint32_t source)
{
	enum target_shape target = target_shape(aim);
	uint32_t shape = (source * SHAPE_TARGETS + target) * SHAPE_SERVICES + aim->shape;
	uint8_t key[8] = {aim->guard,
			  aim->protocol,
			  (uint8_t)(aim->low >> 8),
			  (uint8_t)aim->low,
			  (uint8_t)(aim->high >> 8),
			  (uint8_t)aim->high,
			  (uint8_t)(shape >> 8),
			  (uint8_t)shape};
	uint32_t *number;
	int is_new;

	if (aim->guard == GUARD_NONE) {
		if (!section->group_numbers[shape]) {
			group_add(section, aim, source);
			section->group_numbers[shape] = (uint16_t)section->groups.len;
		}
		return &section->groups.items[section->group_numbers[shape] - 1];
	}
	number = hash_index_put(&section->guarded, key, sizeof(key), &is_new);
	if (is_new) {
		group_add(section, aim, source);
		*number = section->groups.len;
	}
	return &section->groups.items[*number - 1];
}

static void element_add(struct group *group, const struct aim *aim, const struct ip_prefix *source,
			uint32_t rule)
{
	uint8_t *key = keys_add(&group->keys, rule);

	if (group->source == SOURCE_FAMILY) {
		/* What has no source is of SOURCE_NONE. */
		assert(source);
		*key = source->family == IP_V4 ? 2 : 10; /* as AF_INET and AF_INET6 */
		key += 4;
	} else if (source) {
		memcpy(key, source->bytes, ip_family_bytes(source->family));
		key += ip_family_bytes(source->family);
	}
	if (aim->to.family != IP_NONE) {
		memcpy(key, aim->to.bytes, ip_family_bytes(aim->to.family));
		key += ip_family_bytes(aim->to.family);
	}
	if (aim->shape != SHAPE_ANY) {
		*key = aim->protocol;
		key += 4;
	}
	if (aim->shape == SHAPE_PORT) {
		key[0] = (uint8_t)(aim->low >> 8);
		key[1] = (uint8_t)aim->low;
	}
	if (group->last_rule == rule)
		return;
	if (group->first_rule == UINT32_MAX)
		group->first_rule = rule;
	group->last_rule = rule;
	group->rule_count++;
}

/* The next prefix of the same length. */
static void prefix_step(struct ip_prefix *prefix)
{
	unsigned at = (prefix->len - 1u) / 8;
	unsigned carry = 0x80u >> ((prefix->len - 1u) % 8);

	for (;; at--) {
		carry += prefix->bytes[at];
		prefix->bytes[at] = (uint8_t)carry;
		carry >>= 8;
		if (!carry || !at)
			return;
	}
}

static void gather_source(struct section *section, const struct ip_prefix *source, uint32_t rule)
{
	unsigned len = 0;

	if (source)
		len = source->family == IP_V4 ? section->length4[source->len]
					      : section->length6[source->len];
	vec_each (&section->aims, aim) {
		struct group *group;
		struct ip_prefix prefix;

		if (source && aim->family != IP_NONE && aim->family != source->family)
			continue;
		group = group_find(section, aim, source_shape(source, len));
		if (!source || len == source->len) {
			element_add(group, aim, source, rule);
			continue;
		}
		prefix = *source;
		prefix.len = (uint8_t)len;
		for (uint32_t i = 0; i < 1u << (len - source->len); i++) {
			element_add(group, aim, &prefix, rule);
			prefix_step(&prefix);
		}
	}
}

void section_gather(struct section *section, const struct stage *stage)
{
	section->groups.len = 0;
	section->guarded = (struct hash_index){.arena = section->build->arena};
	memset(section->group_numbers, 0, GROUP_SHAPES * sizeof(*section->group_numbers));
	vec_each (&stage->rules, number) {
		const struct rule *rule = &section->pair->rules.items[*number];

		section_aims(section, rule);
		if (!rule->from)
			gather_source(section, NULL, *number);
		for (uint32_t i = 0; rule->from && i < rule->from->len; i++)
			gather_source(section, &rule->from->items[i], *number);
	}
}
