/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Look, decide, make, compare, commit, verify. */
#include "daemon/pass.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "compile/compile.h"
#include "control/apply.h"
#include "control/bans.h"
#include "control/state.h"
#include "control/trial.h"
#include "daemon/choice.h"
#include "daemon/gather.h"
#include "daemon/journal.h"
#include "daemon/repair.h"
#include "daemon/texts.h"
#include "daemon/tried.h"
#include "kernel/commit.h"
#include "kernel/dump.h"

#define PASS_TRIES 40u
#define PASS_PAUSE_MS 1u
#define BUSY_MAX_US 10000000u

struct pass {
	struct watcher *watcher;
	struct arena *arena;		/* of dumps and differences */
	struct control_load *facts;	/* of this pass */
	struct control_load *next;	/* its model and table */
	struct control_load *candidate; /* texts from disk that next was made of, or NULL */
	struct tried tried;		/* while a policy is on trial, in the place of next */
	const struct ir_table *have;
	bool dumped;
	bool made;
	bool facts_known; /* the engine was asked at least once */
	enum watch_mode mode;
	uint32_t changes; /* sent to the kernel */
	bool closes;	  /* some of them may have taken a permission away */
};

static void pass_done(struct pass *pass)
{
	control_load_free(pass->facts);
	control_load_free(pass->next);
	control_load_free(pass->candidate);
	tried_done(&pass->tried);
	arena_free(pass->arena);
}

/* Generations are counted modulo 2^32. */
static bool is_after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

int pass_listen(struct watcher *watcher, struct err *err)
{
	struct kernel_news news = {0};
	int r = kernel_listener_read(watcher->listener, &news, err);

	if (r < 0)
		return r;
	if (news.generation && is_after(news.generation, watcher->generation))
		watcher->generation = news.generation;
	watcher->news.others |= news.others;
	/* What the last dump has seen already is none. */
	if (!news.ours || (news.ours_at && !is_after(news.ours_at, watcher->known_at)))
		return 0;
	watcher->table_known = false;
	watcher->news.ours = true;
	if (news.ours_at) {
		watcher->news.pid = news.pid;
		memcpy(watcher->news.program, news.program, sizeof(news.program));
	}
	return 0;
}

static int table_dump(struct pass *pass, struct err *err)
{
	struct watcher *watcher = pass->watcher;
	struct ir_table *have = NULL;
	uint32_t generation = 0;
	int r;

	r = kernel_dump_table(watcher->session, pass->arena, COMPILE_TABLE_NAME, &have, &generation,
			      err);
	if (r < 0)
		return r;
	pass->have = have;
	pass->dumped = true;
	watcher->generation = watcher->known_at = generation;
	return 0;
}

/* What is left of a trial that is over goes with the next commit, or at once where none follows. */
static int trial_see(struct pass *pass, struct choice *choice, struct err *err)
{
	struct watcher *watcher = pass->watcher;
	struct trial trial;
	int r = trial_read(watcher->session, pass->arena, pass->have, &trial, err);

	if (r < 0)
		return r;
	choice->trial = trial.state == TRIAL_RUNNING;
	if (choice->trial)
		watcher->trial_end_us = watcher_now(watcher) + trial.left_ms * 1000;
	if (trial.state != TRIAL_OVER && trial.state != TRIAL_ENDED)
		return 0;
	if (!choice->applied && !choice->lockdown_kept)
		return trial_revert(&watcher->options, err);
	trial_forget(&watcher->options);
	return 0;
}

static int pass_look(struct pass *pass, struct err *err)
{
	struct watcher *watcher = pass->watcher;
	struct choice choice = {.lockdown_kept = watcher->lockdown.applied != NULL,
				.applied = watcher->applied != NULL};
	struct compile_marker marker;
	int r = pass_listen(watcher, err);

	if (r < 0)
		return r;
	if (watcher->table_known) {
		pass->have = watcher->in_force->table;
		pass->mode = (enum watch_mode)watcher->said.mode;
		return 0;
	}
	r = table_dump(pass, err);
	if (r < 0)
		return r;
	if (pass->have) {
		choice.table_newer = apply_table_is_newer(pass->have);
		if (compile_marker_read(pass->arena, pass->have, &marker, &choice.table_lockdown))
			choice.table_lockdown = choice.table_lockdown || marker.rules;
		r = trial_see(pass, &choice, err);
		if (r < 0)
			return r;
	}
	pass->mode = choice_make(&choice);
	return 0;
}

