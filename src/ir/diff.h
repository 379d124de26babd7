/*
 * What leads from one table to another, as an ordered list of changes for one transaction.
 * Base chains are never deleted while the table stays: removing a hook is not atomic for packets.
 * Interval sets do not occur: replacing them is not atomic either.
 */
#pragma once

#include "ir/ir.h"

enum ir_change_kind {
	IR_CHANGE_ADD_TABLE,
	IR_CHANGE_DELETE_TABLE,
	IR_CHANGE_ADD_COUNTER,
	IR_CHANGE_DELETE_COUNTER,
	IR_CHANGE_ADD_CHAIN, /* without its rules; also a new policy of a base chain */
	IR_CHANGE_FLUSH_CHAIN,
	IR_CHANGE_DELETE_CHAIN,
	IR_CHANGE_ADD_RULE, /* appended to chain */
	IR_CHANGE_ADD_SET,  /* without its elements */
	IR_CHANGE_DELETE_SET,
	IR_CHANGE_ADD_ELEMENTS,
	IR_CHANGE_DELETE_ELEMENTS,
};

struct ir_change {
	uint8_t kind;
	const struct ir_chain *chain;
	const struct ir_rule *rule;
	const struct ir_counter *counter;
	const struct ir_set *set; /* whose elements the numbers below are */
	const uint32_t *elements; /* NULL: all of the set */
	uint32_t element_count;
};

struct ir_change_list {
	const char *table;
	VEC(struct ir_change) items;
	/*
	 * items from here on take away what nothing leads to any more.  They belong in a batch of
	 * their own: a packet that is on its way through the old rules may still enter an old
	 * chain.
	 */
	uint32_t cleanup;
};

/* have NULL: there is no table; want NULL: there must be none.  Empty when both are equal. */
void ir_diff(struct arena *arena, const struct ir_table *have, const struct ir_table *want,
	     struct ir_change_list *ret);
