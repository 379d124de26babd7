/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DOCKER-USER of a rules file as a table of our own. */
#include "lift/table.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"
#include "lift/table_parts.h"

#define FORWARD_PRIORITY (-10) /* before the engine's, which are at 0 */
#define NFPROTO_V4 2
#define NFPROTO_V6 10
#define RULES_MAX 1024u	   /* that one rule may become */
#define LOG_PREFIX_MAX 29u /* as -j LOG has it */
#define LOG_PREFIX_NONE TABLE_USER_CHAIN " "

/* What a rule does; the arguments of a limit stand between its matches and this. */
struct action {
	struct table_stmts stmts;
};

bool table_is_wanted(const struct rules_file *file)
{
	vec_each (&file->lines, line) {
		if (line->kind == RULES_COMMAND && line->table && str_eq(line->table, "filter") &&
		    line->name && str_eq(line->name, TABLE_USER_CHAIN) &&
		    (line->command->verb == RULES_APPEND || line->command->verb == RULES_INSERT ||
		     line->command->verb == RULES_REPLACE))
			return true;
	}
	return false;
}

static uint32_t chain_add(struct table_maker *maker, const char *name)
{
	vec_add(maker->arena, &maker->table->chains)->name = name;
	return maker->table->chains.len - 1;
}

/* nft's comments hold no double quotes, and 127 bytes; the cut is at a character's boundary. */
static const char *comment_of(struct table_maker *maker, const struct lift_rule *rule)
{
	char *text = arena_strdup(maker->arena, rule->match.comment ? rule->match.comment : "");
	size_t len = strlen(text);

	if (!len)
		return NULL;
	for (char *c = text; *c; c++) {
		if (*c == '"' || (unsigned char)*c < ' ')
			*c = '\'';
	}
	if (len > IR_COMMENT_MAX) {
		len = IR_COMMENT_MAX;
		while (len && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
		text[len] = '\0';
	}
	return text;
}

static void rule_add(struct table_maker *maker, uint32_t chain, const struct lift_rule *from,
		     const struct table_stmts *matches, const struct table_stmts *action)
{
	struct ir_rule *rule = vec_add(maker->arena, &maker->table->chains.items[chain].rules);

	rule->origin = from->line->origin;
	rule->comment = comment_of(maker, from);
	vec_each (&matches->items, stmt)
		*vec_add(maker->arena, &rule->stmts) = *stmt;
	vec_each (&action->items, stmt)
		*vec_add(maker->arena, &rule->stmts) = *stmt;
}

static void verdict_put(struct table_maker *maker, struct table_stmts *stmts,
			enum ir_verdict verdict, const char *chain)
{
	struct ir_stmt stmt = {.kind = IR_STMT_VERDICT, .verdict = (uint8_t)verdict, .name = chain};

	table_stmt_add(maker, stmts, &stmt);
}

static const char *chain_make(struct table_maker *maker, const struct lift_rule *from,
			      const char *name);

static bool reject_put(struct table_maker *maker, const struct lift_rule *rule,
		       struct table_stmts *action)
{
	static const struct {
		const char *with;
		enum ir_reject reject;
	} kinds[] = {{"icmp-port-unreachable", IR_REJECT_PORT_UNREACHABLE},
		     {"port-unreach", IR_REJECT_PORT_UNREACHABLE},
		     {"icmp6-port-unreachable", IR_REJECT_PORT_UNREACHABLE},
		     {"icmp-host-prohibited", IR_REJECT_ADMIN_PROHIBITED},
		     {"host-prohib", IR_REJECT_ADMIN_PROHIBITED},
		     {"icmp-net-prohibited", IR_REJECT_ADMIN_PROHIBITED},
		     {"net-prohib", IR_REJECT_ADMIN_PROHIBITED},
		     {"icmp-admin-prohibited", IR_REJECT_ADMIN_PROHIBITED},
		     {"admin-prohib", IR_REJECT_ADMIN_PROHIBITED},
		     {"icmp6-adm-prohibited", IR_REJECT_ADMIN_PROHIBITED},
		     {"adm-prohibited", IR_REJECT_ADMIN_PROHIBITED},
		     {"tcp-reset", IR_REJECT_TCP_RESET},
		     {"tcp-rst", IR_REJECT_TCP_RESET}};
	const char *with = rule->match.reject_with;
	struct ir_stmt stmt = {.kind = IR_STMT_REJECT, .reject = IR_REJECT_PORT_UNREACHABLE};
	bool known = !with;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && !known; i++) {
		known = str_eq(with, kinds[i].with);
		stmt.reject = (uint8_t)kinds[i].reject;
	}
	if (!known)
		return table_refuse(maker, rule, "--reject-with", "this answer");
	table_stmt_add(maker, action, &stmt);
	return true;
}

