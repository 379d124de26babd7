/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The marker: a comment in a chain that nobody jumps to says what is loaded. */
#include "compile/marker.h"

#include <inttypes.h>
#include <string.h>

#include "base/str.h"

#define MARKER_NAME_MAX 48u
#define HASH_DIGITS 16u

static const char *marker_text(struct build *build, const char *kind,
			       const struct compile_marker *marker)
{
	const char *name = marker->policy ? marker->policy : "-";
	const char *text =
		arena_printf(build->arena, "%s %s hash %016" PRIx64 " applied %s", kind,
			     build_comment(build, name, MARKER_NAME_MAX), marker->policy_hash,
			     marker->applied ? marker->applied : "-");

	return build_comment(build, text, IR_COMMENT_MAX);
}

void marker_add(struct build *build, const struct compile_marker *marker, bool lockdown)
{
	uint32_t chain = build_chain(build, COMPILE_MARKER_CHAIN);
	struct ir_rule *rule = build_rule(build, chain);

	rule_verdict(build, rule, IR_RETURN, NULL);
	rule->comment = marker_text(build, lockdown ? "lockdown" : "policy", marker);
}

const char *compile_marker_rules(struct arena *arena, const struct compile_marker *marker)
{
	struct build build = {.arena = arena};

	return marker_text(&build, "rules", marker);
}

static bool hash_read(const char *text, uint64_t *ret)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t hash = 0;

	for (unsigned i = 0; i < HASH_DIGITS; i++) {
		const char *digit = text[i] ? strchr(digits, text[i]) : NULL;

		if (!digit)
			return false;
		hash = hash << 4 | (uint64_t)(digit - digits);
	}
	*ret = hash;
	return true;
}

/* The last place of `word`: a policy's name may hold the word as well. */
static const char *find_last(const char *text, const char *word)
{
	const char *found = NULL;

	for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
		found = at;
	return found;
}

bool compile_marker_read(struct arena *arena, const struct ir_table *table,
			 struct compile_marker *ret, bool *ret_lockdown)
{
	const struct ir_chain *chain = ir_table_chain(table, COMPILE_MARKER_CHAIN);

	return chain && compile_marker_read_chain(arena, chain, ret, ret_lockdown);
}

bool compile_marker_read_chain(struct arena *arena, const struct ir_chain *chain,
			       struct compile_marker *ret, bool *ret_lockdown)
{
	const char *comment, *name, *hash;
	struct compile_marker marker = {0};

	if (!chain->rules.len || !chain->rules.items[0].comment)
		return false;
	comment = chain->rules.items[0].comment;
	if (str_starts(comment, "policy "))
		name = comment + strlen("policy ");
	else if (str_starts(comment, "lockdown "))
		name = comment + strlen("lockdown ");
	else if (str_starts(comment, "rules "))
		name = comment + strlen("rules ");
	else
		return false;
	hash = find_last(comment, " hash ");
	if (!hash || hash < name || !hash_read(hash + strlen(" hash "), &marker.policy_hash))
		return false;
	if (!str_starts(hash + strlen(" hash ") + HASH_DIGITS, " applied "))
		return false;
	marker.policy = arena_strndup(arena, name, (size_t)(hash - name));
	marker.applied =
		arena_strdup(arena, hash + strlen(" hash ") + HASH_DIGITS + strlen(" applied "));
	marker.rules = *comment == 'r';
	*ret_lockdown = *comment == 'l';
	*ret = marker;
	return true;
}
