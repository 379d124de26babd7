/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Trials: a policy that counts for a time, and then the kernel alone goes back to the one before.
 * Its texts lie in STATE/trial until it is confirmed or over; a boot in between counts as over.
 * The caller of what changes something holds state_lock().
 */
#pragma once

#include "control/control.h"
#include "control/ssh.h"

#define TRIAL_SECONDS_MAX 86400u

enum trial_state {
	TRIAL_NONE,
	TRIAL_RUNNING,
	TRIAL_OVER,  /* the policy before it counts again; what is left of the trial can go */
	TRIAL_ENDED, /* by confirm or revert, which could not take away what is left */
};

struct trial {
	enum trial_state state;
	uint64_t left_ms;    /* TRIAL_RUNNING */
	const char *policy;  /* its file, or NULL */
	const char *applied; /* when it began, RFC 3339, or NULL */
};

/* What the kernel says; texts live in arena.  table: a dump of ours, or NULL. */
int trial_read(struct kernel_session *session, struct arena *arena, const struct ir_table *table,
	       struct trial *ret, struct err *err);
/* The same, asking for the table. */
int trial_look(struct arena *arena, struct trial *ret, struct err *err);
/* -EALREADY: one is running, and no call of the system says so.  own: the administrator's
 * connection, or NULL. */
int trial_start(const struct control_options *options, const struct control_load *load,
		uint32_t seconds, const struct ssh_connection *own, struct err *err);
/* Takes away what a trial left, when it is over.  -EALREADY: it is not. */
int trial_sweep(const struct control_options *options, struct err *err);
/* Goes back at once. */
int trial_revert(const struct control_options *options, struct err *err);
/*
 * Makes the policy on trial the one that counts, from the texts that were tried.  load is filled
 * with it.  -EINVAL with load->diags when it cannot be made any more; the trial goes on then.
 * 1: loaded, but not kept, as apply_load().
 */
int trial_confirm(const struct control_options *options, struct control_load *load,
		  struct err *err);
/*
 * True if `own` is not the connection that the trial was begun from: a new one came in since.
 * *ret_known: false when one of them is not known.
 */
bool trial_is_proved(const struct control_options *options, const struct ssh_connection *own,
		     bool *ret_known);
/* True when something of a trial lies there, in whatever state. */
bool trial_is_kept(const struct control_options *options);
/* The texts that were tried. */
int trial_snapshot(const struct control_options *options, struct arena *arena,
		   struct control_snapshot *ret);
/* Forgets them. */
void trial_forget(const struct control_options *options);
