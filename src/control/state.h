/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is kept on disk of what was applied: the texts as they were read, the time, the file.
 *
 * applied.policy is plain text, so that people can read it:
 *	wharfwall-state 2
 *	applied 2026-11-23T06:20:43Z
 *	hash 0123456789abcdef                   (of the texts, in this order)
 *	policy /etc/wharfwall/wharfwall.policy
 *	root PATH          (one a root, in reading order)
 *	file LEN PATH      (then LEN bytes and a newline)
 *	check 0123456789abcdef                  (of the lines above, without the texts)
 *
 * A file whose texts or lines are not those that were written is not used: -EBADMSG.
 */
#pragma once

#include "control/control.h"

/* -ENOENT: nothing was applied.  The texts live in arena. */
int state_read(struct arena *arena, const char *dir, struct control_snapshot *ret, struct err *err);
bool state_exists(const char *dir); /* good or damaged */
/* Reads the form above from memory; text is cut up in place. */
int state_parse(struct arena *arena, char *text, uint32_t len, struct control_snapshot *ret,
		struct err *err);
/*
 * Synced, file and folder: what was removed from the folder before is gone for good as well.  On a
 * failure the one before is still there.
 */
int state_write(const char *dir, const struct control_load *load, const char *policy_path,
		struct err *err);
/* Nothing is applied any more. */
int state_remove(const char *dir, struct err *err);
/*
 * Makes the folder and holds its lock until *ret_fd is closed; one program changes the table at a
 * time.  -EBUSY when somebody else holds it for longer than the deadline.  A disk that takes
 * nothing (full, read-only) does not keep anybody from changing the table: then the folder itself
 * is locked; when it is not there, *ret_fd is -1 and only the kernel's generation keeps writers
 * apart.
 */
int state_lock(const char *dir, int *ret_fd, struct err *err);
/* The same with a deadline of the caller's; 0: -EBUSY at once. */
int state_lock_within(const char *dir, unsigned wait_ms, int *ret_fd, struct err *err);
