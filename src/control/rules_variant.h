/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which iptables: the same commands exist twice, on nf_tables and on the old tables of the kernel
 * ("legacy").  Rules belong where the engine's are.
 */
#pragma once

#include "base/err.h"
#include "control/rules_save.h"

enum rules_family { RULES_V4, RULES_V6, RULES_FAMILIES };

struct rules_variant {
	const char *name; /* "nft", "legacy"; "iptables": only that one is there */
	const char *restore[RULES_FAMILIES]; /* paths; of v6 NULL: no IPv6 on this host */
	const char *save[RULES_FAMILIES];
	struct save before[RULES_FAMILIES]; /* what was loaded when it was looked at */
	const char *rival;		    /* the other one, when it holds rules too; or NULL */
	bool engine;			    /* chains of the engine were found in it */
};

/*
 * -ENOENT: iptables is not installed.  Both hold chains of an engine: -EEXIST.  That both hold
 * rules is for the caller to judge.
 */
int rules_variant_find(struct arena *arena, struct rules_variant *ret, struct err *err);
/* The judgement alone, of two that were looked at; plain: which one the bare command is. */
int rules_variant_choose(struct rules_variant *nft, struct rules_variant *legacy,
			 bool plain_is_legacy, struct rules_variant *ret, struct err *err);
/* What is loaded now, in each family. */
int rules_variant_save(struct arena *arena, const struct rules_variant *variant,
		       struct save ret[RULES_FAMILIES], struct err *err);
