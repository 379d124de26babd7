/* The base chains and what they do before any zone is asked. */
#pragma once

#include "compile/build.h"
#include "compile/keys.h"

struct base_chains {
	uint32_t early;
	uint32_t input;
	uint32_t forward;
	uint32_t output;
};

/* What holds in a lockdown too. */
struct base_first {
	const struct ban_list *bans;  /* or NULL */
	const struct model *failsafe; /* whose option failsafe counts, or NULL */
};

/* model NULL: nothing is known of this host (lockdown). */
void base_begin(struct build *build, const struct model *model, const struct base_first *first,
		struct base_chains *ret);
/*
 * The final drop of each that asks no zone: policy and rule cover each other's bad moment.  What
 * asks the zones ends with a goto, for every other interface.
 */
void base_end(struct build *build, const struct base_chains *base);
/* An address set and interface set out of collected keys, or plain matches for a single one. */
void rule_in_keys(struct build *build, struct ir_rule *rule, const struct ir_operand *operands,
		  unsigned count, struct keys *keys, const char *wanted_name);
