/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Apply, lockdown, open. */
#include "control/apply.h"

#include <errno.h>
#include <time.h>

#include "compile/compile.h"
#include "control/bans.h"
#include "control/lockdown.h"
#include "control/state.h"
#include "control/trial.h"
#include "kernel/commit.h"
#include "kernel/dump.h"

/* A start of Docker changes the rule set some fifty times in half a second. */
#define COMMIT_TRIES 40u
#define COMMIT_PAUSE_MS 2u

/* Each version reads its own marker; one that is there and not understood is of a later one. */
bool apply_table_is_newer(const struct ir_table *table)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	const struct ir_chain *chain = ir_table_chain(table, COMPILE_MARKER_CHAIN);
	struct compile_marker marker;
	bool lockdown;

	return chain && chain->rules.len && chain->rules.items[0].comment &&
	       !compile_marker_read(arena, table, &marker, &lockdown);
}

/* Somebody else was faster, or an answer was lost: the next dump tells which. */
static bool try_again(int code)
{
	return code == -ERESTART || code == -EAGAIN || code == -EINTR || code == -ENOBUFS;
}

/*
 * One try: what is there is looked at and changed within one generation.  *sent: a transaction is
 * on its way, only another look tells what became of it.  1: try again, err says why.
 */
static int table_change_once(struct kernel_session *session, apply_maker make, void *data,
			     uint32_t *ret_changes, bool *sent, struct err *err)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct ir_change_list changes = {.table = COMPILE_TABLE_NAME};
	const struct ir_table *want = NULL;
	struct ir_table *have = NULL;
	uint32_t generation = 0;
	int r;

	r = kernel_dump_table(session, arena, COMPILE_TABLE_NAME, &have, &generation, err);
	if (r == 0)
		r = make(data, arena, have, &want, err);
	if (r < 0)
		return r;
	if (have && want && apply_table_is_newer(have))
		return err_set(err, -EEXIST,
			       "the table 'inet %s' was made by a newer version of wharfwall; use "
			       "that version, or remove the table with 'wharfwall stop --open'",
			       COMPILE_TABLE_NAME);
	ir_diff(arena, have, want, &changes);
	changes.table = COMPILE_TABLE_NAME;
	/* A look behind an answer that was lost finds nothing to do. */
	if (changes.items.len || !*sent)
		*ret_changes = changes.items.len;
	if (!changes.items.len)
		return 0;
	r = kernel_commit(session, &changes, generation, err);
	*sent = *sent || r == -EAGAIN;
	return try_again(r) ? 1 : r;
}

/*
 * kernel_replace_table() with one question more: whether the table that is there may be replaced
 * must be asked within the generation that the change is bound to.
 */
int apply_change(apply_maker make, void *data, uint32_t *ret_changes, struct err *err)
{
	static const struct timespec pause = {.tv_nsec = COMMIT_PAUSE_MS * 1000000L};
	auto_of(kernel_session_free) struct kernel_session *session = NULL;
	struct err attempt = {0};
	bool sent = false;
	int r;

	r = kernel_session_open(&session, err);
	if (r < 0)
		return r;
	for (unsigned i = 0; i < COMMIT_TRIES; i++) {
		attempt = (struct err){0};
		r = table_change_once(session, make, data, ret_changes, &sent, &attempt);
		if (r == 0)
			return 0;
		if (r < 0) /* also what a dump could not read in all of its own tries */
			break;
		(void)nanosleep(&pause, NULL);
	}
	if (r > 0)
		(void)err_wrap(&attempt, "gave up after %u tries, try again", COMMIT_TRIES);
	if (sent) {
		(void)err_wrap(&attempt, "whether it was loaded is not known, 'wharfwall status' "
					 "tells");
		attempt.code = -EINPROGRESS;
	}
	if (err)
		*err = attempt;
	return attempt.code;
}

struct replacing {
	const struct ir_table *want;
	bool was_loaded;
};

static int replace_make(void *data, struct arena *arena, const struct ir_table *have,
			const struct ir_table **ret_want, struct err *err)
{
	struct replacing *replacing = data;

	(void)arena;
	(void)err;
	replacing->was_loaded = have != NULL;
	*ret_want = replacing->want;
	return 0;
}

static int table_replace(const struct ir_table *want, uint32_t *ret_changes, bool *ret_was_loaded,
			 struct err *err)
{
	struct replacing replacing = {.want = want};
	int r = apply_change(replace_make, &replacing, ret_changes, err);

	*ret_was_loaded = replacing.was_loaded;
	return r;
}

int apply_table(const struct control_load *load, uint32_t *ret_changes, struct err *err)
{
	bool was_loaded;

	return table_replace(load->table, ret_changes, &was_loaded, err);
}

int apply_load(const struct control_options *options, const struct control_load *load,
	       uint32_t *ret_changes, struct err *err)
{
	struct err failure = {0};
	int r;

	r = apply_table(load, ret_changes, err);
	if (r < 0)
		return r;
	/* The removal first: state_write() makes both last. */
	r = lockdown_forget(options->state_dir, &failure);
	if (r >= 0)
		r = state_write(options->state_dir, load, load->model->name, &failure);
	if (r >= 0)
		return 0;
	(void)err_wrap(&failure, "the policy is loaded, but not kept on disk for a restart");
	if (err)
		*err = failure;
	return 1;
}

const struct model *apply_failsafe(const struct control_options *options, struct control_load *load)
{
	struct control_snapshot snapshot = {0};

	if (state_read(load->arena, options->state_dir, &snapshot, NULL) == 0)
		(void)control_load_snapshot(options, &snapshot, load, NULL);
	else
		(void)control_load_policy(options, load, NULL);
	return load->model;
}

int apply_lockdown(const struct control_options *options, struct arena *arena,
		   const uint16_t *ports, uint32_t port_count, struct err *err)
{
	struct compile_marker marker = {.policy = options->policy_path,
					.applied = control_time(arena)};
	auto_of(control_load_free) struct control_load *kept = control_load_new();
	struct diag_list unread = {.arena = arena};
	struct ban_list bans = {0};
	uint32_t changes;
	bool was_loaded;

	bans_load(options, arena, &unread, &bans);
	return table_replace(compile_lockdown(arena, ports, port_count, &bans,
					      apply_failsafe(options, kept), &marker),
			     &changes, &was_loaded, err);
}

int apply_open(const struct control_options *options, bool *ret_was_loaded, struct err *err)
{
	uint32_t changes;
	int r;

	r = table_replace(NULL, &changes, ret_was_loaded, err);
	if (r < 0)
		return r;
	trial_forget(options);
	r = lockdown_forget(options->state_dir, err);
	if (r >= 0)
		r = state_remove(options->state_dir, err);
	return r < 0 ? err_wrap(err, "the table is removed, but a restart may not know it") : 0;
}

int apply_is_loaded(struct arena *arena, bool *ret, struct err *err)
{
	auto_of(kernel_session_free) struct kernel_session *session = NULL;
	struct compile_marker marker;
	struct ir_table *table = NULL;
	uint32_t generation = 0;
	bool lockdown = false;
	int r = kernel_session_open(&session, err);

	if (r >= 0)
		r = kernel_dump_table(session, arena, COMPILE_TABLE_NAME, &table, &generation, err);
	if (r >= 0)
		*ret = table && compile_marker_read(arena, table, &marker, &lockdown) &&
		       !lockdown && !marker.rules;
	return r;
}
