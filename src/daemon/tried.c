/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names follow the containers while a policy is on trial, on both sides. */
#include "daemon/tried.h"

#include <errno.h>

#include "compile/compile.h"
#include "control/trial.h"
#include "ir/trial.h"

void tried_done(struct tried *tried)
{
	control_load_free(take_ptr(tried->next));
	control_load_free(take_ptr(tried->base));
	control_load_free(take_ptr(tried->texts));
}

static int compiled(const struct watcher *watcher, const struct control_load *texts,
		    struct control_load *facts, struct control_load **ret, struct err *err)
{
	*ret = control_load_new();
	control_share_facts(*ret, facts);
	if (control_make_table(&watcher->options, texts, *ret) < 0)
		return err_set(err, -EINVAL,
			       "what is on trial or was applied does not fit this host any more: "
			       "%s",
			       control_mistake(*ret));
	return 0;
}

/* What counts when the time is over; where it is none of ours it stays as it is. */
static int base_make(const struct watcher *watcher, struct arena *arena,
		     const struct ir_table *have, struct control_load *facts, struct tried *ret,
		     const struct ir_table **ret_base, struct err *err)
{
	struct compile_marker marker;
	bool lockdown = false;
	int r;

	*ret_base = ir_trial_end(arena, have);
	if (!*ret_base || !watcher->applied ||
	    !compile_marker_read(arena, *ret_base, &marker, &lockdown) || lockdown ||
	    marker.rules || marker.policy_hash != watcher->applied->policy_hash)
		return 0;
	r = compiled(watcher, watcher->applied, facts, &ret->base, err);
	if (r >= 0)
		*ret_base = ret->base->table;
	return r;
}

/* False: what lies on disk is not what the kernel holds. */
static bool texts_read(const struct watcher *watcher, struct arena *arena,
		       const struct ir_table *have, struct tried *ret)
{
	const struct ir_chain *chain = ir_table_chain(have, IR_TRIAL_PREFIX COMPILE_MARKER_CHAIN);
	struct control_snapshot snapshot = {0};
	struct compile_marker marker;

	ret->texts = control_load_new();
	return chain && compile_marker_read_chain(arena, chain, &marker, &(bool){false}) &&
	       trial_snapshot(&watcher->options, ret->texts->arena, &snapshot) >= 0 &&
	       control_read_snapshot(&snapshot, ret->texts) >= 0 &&
	       ret->texts->policy_hash == marker.policy_hash;
}

int tried_make(struct watcher *watcher, struct arena *arena, const struct ir_table *have,
	       struct control_load *facts, struct tried *ret, struct ir_table **ret_want,
	       struct err *err)
{
	const struct ir_table *base = NULL;
	int r;

	*ret_want = NULL;
	tried_done(ret);
	if (!texts_read(watcher, arena, have, ret))
		return 0;
	r = base_make(watcher, arena, have, facts, ret, &base, err);
	if (r >= 0)
		r = compiled(watcher, ret->texts, facts, &ret->next, err);
	if (r < 0)
		return r;
	/* The kernel counts the seconds: elements of a timed set that is there are never written.
	 */
	*ret_want = ir_trial_begin(arena, base, ret->next->table, TRIAL_SECONDS_MAX);
	return 0;
}
