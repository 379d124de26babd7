/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The zones of a policy from the interfaces that a rules file names. */
#include <ctype.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "lift/import_parts.h"
#include "rules/expand.h"

#define AUTO_ZONE "internet"
#define ANY_OTHER "(any other)" /* no rule can name it, "+" takes it */
#define IFACE_BYTES_MAX 15u

static bool name_is_taken(const struct import *import, const char *name)
{
	static const char *const words[] = {"host", "auto", "zone", "set", "option", "include"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (str_eq(words[i], name))
			return true;
	}
	vec_each (&import->sides, side) {
		if (str_eq(side->zone, name))
			return true;
	}
	return false;
}

static const char *zone_name(const struct import *import, const char *iface)
{
	char *name = arena_strdup(import->arena, iface);
	const char *tried = name;

	for (char *c = name; *c; c++) {
		if (!isalnum((unsigned char)*c) && *c != '_' && *c != '-')
			*c = '-';
	}
	if (!isalpha((unsigned char)*name))
		tried = name = arena_printf(import->arena, "if-%s", name);
	for (unsigned i = 2; name_is_taken(import, tried); i++)
		tried = arena_printf(import->arena, "%s-%u", name, i);
	return tried;
}

static struct import_side *side_add(struct import *import, const char *zone)
{
	struct import_side *side = vec_add(import->arena, &import->sides);

	side->zone = zone;
	return side;
}

static void side_name(struct import *import, struct import_side *side, const char *name)
{
	const char **names = arena_new_array(import->arena, const char *, side->count + 1);

	for (uint32_t i = 0; i < side->count; i++)
		names[i] = side->names[i];
	names[side->count++] = name;
	side->names = names;
}

/* A name that the pattern takes and no other pattern of the file names. */
static const char *stand_in(const struct import *import, const struct rules_iface *iface)
{
	return iface->wildcard ? arena_printf(import->arena, "%s~", iface->name) : iface->name;
}

static void container_name_add(struct import *import, const struct rules_iface *iface)
{
	struct import_side *side = &import->sides.items[0];

	for (uint32_t i = 0; i < side->count; i++) {
		if (lift_iface_takes(iface, side->names[i]))
			return;
	}
	side_name(import, side, stand_in(import, iface));
}

static bool is_known(const struct import *import, const struct rules_iface *iface)
{
	const char *name = stand_in(import, iface);

	for (uint32_t i = 1; i < import->sides.len; i++) {
		if (str_eq(import->sides.items[i].names[0], name))
			return true;
	}
	return false;
}

/* A policy's own idea of a name: what iptables takes may hold more. */
static bool can_be_named(const struct rules_iface *iface)
{
	return strlen(iface->name) + iface->wildcard <= IFACE_BYTES_MAX &&
	       !strpbrk(iface->name, "/: \t*@%\"~") && !str_eq(iface->name, ".") &&
	       !str_eq(iface->name, "..");
}

static void iface_add(struct import *import, const struct rules_iface *iface,
		      const struct rules_line *line)
{
	struct import_side *side;

	if (!iface->name || !*iface->name || str_eq(iface->name, "lo") ||
	    (!iface->wildcard && str_eq(iface->name, RULES_PLACEHOLDER)))
		return;
	if (lift_is_container_name(iface->name, iface->wildcard)) {
		container_name_add(import, iface);
		return;
	}
	if (is_known(import, iface))
		return;
	if (!can_be_named(iface)) {
		import_unsaid(import, line, "its interface has a name that no zone can have");
		return;
	}
	if (import->sides.len + 1 == LIMIT_ZONES) {
		import_unsaid(import, line, "it names one interface more than a policy has zones");
		return;
	}
	side = side_add(import, zone_name(import, iface->name));
	side->external = import->placeholder;
	side_name(import, side, stand_in(import, iface));
}

static bool is_placeholder(const struct rules_iface *iface)
{
	return iface->name && !iface->wildcard && str_eq(iface->name, RULES_PLACEHOLDER);
}

/* Asks for the interface that packets come in by, and for nothing else. */
static bool closes_iface(const struct rules_match *match)
{
	return match->in.name && !match->in.negated && *match->in.name && !match->opaque &&
	       (match->target == RULES_TARGET_DROP || match->target == RULES_TARGET_REJECT) &&
	       !match->protocol && !match->out.name && !match->from.prefixes.len &&
	       !match->to.prefixes.len && !match->states && !match->has_limit &&
	       !match->dialled.ranges.len && !match->dialled_addr.prefixes.len;
}

/* The one interface that DOCKER-USER closes is the placeholder, edited; NULL: none, or several. */
static const struct rules_iface *external_find(const struct import *import)
{
	const struct lift_chain *chain = lift_chains_find(&import->chains, "DOCKER-USER");
	const struct rules_iface *found = NULL;

	if (!chain || import->placeholder)
		return NULL;
	vec_each (&chain->rules, rule) {
		const struct rules_iface *iface = &rule->match.in;

		if (!closes_iface(&rule->match) ||
		    lift_is_container_name(iface->name, iface->wildcard))
			continue;
		if (found &&
		    (!str_eq(found->name, iface->name) || found->wildcard != iface->wildcard))
			return NULL;
		found = iface;
	}
	return found;
}

static bool claims(const struct rules_iface *iface, const struct rules_iface *external)
{
	return iface->name && *iface->name && iface->wildcard &&
	       lift_iface_takes(iface, external->name) &&
	       !(external->wildcard && str_eq(iface->name, external->name));
}

/* A wildcard that takes its name would be a zone, and claim it. */
static bool is_claimed(const struct import *import, const struct rules_iface *external)
{
	vec_each (&import->chains.items, chain) {
		vec_each (&(*chain)->rules, rule) {
			if (claims(&rule->match.in, external) || claims(&rule->match.out, external))
				return true;
		}
	}
	return false;
}

void import_sides_make(struct import *import)
{
	const struct rules_iface *external;
	struct import_side *side;

	vec_each (&import->chains.items, chain) {
		vec_each (&(*chain)->rules, rule)
			import->placeholder |=
				is_placeholder(&rule->match.in) || is_placeholder(&rule->match.out);
	}
	external = external_find(import);
	if (external && is_claimed(import, external))
		external = NULL;
	side = side_add(import, "containers");
	side->container = true;
	side_name(import, side, "docker0");
	side_name(import, side, "br-0123456789ab");
	side = side_add(import, AUTO_ZONE);
	side->external = import->placeholder;
	side_name(import, side, external ? stand_in(import, external) : ANY_OTHER);
	import->auto_name = external ? external->name : NULL;
	import->auto_wildcard = external && external->wildcard;
	vec_each (&import->chains.items, chain) {
		vec_each (&(*chain)->rules, rule) {
			iface_add(import, &rule->match.in, rule->line);
			iface_add(import, &rule->match.out, rule->line);
		}
	}
}
