/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state directory and the policy's files. */
#include "daemon/texts.h"

#include <errno.h>
#include <string.h>

#include "control/state.h"
#include "daemon/files.h"
#include "daemon/journal.h"

/* *ret NULL: nothing was applied. */
static int applied_read(const struct watcher *watcher, struct control_load **ret, struct err *err)
{
	auto_of(control_load_free) struct control_load *texts = control_load_new();
	struct control_snapshot snapshot = {0};
	int r;

	*ret = NULL;
	r = state_read(texts->arena, watcher->options.state_dir, &snapshot, err);
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	r = control_read_snapshot(&snapshot, texts);
	if (r < 0)
		return err_set(err, r, "what was applied cannot be read any more: %s",
			       control_mistake(texts));
	*ret = take_ptr(texts);
	return 0;
}

/* A state that cannot be read is not "nothing was applied": what was known before goes on. */
static int applied_look(struct watcher *watcher, bool *ret_changed, struct err *err)
{
	struct file_stamp stamp = file_stamp_of(watcher->options.state_dir, "applied.policy");
	struct control_load *texts = NULL;
	int r;

	if (file_stamp_eq(&stamp, &watcher->applied_stamp))
		return 0;
	watcher->applied_stamp = stamp;
	r = applied_read(watcher, &texts, err);
	if (r < 0 && watcher->applied) {
		journal_say(JOURNAL_FAILED, NULL, "%s; what was applied before stays in force",
			    err->text);
		return 0;
	}
	if (r < 0) {
		watcher->applied_stamp = (struct file_stamp){.size = -1};
		return r;
	}
	*ret_changed = true;
	control_load_free(watcher->applied);
	watcher->applied = texts;
	watcher->policy_dirty = texts != NULL;
	files_rewatch(watcher);
	return 0;
}

static int lockdown_look(struct watcher *watcher, struct err *err)
{
	int r;

	watcher->lockdown = (struct lockdown){0};
	arena_free(take_ptr(watcher->lockdown_arena));
	if (!watcher->lockdown_stamp.inode)
		return 0;
	watcher->lockdown_arena = arena_new();
	r = lockdown_read(watcher->lockdown_arena, watcher->options.state_dir, &watcher->lockdown,
			  err);
	return r == -ENOENT ? 0 : r;
}

int texts_look(struct watcher *watcher, bool *ret_changed, struct err *err)
{
	struct file_stamp lockdown = file_stamp_of(watcher->options.state_dir, "lockdown");
	int r;

	*ret_changed = false;
	if (!file_stamp_eq(&lockdown, &watcher->lockdown_stamp)) {
		*ret_changed = true;
		watcher->lockdown_stamp = lockdown;
		r = lockdown_look(watcher, err);
		if (r < 0) {
			watcher->lockdown_stamp = (struct file_stamp){.size = -1};
			return r;
		}
	}
	return applied_look(watcher, ret_changed, err);
}

void texts_refuse(struct watcher *watcher, const char *policy, const char *reason)
{
	if (reason && watcher->policy_error && str_eq(reason, watcher->policy_error))
		return;
	free(watcher->policy_error);
	watcher->policy_error = reason ? strdup(reason) : NULL;
	watcher->said.policy_error = watcher->policy_error;
	watcher->publish_now = true;
	if (reason)
		journal_say(JOURNAL_POLICY_WRONG, NULL,
			    "'%s' on disk is not loaded, what was applied before stays in force: "
			    "%s; 'wharfwall check' says all that is wrong",
			    policy, reason);
}

struct control_load *texts_on_disk(struct watcher *watcher)
{
	auto_of(control_load_free) struct control_load *texts = control_load_new();
	struct control_options options = watcher->options;
	struct err err = {0};
	int r;

	options.policy_path = watcher->applied->policy_name;
	r = control_read_policy(&options, texts, &err);
	if (r < 0) {
		texts_refuse(watcher, options.policy_path,
			     r == -EINVAL && texts->diags.errors ? control_mistake(texts)
								 : err.text);
		return NULL;
	}
	if (texts->policy_hash == watcher->applied->policy_hash) {
		texts_refuse(watcher, options.policy_path, NULL);
		return NULL;
	}
	return take_ptr(texts);
}

int texts_adopt(struct watcher *watcher, struct control_load *texts, struct err *err)
{
	int r = state_write(watcher->options.state_dir, texts, texts->policy_name, err);

	control_load_free(watcher->applied);
	watcher->applied = texts;
	watcher->applied_stamp = file_stamp_of(watcher->options.state_dir, "applied.policy");
	files_rewatch(watcher);
	texts_refuse(watcher, texts->policy_name, NULL);
	return r;
}
