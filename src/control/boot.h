/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A boot whose policy cannot be loaded: the host is protected all the same. */
#pragma once

#include "control/control.h"

enum boot_state {
	BOOT_LAST,     /* what was applied last is loaded */
	BOOT_STAYS,    /* a policy was loaded before, and stays */
	BOOT_LOCKDOWN, /* nothing was ever applied: closed but for established connections and SSH
			*/
};

struct boot_result {
	enum boot_state state;
	const char *policy;  /* BOOT_LAST */
	const char *applied; /* BOOT_LAST */
};

/* The caller holds state_lock() or could not have it.  The texts of ret live in load. */
int boot_fall_back(const struct control_options *options, struct control_load *load,
		   struct boot_result *ret, struct err *err);
