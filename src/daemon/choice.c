/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The decision about the table. */
#include "daemon/choice.h"

enum watch_mode choice_make(const struct choice *choice)
{
	/* A version that understands that table must take it down first. */
	if (choice->table_newer)
		return WATCH_IDLE;
	if (choice->trial)
		return WATCH_TRIAL;
	if (choice->lockdown_kept)
		return WATCH_LOCKDOWN;
	/* The boot, or a rules file that could not be loaded: closed, and not ours to open. */
	if (choice->table_lockdown)
		return WATCH_IDLE;
	return choice->applied ? WATCH_POLICY : WATCH_IDLE;
}
