/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory of a batch and the record of what its messages are. */
#include "kernel/batch.h"

#include <assert.h>
#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "base/arena.h"

void kernel_batch_done(struct kernel_batch *batch)
{
	free(batch->data);
	free(batch->records);
	*batch = (struct kernel_batch){0};
}

static void batch_reserve(struct kernel_batch *batch)
{
	if (batch->cap - batch->len < BATCH_MESSAGE_MAX) {
		batch->cap += batch->cap / 2 + 2 * (size_t)BATCH_MESSAGE_MAX;
		batch->data = mem_realloc(batch->data, batch->cap);
	}
	if (batch->count == batch->record_cap) {
		batch->record_cap += batch->record_cap / 2 + 64;
		batch->records =
			mem_realloc(batch->records, batch->record_cap * sizeof(*batch->records));
	}
}

struct nlmsghdr *kernel_batch_begin(struct kernel_batch *batch, uint16_t type, uint16_t flags,
				    const struct ir_change *change, uint32_t first)
{
	struct nfgenmsg *extra;
	struct nlmsghdr *message;
	/* Begin and end of a batch are messages of nfnetlink itself and name the subsystem. */
	int is_control = type == NFNL_MSG_BATCH_BEGIN || type == NFNL_MSG_BATCH_END;

	batch_reserve(batch);
	message = mnl_nlmsg_put_header(batch->data + batch->len);
	message->nlmsg_type =
		is_control ? type : (uint16_t)((NFNL_SUBSYS_NFTABLES << 8) | (type & 0xff));
	message->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	message->nlmsg_seq = batch->first_seq + batch->count;
	extra = mnl_nlmsg_put_extra_header(message, sizeof(*extra));
	extra->nfgen_family = is_control ? AF_UNSPEC : NFPROTO_INET;
	extra->version = NFNETLINK_V0;
	extra->res_id = is_control ? htons(NFNL_SUBSYS_NFTABLES) : 0;
	batch->records[batch->count++] = (struct batch_record){
		.change = change,
		.first = first,
		.start = batch->len,
	};
	return message;
}

void kernel_batch_end(struct kernel_batch *batch, const struct nlmsghdr *message)
{
	assert(message->nlmsg_len <= BATCH_MESSAGE_MAX);
	batch->len += NLMSG_ALIGN(message->nlmsg_len);
}
