/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loading a table: under the lock, in one transaction, then what was loaded is kept on disk. */
#pragma once

#include "control/control.h"

/* What the table shall be, given what it is (NULL: no table); NULL: no table. */
typedef int (*apply_maker)(void *data, struct arena *arena, const struct ir_table *have,
			   const struct ir_table **ret_want, struct err *err);
/*
 * Makes it so in one transaction; asked again when others were faster.  -EINPROGRESS: whether it
 * was is not known.
 */
int apply_change(apply_maker make, void *data, uint32_t *ret_changes, struct err *err);
/*
 * The caller holds state_lock(); *ret_changes counts what was sent to the kernel.  1: loaded, but
 * not kept, err says why; whatever follows a load has to follow this one too.
 */
int apply_load(const struct control_options *options, const struct control_load *load,
	       uint32_t *ret_changes, struct err *err);
/* The table alone; nothing is kept on disk. */
int apply_table(const struct control_load *load, uint32_t *ret_changes, struct err *err);
/* *ret: our table is there and is no lockdown. */
int apply_is_loaded(struct arena *arena, bool *ret, struct err *err);
/*
 * A model whose option failsafe counts in a lockdown: of what was applied last, or else of the
 * file; NULL when neither is good.  load may share facts; it is filled.
 */
const struct model *apply_failsafe(const struct control_options *options,
				   struct control_load *load);
/* Refuses all but established connections, the essentials and TCP to ports. */
int apply_lockdown(const struct control_options *options, struct arena *arena,
		   const uint16_t *ports, uint32_t port_count, struct err *err);
/* Removes the table; *ret_was_loaded says whether there was one. */
int apply_open(const struct control_options *options, bool *ret_was_loaded, struct err *err);
/* True if the dumped table says that a newer version made it. */
bool apply_table_is_newer(const struct ir_table *table);
