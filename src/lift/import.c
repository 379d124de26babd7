/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each way that a new connection may take through a rules file, and its section. */
#include "lift/import.h"

#include "base/str.h"
#include "lift/import_parts.h"

#define CLEAN_MAX 4000u

#define KNOWN_ALWAYS                                                                               \
	"packets of known connections always go on in a policy, the file refuses some of them"
#define LOOPBACK_ALWAYS "loopback is always allowed in a policy, the file refuses some of it"

static const struct import_side host_side = {.zone = "host"};

void import_unsaid(struct import *import, const struct rules_line *line, const char *reason)
{
	struct import_remark *remark;

	vec_each (&import->result->unsaid, old) {
		if (old->line == line && (line || str_eq(old->reason, reason)))
			return;
	}
	remark = vec_add(import->arena, &import->result->unsaid);
	remark->line = line;
	remark->reason = reason;
}

uint32_t import_line_number(const struct import *import, const struct rules_line *line)
{
	struct source_place place;

	if (!import->sources || !line || !source_place_of(import->sources, line->origin, &place))
		return 0;
	return place.line;
}

static void differs(struct import *import, const char *text)
{
	vec_each (&import->result->differences, old) {
		if (str_eq(*old, text))
			return;
	}
	*vec_add(import->arena, &import->result->differences) = text;
}

/* What this host routes is closed in a policy until a section names it. */
static void close_not_said(struct import *import, struct import_list *list)
{
	vec_each (&list->items, sentence) {
		if (sentence->kind != IMPORT_NOT_SAID)
			continue;
		sentence->kind = IMPORT_DENY;
		differs(import, "The file does not name FORWARD: what this host routes between "
				"zones that are no containers is as others leave it; here it is "
				"closed until a section names it.");
	}
}

static void walk(struct import *import, const struct import_way *way, struct import_list *ret)
{
	import_walk(import->arena, &import->chains, way, ret);
	if (way->hook == IMPORT_FORWARD)
		close_not_said(import, ret);
	if (ret->items.len <= CLEAN_MAX)
		import_list_clean(ret);
}

static struct import_side one_name(const struct import_side *side, uint32_t number)
{
	struct import_side one = *side;

	one.names = &side->names[number];
	one.count = 1;
	return one;
}

static void rules_join(struct import *import, struct import_list *list,
		       const struct import_list *other)
{
	for (uint32_t i = 0; i < list->items.len; i++) {
		vec_each (&other->items.items[i].rules, rule) {
			bool known = false;

			vec_each (&list->items.items[i].rules, own)
				known = known || (*own)->line == (*rule)->line;
			if (!known)
				*vec_add(import->arena, &list->items.items[i].rules) = *rule;
		}
	}
}

/*
 * A file speaks of container bridges by several names, "docker0" and "br+".  Where all fare alike
 * they are one zone; else a rule for some of them cannot be said.
 */
static void list_make(struct import *import, const struct import_way *way, struct import_list *ret)
{
	struct import_list other;
	bool first = true;

	for (uint32_t i = 0; i < way->in.count || i == 0; i++) {
		for (uint32_t j = 0; j < way->out.count || j == 0; j++) {
			struct import_way one = *way;

			if (way->in.count)
				one.in = one_name(&way->in, i);
			if (way->out.count)
				one.out = one_name(&way->out, j);
			walk(import, &one, first ? ret : &other);
			if (!first && !import_list_eq(ret, &other)) {
				walk(import, way, ret);
				return;
			}
			if (!first)
				rules_join(import, ret, &other);
			first = false;
		}
	}
}

static bool refuses(const struct import_sentence *sentence)
{
	return sentence->kind == IMPORT_DENY || sentence->kind == IMPORT_REJECT;
}

static void refusals_tell(struct import *import, const struct import_list *list, const char *reason)
{
	vec_each (&list->items, sentence) {
		if (refuses(sentence))
			import_unsaid(import,
				      sentence->rules.len ? sentence->rules.items[0]->line : NULL,
				      reason);
	}
}

/* What is known goes on in a policy, whatever its sentences say. */
static void known_check(struct import *import, const struct import_way *way)
{
	struct import_way known = *way;
	struct import_list list;

	known.state = RULES_STATE_ESTABLISHED;
	for (uint32_t i = 0; i < way->in.count || i == 0; i++) {
		if (way->in.count)
			known.in = one_name(&way->in, i);
		for (uint32_t j = 0; j < way->out.count || j == 0; j++) {
			if (way->out.count)
				known.out = one_name(&way->out, j);
			import_walk(import->arena, &import->chains, &known, &list);
			refusals_tell(import, &list, KNOWN_ALWAYS);
		}
	}
}

