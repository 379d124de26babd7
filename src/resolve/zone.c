/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Zones: the two that are always there, those of the policy, and the one that takes the rest. */
#include "base/limits.h"
#include "base/str.h"
#include "resolve/resolver.h"

#define DEFAULT_AUTO_ZONE "internet"

int zone_find(const struct model *model, const char *name)
{
	for (uint32_t i = 0; i < model->zones.len; i++) {
		if (str_eq(model->zones.items[i].name, name))
			return (int)i;
	}
	return -1;
}

static struct zone *zone_add(struct resolver *resolver, const char *name, enum zone_kind kind,
			     struct origin origin)
{
	struct zone *zone = vec_add(resolver->arena, &resolver->model->zones);

	zone->name = arena_strdup(resolver->arena, name);
	zone->kind = (uint8_t)kind;
	zone->origin = origin;
	return zone;
}

static bool iface_is_claimed(struct resolver *resolver, const struct tree_iface *iface)
{
	vec_each (&resolver->model->zones, zone) {
		vec_each (&zone->ifaces, pattern) {
			if (pattern->wildcard != iface->wildcard ||
			    !str_eq(pattern->name, iface->name))
				continue;
			struct diag *diag =
				diag_error(resolver->diags, iface->at, DIAG_INTERFACE_IN_TWO_ZONES,
					   "interface '%s%s' is already in zone '%s'", iface->name,
					   iface->wildcard ? "*" : "", zone->name);
			if (diag)
				diag_note(diag, zone->origin, "zone '%s' is defined here",
					  zone->name);
			return true;
		}
	}
	return false;
}

/* Bridges come and go with the engine, so this must not make a policy wrong: it only warns. */
static bool iface_is_container_bridge(struct resolver *resolver, const struct tree_iface *iface)
{
	if (iface->wildcard || !model_iface_is_container(resolver->model, iface->name))
		return false;
	diag_warning(resolver->diags, iface->at, DIAG_INTERFACE_IN_TWO_ZONES,
		     "interface '%s' is a container network and stays in zone 'containers'",
		     iface->name);
	return true;
}

static void iface_resolve(struct resolver *resolver, struct zone *zone,
			  const struct tree_iface *iface)
{
	struct iface_pattern *pattern;

	if (!iface->wildcard && str_eq(iface->name, "lo")) {
		diag_error(resolver->diags, iface->at, DIAG_BAD_INTERFACE,
			   "interface 'lo' is in no zone, loopback is always allowed");
		return;
	}
	if (iface_is_container_bridge(resolver, iface) || iface_is_claimed(resolver, iface))
		return;
	if (!iface->wildcard && resolver->facts->ifaces.len > 0 &&
	    !facts_iface(resolver->facts, iface->name)) {
		struct nearest nearest = {.word = iface->name};
		struct diag *diag = diag_warning(resolver->diags, iface->at, DIAG_NO_SUCH_INTERFACE,
						 "this host has no interface '%s'", iface->name);

		vec_each (&resolver->facts->ifaces, have)
			nearest_try(&nearest, have->name);
		nearest_note(&nearest, diag, iface->at);
	}
	pattern = vec_add(resolver->arena, &zone->ifaces);
	pattern->name = arena_strdup(resolver->arena, iface->name);
	pattern->wildcard = iface->wildcard;
}

static bool zone_name_is_free(struct resolver *resolver, const struct tree_zone *tree)
{
	int found = zone_find(resolver->model, tree->name.text);
	struct diag *diag;

	if (found < 0)
		return true;
	if (found <= (int)ZONE_NUMBER_CONTAINERS) {
		diag_error(resolver->diags, tree->name.at, DIAG_RESERVED_ZONE,
			   "zone '%s' is always there and cannot be defined", tree->name.text);
		return false;
	}
	diag = diag_error(resolver->diags, tree->name.at, DIAG_DUPLICATE_ZONE,
			  "zone '%s' is defined twice", tree->name.text);
	if (diag)
		diag_note(diag, resolver->model->zones.items[found].origin,
			  "it is defined first here");
	return false;
}

