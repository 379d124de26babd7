/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading rules files. */
#pragma once

#include "base/diag.h"
#include "rules/rules.h"

/*
 * Never NULL; what could not be read is left out and reported in diags, each mistake once.  Sizes
 * are checked against base/limits.h before anything is allocated.
 */
struct rules_file *rules_read(struct arena *arena, const struct source_set *sources,
			      uint16_t source, struct diag_list *diags);
