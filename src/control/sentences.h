/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which sentences, zones, sets and options two policies do not share. */
#pragma once

#include "base/arena.h"
#include "lang/load.h"

struct sentence_change {
	bool added;
	const char *text; /* "internet -> host: allow ssh" */
};

struct sentence_changes {
	VEC(struct sentence_change) items;
};

/* before NULL: nothing was there.  What was only moved is not told. */
void sentences_compare(struct arena *arena, const struct policy *before,
		       const struct source_set *before_sources, const struct policy *after,
		       const struct source_set *after_sources, struct sentence_changes *ret);
uint32_t sentences_count(const struct policy *policy);
