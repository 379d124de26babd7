/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a boot loaded in the place of the policy, and why, for `status`.
 *
 * STATE/boot:
 *	wharfwall-boot 1
 *	table 2026-11-23T06:20:43Z  (the marker of the table that it speaks of; of another one:
 *void) loaded last                 (or stays, lockdown) reason TEXT                 (why not the
 *policy) last TEXT                   (why not what was applied last; unless "loaded last") check
 *0123456789abcdef
 *
 * Not synced: behind the next boot it says nothing any more.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"

enum boot_state {
	BOOT_LAST,     /* what was applied last is loaded */
	BOOT_STAYS,    /* a policy was loaded before, and stays */
	BOOT_LOCKDOWN, /* closed but for established connections and SSH */
};

struct boot_note {
	enum boot_state state;
	const char *table;
	const char *reason;
	const char *last; /* NULL: BOOT_LAST */
};

int boot_note_write(const char *state_dir, const struct boot_note *note, struct err *err);
/* -ENOENT: the last boot loaded the policy. */
int boot_note_read(struct arena *arena, const char *state_dir, struct boot_note *ret,
		   struct err *err);
/* Reads the lines above from memory, without the checksum; text is cut up in place. */
int boot_note_parse(char *text, struct boot_note *ret, struct err *err);
void boot_note_forget(const char *state_dir);
/* "last", "stays", "lockdown" */
const char *boot_state_name(enum boot_state state);
