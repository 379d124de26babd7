/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interfaces in rules: those that are not there, and wildcards that take too many. */
#include <string.h>

#include "analyse/rules_doubt_parts.h"
#include "base/hash.h"
#include "base/str.h"
#include "rules/expand.h"

#define NEAR 2u /* letters that a misspelt name may differ in */

/* Docker makes its bridges when it starts, and takes them away with their networks. */
static bool comes_with_docker(const struct rules_doubter *doubter, const char *name)
{
	return str_eq(name, "docker0") || str_eq(name, "docker_gwbridge") ||
	       str_starts(name, "br-") || str_starts(name, "veth") ||
	       facts_network_of_iface(doubter->scene->facts, name);
}

static bool is_missing(const struct rules_doubter *doubter, const struct rules_iface *iface)
{
	const struct facts *facts = doubter->scene->facts;

	return iface->name && !iface->wildcard && facts->ifaces.len &&
	       !str_eq(iface->name, RULES_PLACEHOLDER) && !facts_iface(facts, iface->name) &&
	       !comes_with_docker(doubter, iface->name);
}

static void nearest_take(const char *word, const char *candidate, unsigned *best,
			 const char **ret_nearest)
{
	unsigned distance = str_distance(word, strlen(word), candidate, strlen(candidate), NEAR);

	if (distance >= *best)
		return;
	*best = distance;
	*ret_nearest = candidate;
}

/* "eth0" for "eht0"; NULL if nothing is alike. */
static const char *nearest_iface(const struct rules_doubter *doubter, const char *name)
{
	const char *nearest = NULL;
	unsigned best = NEAR + 1;

	nearest_take(name, RULES_PLACEHOLDER, &best, &nearest);
	vec_each (&doubter->scene->facts->ifaces, iface) {
		if (iface->kind != IFACE_LOOPBACK)
			nearest_take(name, iface->name, &best, &nearest);
	}
	return nearest;
}

static void missing_report(struct rules_doubter *doubter, const struct rules_line *line,
			   const char *option, const struct rules_iface *iface)
{
	const struct rules_doubt_scene *scene = doubter->scene;
	const char *const names[] = {option, NULL};
	const char *nearest = nearest_iface(doubter, iface->name);
	struct diag *diag;

	diag = diag_warning(doubter->diags, rules_view_place(line, names), DIAG_RULES_NO_INTERFACE,
			    "this host has no interface '%s': a rule with it matches %s",
			    iface->name, iface->negated ? "whatever the interface" : "nothing");
	if (nearest)
		diag_note(diag, (struct origin){0}, "did you mean '%s'?", nearest);
	else if (scene->external_count)
		diag_note(diag, (struct origin){0},
			  "'" RULES_PLACEHOLDER "' stands for the external interface, here '%s'",
			  scene->external[0]);
	else
		diag_note(diag, (struct origin){0},
			  "'" RULES_PLACEHOLDER "' stands for the external interface of each host");
}

/* Each name once. */
static void missing_check(struct rules_doubter *doubter, struct hash_index *told,
			  const struct rules_view_rule *rule)
{
	const struct {
		const char *option;
		const struct rules_iface *iface;
	} sides[] = {{"-i", &rule->match.in}, {"-o", &rule->match.out}};

	for (size_t i = 0; i < 2; i++) {
		const struct rules_iface *iface = sides[i].iface;
		int is_new;

		if (!is_missing(doubter, iface))
			continue;
		(void)hash_index_put(told, iface->name, (uint32_t)strlen(iface->name), &is_new);
		if (is_new)
			missing_report(doubter, rule->line, sides[i].option, iface);
	}
}

static const struct iface *uplink_taken(const struct rules_doubter *doubter,
					const struct rules_iface *pattern)
{
	if (!pattern->name || !*pattern->name || !pattern->wildcard || pattern->negated)
		return NULL;
	vec_each (&doubter->scene->facts->ifaces, iface) {
		if (iface->kind == IFACE_BRIDGE && iface->physical_port &&
		    str_starts(iface->name, pattern->name))
			return iface;
	}
	return NULL;
}

static bool is_docker_pattern_clean(const struct rules_doubter *doubter)
{
	const struct rules_iface pattern = {.name = "br-", .wildcard = true};

	return !uplink_taken(doubter, &pattern);
}

static bool lets_new_through(const struct rules_match *match)
{
	if (match->target != RULES_TARGET_ACCEPT && match->target != RULES_TARGET_RETURN)
		return false;
	return !match->states || !(match->states & RULES_STATE_NEW) == match->states_negated;
}

static void wildcard_check(struct rules_doubter *doubter, const struct rules_view_rule *rule,
			   const char *option, const struct rules_iface *pattern)
{
	const struct iface *uplink = uplink_taken(doubter, pattern);
	const char *const names[] = {option, NULL};
	struct diag *diag;

	if (!uplink || !lets_new_through(&rule->match))
		return;
	diag = diag_warning(
		doubter->diags, rules_view_place(rule->line, names), DIAG_RULES_WILDCARD,
		"'%s+' takes bridge '%s' too, which leads to more than containers: all "
		"that %s by it is let through",
		pattern->name, uplink->name, str_eq(option, "-i") ? "comes in" : "goes out");
	if (str_eq(pattern->name, "br") && is_docker_pattern_clean(doubter))
		diag_note(diag, (struct origin){0}, "write '%s br-+': so Docker names its bridges",
			  option);
	else
		diag_note(diag, (struct origin){0},
			  "write a rule for each container network, with the bridge's whole name");
}

void rules_doubt_ifaces(struct rules_doubter *doubter)
{
	struct hash_index told = {.arena = doubter->arena};

	vec_each (&doubter->view.chains, chain) {
		if (rules_doubt_is_docker_chain((*chain)->name))
			continue;
		vec_each (&(*chain)->rules, rule) {
			missing_check(doubter, &told, *rule);
			if (!(*chain)->hooks)
				continue;
			wildcard_check(doubter, *rule, "-i", &(*rule)->match.in);
			wildcard_check(doubter, *rule, "-o", &(*rule)->match.out);
		}
	}
}
