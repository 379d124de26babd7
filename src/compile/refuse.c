/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The chains that refused packets end in. */
#include "compile/refuse.h"

#include <string.h>

#include "base/protocol.h"
#include "base/str.h"
#include "compile/compile.h"

static const char *const counters[BUILD_WAYS] = {BUILD_REFUSED_IN, BUILD_REFUSED_FORWARD,
						 BUILD_REFUSED_OUT};
static const char *const ways[BUILD_WAYS] = {"in", "forward", "out"};
static const struct ir_rate told_rate = {.count = 10, .burst = 20, .unit = IR_PER_SECOND};

void refuse_init(struct build *build, bool told)
{
	struct build_refuse *refuse = &build->refuse;

	refuse->told = told;
	refuse->answer = UINT32_MAX;
	memset(refuse->tell, 0xff, sizeof(refuse->tell));
	memset(refuse->drop, 0xff, sizeof(refuse->drop));
	memset(refuse->reject, 0xff, sizeof(refuse->reject));
}

static unsigned way_of(const char *counter)
{
	unsigned way = 0;

	while (way < BUILD_WAYS - 1 && !str_eq(counters[way], counter))
		way++;
	return way;
}

/* One chain for each way, so that one rate holds for all that is refused there. */
static const char *tell_chain(struct build *build, unsigned way)
{
	uint32_t *chain = &build->refuse.tell[way];
	struct ir_rule *rule;

	if (*chain == UINT32_MAX) {
		*chain = build_chain(build, arena_printf(build->arena, "tell_%s", ways[way]));
		rule = build_rule(build, *chain);
		rule_limit(build, rule, &told_rate);
		rule_log_group(build, rule,
			       arena_printf(build->arena, COMPILE_LOG_PREFIX "%s ", ways[way]),
			       COMPILE_LOG_GROUP, COMPILE_LOG_SNAPLEN);
		rule_comment(build, rule, "wharfwall log");
	}
	return build_chain_name(build, *chain);
}

static const char *answer_chain(struct build *build)
{
	uint32_t *chain = &build->refuse.answer;
	struct ir_rule *rule;

	if (*chain == UINT32_MAX) {
		*chain = build_chain(build, "answer_refused");
		rule = build_rule(build, *chain);
		rule_equal_u8(build, rule, IR_META_L4PROTO, PROTOCOL_TCP);
		rule_reject(build, rule, IR_REJECT_TCP_RESET);
		rule = build_rule(build, *chain);
		rule_reject(build, rule, IR_REJECT_ADMIN_PROHIBITED);
	}
	return build_chain_name(build, *chain);
}

/* A chain that tells, then does what `then` says. */
static struct goal told_goal(struct build *build, unsigned way, uint32_t *chain, const char *name,
			     const struct goal *then)
{
	if (*chain == UINT32_MAX) {
		const char *tell = tell_chain(build, way);

		*chain = build_chain(build, arena_printf(build->arena, "%s_%s", name, ways[way]));
		rule_verdict(build, build_rule(build, *chain), IR_JUMP, tell);
		rule_goal(build, build_rule(build, *chain), then);
	}
	return (struct goal){.verdict = IR_GOTO, .chain = build_chain_name(build, *chain)};
}

struct goal refuse_goal(struct build *build, const char *counter)
{
	struct goal drop = {.verdict = IR_DROP, .counter = counter};
	unsigned way = way_of(counter);

	if (!build->refuse.told)
		return drop;
	return told_goal(build, way, &build->refuse.drop[way], "refuse", &drop);
}

struct goal refuse_answer_goal(struct build *build, const char *counter)
{
	struct goal answer = {.verdict = IR_GOTO, .counter = counter};
	unsigned way = way_of(counter);

	answer.chain = answer_chain(build);
	if (!build->refuse.told)
		return answer;
	return told_goal(build, way, &build->refuse.reject[way], "answer", &answer);
}

void refuse_end(struct build *build, uint32_t chain, const char *counter)
{
	struct goal drop = {.verdict = IR_DROP, .counter = counter};

	if (build->refuse.told) {
		const char *tell = tell_chain(build, way_of(counter));

		rule_verdict(build, build_rule(build, chain), IR_JUMP, tell);
	}
	rule_goal(build, build_rule(build, chain), &drop);
}
