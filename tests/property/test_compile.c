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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compiled_does_what_the_model_says),
		cmocka_unit_test(compiling_twice_gives_the_same_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
