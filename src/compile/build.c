/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tools for making an nft table: chains, sets and names. */
#include "compile/build.h"

#include <string.h>

#include "compile/compile.h"
#include "compile/refuse.h"

void build_init(struct build *build, struct arena *arena, const struct source_set *sources)
{
	static const char *const counters[] = {BUILD_REFUSED_IN,  BUILD_REFUSED_FORWARD,
					       BUILD_REFUSED_OUT, BUILD_SPOOFED,
					       BUILD_BANNED,	  BUILD_CUT};

	*build = (struct build){.arena = arena, .sources = sources};
	build->names.arena = arena;
	build->table = arena_new_object(arena, struct ir_table);
	build->table->name = COMPILE_TABLE_NAME;
	refuse_init(build, false);
	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		vec_add(arena, &build->table->counters)->name = counters[i];
}

const char *build_name(struct build *build, const char *wanted)
{
	const char *name = wanted;
	int is_new;
	uint32_t *used = hash_index_put(&build->names, wanted, (uint32_t)strlen(wanted), &is_new);
	uint32_t number = ++*used;

	while (!is_new) {
		name = arena_printf(build->arena, "%s_%u", wanted, number++);
		*hash_index_put(&build->names, name, (uint32_t)strlen(name), &is_new) += 1;
	}
	return name;
}

uint32_t build_chain(struct build *build, const char *wanted)
{
	const char *name = build_name(build, wanted);

	vec_add(build->arena, &build->table->chains)->name = name;
	return build->table->chains.len - 1;
}

uint32_t build_base_chain(struct build *build, const char *name, enum ir_hook hook,
			  int32_t priority, bool policy_drop)
{
	uint32_t number = build_chain(build, name);
	struct ir_chain *chain = &build->table->chains.items[number];

	chain->hook = (uint8_t)hook;
	chain->priority = priority;
	chain->policy_drop = policy_drop;
	return number;
}

const char *build_chain_name(const struct build *build, uint32_t chain)
{
	return build->table->chains.items[chain].name;
}

struct ir_rule *build_rule(struct build *build, uint32_t chain)
{
	return vec_add(build->arena, &build->table->chains.items[chain].rules);
}

struct ir_set *build_set(struct build *build, const char *wanted)
{
	const char *name = build_name(build, wanted);
	struct ir_set *set = vec_add(build->arena, &build->table->sets);

	set->name = name;
	return set;
}

void build_set_field(struct ir_set *set, enum ir_field field)
{
	set->fields[set->field_count++] = (uint8_t)field;
	set->key_size += ir_field_room(field);
}

const char *build_comment(struct build *build, const char *text, unsigned max)
{
	size_t len = strlen(text), keep = len;
	char *comment;

	if (len > max) {
		keep = max - 3;
		while (keep > 0 && ((unsigned char)text[keep] & 0xc0) == 0x80)
			keep--;
	}
	comment = arena_printf(build->arena, "%.*s%s", (int)keep, text, keep < len ? "..." : "");
	for (char *at = comment; *at; at++) {
		if (*at == '"')
			*at = '\'';
		else if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = ' ';
	}
	return comment;
}

const char *build_sentence(struct build *build, const struct rule *rule)
{
	struct source_place place;
	bool placed = build->sources && source_place_of(build->sources, rule->origin, &place);

	if (rule->text && placed)
		return arena_printf(build->arena, "%s (%s:%u)", rule->text, place.name, place.line);
	if (placed)
		return arena_printf(build->arena, "%s, %s:%u",
				    verdict_name((enum verdict)rule->verdict), place.name,
				    place.line);
	return rule->text ? rule->text : verdict_name((enum verdict)rule->verdict);
}
