/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which table belongs into the kernel: the administrator's last word decides, and it is read from
 * the state directory and from the table itself.
 */
#pragma once

#include <stdbool.h>

#include "report/watch.h"

struct choice {
	bool lockdown_kept;  /* STATE/lockdown is there: `stop` was said */
	bool applied;	     /* STATE/applied.policy is there */
	bool table_lockdown; /* the kernel holds a lockdown, whoever made it, or rules of a file */
	bool table_newer;    /* the table was made by a newer version */
	bool trial;	     /* a policy is on trial, and its time is not over */
};

enum watch_mode choice_make(const struct choice *choice);
