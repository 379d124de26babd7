/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A rules file as chains. */
#include "analyse/rules_view.h"

#include <string.h>

#include "base/str.h"
#include "rules/expand.h"

static const char *chain_key(struct arena *arena, const char *table, const char *name)
{
	return arena_printf(arena, "%s %s", table ? table : "", name);
}

static bool is_chain_of(const struct rules_view_chain *chain, const struct rules_line *line)
{
	return chain && str_eq(chain->name, line->name) &&
	       str_eq(chain->table, line->table ? line->table : "");
}

static struct rules_view_chain *chain_find_or_add(struct rules_view *view,
						  const struct rules_line *line)
{
	auto_of(arena_free) struct arena *scratch = arena_new();
	const char *key = chain_key(scratch, line->table, line->name);
	struct rules_view_chain *chain;
	uint32_t *number;
	int is_new;

	number = hash_index_put(&view->index, key, (uint32_t)strlen(key), &is_new);
	if (!is_new)
		return view->chains.items[*number];
	*number = view->chains.len;
	chain = arena_new_object(view->arena, struct rules_view_chain);
	chain->table = line->table ? line->table : "";
	chain->name = line->name;
	chain->first = line;
	*vec_add(view->arena, &view->chains) = chain;
	return chain;
}

/* Most lines speak of the chain of the line before. */
static struct rules_view_chain *chain_get(struct rules_view *view, const struct rules_line *line)
{
	if (!is_chain_of(view->recent, line))
		view->recent = chain_find_or_add(view, line);
	return view->recent;
}

struct rules_view_chain *rules_view_find(const struct rules_view *view, const char *table,
					 const char *name)
{
	auto_of(arena_free) struct arena *scratch = arena_new();
	const char *key = chain_key(scratch, table, name);
	const uint32_t *number = hash_index_get(&view->index, key, (uint32_t)strlen(key));

	return number ? view->chains.items[*number] : NULL;
}

static void policy_set(struct rules_view_chain *chain, const struct rules_line *line)
{
	if (!line->policy || str_eq(line->policy, "-"))
		return;
	chain->policy = line->policy;
	chain->policy_line = line;
}

/* iptables-restore --noflush: the ':' line of a chain that is not built in empties it. */
static void chain_declare(struct rules_view *view, const struct rules_line *line)
{
	struct rules_view_chain *chain = chain_get(view, line);

	policy_set(chain, line);
	if (chain->policy)
		return;
	chain->rules.len = 0;
	chain->flushed = true;
}

static void chain_flush(struct rules_view *view, const struct rules_line *line)
{
	struct rules_view_chain *one = line->name ? chain_get(view, line) : NULL;

	vec_each (&view->chains, item) {
		struct rules_view_chain *chain = *item;

		if (one ? chain != one : !str_eq(chain->table, line->table ? line->table : ""))
			continue;
		chain->rules.len = 0;
		chain->flushed = true;
	}
}

static void rule_add(struct rules_view *view, const struct rules_line *line)
{
	struct rules_view_chain *chain = chain_get(view, line);
	struct rules_view_rule *rule = arena_new_object(view->arena, struct rules_view_rule);
	uint32_t place = chain->rules.len;

	rule->line = line;
	rules_match_read(view->arena, view->file, line, &rule->match);
	(void)vec_add(view->arena, &chain->rules);
	if (line->command->verb == RULES_INSERT) {
		uint32_t wanted = line->command->number ? line->command->number - 1 : 0;

		if (wanted > place)
			chain->uncertain = true;
		else
			place = wanted;
	}
	memmove(&chain->rules.items[place + 1], &chain->rules.items[place],
		(chain->rules.len - 1 - place) * sizeof(chain->rules.items[0]));
	chain->rules.items[place] = rule;
}

static void command_add(struct rules_view *view, const struct rules_line *line)
{
	switch ((enum rules_verb)line->command->verb) {
	case RULES_APPEND:
	case RULES_INSERT:
		rule_add(view, line);
		break;
	case RULES_DELETE:
	case RULES_REPLACE:
	case RULES_RENAME:
		chain_get(view, line)->uncertain = true;
		break;
	case RULES_FLUSH:
		chain_flush(view, line);
		break;
	case RULES_POLICY:
		policy_set(chain_get(view, line), line);
		break;
	case RULES_NEW_CHAIN:
		(void)chain_get(view, line);
		break;
	case RULES_DELETE_CHAIN:
	case RULES_ZERO:
		break;
	}
}

static void jumps_resolve(struct rules_view *view)
{
	vec_each (&view->chains, chain) {
		vec_each (&(*chain)->rules, rule) {
			const struct rules_match *match = &(*rule)->match;

			if (match->target == RULES_TARGET_JUMP ||
			    match->target == RULES_TARGET_GOTO)
				(*rule)->jump = rules_view_find(view, (*chain)->table, match->jump);
		}
	}
}

