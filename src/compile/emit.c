/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stage's groups as lookups: a set for several elements, plain matches for one. */
#include "compile/section.h"

#include <string.h>

#include "base/protocol.h"

#define ELEMENT_COMMENTS_MAX 256u
#define ORIGINS_AHEAD 12u
/* A counter for each element doubles what the kernel does to load it. */
#define COUNTED_ELEMENTS_MAX 4096u

static const struct rule *rule_at(const struct section *section, uint32_t number)
{
	return &section->pair->rules.items[number];
}

/*
 * No number of them: it would change with each container that comes or goes, and a rule that
 * changes has its sets made anew.
 */
static const char *group_comment(struct section *section, const struct group *group)
{
	const char *first = build_sentence(section->build, rule_at(section, group->first_rule));

	if (group->rule_count == 1)
		return first;
	return arena_printf(section->build->arena, "several sentences, first: %s", first);
}

static const char *group_name(struct section *section, const struct stage *stage,
			      const struct group *group)
{
	static const char *const targets[] = {"", "_to4", "_to6"};
	static const char *const services[] = {"", "_protocols", "_ports"};
	const char *guard = "", *from = "";
	struct arena *arena = section->build->arena;

	if (group->source == SOURCE_FAMILY)
		from = "_from_family";
	else if (group->source >= SOURCE_V6(1))
		from = arena_printf(arena, "_from6_%u", group->source - SOURCE_V6(0));
	else if (group->source >= SOURCE_V4(1))
		from = arena_printf(arena, "_from4_%u", group->source - SOURCE_V4(0));
	if (group->like.guard == GUARD_PORTS)
		guard = arena_printf(arena, "_%u_%u", group->like.low, group->like.high);
	else if (group->like.guard != GUARD_NONE)
		guard = "_ping";
	return arena_printf(arena, "%s_%s%s%s%s%s",
			    build_chain_name(section->build, section->chain),
			    verdict_name((enum verdict)stage->verdict), from,
			    targets[group->target], services[group->like.shape], guard);
}

static enum ir_field port_field(const struct section *section)
{
	return section->way == WAY_DIALLED ? IR_CT_ORIG_PROTO_DST : IR_TH_DPORT;
}

static void emit_guard(struct section *section, struct ir_rule *rule, const struct group *group)
{
	switch ((enum guard)group->like.guard) {
	case GUARD_NONE:
		return;
	case GUARD_PING4:
		rule_equal_u8(section->build, rule, IR_ICMP_TYPE, 8);
		return;
	case GUARD_PING6:
		rule_equal_u8(section->build, rule, IR_ICMPV6_TYPE, 128);
		return;
	case GUARD_PORTS:
		rule_equal_u8(section->build, rule, IR_META_L4PROTO, group->like.protocol);
		rule_range(section->build, rule, port_field(section), group->like.low,
			   group->like.high);
		return;
	}
}

static void emit_single(struct section *section, struct ir_rule *rule, const struct group *group)
{
	const uint8_t *key = group->operand_count ? keys_at(&group->keys, 0) : NULL;

	for (unsigned i = 0; i < group->operand_count; i++) {
		enum ir_field field = (enum ir_field)group->operands[i].field;
		uint8_t len = group->operands[i].prefix_len;

		if (len)
			rule_in_prefix(section->build, rule, field, key, len);
		else
			rule_equal(section->build, rule, field, key);
		key += ir_field_room(field);
	}
}

static void add_comments(struct section *section, const struct group *group, struct ir_set *set)
{
	struct arena *arena = section->build->arena;
	bool comments = group->rule_count > 1 && set->count <= ELEMENT_COMMENTS_MAX;

	set->origins = arena_new_array(arena, struct origin, set->count);
	if (comments)
		set->comments = arena_new_array(arena, const char *, set->count);
	for (uint32_t i = 0; i < set->count; i++) {
		const struct rule *rule = rule_at(section, keys_tag(&group->keys, i));

		/* sorted by key they lie anywhere in the policy */
		if (i + ORIGINS_AHEAD < set->count)
			__builtin_prefetch(
				rule_at(section, keys_tag(&group->keys, i + ORIGINS_AHEAD)));
		set->origins[i] = rule->origin;
		if (comments && rule->text)
			set->comments[i] =
				build_comment(section->build, build_sentence(section->build, rule),
					      IR_COMMENT_MAX);
	}
}

static const struct ir_set *emit_set(struct section *section, const struct stage *stage,
				     const struct group *group)
{
	struct ir_set *set = build_set(section->build, group_name(section, stage, group));

	for (unsigned i = 0; i < group->operand_count; i++)
		build_set_field(set, (enum ir_field)group->operands[i].field);
	keys_to_set(&group->keys, section->build->arena, set);
	add_comments(section, group, set);
	set->counted = section->model->count_all || set->count <= COUNTED_ELEMENTS_MAX;
	return set;
}

static void emit_rule(struct section *section, const struct group *group, const struct goal *goal,
		      const struct ir_set *set, int protocol)
{
	struct build *build = section->build;
	struct ir_rule *rule = build_rule(build, section->chain);

	if (protocol >= 0)
		rule_equal_u8(build, rule, IR_META_L4PROTO, (uint8_t)protocol);
	emit_guard(section, rule, group);
	if (set)
		rule_in_set(build, rule, group->operands, group->operand_count, set->name);
	else
		emit_single(section, rule, group);
	if (group->rule_count == 1 && !(set && set->counted))
		rule_counter(build, rule);
	rule_goal(build, rule, goal);
	rule_comment(build, rule, group_comment(section, group));
	rule->origin = rule_at(section, group->first_rule)->origin;
}

/* nft types the dialled port only behind one protocol: a rule for each that the set holds. */
static void emit_dialled(struct section *section, const struct group *group,
			 const struct goal *goal, const struct ir_set *set)
{
	bool seen[256] = {false};
	size_t offset = group->keys.key_size - 8; /* protocol and port are the last fields */

	for (uint32_t i = 0; i < group->keys.count; i++)
		seen[keys_at(&group->keys, i)[offset]] = true;
	for (int protocol = 0; protocol < 256; protocol++) {
		if (seen[protocol])
			emit_rule(section, group, goal, set, protocol);
	}
}

void section_emit(struct section *section, const struct stage *stage, const struct goal *goal)
{
	vec_each (&section->groups, group) {
		const struct ir_set *set = NULL;

		keys_sort(&group->keys);
		if (!group->operand_count)
			group->keys.count = 1;
		if (group->keys.count > 1)
			set = emit_set(section, stage, group);
		if (set && section->way == WAY_DIALLED && group->like.shape == SHAPE_PORT)
			emit_dialled(section, group, goal, set);
		else
			emit_rule(section, group, goal, set, -1);
		keys_done(&group->keys);
	}
}
