/* Sets and their elements as the kernel answers them. */
#pragma once

#include "ir/ir.h"

struct nlmsghdr;

/* One NEWSET message.  A set that ir has no words for gets no fields: it never fits ours. */
void kernel_decode_set(struct arena *arena, const struct nlmsghdr *message, struct ir_set *ret);

/* Elements of one set while its messages come in. */
struct element_reader {
	struct arena *arena;
	struct ir_set *set;
	uint32_t key_len; /* on the wire: without the padding of a single field */
	uint32_t cap;
	uint8_t *keys; /* heap, until the end */
	struct ir_element_verdict *verdicts;
	const char **comments;
	struct ir_count *counts;
	bool has_comments;
	bool too_many;
};

void element_reader_init(struct element_reader *reader, struct arena *arena, struct ir_set *set);
void element_reader_done(struct element_reader *reader);
void element_reader_add(struct element_reader *reader, const struct nlmsghdr *message);
/* Sorts by key and hands the elements over to the set. */
void element_reader_finish(struct element_reader *reader);