bool rules_rule_is_plain(const struct rules_view_rule *rule)
{
	const struct rules_match *match = &rule->match;

	return !match->opaque && !match->family && !match->protocol && !match->has_icmp_type &&
	       !match->in.name && !match->out.name && !match->from.prefixes.len &&
	       !match->to.prefixes.len && !match->sports.ranges.len && !match->dports.ranges.len &&
	       !match->dialled.ranges.len && !match->dialled_addr.prefixes.len && !match->states &&
	       !match->syn_only && !match->has_limit;
}

bool rules_rule_decides(const struct rules_view_rule *rule)
{
	switch ((enum rules_target)rule->match.target) {
	case RULES_TARGET_ACCEPT:
	case RULES_TARGET_DROP:
	case RULES_TARGET_REJECT:
	case RULES_TARGET_RETURN:
	case RULES_TARGET_GOTO: /* it comes back to the caller of this chain, if at all */
		return true;
	case RULES_TARGET_JUMP:
		return rule->jump && rule->jump->takes_all;
	case RULES_TARGET_NONE:
	case RULES_TARGET_LOG:
	case RULES_TARGET_OTHER:
		break;
	}
	return false;
}

/* A chain that calls itself takes nothing: it is asked while it is being asked. */
static void chain_ask(struct rules_view_chain *chain, unsigned depth)
{
	if (chain->asked || depth > RULES_VIEW_DEPTH_MAX)
		return;
	chain->asked = true;
	if (chain->uncertain)
		return;
	vec_each (&chain->rules, item) {
		const struct rules_view_rule *rule = *item;

		if (rule->match.target == RULES_TARGET_RETURN ||
		    rule->match.target == RULES_TARGET_GOTO)
			return;
		if (!rules_rule_is_plain(rule))
			continue;
		if (rule->jump)
			chain_ask(rule->jump, depth + 1);
		if (rules_rule_decides(rule)) {
			chain->takes_all = true;
			return;
		}
	}
}

/* Each bit goes once over each chain. */
static void hook_spread(struct rules_view_chain *chain, uint8_t hooks, unsigned depth)
{
	if ((chain->hooks & hooks) == hooks || depth > RULES_VIEW_DEPTH_MAX)
		return;
	chain->hooks |= hooks;
	vec_each (&chain->rules, rule) {
		if ((*rule)->jump)
			hook_spread((*rule)->jump, hooks, depth + 1);
	}
}

static void hooks_resolve(struct rules_view *view)
{
	static const struct {
		const char *chain;
		uint8_t hooks;
	} starts[] = {
		{"INPUT", RULES_HOOK_INPUT},
		{"FORWARD", RULES_HOOK_FORWARD},
		{"OUTPUT", RULES_HOOK_OUTPUT},
		{"DOCKER-USER", RULES_HOOK_FORWARD | RULES_HOOK_DOCKER_USER},
	};

	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++) {
		struct rules_view_chain *chain = rules_view_find(view, "filter", starts[i].chain);

		if (chain)
			hook_spread(chain, starts[i].hooks, 0);
	}
}

void rules_view_make(struct arena *arena, const struct rules_file *file, struct rules_view *ret)
{
	*ret = (struct rules_view){.arena = arena, .file = file, .index.arena = arena};
	vec_each (&file->lines, line) {
		if (line->kind == RULES_CHAIN)
			chain_declare(ret, line);
		else if (line->kind == RULES_COMMAND &&
			 (line->name || line->command->verb == RULES_FLUSH))
			command_add(ret, line);
	}
	jumps_resolve(ret);
	hooks_resolve(ret);
	vec_each (&ret->chains, chain)
		chain_ask(*chain, 0);
}

struct origin rules_view_place(const struct rules_line *line, const char *const *names)
{
	for (; line->command && *names; names++) {
		const struct rules_option *option = rules_option_find(line->command, *names);

		if (option)
			return option->args.len ? option->args.items[0].origin : option->origin;
	}
	return line->origin;
}

struct origin rules_view_target_place(const struct rules_line *line)
{
	static const char *const names[] = {"-j", "-g", NULL};

	return rules_view_place(line, names);
}

static bool name_matches(const struct rules_iface *iface, const char *name)
{
	return iface->wildcard ? str_starts(name, iface->name) : str_eq(name, iface->name);
}

bool rules_view_iface_is(const struct rules_view *view, const struct rules_iface *iface,
			 const char *name)
{
	if (!iface->name)
		return true;
	if (iface->wildcard || !str_eq(iface->name, RULES_PLACEHOLDER))
		return name_matches(iface, name) != iface->negated;
	for (uint32_t i = 0; i < view->external_count; i++) {
		if (str_eq(view->external[i], name))
			return !iface->negated;
	}
	return iface->negated;
}
