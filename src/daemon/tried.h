/* SPDX-License-Identifier: GPL-2.0-or-later */
/* While a policy is on trial: the table of both policies, for the containers that there are now. */
#pragma once

#include "daemon/watcher.h"

/* Owned; what the table shares memory with. */
struct tried {
	struct control_load *texts; /* of the policy on trial */
	struct control_load *next;  /* its model */
	struct control_load *base;  /* of the one that counts afterwards, or NULL */
};

/*
 * have: a dump of our table, which holds a trial; facts: of this pass.  *ret_want, in arena, holds
 * the same trial for as long as it lasts; NULL: a text is not known, the table stays as it is.
 */
int tried_make(struct watcher *watcher, struct arena *arena, const struct ir_table *have,
	       struct control_load *facts, struct tried *ret, struct ir_table **ret_want,
	       struct err *err);
void tried_done(struct tried *tried);
