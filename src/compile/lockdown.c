/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lockdown: established connections, the essentials and a way in for the administrator. */
#include "compile/base.h"
#include "compile/compile.h"
#include "compile/marker.h"

#include "base/protocol.h"

struct ir_table *compile_lockdown(struct arena *arena, const uint16_t *ports, uint32_t port_count,
				  const struct ban_list *bans, const struct model *failsafe,
				  const struct compile_marker *marker)
{
	struct ir_operand port = {.field = IR_TH_DPORT};
	struct goal accept = {.verdict = IR_ACCEPT};
	struct keys keys = {.key_size = 4};
	struct base_first first = {.bans = bans, .failsafe = failsafe};
	struct base_chains base;
	struct build build;
	struct ir_rule *rule;

	build_init(&build, arena, NULL);
	base_begin(&build, NULL, &first, &base);
	for (uint32_t i = 0; i < port_count; i++) {
		uint8_t *key = keys_add(&keys, 0);

		key[0] = (uint8_t)(ports[i] >> 8);
		key[1] = (uint8_t)ports[i];
	}
	if (keys.count) {
		rule = build_rule(&build, base.input);
		rule_equal_u8(&build, rule, IR_META_L4PROTO, PROTOCOL_TCP);
		rule_in_keys(&build, rule, &port, 1, &keys, "lockdown_ports");
		rule_goal(&build, rule, &accept);
		rule_comment(&build, rule, "the administrator's way in");
	}
	keys_done(&keys);
	base_end(&build, &base);
	if (marker)
		marker_add(&build, marker, true);
	return build.table;
}
