/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes a table what it should be, while others change the rule set too. */
#include "kernel/commit.h"

#include <errno.h>

#include "kernel/dump.h"
#include "kernel/session_internal.h"

/* A start of Docker is 58 generations in half a second; the pauses add up to a second. */
#define REPLACE_ATTEMPTS 40u

static bool replace_again(int code)
{
	return code == -ERESTART || code == -EAGAIN || code == -EINTR || code == -ENOBUFS;
}

static int replace_once(struct kernel_session *session, const char *name,
			const struct ir_table *want, uint32_t *sent, struct err *err)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct ir_change_list changes = {.table = name};
	struct ir_table *have = NULL;
	uint32_t generation = 0;
	int rc;

	rc = kernel_dump_table(session, arena, name, &have, &generation, err);
	if (rc < 0)
		return rc;
	ir_diff(arena, have, want, &changes);
	changes.table = name;
	if (changes.items.len == 0)
		return 0;
	*sent = changes.items.len;
	return kernel_commit(session, &changes, generation, err);
}

int kernel_replace_table(struct kernel_session *session, const char *name,
			 const struct ir_table *want, uint32_t *ret_changes, struct err *err)
{
	struct err failure = {0};
	uint32_t sent = 0;
	int rc = -EAGAIN;

	/* After a lost answer the next dump decides: an empty difference is a success. */
	for (unsigned attempt = 0; attempt < REPLACE_ATTEMPTS; attempt++) {
		failure = (struct err){0};
		rc = replace_once(session, name, want, &sent, &failure);
		if (rc >= 0) {
			*ret_changes = sent;
			return 0;
		}
		if (!replace_again(rc)) {
			if (err)
				*err = failure;
			return rc;
		}
		session_pause(attempt);
	}
	return err_set(err, rc, "gave up after %u tries: %s; try again", REPLACE_ATTEMPTS,
		       failure.text);
}
