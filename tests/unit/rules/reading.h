/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For tests of rules files: a text is read, what came of it is at hand. */
#pragma once

#include "base/diag.h"
#include "rules/rules.h"

struct reading {
	struct arena *arena;
	struct source_set sources;
	struct diag_list diags;
	struct rules_file *file;
};

/* Text of `len` bytes; it may hold NUL bytes.  Free r->arena. */
void reading_of(struct reading *r, const char *text, uint32_t len);
/* The rule in a table of its own, "*filter", and with a COMMIT; the test fails on a mistake. */
const struct rules_line *reading_rule(struct reading *r, const char *rule);
/* Fails unless the text has no mistake and is printed as it is. */
void assert_same_when_printed(const char *text, uint32_t len);
