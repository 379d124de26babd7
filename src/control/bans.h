/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bans: addresses that get nothing, for a time or until they are taken back.  The kernel counts the
 * time; the file keeps them for the next table, over restarts and reboots:
 *	wharfwall-bans 1
 *	203.0.113.7/32 1795430400 600      (until, and for how many seconds it was; 0 0: for good)
 *
 * A clock that is set back makes no ban longer than it was meant to be.  A ban of a prefix that is
 * over stays in the file for a month: the set of its length is part of the table.
 */
#pragma once

#include "control/control.h"

#define BAN_SECONDS_MAX (10u * 366u * 86400u)

struct ban_entry {
	struct ip_prefix prefix;
	uint64_t until; /* seconds since 1970; 0: for good */
	uint32_t seconds;
};

struct ban_entries {
	VEC(struct ban_entry) items;
};

/* Those that hold at `now`, and those that are kept for their length; none when there is no file.
 * -EBADMSG: not understood. */
int bans_read(struct arena *arena, const char *state_dir, uint64_t now, struct ban_entries *ret,
	      struct err *err);
/* Reads the form above from memory. */
int bans_parse(struct arena *arena, const char *text, uint32_t len, uint64_t now,
	       struct ban_entries *ret, struct err *err);
/* What is left of each at `now`, for a table. */
void bans_left(struct arena *arena, const struct ban_entries *entries, uint64_t now,
	       struct ban_list *ret);
/* What the kept bans mean for a table that is made now; a file that is broken is a warning. */
void bans_load(const struct control_options *options, struct arena *arena, struct diag_list *diags,
	       struct ban_list *ret);
/*
 * The caller holds state_lock().  seconds 0: for good.  *ret_loaded: a table is loaded, and the ban
 * is in force; else it is kept for the next one.  1: in force, but not kept, as err says.  A
 * failure has changed neither kernel nor file, or err says so.  -ENOSPC: too many.
 */
int ban_add(const struct control_options *options, const struct ip_prefix *prefix, uint32_t seconds,
	    bool *ret_loaded, struct err *err);
/* *ret_was_banned: by the file or by the kernel.  1: taken back, but the file has it still. */
int ban_remove(const struct control_options *options, const struct ip_prefix *prefix,
	       bool *ret_was_banned, struct err *err);
