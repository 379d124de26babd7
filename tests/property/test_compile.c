/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random models: what is compiled does to each packet what the reference interpreter says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "compile/compile.h"
#include "ir/diff.h"
#include "ir/print.h"
#include "ir/trial.h"
#include "lib/ir_eval.h"
#include "property/random_model.h"

#define MODELS 200u
#define PACKETS 500u

static enum ir_outcome expected(const struct model *model, const struct packet *packet,
				struct decision *ret)
{
	*ret = eval_packet(model, packet);
	switch (ret->verdict) {
	case VERDICT_ALLOW:
		return IR_OUTCOME_ACCEPT;
	case VERDICT_DENY:
		return IR_OUTCOME_DROP;
	case VERDICT_REJECT:
		return IR_OUTCOME_REJECT;
	}
	return IR_OUTCOME_DROP;
}

static void report(uint32_t number, const struct packet *p, enum ir_outcome got,
		   const struct decision *decision, const struct ir_table *table)
{
	auto_str struct str_buf text = {0};
	char src[IP_TEXT_MAX], dst[IP_TEXT_MAX];

	ir_print_table(table, &text);
	fprintf(stderr,
		"model %u: %s -> %s, %s -> %s, protocol %u, ports %u -> %u (dialled %u), type %u, "
		"hops %u, state %u, dnat %d, over %d: compiled %d, model %d (%s, %u -> %u)\n",
		number, p->in_iface ? p->in_iface : "-", p->out_iface ? p->out_iface : "-",
		ip_addr_format(&p->src, src), ip_addr_format(&p->dst, dst), p->protocol,
		p->src_port, p->dst_port, p->dialled_port, p->icmp_type, p->hop_limit, p->state,
		p->dnat, p->over_rate, (int)got, (int)decision->verdict,
		decision_reason_text(decision->reason), decision->from, decision->to);
	if (getenv("VERBOSE"))
		fputs(str_buf_text(&text), stderr);
}

static void compiled_does_what_the_model_says(void **state)
{
	struct random random = random_of_run();

	(void)state;
	for (uint32_t i = 0; i < MODELS; i++) {
		auto_of(arena_free) struct arena *arena = arena_new();
		const struct model *model = random_model(&random, arena);
		const struct ir_table *table = compile_model(arena, model, NULL, NULL);

		for (uint32_t j = 0; j < PACKETS; j++) {
			struct packet packet = random_packet(&random, model);
			struct decision decision;
			enum ir_outcome want = expected(model, &packet, &decision);
			enum ir_outcome got = ir_eval(table, &packet);

			if (got != want)
				report(i, &packet, got, &decision, table);
			assert_int_equal(got, want);
		}
	}
}

static bool refused_by_the_policy(const struct decision *decision)
{
	return decision->verdict != VERDICT_ALLOW &&
	       (decision->reason == DECISION_RULE || decision->reason == DECISION_OVER_RATE ||
		decision->reason == DECISION_SECTION_END ||
		decision->reason == DECISION_PAIR_CLOSED);
}

/* Once each, within the rate; never what is accepted, spoofed, banned or of no connection. */
static void what_a_policy_refuses_is_told(void **state)
{
	struct random random = random_of_run();
	uint32_t told = 0;

	(void)state;
	for (uint32_t i = 0; i < MODELS; i++) {
		auto_of(arena_free) struct arena *arena = arena_new();
		const struct model *model = random_model(&random, arena);
		const struct ir_table *table = compile_model(arena, model, NULL, NULL);

		for (uint32_t j = 0; j < PACKETS; j++) {
			struct packet packet = random_packet(&random, model);
			struct decision decision = eval_packet(model, &packet);
			bool want = model->log_refused && !packet.over_rate &&
				    refused_by_the_policy(&decision);

			if (ir_eval_told(table, &packet) != want)
				report(i, &packet, ir_eval(table, &packet), &decision, table);
			assert_int_equal(ir_eval_told(table, &packet), want);
			told += want;
		}
	}
	assert_true(told > MODELS);
}

static void compiling_twice_gives_the_same_table(void **state)
{
	struct random random = random_of_run();

	(void)state;
	for (uint32_t i = 0; i < MODELS; i++) {
		auto_of(arena_free) struct arena *arena = arena_new();
		const struct model *model = random_model(&random, arena);
		struct ir_change_list changes;

		ir_diff(arena, compile_model(arena, model, NULL, NULL),
			compile_model(arena, model, NULL, NULL), &changes);
		assert_int_equal(changes.items.len, 0);
	}
}

static uint32_t difference(struct arena *arena, const struct ir_table *have,
			   const struct ir_table *want)
{
	struct ir_change_list changes = {0};

	ir_diff(arena, have, want, &changes);
	return changes.items.len;
}

/* As long as the switch is full the table on trial decides, then the one before. */
static void a_trial_decides_until_it_is_over(void **state)
{
	struct random random = random_of_run();

	(void)state;
	for (uint32_t i = 0; i < MODELS; i++) {
		auto_of(arena_free) struct arena *arena = arena_new();
		struct model *models[] = {random_model(&random, arena),
					  random_model(&random, arena)};
		const struct ir_table *base, *want;
		struct ir_table *trial;
		struct ir_set *chosen;

		/* bans are shared: those of the base hold for both */
		models[0]->bans = models[1]->bans = (struct ban_list){0};
		base = compile_model(arena, models[0], NULL, NULL);
		want = compile_model(arena, models[1], NULL, NULL);
		trial = ir_trial_begin(arena, base, want, 60);
		chosen = (struct ir_set *)(uintptr_t)ir_table_set(trial, IR_TRIAL_SET);
		assert_true(ir_trial_is(trial));
		for (uint32_t j = 0; j < PACKETS; j++) {
			struct packet packet = random_packet(&random, models[j % 2]);

			chosen->count = 2;
			assert_int_equal(ir_eval(trial, &packet), ir_eval(want, &packet));
			chosen->count = 0;
			assert_int_equal(ir_eval(trial, &packet), ir_eval(base, &packet));
		}
		assert_int_equal(difference(arena, ir_trial_end(arena, trial), base), 0);
		trial = ir_trial_begin(arena, NULL, want, 60);
		assert_null(ir_trial_end(arena, trial));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compiled_does_what_the_model_says),
		cmocka_unit_test(what_a_policy_refuses_is_told),
		cmocka_unit_test(compiling_twice_gives_the_same_table),
		cmocka_unit_test(a_trial_decides_until_it_is_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
