/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The administrator's word "lockdown", kept on disk while it holds, so that whoever keeps the table
 * in order does not load the policy again.
 *
 * STATE/lockdown is one line, "wharfwall-lockdown 1 TIME POLICY PORT ...", and its checksum.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"

struct lockdown {
	const char *applied; /* RFC 3339 */
	const char *policy;  /* that it interrupts */
	VEC(uint16_t) ports; /* left open */
};

int lockdown_keep(const char *state_dir, const char *policy, const uint16_t *ports,
		  uint32_t port_count, struct err *err);
/* -ENOENT: there is none. */
int lockdown_read(struct arena *arena, const char *state_dir, struct lockdown *ret,
		  struct err *err);
/* Reads the line above from memory; text is cut up in place. */
int lockdown_parse(struct arena *arena, char *text, struct lockdown *ret, struct err *err);
/* It ended; no failure when there was none. */
int lockdown_forget(const char *state_dir, struct err *err);
