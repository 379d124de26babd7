/* Changes of a table as nf_tables messages. */
#pragma once

#include "kernel/batch.h"

/* Adds the messages of one change of the table. */
void kernel_encode_change(struct kernel_batch *batch, const char *table,
			  const struct ir_change *change);
/* A rule's expressions and comment, as nft 1.0.6 makes them from ir_print_rule()'s text. */
void kernel_encode_rule(struct nlmsghdr *message, const char *table, const char *chain,
			const struct ir_rule *rule);
