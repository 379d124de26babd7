/*
 * Messages of one transaction in one piece of memory, and for each which change it came from, so
 * that the kernel's "message 17, byte 4,204" leads back to a rule or an element.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <libmnl/libmnl.h>

#include "base/cleanup.h"
#include "ir/diff.h"

struct batch_record {
	const struct ir_change *change; /* NULL: begin and end of the batch */
	uint32_t first;			/* elements: the change's first one in this message */
	size_t start;			/* of the message in the data */
};

struct kernel_batch {
	uint8_t *data;
	size_t len;
	size_t cap;
	struct batch_record *records; /* of message first_seq + i */
	uint32_t count;
	uint32_t record_cap;
	uint32_t first_seq;
};

void kernel_batch_done(struct kernel_batch *batch);
/* A message with room for BATCH_MESSAGE_MAX bytes; valid until the next one is begun. */
struct nlmsghdr *kernel_batch_begin(struct kernel_batch *batch, uint16_t type, uint16_t flags,
				    const struct ir_change *change, uint32_t first);
void kernel_batch_end(struct kernel_batch *batch, const struct nlmsghdr *message);
#define BATCH_MESSAGE_MAX 131072u