/* The table of changed texts on disk; false: there are none, or they are not good. */
static bool make_of_disk(struct pass *pass)
{
	struct watcher *watcher = pass->watcher;
	auto_of(control_load_free) struct control_load *texts = NULL;
	auto_of(control_load_free) struct control_load *next = NULL;
	const char *reason;

	if (!watcher->policy_dirty)
		return false;
	watcher->policy_dirty = false;
	texts = texts_on_disk(watcher);
	if (!texts)
		return false;
	next = control_load_new();
	control_share_facts(next, pass->facts);
	if (control_make_table(&watcher->options, texts, next) < 0) {
		texts_refuse(watcher, texts->policy_name, control_mistake(next));
		return false;
	}
	reason = revoke_ssh(watcher->session, next);
	if (reason) {
		texts_refuse(watcher, texts->policy_name, reason);
		return false;
	}
	pass->candidate = take_ptr(texts);
	pass->next = take_ptr(next);
	return true;
}

/* The trial goes on, with the addresses that its names have now. */
static int pass_make_tried(struct pass *pass, struct err *err)
{
	struct ir_table *want = NULL;
	int r = tried_make(pass->watcher, pass->arena, pass->have, pass->facts, &pass->tried, &want,
			   err);

	if (r < 0 || !want)
		return r;
	pass->next = control_load_new();
	pass->next->table = want;
	return 0;
}

static int pass_make(struct pass *pass, struct err *err)
{
	struct watcher *watcher = pass->watcher;
	const struct lockdown *lockdown = &watcher->lockdown;
	auto_of(control_load_free) struct control_load *kept = control_load_new();
	struct ban_list bans = {0};

	control_load_free(take_ptr(pass->next));
	control_load_free(take_ptr(pass->candidate));
	if (pass->mode == WATCH_TRIAL)
		return pass_make_tried(pass, err);
	if (pass->mode == WATCH_LOCKDOWN) {
		struct compile_marker marker = {.policy = lockdown->policy,
						.applied = lockdown->applied};

		pass->next = control_load_new();
		bans_load(&watcher->options, pass->next->arena, &pass->next->diags, &bans);
		control_share_facts(kept, pass->facts);
		pass->next->table = compile_lockdown(
			pass->next->arena, lockdown->ports.items, lockdown->ports.len, &bans,
			apply_failsafe(&watcher->options, kept), &marker);
		return 0;
	}
	if (make_of_disk(pass))
		return 0;
	pass->next = control_load_new();
	control_share_facts(pass->next, pass->facts);
	if (control_make_table(&watcher->options, watcher->applied, pass->next) < 0)
		return err_set(err, -EINVAL, "what was applied does not fit this host any more: %s",
			       control_mistake(pass->next));
	return 0;
}

/* Sets that stay are as large as the kernel made them once. */
static void sizes_take(const struct ir_change_list *changes, const struct ir_table *have,
		       struct ir_table *want)
{
	vec_each (&want->sets, set) {
		const struct ir_set *old = have ? ir_table_set(have, set->name) : NULL;
		bool stays = old && ir_set_fits(old, set);

		vec_each (&changes->items, change)
			stays = stays && !(change->kind == IR_CHANGE_DELETE_SET &&
					   str_eq(change->set->name, set->name));
		if (stays && old->size > set->size)
			set->size = old->size;
	}
}

/*
 * A table that was dumped before is dumped again.  One that was known is as it should be when the
 * kernel has taken the batch and nobody else was seen in between.
 */
static int pass_verify(struct pass *pass, uint32_t bound_to, struct err *err)
{
	struct watcher *watcher = pass->watcher;
	struct ir_change_list left = {0};
	int r = pass_listen(watcher, err);

	if (r < 0)
		return r;
	if (!pass->dumped) {
		if (!watcher->table_known || !is_after(watcher->generation, bound_to))
			return err_set(err, -EAGAIN, "the table was changed meanwhile");
		return 0;
	}
	r = table_dump(pass, err);
	if (r < 0)
		return r;
	ir_diff(pass->arena, pass->have, pass->next->table, &left);
	if (left.items.len)
		return err_set(err, -EAGAIN, "the kernel does not hold what was committed: %s",
			       status_change_text(pass->arena, left.items.items));
	return 0;
}

