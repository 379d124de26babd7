/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A boot whose policy cannot be loaded: the host is protected all the same. */
#pragma once

#include "control/boot_note.h"
#include "control/control.h"

struct boot_result {
	struct boot_note note; /* its table: NULL when the kernel does not say */
	const char *policy;    /* BOOT_LAST */
	const char *applied;   /* BOOT_LAST */
};

/*
 * Loads what was applied last, or else closes the host, and leaves a note of it; reason says why
 * not the policy.  The caller holds state_lock() or could not have it.  The texts of ret live in
 * load.
 */
int boot_fall_back(const struct control_options *options, const char *reason,
		   struct control_load *load, struct boot_result *ret, struct err *err);
/*
 * The administrator's lockdown, when one is kept: it goes on over a boot.  *ret NULL: there is
 * none; else since when, in load.  One that is damaged is one all the same, with the ports of sshd.
 */
int boot_lockdown(const struct control_options *options, struct control_load *load,
		  const char **ret, struct err *err);
/*
 * True when a policy is on trial that nobody confirmed: what is on disk may be what locked the
 * administrator out.  Not when what was tried is what was applied.
 */
bool boot_trial_is_pending(const struct control_options *options);
