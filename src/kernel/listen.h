/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What others do to the rule set, from nf_tables' notifications.  They are hints: an overrun says
 * that some were lost, and then everything may have changed.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "kernel/session.h"

struct kernel_listener;

struct kernel_news {
	bool ours;	     /* somebody else changed our table, or removed it */
	bool others;	     /* a table that is not ours changed: the engine's rules, perhaps */
	bool overrun;	     /* some were lost: the above may be so too */
	uint32_t generation; /* of the last transaction seen, also of ours; 0: none was */
	uint32_t ours_at;    /* generation of the last change to our table; 0: none, or lost */
	uint32_t pid;	     /* who made the last change to our table, 0: not known */
	char program[16];    /* its name */
};

/* Changes that are sent by `session` are not news.  Opened before the first dump. */
int kernel_listener_open(const char *table, const struct kernel_session *session,
			 struct kernel_listener **ret, struct err *err);
void kernel_listener_free(struct kernel_listener *listener);
DEFINE_CLEANUP(struct kernel_listener, kernel_listener_free)
int kernel_listener_fd(const struct kernel_listener *listener);
/* Takes all that is queued and adds it to *news, which the caller clears; never waits. */
int kernel_listener_read(struct kernel_listener *listener, struct kernel_news *news,
			 struct err *err);