static int pass_commit(struct pass *pass, struct err *err)
{
	struct watcher *watcher = pass->watcher;
	struct ir_change_list changes = {0};
	uint32_t bound_to = watcher->generation;
	uint64_t began_us;
	int r;

	ir_diff(pass->arena, pass->have, pass->next->table, &changes);
	changes.table = COMPILE_TABLE_NAME;
	if (changes.items.len) {
		/* A ban that was added or is over is no drift: nothing is to be changed. */
		if (pass->dumped)
			repair_note(watcher, pass->mode, pass->have, pass->arena);
		began_us = watcher_now(watcher);
		r = kernel_commit(watcher->session, &changes, bound_to, err);
		watcher->said.commit_us = watcher_now(watcher) - began_us;
		if (r < 0)
			return r;
		pass->changes += changes.items.len;
		vec_each (&changes.items, change)
			pass->closes = pass->closes || change->kind != IR_CHANGE_ADD_ELEMENTS;
		r = pass_verify(pass, bound_to, err);
		if (r < 0) {
			watcher->table_known = false;
			return r;
		}
	}
	watcher->committed_us = watcher_now(watcher);
	sizes_take(&changes, pass->have, pass->next->table);
	watcher->table_known = true;
	watcher->known_at = watcher->generation;
	return 0;
}

/* Somebody else was faster, or an answer was lost: the next look tells which. */
static bool try_again(int code)
{
	return code == -ERESTART || code == -EAGAIN || code == -EINTR || code == -ENOBUFS;
}

/* What the kernel refuses of changed texts is their mistake; those that were applied go on. */
static bool blame_candidate(struct pass *pass, const struct err *err)
{
	if (!pass->candidate)
		return false;
	texts_refuse(pass->watcher, pass->candidate->policy_name, err->text);
	pass->made = false;
	return true;
}

static bool mode_enforces(enum watch_mode mode)
{
	return mode == WATCH_POLICY || mode == WATCH_LOCKDOWN;
}

/* While the engine is asked for the first time a table that stands is left alone. */
static bool pass_waits(const struct pass *pass)
{
	return (pass->mode == WATCH_POLICY || pass->mode == WATCH_TRIAL) && !pass->facts_known &&
	       pass->have;
}

static int pass_try(struct pass *pass, struct err *err)
{
	enum watch_mode made_for = pass->mode;
	int r = pass_look(pass, err);

	if (r < 0 || pass->mode == WATCH_IDLE || pass_waits(pass))
		return r;
	if (!pass->made || made_for != pass->mode) {
		r = pass_make(pass, err);
		if (r < 0)
			return r;
		/* a trial's is made of what the kernel holds */
		pass->made = pass->mode != WATCH_TRIAL;
	}
	return pass->next ? pass_commit(pass, err) : 0;
}

static int pass_tries(struct pass *pass, struct err *err)
{
	static const struct timespec pause = {.tv_nsec = PASS_PAUSE_MS * 1000000L};
	struct watcher *watcher = pass->watcher;
	int r = -EAGAIN;

	for (unsigned i = 0; i < PASS_TRIES; i++) {
		struct err attempt = {0};
		bool was_known = watcher->table_known;

		r = pass_try(pass, &attempt);
		if (r >= 0)
			return 0;
		if (err)
			*err = attempt;
		if (r == -ERESTART) {
			/* the listener says whose it was */
		} else {
			watcher->table_known = false;
			if (!try_again(r) && !was_known && !blame_candidate(pass, &attempt))
				return r;
		}
		pass->dumped = false;
		(void)nanosleep(&pause, NULL);
	}
	return r;
}