static void loopback_check(struct import *import)
{
	static const char *const names[] = {"lo"};
	struct import_way way = {.hook = IMPORT_INPUT,
				 .in = {.zone = "lo", .names = names, .count = 1},
				 .state = RULES_STATE_NEW};
	struct import_list list;

	import_walk(import->arena, &import->chains, &way, &list);
	refusals_tell(import, &list, LOOPBACK_ALWAYS);
	way.hook = IMPORT_OUTPUT;
	way.out = way.in;
	way.in = host_side;
	import_walk(import->arena, &import->chains, &way, &list);
	refusals_tell(import, &list, LOOPBACK_ALWAYS);
}

/* What a pair says that no section names. */
static bool says_nothing_new(const struct import_way *way, const struct import_list *list)
{
	const struct import_sentence *only = list->items.items;
	bool open = way->out.container && (way->in.container || way->hook == IMPORT_OUTPUT);

	if (list->items.len != 1 || only->log || only->has_rate)
		return false;
	return only->kind == (open ? IMPORT_ALLOW : IMPORT_DENY);
}

static bool opens_ports(const struct import_sentence *sentence)
{
	vec_each (&sentence->cond.services, service) {
		if (service->kind == SERVICE_PORTS)
			return sentence->kind == IMPORT_ALLOW && !sentence->cond.any_service;
	}
	return false;
}

static void list_count(struct import *import, const struct import_way *way,
		       const struct import_list *list)
{
	vec_each (&list->items, sentence) {
		if (sentence->kind == IMPORT_REMARK)
			import_unsaid(import,
				      sentence->rules.len ? sentence->rules.items[0]->line : NULL,
				      sentence->reason);
		if (way->out.container && opens_ports(sentence))
			differs(import,
				"--ctorigdstport takes what is routed straight to that port "
				"of a container too: those are the services with 'inside'; "
				"without them published ports only are open.");
		if (sentence->kind == IMPORT_ALLOW && sentence->rules.len &&
		    way->hook == IMPORT_FORWARD &&
		    sentence->rules.items[0]->match.target == RULES_TARGET_ACCEPT)
			differs(import,
				"ACCEPT in DOCKER-USER and FORWARD skips the engine's own rules, "
				"'allow' does not: what the engine does not publish stays closed.");
	}
}

static void section_add(struct import *import, enum import_hook hook, const struct import_side *in,
			const struct import_side *out)
{
	struct import_way way = {.hook = hook, .in = *in, .out = *out, .state = RULES_STATE_NEW};
	struct import_list list;

	list_make(import, &way, &list);
	known_check(import, &way);
	if (says_nothing_new(&way, &list))
		return;
	list_count(import, &way, &list);
	import_section_add(import, &way, &list);
}

static bool is_told_elsewhere(const struct rules_line *line)
{
	return !line->table || str_eq(line->table, "filter");
}

/* Whole tables of which a policy knows nothing. */
static void other_tables_check(struct import *import)
{
	vec_each (&import->file->lines, line) {
		bool adds = line->kind == RULES_COMMAND && (line->command->verb == RULES_APPEND ||
							    line->command->verb == RULES_INSERT);

		if (adds && !is_told_elsewhere(line))
			import_unsaid(import, line,
				      arena_printf(import->arena,
						   "a policy has no table '%s': keep this in a "
						   "rules file",
						   line->table));
	}
}

static void sections_add(struct import *import)
{
	const struct import_side *sides = import->sides.items;
	uint32_t count = import->sides.len;

	for (uint32_t i = 1; i < count; i++)
		section_add(import, IMPORT_INPUT, &sides[i], &host_side);
	for (uint32_t i = 1; i < count; i++)
		section_add(import, IMPORT_FORWARD, &sides[i], &sides[0]);
	section_add(import, IMPORT_INPUT, &sides[0], &host_side);
	for (uint32_t i = 0; i < count; i++)
		section_add(import, IMPORT_FORWARD, &sides[0], &sides[i]);
	for (uint32_t i = 0; i < count; i++)
		section_add(import, IMPORT_OUTPUT, &host_side, &sides[i]);
	for (uint32_t i = 1; i < count; i++) {
		for (uint32_t j = 1; j < count; j++)
			section_add(import, IMPORT_FORWARD, &sides[i], &sides[j]);
	}
}

void import_rules(struct arena *arena, const struct source_set *sources,
		  const struct rules_file *file, const char *name, bool has_own6,
		  struct str_buf *out, struct import_result *ret)
{
	struct import import = {
		.arena = arena, .sources = sources, .file = file, .name = name, .result = ret};

	*ret = (struct import_result){0};
	if (has_own6)
		import_unsaid(
			&import, NULL,
			"IPv6 has a rules file of its own, which is not in here: for IPv6 this "
			"policy says what the twins of the rules would say");
	lift_chains_make(arena, file, &import.chains);
	import_sides_make(&import);
	other_tables_check(&import);
	loopback_check(&import);
	sections_add(&import);
	import.out = out;
	import_print_head(&import);
	import_print_zones(&import);
	import_print_sections(&import);
	str_buf_done(&import.body);
}
