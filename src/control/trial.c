/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Trials: both tables in one, and the texts of the one on trial. */
#include "control/trial.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "compile/compile.h"
#include "control/apply.h"
#include "control/state.h"
#include "ir/trial.h"
#include "kernel/dump.h"

#define TRIAL_DIR "trial"
#define OWN_NAME "begun-from"
#define OWN_BYTES_MAX 256u

static const char *trial_dir(struct arena *arena, const struct control_options *options)
{
	return arena_printf(arena, "%s/" TRIAL_DIR, options->state_dir);
}

static const char *own_path(struct arena *arena, const struct control_options *options)
{
	return arena_printf(arena, "%s/" TRIAL_DIR "/" OWN_NAME, options->state_dir);
}

int trial_read(struct kernel_session *session, struct arena *arena, const struct ir_table *table,
	       struct trial *ret, struct err *err)
{
	const struct ir_chain *chain;
	struct compile_marker marker;
	int r;

	*ret = (struct trial){0};
	if (!table || !ir_trial_is(table))
		return 0;
	chain = ir_table_chain(table, IR_TRIAL_PREFIX COMPILE_MARKER_CHAIN);
	if (chain && compile_marker_read_chain(arena, chain, &marker, &(bool){false})) {
		ret->policy = marker.policy;
		ret->applied = marker.applied;
	}
	r = kernel_set_left(session, COMPILE_TABLE_NAME, IR_TRIAL_SET, &ret->left_ms, err);
	if (r == -ENOENT) /* it went meanwhile */
		r = 0;
	else if (r == 0)
		ret->state = !ir_trial_is_asked(table) ? TRIAL_ENDED
			     : ret->left_ms	       ? TRIAL_RUNNING
						       : TRIAL_OVER;
	return r;
}

int trial_look(struct arena *arena, struct trial *ret, struct err *err)
{
	auto_of(kernel_session_free) struct kernel_session *session = NULL;
	struct ir_table *table = NULL;
	uint32_t generation;
	int r = kernel_session_open(&session, err);

	*ret = (struct trial){0};
	if (r == 0)
		r = kernel_dump_table(session, arena, COMPILE_TABLE_NAME, &table, &generation, err);
	return r == 0 ? trial_read(session, arena, table, ret, err) : r;
}

static int end_make(void *data, struct arena *arena, const struct ir_table *have,
		    const struct ir_table **ret_want, struct err *err)
{
	(void)data;
	(void)err;
	*ret_want = have && ir_trial_is(have) ? ir_trial_end(arena, have) : have;
	return 0;
}

struct beginning {
	const struct control_load *load;
	uint32_t seconds;
};

/* A look behind an answer that was lost: it was begun all the same. */
static bool trial_is_of(struct arena *arena, const struct ir_table *have,
			const struct control_load *load)
{
	const struct ir_chain *chain = ir_table_chain(have, IR_TRIAL_PREFIX COMPILE_MARKER_CHAIN);
	struct compile_marker marker;

	return chain && compile_marker_read_chain(arena, chain, &marker, &(bool){false}) &&
	       marker.policy_hash == load->policy_hash && str_eq(marker.applied, load->applied);
}

static int begin_make(void *data, struct arena *arena, const struct ir_table *have,
		      const struct ir_table **ret_want, struct err *err)
{
	const struct beginning *beginning = data;

	*ret_want = have;
	if (have && ir_trial_is(have))
		return trial_is_of(arena, have, beginning->load)
			       ? 0
			       : err_set(err, -EALREADY, "a trial is running");
	*ret_want = ir_trial_begin(arena, have, beginning->load->table, beginning->seconds);
	return 0;
}