/* What the pass has found becomes what is known. */
static void pass_keep(struct pass *pass)
{
	struct watcher *watcher = pass->watcher;
	enum watch_mode before = (enum watch_mode)watcher->said.mode;
	struct err unkept = {0};

	watcher->said.mode = (uint8_t)pass->mode;
	if (pass->mode != before) {
		watcher->publish_now = true;
		journal_say(JOURNAL_MODE, NULL, "%s", watch_mode_text(pass->mode));
	}
	if (!mode_enforces(pass->mode)) {
		revoke_done(&watcher->revoke);
		control_load_free(take_ptr(watcher->in_force));
		watcher->table_known = false;
		return;
	}
	if (pass->mode == WATCH_POLICY)
		revoke_addresses(&watcher->revoke, &pass->facts->facts.engine);
	if (pass->closes && watcher->in_force)
		revoke_sentences(&watcher->revoke, take_ptr(watcher->in_force));
	control_load_free(watcher->in_force);
	watcher->in_force = take_ptr(pass->next);
	/* They are gone with this pass. */
	watcher->in_force->facts = (struct facts){0};
	if (pass->candidate) {
		journal_say(JOURNAL_APPLIED, NULL, "'%s' has changed and is loaded: %u sentences",
			    pass->candidate->policy_name,
			    (unsigned)pass->candidate->sentence_count);
		/* The table is right, whatever the disk says: no pass that failed. */
		if (texts_adopt(watcher, take_ptr(pass->candidate), &unkept) < 0)
			journal_say(JOURNAL_FAILED, NULL,
				    "the changed policy is loaded, but not kept on disk for a "
				    "restart: %s; make room or make it writable",
				    unkept.text);
	}
}

/* 1: the pass waits for the engine. */
static int pass_locked(struct watcher *watcher, uint32_t *ret_changes, struct err *err)
{
	__attribute__((cleanup(pass_done))) struct pass pass = {.watcher = watcher,
								.arena = arena_new()};
	bool changed = false;
	int r = texts_look(watcher, &changed, err);

	if (r < 0)
		return r;
	if (changed) {
		control_load_free(take_ptr(watcher->in_force));
		watcher->table_known = false;
	}
	pass.facts = control_load_new();
	r = gather_facts(watcher, pass.facts, &pass.facts_known, err);
	if (r >= 0)
		r = pass_tries(&pass, err);
	if (r < 0)
		return r;
	if (pass_waits(&pass))
		return 1;
	if (repair_say(watcher) && pass.mode == WATCH_POLICY)
		revoke_all(&watcher->revoke, pass.next);
	*ret_changes = pass.changes;
	pass_keep(&pass);
	return 0;
}

static void failure_say(struct watcher *watcher, const struct err *err)
{
	watcher->said.failures++;
	watcher->publish_now = true;
	if (watcher->error && str_eq(watcher->error, err->text))
		return;
	free(watcher->error);
	watcher->error = strdup(err->text);
	watcher->said.error = watcher->error;
	journal_say(JOURNAL_FAILED, NULL, "%s; the kernel's table is as it was, tried again",
		    err->text);
}

static void success_say(struct watcher *watcher)
{
	if (!watcher->error)
		return;
	journal_say(JOURNAL_RECOVERED, NULL, "works again");
	watcher->publish_now = true;
	free(watcher->error);
	watcher->error = NULL;
	watcher->said.error = NULL;
}

static void pass_count(struct watcher *watcher, uint64_t first_us, uint32_t changes)
{
	struct report_watch *said = &watcher->said;

	said->passes++;
	watcher->publish_dirty = true;
	if (!changes)
		return;
	said->commits++;
	if (!first_us)
		return;
	said->lag_us = watcher->committed_us - first_us;
	if (said->lag_us > said->lag_max_us)
		said->lag_max_us = said->lag_us;
}

/* 0: held; 1: somebody else holds it, who will be done soon. */
static int lock_take(struct watcher *watcher, int *ret_fd, struct err *err)
{
	int r = state_lock_within(watcher->options.state_dir, 0, ret_fd, err);

	if (r != -EBUSY) {
		watcher->busy_us = 0;
		return r;
	}
	if (!watcher->busy_us)
		watcher->busy_us = watcher_now(watcher);
	return watcher_now(watcher) - watcher->busy_us < BUSY_MAX_US ? 1 : r;
}

bool pass_run(struct watcher *watcher)
{
	auto_close int lock = -1;
	struct err err = {0};
	uint32_t changes = 0;
	uint64_t first_us;
	int r = lock_take(watcher, &lock, &err);

	if (r == 1)
		return false;
	first_us = pace_begin(&watcher->pace);
	if (r >= 0)
		r = pass_locked(watcher, &changes, &err);
	pace_end(&watcher->pace, watcher_now(watcher), r >= 0);
	if (r < 0) {
		failure_say(watcher, &err);
		return true;
	}
	success_say(watcher);
	pass_count(watcher, first_us, changes);
	if (r == 0)
		watcher->ready = true;
	return true;
}
