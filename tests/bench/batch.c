/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes the very batch that `wharfwall apply` would send to an empty namespace into a file.
 * usage: batch POLICY FILE
 */
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>

#include "compile/compile.h"
#include "control/control.h"
#include "kernel/batch.h"
#include "kernel/encode.h"

static void batch_control(struct kernel_batch *batch, uint16_t type)
{
	kernel_batch_end(batch, kernel_batch_begin(batch, type, 0, NULL, 0));
}

/* As kernel/commit.c does, but bound to no generation: the batch is for another namespace. */
static void batch_fill(struct kernel_batch *batch, const struct ir_change_list *changes)
{
	struct nlmsghdr *last;

	batch->first_seq = 1;
	batch_control(batch, NFNL_MSG_BATCH_BEGIN);
	vec_each (&changes->items, change)
		kernel_encode_change(batch, COMPILE_TABLE_NAME, change);
	last = (struct nlmsghdr *)(void *)(batch->data + batch->records[batch->count - 1].start);
	last->nlmsg_flags |= NLM_F_ACK;
	batch_control(batch, NFNL_MSG_BATCH_END);
}

static int make(const char *policy, const char *path)
{
	struct control_options options = {.policy_path = policy,
					  .docker_host = "unix:///nonexistent"};
	auto_of(control_load_free) struct control_load *load = control_load_new();
	__attribute__((cleanup(kernel_batch_done))) struct kernel_batch batch = {0};
	struct ir_change_list changes;
	struct err err = {0};
	FILE *file;

	if (control_load_policy(&options, load, &err) < 0) {
		(void)fprintf(stderr, "batch: '%s' is no good policy %s\n", policy, err.text);
		return 1;
	}
	ir_diff(load->arena, NULL, load->table, &changes);
	batch_fill(&batch, &changes);
	file = fopen(path, "we");
	if (!file || fwrite(batch.data, 1, batch.len, file) != batch.len || fclose(file) != 0) {
		perror(path);
		return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3)
		return make(argv[1], argv[2]);
	(void)fprintf(stderr, "usage: batch POLICY FILE\n");
	return 2;
}