static void zone_resolve(struct resolver *resolver, const struct tree_zone *tree)
{
	struct model *model = resolver->model;
	struct zone *zone;

	if (!zone_name_is_free(resolver, tree))
		return;
	if (model->zones.len >= LIMIT_ZONES) {
		diag_error(resolver->diags, tree->name.at, DIAG_TOO_MANY, "more than %u zones",
			   LIMIT_ZONES);
		return;
	}
	if (tree->is_auto && model->auto_zone) {
		const struct zone *first = &model->zones.items[model->auto_zone];
		struct diag *diag = diag_error(resolver->diags, tree->name.at, DIAG_SECOND_AUTO,
					       "zone '%s' is auto, but zone '%s' is too",
					       tree->name.text, first->name);

		if (diag)
			diag_note(diag, first->origin, "zone '%s' is defined here", first->name);
	} else if (tree->is_auto) {
		model->auto_zone = model->zones.len;
	}
	zone = zone_add(resolver, tree->name.text, tree->is_auto ? ZONE_AUTO : ZONE_NAMED,
			tree->name.at);
	vec_each (&tree->ifaces, iface)
		iface_resolve(resolver, zone, iface);
}

/* An unknown interface is the Internet, also when the policy names other zones only. */
static void auto_zone_resolve(struct resolver *resolver)
{
	struct model *model = resolver->model;
	int taken = zone_find(model, DEFAULT_AUTO_ZONE);
	struct diag *diag;

	if (model->auto_zone)
		return;
	if (taken >= 0) {
		diag = diag_error(
			resolver->diags, model->zones.items[taken].origin, DIAG_NO_AUTO,
			"no zone is auto, interfaces that no zone names have nowhere to go");
		if (diag)
			diag_note(diag, (struct origin){0},
				  "one zone must read 'zone NAME = auto'");
		/* Any will do from here on: the model is not handed out. */
		model->auto_zone = (uint32_t)taken;
		return;
	}
	model->auto_zone = model->zones.len;
	zone_add(resolver, DEFAULT_AUTO_ZONE, ZONE_AUTO, (struct origin){0});
}

static void containers_zone_add_iface(struct resolver *resolver, struct zone *zone,
				      const char *name)
{
	struct iface_pattern *pattern;

	if (model_iface_is_container(resolver->model, name))
		return;
	pattern = vec_add(resolver->arena, &zone->ifaces);
	pattern->name = arena_strdup(resolver->arena, name);
}

/* Exact names only: a name like br-* could be anybody's. */
static void containers_zone_resolve(struct resolver *resolver)
{
	const struct facts *facts = resolver->facts;
	struct zone *zone = zone_add(resolver, "containers", ZONE_CONTAINERS, (struct origin){0});

	vec_each (&facts->engine.networks, network) {
		const char *bridge = facts_container_bridge(facts, network);

		if (bridge)
			containers_zone_add_iface(resolver, zone, bridge);
	}
	/* The swarm's gateway bridge is there also when no network is listed for it. */
	if (facts->engine.state == ENGINE_ANSWERED && facts_iface(facts, "docker_gwbridge"))
		containers_zone_add_iface(resolver, zone, "docker_gwbridge");
}

void zones_resolve(struct resolver *resolver)
{
	struct model *model = resolver->model;

	zone_add(resolver, "host", ZONE_HOST, (struct origin){0});
	containers_zone_resolve(resolver);
	vec_each (&resolver->policy->files, file) {
		vec_each (&(*file)->items, item) {
			if (item->kind == TREE_ZONE)
				zone_resolve(resolver, item->zone);
		}
	}
	auto_zone_resolve(resolver);
	model->pairs = arena_new_array(resolver->arena, struct pair,
				       (size_t)model->zones.len * model->zones.len);
	for (uint32_t i = 0; i < model->zones.len * model->zones.len; i++)
		model->pairs[i].end = VERDICT_DENY;
	model_pair(model, ZONE_NUMBER_HOST, ZONE_NUMBER_CONTAINERS)->open = true;
	model_pair(model, ZONE_NUMBER_CONTAINERS, ZONE_NUMBER_CONTAINERS)->open = true;
}
