/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a sentence that matches sends its packet: a verdict, or a chain for limits and logs. */
#include "compile/section.h"

#include "base/str.h"
#include "compile/refuse.h"

static const uint32_t unit_seconds[] = {1, 60, 3600, 86400};

#define LOG_PREFIX_MAX 127u
#define METER_SIZE 65536u
#define METER_TIMEOUT_MIN 60u
#define METER_TIMEOUT_MAX 604800u /* a week */

static struct goal goal_of_verdict(struct section *section, uint8_t verdict)
{
	switch ((enum verdict)verdict) {
	case VERDICT_ALLOW:
		return (struct goal){.verdict = IR_ACCEPT};
	case VERDICT_DENY:
		break;
	case VERDICT_REJECT:
		return refuse_answer_goal(section->build, section->counter);
	}
	return refuse_goal(section->build, section->counter);
}

static uint32_t chain_beside(struct section *section, const char *what)
{
	return build_chain(section->build,
			   arena_printf(section->build->arena, "%s_%s",
					build_chain_name(section->build, section->chain), what));
}

static struct goal goal_logged(struct section *section, const struct rule *sentence,
			       const struct goal *then)
{
	struct build *build = section->build;
	struct ir_rate rate = {.count = 10, .burst = 20, .unit = IR_PER_SECOND};
	const char *text = sentence->log_text;
	uint32_t chain = chain_beside(section, "logged");
	struct ir_rule *rule = build_rule(build, chain);

	if (!text)
		text = arena_printf(build->arena, "wharfwall: %s ",
				    sentence->text ? sentence->text
						   : verdict_name((enum verdict)sentence->verdict));
	rule_limit(build, rule, &rate);
	rule_log(build, rule, build_comment(build, text, LOG_PREFIX_MAX));
	rule->origin = sentence->origin;
	rule = build_rule(build, chain);
	rule_goal(build, rule, then);
	rule->origin = sentence->origin;
	return (struct goal){.verdict = IR_GOTO, .chain = build_chain_name(build, chain)};
}

/* As long as a source can owe anything: a forgotten one starts with a full burst again. */
static uint32_t meter_timeout(const struct rate *rate)
{
	uint64_t refill = (uint64_t)unit_seconds[rate->unit] *
			  ((rate->burst + rate->count - 1) / (rate->count ? rate->count : 1) + 1);

	if (refill < METER_TIMEOUT_MIN)
		return METER_TIMEOUT_MIN;
	return refill > METER_TIMEOUT_MAX ? METER_TIMEOUT_MAX : (uint32_t)refill;
}

static void limit_per_source(struct section *section, const struct rule *sentence, uint32_t chain,
			     enum ir_field field, uint8_t prefix_len, const struct ir_rate *rate,
			     const struct goal *then)
{
	struct build *build = section->build;
	struct ir_operand operand = {.field = (uint8_t)field, .prefix_len = prefix_len};
	struct ir_rule *rule = build_rule(build, chain);
	struct ir_set *set = build_set(build, arena_printf(build->arena, "%s_sources%s",
							   build_chain_name(build, chain),
							   field == IR_IP_SADDR ? "4" : "6"));

	build_set_field(set, field);
	set->dynamic = true;
	set->size = METER_SIZE;
	set->timeout_s = meter_timeout(sentence->rate);
	rule_meter(build, rule, operand, rate, set->name);
	rule_goal(build, rule, then);
	rule->origin = sentence->origin;
}

/* Within the rate `then`, otherwise dropped: also when the table of sources is full. */
static struct goal goal_limited(struct section *section, const struct rule *sentence,
				const struct goal *then)
{
	struct build *build = section->build;
	struct ir_rate rate = {.count = sentence->rate->count,
			       .burst = sentence->rate->burst,
			       .unit = sentence->rate->unit};
	struct goal drop = refuse_goal(build, section->counter);
	uint32_t chain = chain_beside(section, "limited");
	struct ir_rule *rule;

	if (sentence->rate->per_source) {
		/* Who holds one IPv6 address holds its /64. */
		limit_per_source(section, sentence, chain, IR_IP_SADDR, 0, &rate, then);
		limit_per_source(section, sentence, chain, IR_IP6_SADDR, 64, &rate, then);
	} else {
		rule = build_rule(build, chain);
		rule_limit(build, rule, &rate);
		rule_goal(build, rule, then);
		rule->origin = sentence->origin;
	}
	rule = build_rule(build, chain);
	rule_goal(build, rule, &drop);
	rule_comment(build, rule, "over the rate");
	rule->origin = sentence->origin;
	return (struct goal){.verdict = IR_GOTO, .chain = build_chain_name(build, chain)};
}

struct goal section_goal(struct section *section, const struct stage *stage)
{
	const struct rule *sentence = &section->pair->rules.items[stage->rules.items[0]];
	struct goal goal = goal_of_verdict(section, stage->verdict);

	if (sentence->log)
		goal = goal_logged(section, sentence, &goal);
	if (sentence->rate)
		goal = goal_limited(section, sentence, &goal);
	return goal;
}