static bool log_put(struct table_maker *maker, const struct lift_rule *rule,
		    struct table_stmts *action)
{
	const char *prefix = rule->match.log_prefix;
	struct ir_stmt stmt = {.kind = IR_STMT_LOG, .name = LOG_PREFIX_NONE};
	char *text;

	if (rule->match.jump && !str_eq(rule->match.jump, "LOG"))
		return table_refuse(maker, rule, "-j", "a log of another kind than LOG");
	if (prefix && *prefix) {
		text = arena_strndup(maker->arena, prefix, strnlen(prefix, LOG_PREFIX_MAX));
		for (char *c = text; *c; c++)
			*c = (char)(*c == '"' ? '\'' : *c);
		stmt.name = text;
	}
	table_stmt_add(maker, action, &stmt);
	return true;
}

/* The engine's rules come behind an accept here; under iptables they would not. */
static void accept_doubt(struct table_maker *maker, const struct lift_rule *rule)
{
	uint8_t known = RULES_STATE_ESTABLISHED | RULES_STATE_RELATED;
	const struct rules_option *target = rules_option_find(rule->line->command, "-j");
	struct diag *diag;

	if (rule->match.states && !rule->match.states_negated && !(rule->match.states & ~known))
		return;
	if (maker->v6) /* its twin told it */
		return;
	diag = diag_warning(maker->diags, target ? target->origin : rule->line->origin,
			    DIAG_RULES_ACCEPT_RETURNS,
			    "ACCEPT means RETURN with Docker's nftables backend");
	if (diag)
		diag_note(diag, (struct origin){0},
			  "Docker's own rules are asked behind this one: what it does not publish "
			  "stays closed; write RETURN");
}

/* `depth` chains below DOCKER-USER; in a helper, RETURN of DOCKER-USER is an accept. */
static bool action_make(struct table_maker *maker, const struct lift_rule *rule, bool top,
			bool helper, struct table_stmts *action)
{
	const char *name;

	switch ((enum rules_target)rule->match.target) {
	case RULES_TARGET_NONE:
		return true;
	case RULES_TARGET_ACCEPT:
		accept_doubt(maker, rule);
		verdict_put(maker, action, IR_ACCEPT, NULL);
		return true;
	case RULES_TARGET_DROP:
		verdict_put(maker, action, IR_DROP, NULL);
		return true;
	case RULES_TARGET_REJECT:
		return reject_put(maker, rule, action);
	case RULES_TARGET_RETURN:
		if (helper && !top)
			return table_refuse(maker, rule, "-j",
					    "RETURN with this match, in a chain of your own,");
		verdict_put(maker, action, helper ? IR_ACCEPT : IR_RETURN, NULL);
		return true;
	case RULES_TARGET_LOG:
		return log_put(maker, rule, action);
	case RULES_TARGET_JUMP:
	case RULES_TARGET_GOTO:
		if (helper && rule->match.target == RULES_TARGET_GOTO)
			return table_refuse(maker, rule, "-g", "a goto with this match");
		name = chain_make(maker, rule, rule->match.jump);
		verdict_put(maker, action,
			    rule->match.target == RULES_TARGET_JUMP ? IR_JUMP : IR_GOTO, name);
		return name != NULL;
	case RULES_TARGET_OTHER:
		return table_refuse(maker, rule, "-j",
				    arena_printf(maker->arena, "the target '%s'",
						 rule->match.jump ? rule->match.jump : "?"));
	}
	return false;
}

