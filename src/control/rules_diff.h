/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `rules apply` would change, line by line.  Rules are compared as iptables-save writes them:
 * the file's are loaded into a network namespace that nobody else sees, and saved from there.
 */
#pragma once

#include "base/str.h"
#include "control/rules_load.h"

/*
 * Leaves the process in that namespace: nothing but an answer can come behind it.  Adds
 * unified-like text to out, nothing when there is no difference.
 */
int rules_diff(const struct rules_set *set, struct control_load *load, struct str_buf *out,
	       struct err *err);
