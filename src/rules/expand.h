/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The placeholder of rules files: `extinf` in the place of an interface stands for each external
 * interface of this host.
 */
#pragma once

#include "base/diag.h"
#include "rules/rules.h"

#define RULES_PLACEHOLDER "extinf"

/* True if some rule of the file names the placeholder. */
bool rules_has_placeholder(const struct rules_file *file);
/*
 * A copy in which a rule with the placeholder stands once for each of the names, in their order,
 * in the same place.  A rule with it in -i and in -o stands once for each pair.  No names and a
 * placeholder: an error at the first place, NULL.
 */
struct rules_file *rules_expand(struct arena *arena, const struct rules_file *file,
				const char *const *external, uint32_t external_count,
				struct diag_list *diags);
