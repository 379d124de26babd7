/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is wrong or doubtful in a rules file: all groups, and what they share. */
#include "analyse/rules_doubt.h"

#include <string.h>

#include "analyse/rules_doubt_parts.h"
#include "base/str.h"
#include "rules/expand.h"

bool rules_doubt_is_docker_chain(const char *name)
{
	static const char *const names[] = {"DOCKER",	 "DOCKER-FORWARD",  "DOCKER-BRIDGE",
					    "DOCKER-CT", "DOCKER-INTERNAL", "DOCKER-INGRESS"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (str_eq(name, names[i]))
			return true;
	}
	return str_eq(name, "DOCKER-ISOLATION") || str_starts(name, "DOCKER-ISOLATION-");
}

bool rules_doubt_has_docker(const struct rules_doubter *doubter)
{
	const struct engine *engine = &doubter->scene->facts->engine;

	/* Its nftables backend keeps tables of its own. */
	if (engine->state == ENGINE_ANSWERED)
		return !engine->firewall_backend ||
		       !str_starts(engine->firewall_backend, "nftables");
	return rules_view_find(&doubter->view, "filter", "DOCKER-USER") != NULL;
}

const char *rules_doubt_user_target(const struct rules_match *match)
{
	return match->target == RULES_TARGET_ACCEPT ? "RETURN" : match->jump;
}

static bool is_engine_name(const char *name)
{
	return str_eq(name, "lo") || str_eq(name, "docker0") || str_eq(name, "docker_gwbridge") ||
	       str_starts(name, "br-");
}

static bool is_external(const struct rules_doubt_scene *scene, const char *name)
{
	for (uint32_t i = 0; i < scene->external_count; i++) {
		if (str_eq(scene->external[i], name))
			return true;
	}
	return false;
}

static enum rules_side name_side(const struct rules_doubter *doubter, const char *name)
{
	const struct rules_doubt_scene *scene = doubter->scene;

	if (str_eq(name, RULES_PLACEHOLDER) || is_external(scene, name))
		return RULES_SIDE_OUTSIDE;
	if (is_engine_name(name) || facts_network_of_iface(scene->facts, name) ||
	    (scene->external_count && facts_iface(scene->facts, name)))
		return RULES_SIDE_INSIDE;
	return RULES_SIDE_UNKNOWN;
}

static enum rules_side wildcard_side(const struct rules_doubter *doubter, const char *prefix)
{
	const struct rules_doubt_scene *scene = doubter->scene;
	enum rules_side side = RULES_SIDE_UNKNOWN;

	for (uint32_t i = 0; i < scene->external_count; i++) {
		if (str_starts(scene->external[i], prefix))
			return RULES_SIDE_OUTSIDE;
	}
	vec_each (&scene->facts->ifaces, iface) {
		if (scene->external_count && str_starts(iface->name, prefix))
			side = RULES_SIDE_INSIDE;
	}
	if (str_eq(prefix, "br") || str_eq(prefix, "br-") || str_starts("docker0", prefix) ||
	    str_eq(prefix, "veth"))
		return RULES_SIDE_INSIDE;
	return side;
}

enum rules_side rules_doubt_side(const struct rules_doubter *doubter,
				 const struct rules_iface *iface)
{
	enum rules_side side;

	if (!iface->name || (iface->wildcard && !*iface->name))
		return RULES_SIDE_ANY;
	side = iface->wildcard ? wildcard_side(doubter, iface->name)
			       : name_side(doubter, iface->name);
	if (!iface->negated || side == RULES_SIDE_UNKNOWN)
		return side;
	return side == RULES_SIDE_INSIDE ? RULES_SIDE_OUTSIDE : RULES_SIDE_INSIDE;
}

void rules_doubt(const struct rules_file *file, const struct rules_doubt_scene *scene,
		 struct diag_list *diags)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct rules_doubter doubter = {
		.arena = arena, .file = file, .scene = scene, .diags = diags};

	rules_view_make(arena, file, &doubter.view);
	doubter.view.external = scene->external;
	doubter.view.external_count = scene->external_count;
	rules_doubt_dump(&doubter);
	rules_doubt_chains(&doubter);
	rules_doubt_ports(&doubter);
	rules_doubt_accepts(&doubter);
	rules_doubt_ifaces(&doubter);
	rules_doubt_families(&doubter);
	rules_doubt_logs(&doubter);
	rules_doubt_reach(&doubter);
	rules_doubt_order(&doubter);
	rules_doubt_stop(&doubter);
}
