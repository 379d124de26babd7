/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a rules file has in our own table: its rules for containers where the engine has no
 * DOCKER-USER chain (Docker's nftables backend, see lift/table.h), or the lockdown that stands in
 * for it.
 */
#pragma once

#include "control/rules_load.h"
#include "ir/ir.h"

#define RULES_MARKER_PREFIX "rules/" /* of the lockdown's marker */
#define RULES_BACKEND_NFTABLES "nftables"

struct rules_table {
	bool is_needed;				 /* the engine has no DOCKER-USER */
	struct ir_table *want;			 /* NULL: nothing of the file belongs there */
	struct rules_file *rest[RULES_FAMILIES]; /* what is left for iptables */
};

/*
 * The engine's backend as far as it is known: what the engine says, else (it is not there yet) what
 * it said at the last load, else what its configuration file says; or NULL.
 */
const char *rules_backend(struct arena *arena, const struct facts *facts, const char *remembered);
/*
 * -EINVAL with errors in load->diags: a rule that the table cannot hold.  -ENOTUNIQ: a policy is
 * loaded, which has the table.
 */
int rules_table_make(const struct rules_set *set, struct control_load *load,
		     struct rules_table *ret, struct err *err);
/* The table that is loaded was made from these very rules. */
bool rules_table_is_live(struct arena *arena, const struct rules_set *set);
/*
 * Puts the table in, or takes out what is there of a rules file and is not wanted any more.
 * *ret_lockdown_ended: a lockdown that stood in for rules was there.
 */
int rules_table_put(const struct rules_set *set, const struct rules_table *table,
		    struct arena *arena, bool *ret_lockdown_ended, struct err *err);