static bool limit_put(struct table_maker *maker, const struct lift_rule *rule,
		      struct table_stmts *action)
{
	static const char units[] = {'s', 'm', 'h', 'd'};
	struct ir_stmt stmt = {.kind = IR_STMT_LIMIT,
			       .rate = {.count = rule->match.limit, .burst = rule->match.burst}};

	if (!rule->match.has_limit)
		return true;
	if (!rule->match.limit)
		return table_refuse(maker, rule, "-m", "a limit of this kind");
	for (unsigned i = 0; i < sizeof(units); i++) {
		if (units[i] == rule->match.limit_unit)
			stmt.rate.unit = (uint8_t)i;
	}
	if (!stmt.rate.burst)
		stmt.rate.burst = 5;
	table_stmt_add(maker, action, &stmt);
	return true;
}

/* Each combination of the alternatives, from part `at` on. */
static bool combine(struct table_maker *maker, uint32_t chain, const struct lift_rule *rule,
		    const struct table_asked *asked, const struct table_stmts *action)
{
	uint64_t total = 1;

	vec_each (&asked->parts, part) {
		if (part->items.len)
			total *= part->items.len;
		if (total > RULES_MAX)
			return table_refuse(maker, rule, NULL,
					    "a rule with that many ports and addresses");
	}
	for (uint64_t i = 0; i < total; i++) {
		struct table_stmts matches = {0};
		uint64_t rest = i;

		vec_each (&asked->parts, part) {
			if (!part->items.len)
				continue;
			vec_each (&part->items.items[rest % part->items.len].items, stmt)
				table_stmt_add(maker, &matches, stmt);
			rest /= part->items.len;
		}
		rule_add(maker, chain, rule, &matches, action);
	}
	return true;
}

static void not_iface_add(struct table_maker *maker, uint32_t chain, const struct lift_rule *rule,
			  const struct rules_iface *iface, enum ir_field field)
{
	struct table_stmts matches = {0}, action = {0};
	struct ir_stmt stmt = {.kind = IR_STMT_MATCH};
	size_t len;

	if (!iface)
		return;
	len = strnlen(iface->name, 15);
	stmt.match.fields[0].field = (uint8_t)field;
	stmt.match.field_count = 1;
	stmt.match.op = IR_PREFIX;
	stmt.match.value_len = (uint8_t)len;
	memcpy(stmt.match.value, iface->name, len);
	if (len) /* "! -i +" is nobody */
		table_stmt_add(maker, &matches, &stmt);
	verdict_put(maker, &action, IR_RETURN, NULL);
	rule_add(maker, chain, rule, &matches, &action);
}

static bool is_many(const struct table_asked *asked)
{
	vec_each (&asked->parts, part) {
		if (part->items.len > 1)
			return true;
	}
	return false;
}

/*
 * A limit counts once for all alternatives, and nft has no "not this prefix": such a rule ends in a
 * chain of its own, to which each alternative jumps.
 */
static bool rule_make(struct table_maker *maker, uint32_t chain, const struct lift_rule *rule,
		      bool top)
{
	struct table_asked asked;
	struct table_stmts action = {0}, jump = {0}, none = {0};
	const char *name;
	uint32_t own;
	bool helper;

	/* The twin's own rules let neighbours find each other: that is never routed. */
	if (rule->match.target == RULES_TARGET_NONE ||
	    (rule->match.opaque && !rule->line->origin.source))
		return true;
	if (!table_ask(maker, rule, &asked))
		return false;
	helper = asked.not_in || asked.not_out || (rule->match.has_limit && is_many(&asked));
	if (!limit_put(maker, rule, &action) || !action_make(maker, rule, top, helper, &action))
		return false;
	if (!helper)
		return combine(maker, chain, rule, &asked, &action);
	name = arena_printf(maker->arena, "rule_%u", ++maker->helpers);
	own = chain_add(maker, name);
	not_iface_add(maker, own, rule, asked.not_in, IR_META_IIFNAME);
	not_iface_add(maker, own, rule, asked.not_out, IR_META_OIFNAME);
	rule_add(maker, own, rule, &none, &action);
	verdict_put(maker, &jump, IR_JUMP, name);
	return combine(maker, chain, rule, &asked, &jump);
}

