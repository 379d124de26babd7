/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sets of connections that were cut. */
#include "compile/cut.h"

#include <string.h>

#include "compile/compile.h"
#include "compile/keys.h"

/* Longer than a server goes on repeating what nobody acknowledges (tcp_retries2: 924 s). */
#define CUT_SECONDS 1200u
#define CUT_FIELDS 5u

static const uint8_t families[] = {IP_V4, IP_V6};

static const char *set_name(uint8_t family)
{
	return family == IP_V4 ? "cut4" : "cut6";
}

static void set_fields(struct ir_set *set, uint8_t family)
{
	set->timed = true;
	build_set_field(set, family == IP_V4 ? IR_IP_SADDR : IR_IP6_SADDR);
	build_set_field(set, family == IP_V4 ? IR_IP_DADDR : IR_IP6_DADDR);
	build_set_field(set, IR_META_L4PROTO);
	build_set_field(set, IR_TH_SPORT);
	build_set_field(set, IR_TH_DPORT);
}

void cut_refuse(struct build *build, uint32_t chain)
{
	struct goal drop = {.verdict = IR_DROP, .counter = BUILD_CUT};

	for (size_t i = 0; i < sizeof(families); i++) {
		struct ir_operand operands[CUT_FIELDS] = {{0}};
		const struct ir_set *set = ir_table_set(build->table, set_name(families[i]));
		struct ir_rule *rule;

		if (!set) {
			struct ir_set *made = build_set(build, set_name(families[i]));

			set_fields(made, families[i]);
			set = made;
		}
		for (unsigned j = 0; j < CUT_FIELDS; j++)
			operands[j].field = set->fields[j];
		rule = build_rule(build, chain);
		rule_in_set(build, rule, operands, CUT_FIELDS, set->name);
		rule_goal(build, rule, &drop);
		rule_comment(build, rule, "of a connection that was cut");
	}
}

static uint8_t *key_part(uint8_t *at, const void *bytes, size_t len)
{
	memcpy(at, bytes, len);
	return at + ((len + 3) & ~(size_t)3);
}

static void key_port(uint8_t **at, uint16_t port)
{
	uint8_t bytes[2] = {(uint8_t)(port >> 8), (uint8_t)port};

	*at = key_part(*at, bytes, sizeof(bytes));
}

struct ir_set *compile_cut_set(struct arena *arena, uint8_t family, const struct compile_cut *cuts,
			       uint32_t count)
{
	struct ir_set *set = arena_new_object(arena, struct ir_set);
	unsigned bytes = ip_family_bytes(family);
	struct keys keys = {0};

	set->name = set_name(family);
	set_fields(set, family);
	keys.key_size = set->key_size;
	for (uint32_t i = 0; i < count; i++) {
		uint8_t *at;

		if (cuts[i].server.family != family || cuts[i].client.family != family)
			continue;
		at = keys_add(&keys, 0);
		at = key_part(at, cuts[i].server.bytes, bytes);
		at = key_part(at, cuts[i].client.bytes, bytes);
		at = key_part(at, &cuts[i].protocol, 1);
		key_port(&at, cuts[i].server_port);
		key_port(&at, cuts[i].client_port);
	}
	keys_sort(&keys);
	keys_to_set(&keys, arena, set);
	set->size = 0;
	if (keys.count)
		set->timeouts_s = arena_new_array(arena, uint32_t, keys.count);
	for (uint32_t i = 0; i < keys.count; i++)
		set->timeouts_s[i] = CUT_SECONDS;
	keys_done(&keys);
	return set;
}
