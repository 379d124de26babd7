/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loading a rules file: both families or none, read back, kept on disk. */
#pragma once

#include "control/rules_load.h"
#include "control/rules_variant.h"

struct rules_applied {
	const char *variant;
	bool loaded[RULES_FAMILIES];
	uint32_t rules[RULES_FAMILIES];
	uint32_t chains;
	bool table;	     /* the rules for containers are in our own table */
	bool lockdown_ended; /* a lockdown that stood in for a rules file was there */
	struct err trouble;  /* what failed behind the load, which stands; code 0: nothing */
};

/*
 * The caller holds state_lock().  -EINVAL with errors in load->diags: iptables refuses a line;
 * -ENOTUNIQ: the other variant of iptables holds rules too, unless force.  On any failure the old
 * rules are in force, or err says that they are not.
 */
int rules_apply(const struct control_options *options, const struct rules_set *set, bool force,
		struct control_load *load, struct rules_applied *ret, struct err *err);
/* The same, but nothing is kept on disk: NAME.rules.empty, and what was kept. */
int rules_put(const struct rules_set *set, bool force, struct control_load *load,
	      struct rules_applied *ret, struct err *err);
/*
 * The lockdown that stands in for NAME.  *ret_protected: a policy is loaded, which closes the host
 * better than a lockdown does; nothing was changed then.
 */
int rules_close(const struct control_options *options, const char *name, struct control_load *load,
		bool *ret_protected, struct err *err);