static const char *name_make(struct table_maker *maker, const char *chain)
{
	bool user = str_eq(chain, TABLE_USER_CHAIN);
	char *name = arena_printf(maker->arena, "%s%s%s", user ? "docker_user" : "own_",
				  user ? "" : chain, maker->v6 ? "_6" : "");
	const char *tried = name;

	for (char *c = name; *c; c++) {
		if (!isalnum((unsigned char)*c))
			*c = '_';
	}
	for (unsigned i = 2; ir_table_chain(maker->table, tried); i++)
		tried = arena_printf(maker->arena, "%s_%u", name, i);
	return tried;
}

/* The name of what a chain of the file became; chains that call each other are made once. */
static const char *chain_make(struct table_maker *maker, const struct lift_rule *from,
			      const char *name)
{
	const struct lift_chain *chain = lift_chains_find(&maker->chains, name);
	uint32_t number = 0, own;

	if (!chain) {
		if (from)
			(void)table_refuse(maker, from,
					   from->match.target == RULES_TARGET_GOTO ? "-g" : "-j",
					   "a chain that is not in the file");
		return NULL;
	}
	while (maker->chains.items.items[number] != chain)
		number++;
	if (maker->names.items[number])
		return maker->names.items[number];
	maker->names.items[number] = name_make(maker, name);
	own = chain_add(maker, maker->names.items[number]);
	vec_each (&chain->rules, rule)
		maker->failed |= !rule_make(maker, own, rule, str_eq(name, TABLE_USER_CHAIN));
	return maker->names.items[number];
}

static void family_add(struct table_maker *maker, const struct rules_file *file, bool v6)
{
	struct table_stmts jump = {0};
	struct ir_stmt family = {.kind = IR_STMT_MATCH};
	struct ir_rule *rule;
	const char *name;

	lift_chains_make(maker->arena, file, &maker->chains);
	if (!lift_chains_find(&maker->chains, TABLE_USER_CHAIN))
		return;
	maker->v6 = v6;
	maker->names.len = 0;
	vec_each (&maker->chains.items, chain) {
		(void)chain;
		*vec_add(maker->arena, &maker->names) = NULL;
	}
	name = chain_make(maker, NULL, TABLE_USER_CHAIN);
	family.match.fields[0].field = IR_META_NFPROTO;
	family.match.field_count = 1;
	family.match.op = IR_EQUAL;
	family.match.value[0] = v6 ? NFPROTO_V6 : NFPROTO_V4;
	table_stmt_add(maker, &jump, &family);
	verdict_put(maker, &jump, IR_JUMP, name);
	rule = vec_add(maker->arena, &maker->table->chains.items[0].rules);
	vec_each (&jump.items, stmt)
		*vec_add(maker->arena, &rule->stmts) = *stmt;
}

static void marker_add(struct table_maker *maker, const struct table_marker *marker)
{
	uint32_t chain = chain_add(maker, marker->chain);
	struct ir_rule *rule = vec_add(maker->arena, &maker->table->chains.items[chain].rules);
	struct ir_stmt *stmt = vec_add(maker->arena, &rule->stmts);

	stmt->kind = IR_STMT_VERDICT;
	stmt->verdict = IR_RETURN;
	rule->comment = marker->comment;
}

struct ir_table *table_lift(struct arena *arena, const struct rules_file *const files[],
			    const struct table_marker *marker, struct diag_list *diags)
{
	struct table_maker maker = {
		.arena = arena, .table = arena_new_object(arena, struct ir_table), .diags = diags};
	struct ir_chain *forward;

	maker.table->name = marker->table;
	(void)chain_add(&maker, "forward");
	forward = &maker.table->chains.items[0];
	forward->hook = IR_HOOK_FORWARD;
	forward->priority = FORWARD_PRIORITY;
	for (unsigned i = 0; i < TABLE_FAMILIES; i++) {
		if (files[i])
			family_add(&maker, files[i], i == 1);
	}
	marker_add(&maker, marker);
	return maker.failed ? NULL : maker.table;
}
