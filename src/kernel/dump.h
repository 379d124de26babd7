/* A table as the kernel holds it, read within one generation. */
#pragma once

#include <stdint.h>

#include "ir/ir.h"
#include "kernel/session.h"

/*
 * *ret_table is NULL if there is no such table.  Retried (bounded) while the generation changes;
 * never a partial table.  What cannot be decoded as ir (somebody added a rule of another kind)
 * becomes a rule whose comment starts with "not understood" and never equals one of ours.
 *
 * Texts that make the same expressions come back in one form; write rules so, or they differ:
 * no "meta nfproto" or "meta l4proto" right before a field that implies it (but "meta l4proto
 * tcp" before "reject with tcp reset"); a masked address compared for equality is IR_PREFIX, a
 * prefix of full length IR_EQUAL; sport before dport; a limit's burst as given, never 0.
 */
int kernel_dump_table(struct kernel_session *session, struct arena *arena, const char *name,
		      struct ir_table **ret_table, uint32_t *ret_generation, struct err *err);
/*
 * How long the first element of a timed set has left, in ms; 0: there is none.  -ENOENT: there is
 * no such set.
 */
int kernel_set_left(struct kernel_session *session, const char *table, const char *set,
		    uint64_t *ret_ms, struct err *err);
/*
 * Only what counts: named counters, rules and counted sets with their elements, none if there is no
 * such table.  Not bound to a generation: where somebody changes the table meanwhile a rule or
 * element is missing.
 */
int kernel_dump_counters(struct kernel_session *session, struct arena *arena, const char *name,
			 struct ir_table **ret_table, struct err *err);