static int own_write(const struct control_options *options, struct arena *arena,
		     const struct ssh_connection *own, struct err *err)
{
	char client[IP_TEXT_MAX], server[IP_TEXT_MAX];
	const char *text = "";

	if (own)
		text = arena_printf(arena, "%s %u %s %u\n", ip_addr_format(&own->client, client),
				    (unsigned)own->client_port,
				    ip_addr_format(&own->server, server),
				    (unsigned)own->server_port);
	/* Synced with what is written into the folder next. */
	return file_write_quick(own_path(arena, options), text, strlen(text), 0600, err);
}

int trial_start(const struct control_options *options, const struct control_load *load,
		uint32_t seconds, const struct ssh_connection *own, struct err *err)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct beginning beginning = {.load = load, .seconds = seconds};
	const char *dir = trial_dir(arena, options);
	uint32_t changes;
	int r = trial_sweep(options, err);

	/* The texts first: a trial that nobody could confirm would be worth nothing. */
	if (r == 0)
		r = file_make_dir(dir, 0700, err);
	if (r == 0)
		r = own_write(options, arena, own, err);
	if (r == 0)
		r = state_write(dir, load, load->model->name, err);
	if (r == 0)
		r = file_sync_folder(dir, err);
	if (r == 0)
		r = apply_change(begin_make, &beginning, &changes, err);
	/* -EINPROGRESS: it may run, and be confirmed; the next look forgets it else. */
	if (r < 0 && r != -EALREADY && r != -EINPROGRESS)
		trial_forget(options);
	return r;
}

int trial_sweep(const struct control_options *options, struct err *err)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct trial trial;
	int r = trial_look(arena, &trial, err);

	if (r < 0)
		return r;
	switch (trial.state) {
	case TRIAL_NONE:
		trial_forget(options);
		return 0;
	case TRIAL_RUNNING:
		return err_set(err, -EALREADY, "a policy is on trial for %llu seconds more",
			       (unsigned long long)(trial.left_ms + 999) / 1000);
	case TRIAL_OVER:
	case TRIAL_ENDED:
		return trial_revert(options, err);
	}
	return 0;
}

int trial_revert(const struct control_options *options, struct err *err)
{
	uint32_t changes;
	int r = apply_change(end_make, NULL, &changes, err);

	if (r == 0)
		trial_forget(options);
	return r;
}

int trial_confirm(const struct control_options *options, struct control_load *load, struct err *err)
{
	struct control_snapshot snapshot = {0};
	const char *dir = trial_dir(load->arena, options);
	uint32_t changes;
	int r = state_read(load->arena, dir, &snapshot, err);

	if (r == 0)
		r = control_load_snapshot(options, &snapshot, load, err);
	if (r == 0)
		r = apply_load(options, load, &changes, err);
	if (r >= 0)
		trial_forget(options);
	return r;
}

bool trial_is_proved(const struct control_options *options, const struct ssh_connection *own,
		     bool *ret_known)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct ssh_connection first;
	uint32_t len = 0;
	char *text = NULL;

	*ret_known = false;
	if (!own || file_read(arena, own_path(arena, options), FILE_PRIVATE, OWN_BYTES_MAX, &text,
			      &len, NULL) < 0)
		return false;
	text[strcspn(text, "\n")] = '\0';
	if (!ssh_connection_parse(text, &first))
		return false;
	*ret_known = true;
	return !ip_addr_eq(&first.client, &own->client) || first.client_port != own->client_port;
}

bool trial_is_kept(const struct control_options *options)
{
	auto_of(arena_free) struct arena *arena = arena_new();

	/* Behind a power cut it may be torn, and still it was a trial. */
	return state_exists(trial_dir(arena, options));
}

int trial_snapshot(const struct control_options *options, struct arena *arena,
		   struct control_snapshot *ret)
{
	return state_read(arena, trial_dir(arena, options), ret, NULL);
}

void trial_forget(const struct control_options *options)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	const char *dir = trial_dir(arena, options);

	(void)state_remove(dir, NULL);
	(void)unlink(own_path(arena, options));
	(void)rmdir(dir);
}
