/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The drop-in file of the command line, POLICY.d/command-line.policy: `allow`, `deny` and
 * `reject` add sentences on top of their section, so that what was typed last counts.  Order and
 * comments of the rest are kept.
 */
#pragma once

#include "base/diag.h"
#include "base/err.h"
#include "lang/tree.h"

struct dropin_edit {
	const char *from; /* zones of the section */
	const char *to;
	const struct tree_sentence *sentence;
	bool remove;
};

struct dropin {
	const char *path;
	char *old_text; /* NULL: there is no such file yet */
	uint32_t old_len;
};

int dropin_read(struct arena *arena, const char *path, struct dropin *ret, struct err *err);
/*
 * The text after the edit, in the arena.  NULL: with mistakes in diags the old text could not be
 * read, without any there was no such sentence to remove.
 */
const char *dropin_text(struct arena *arena, const struct dropin *dropin,
			const struct dropin_edit *edit, struct source_set *sources,
			struct diag_list *diags);
int dropin_write(const struct dropin *dropin, const char *text, struct err *err);
/* The file is as it was when it was read. */
int dropin_restore(const struct dropin *dropin, struct err *err);
