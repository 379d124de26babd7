/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Installing the units iptables.service and iptables@.service.  Their names belong to others too,
 * so it is looked first, nothing is written over what is not ours, and whoever else manages rules
 * on this host is named.
 */
#pragma once

#include "base/err.h"
#include "base/vec.h"

enum install_step {
	INSTALL_WRITE,	/* is not there, or an older one of ours */
	INSTALL_SAVE,	/* another's plain file: kept as FILE.saved, then written */
	INSTALL_SAME,	/* is there already */
	INSTALL_KEEP,	/* the administrator's: stays */
	INSTALL_REFUSE, /* reason says why */
};

struct install_file {
	const char *target; /* with the root in front */
	const char *text;
	uint32_t len;
	uint8_t step; /* enum install_step */
	const char *reason;
};

struct install_conflict {
	const char *unit;
	const char *state; /* "active", "enabled" */
	const char *text;  /* what it does, to whom, and what to do */
};

struct install_plan {
	VEC(struct install_file) files;
	VEC(struct install_conflict) conflicts;
	uint32_t refused;
};

/*
 * root: "" or a folder that another system lives in.  force: plain files of others are kept beside
 * and replaced; a symlink never is.
 */
int rules_install_plan(struct arena *arena, const char *root, const char *data_dir, bool force,
		       struct install_plan *ret, struct err *err);
/* Writes what the plan says; nothing if it refuses something. */
int rules_install(struct arena *arena, const struct install_plan *plan, struct err *err);
