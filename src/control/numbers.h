/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's counters, added up by sentence and by container.
 *
 * A sentence is counted where it has a rule of its own or stands in a counted set.  A container is
 * counted by the addresses that sentences name it with: what a sentence without `to` lets through
 * is no container's.
 */
#pragma once

#include "control/control.h"
#include "report/numbers.h"

/* have is a dump of the table that load->table became; what differs is left out. */
void numbers_read(struct arena *arena, const struct control_load *load, const struct ir_table *have,
		  struct report_numbers *ret);
