/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two tables in one.  At the head of each base chain a set with a timeout is asked: as long as its
 * elements are there, the table on trial decides, then the other one again.  The kernel takes the
 * elements away by itself: no process, no timer, no disk needs to be alive for that.
 *
 * What belongs to the table on trial has a name that no compiled table uses: "trial/input".  Timed
 * sets (bans) are shared: they hold for both.
 */
#pragma once

#include "ir/ir.h"

#define IR_TRIAL_PREFIX "trial/"
#define IR_TRIAL_SET "trial"

/*
 * base: what counts when the time is over; NULL: no table, so everything is let through then.  It
 * holds no trial itself.  The result shares memory with both.
 */
struct ir_table *ir_trial_begin(struct arena *arena, const struct ir_table *base,
				const struct ir_table *want, uint32_t seconds);
/* The table holds what belongs to a trial. */
bool ir_trial_is(const struct ir_table *table);
/* And its chains ask for it; else it was ended, and what is left was not taken away yet. */
bool ir_trial_is_asked(const struct ir_table *table);
/* What counts when the time is over; NULL: no table. */
struct ir_table *ir_trial_end(struct arena *arena, const struct ir_table *table);
