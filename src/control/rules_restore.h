/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Giving rules to the kernel by iptables-restore, and looking at what came of it. */
#pragma once

#include "control/rules_text.h"
#include "control/rules_variant.h"

/* One family of one load. */
struct restore {
	enum rules_family family;
	const struct rules_file *file;
	struct rules_uses uses;
	struct rules_text text;
	const struct save *before;
	const struct rules_added_list *added; /* by an earlier load */
	struct rules_added_list added_now;    /* by this one, once it was verified */
	bool is_loaded;
	const char *refusal; /* what iptables-restore said, or NULL */
	struct origin at;    /* of the line that it spoke of, or zero */
};

void restore_init(struct arena *arena, enum rules_family family, const struct rules_file *file,
		  const struct save *before, const struct rules_added_list *added,
		  struct restore *ret);
void restore_done(struct restore *restore);
/*
 * Asks iptables-restore --test of every family at once.  -EINVAL: refusal and at are set; -EBUSY:
 * somebody holds the lock of the legacy tables.
 */
int restore_test(struct arena *arena, const struct rules_variant *variant, struct restore *restores,
		 uint32_t count, struct err *err);
/* The same, and loads them; is_loaded says which did, or may have, when one failed. */
int restore_load(struct arena *arena, const struct rules_variant *variant, struct restore *restores,
		 uint32_t count, struct err *err);
/* The chains that it names as they were before; -EUCLEAN: what is read back is something else. */
int restore_put_back(struct arena *arena, const struct rules_variant *variant,
		     const struct restore *restore, struct err *err);
/* Reads the live rules again: -EUCLEAN if a chain does not hold what the file says. */
int restore_verify(struct arena *arena, const struct rules_variant *variant,
		   struct restore *restores, uint32_t count, struct err *err);
/* The same of what was put back. */
int restore_verify_back(struct arena *arena, const struct rules_variant *variant,
			const struct restore *restore, struct err *err);
