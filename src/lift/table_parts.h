/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What table is made of; nobody else includes this. */
#pragma once

#include "lift/chains.h"
#include "lift/table.h"

#define TABLE_USER_CHAIN "DOCKER-USER"

/* Statements in front of a verdict; a rule has as many of them as its alternatives ask for. */
struct table_stmts {
	VEC(struct ir_stmt) items;
};

struct table_alternatives {
	VEC(struct table_stmts) items; /* one of them; no items: nothing is asked */
};

/* What a rule asks: one alternative of each. */
struct table_asked {
	VEC(struct table_alternatives) parts;
	const struct rules_iface *not_in; /* a wildcard that is negated: asked before, or NULL */
	const struct rules_iface *not_out;
};

struct table_maker {
	struct arena *arena;
	struct ir_table *table;
	struct lift_chains chains;
	struct diag_list *diags;
	bool v6;
	uint32_t helpers;
	uint32_t sets;
	VEC(const char *) names; /* of the chains, in the order of chains.items; NULL: not made */
	bool failed;
};

void table_stmt_add(struct table_maker *maker, struct table_stmts *stmts,
		    const struct ir_stmt *stmt);
/* Reports what cannot be said, at the option of that name if there is one; false. */
bool table_refuse(struct table_maker *maker, const struct lift_rule *rule, const char *option,
		  const char *what);
bool table_ask(struct table_maker *maker, const struct lift_rule *rule, struct table_asked *ret);
