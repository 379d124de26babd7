/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One plain rule for each port and source: there are few, and they must not depend on sets. */
#include "compile/failsafe.h"

static void allow_one(struct build *build, uint32_t chain, const struct service *service,
		      const struct ip_prefix *from, const char *text)
{
	struct goal accept = {.verdict = IR_ACCEPT};
	struct ir_rule *rule = build_rule(build, chain);

	rule_equal_u8(build, rule, IR_META_L4PROTO, service->protocol);
	if (service->low == service->high)
		rule_equal_u16(build, rule, IR_TH_DPORT, service->low);
	else
		rule_range(build, rule, IR_TH_DPORT, service->low, service->high);
	if (from)
		rule_in_prefix(build, rule, from->family == IP_V4 ? IR_IP_SADDR : IR_IP6_SADDR,
			       from->bytes, from->len);
	rule_goal(build, rule, &accept);
	rule_comment(build, rule, text);
}

void failsafe_allow(struct build *build, uint32_t chain, const struct model *model)
{
	for (uint32_t i = 0; model && i < model->failsafe.len; i++) {
		const struct rule *rule = &model->failsafe.items[i];

		for (uint32_t j = 0; j < rule->service_count; j++) {
			for (uint32_t k = 0; rule->from && k < rule->from->len; k++)
				allow_one(build, chain, &rule->services[j], &rule->from->items[k],
					  "failsafe");
			if (!rule->from)
				allow_one(build, chain, &rule->services[j], NULL, "failsafe");
		}
	}
}
