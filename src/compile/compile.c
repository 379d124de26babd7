/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Model to nft table: base chains, zones, pairs, in an order that depends on the model alone. */
#include "compile/compile.h"

#include "compile/base.h"
#include "compile/marker.h"
#include "compile/pairs.h"
#include "compile/refuse.h"
#include "compile/zones.h"

struct compiler {
	struct build build;
	struct pairs pairs;
	struct base_chains base;
};

static struct goal *new_goals(struct compiler *compiler)
{
	return arena_new_array(compiler->build.arena, struct goal,
			       compiler->pairs.model->zones.len);
}

static void compile_input(struct compiler *compiler)
{
	const struct model *model = compiler->pairs.model;
	struct goal *goals = new_goals(compiler);
	bool closed = true;

	for (uint32_t zone = 0; zone < model->zones.len; zone++) {
		if (zone_has_ifaces(model, zone))
			closed = closed && pairs_input_is_closed(&compiler->pairs, zone);
	}
	if (closed) {
		refuse_end(&compiler->build, compiler->base.input, BUILD_REFUSED_IN);
		return;
	}
	for (uint32_t zone = 0; zone < model->zones.len; zone++) {
		if (zone_has_ifaces(model, zone))
			goals[zone] = pairs_goal_input(&compiler->pairs, zone);
	}
	zones_dispatch(&compiler->build, model, compiler->base.input, IR_META_IIFNAME, goals,
		       "input_zones");
}

static bool from_is_closed(const struct compiler *compiler, uint32_t from)
{
	const struct model *model = compiler->pairs.model;

	for (uint32_t to = 0; to < model->zones.len; to++) {
		if (zone_has_ifaces(model, to) && !pairs_is_closed(&compiler->pairs, from, to))
			return false;
	}
	return true;
}

/* By the interface that packets of a zone leave through. */
static void dispatch_out(struct compiler *compiler, uint32_t from, uint32_t chain,
			 const char *map_name)
{
	const struct model *model = compiler->pairs.model;
	struct goal *goals = new_goals(compiler);

	for (uint32_t to = 0; to < model->zones.len; to++) {
		if (zone_has_ifaces(model, to))
			goals[to] = pairs_goal(&compiler->pairs, from, to);
	}
	zones_dispatch(&compiler->build, model, chain, IR_META_OIFNAME, goals, map_name);
}

static struct goal forward_goal(struct compiler *compiler, uint32_t from)
{
	struct build *build = &compiler->build;
	const char *name = compiler->pairs.model->zones.items[from].name;
	uint32_t chain;

	if (from_is_closed(compiler, from))
		return pairs_closed(&compiler->pairs, BUILD_REFUSED_FORWARD);
	chain = build_chain(build, arena_printf(build->arena, "from_%s", name));
	dispatch_out(compiler, from, chain, arena_printf(build->arena, "from_%s_zones", name));
	return (struct goal){.verdict = IR_GOTO, .chain = build_chain_name(build, chain)};
}

static void compile_forward(struct compiler *compiler)
{
	const struct model *model = compiler->pairs.model;
	struct goal *goals = new_goals(compiler);
	bool closed = true;

	for (uint32_t zone = 0; zone < model->zones.len; zone++) {
		if (zone_has_ifaces(model, zone))
			closed = closed && from_is_closed(compiler, zone);
	}
	if (closed) {
		refuse_end(&compiler->build, compiler->base.forward, BUILD_REFUSED_FORWARD);
		return;
	}
	for (uint32_t zone = 0; zone < model->zones.len; zone++) {
		if (zone_has_ifaces(model, zone))
			goals[zone] = forward_goal(compiler, zone);
	}
	zones_dispatch(&compiler->build, model, compiler->base.forward, IR_META_IIFNAME, goals,
		       "forward_zones");
}

struct ir_table *compile_model(struct arena *arena, const struct model *model,
			       const struct source_set *sources,
			       const struct compile_marker *marker)
{
	struct compiler *compiler = arena_new_object(arena, struct compiler);
	struct base_first first = {.bans = &model->bans, .failsafe = model};

	build_init(&compiler->build, arena, sources);
	refuse_init(&compiler->build, model->log_refused);
	base_begin(&compiler->build, model, &first, &compiler->base);
	pairs_init(&compiler->pairs, &compiler->build, model);
	compile_input(compiler);
	compile_forward(compiler);
	if (from_is_closed(compiler, ZONE_NUMBER_HOST))
		refuse_end(&compiler->build, compiler->base.output, BUILD_REFUSED_OUT);
	else
		dispatch_out(compiler, ZONE_NUMBER_HOST, compiler->base.output, "output_zones");
	if (marker)
		marker_add(&compiler->build, marker, false);
	return compiler->build.table;
}
