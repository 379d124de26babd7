/* A table as the kernel holds it, read within one generation. */
#pragma once

#include <stdint.h>

#include "ir/ir.h"
#include "kernel/session.h"

/*
 * *ret_table is NULL if there is no such table.  Retried (bounded) while the generation changes;
 * never a partial table.  What cannot be decoded as ir (somebody added a rule of another kind)
 * becomes a rule whose comment starts with "not understood" and never equals one of ours.
 */
int kernel_dump_table(struct kernel_session *session, struct arena *arena, const char *name,
		      struct ir_table **ret_table, uint32_t *ret_generation, struct err *err);
