/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands in for a policy that cannot be loaded. */
#include "control/boot.h"

#include <errno.h>

#include "compile/compile.h"
#include "control/apply.h"
#include "control/lockdown.h"
#include "control/sshd.h"
#include "control/state.h"
#include "control/trial.h"
#include "kernel/dump.h"

static int last_load(const struct control_options *options, struct control_load *load,
		     struct boot_result *ret, struct err *err)
{
	struct control_snapshot snapshot = {0};
	uint32_t changes = 0;
	int r = state_read(load->arena, options->state_dir, &snapshot, err);

	if (r == -ENOENT)
		return err_set(err, r, "no policy was ever applied");
	if (r >= 0)
		r = control_load_snapshot(options, &snapshot, load, err);
	if (r == -EINVAL && load->diags.errors)
		return err_set(err, r, "it cannot be loaded any more: %s", control_mistake(load));
	if (r >= 0)
		r = apply_table(load, &changes, err);
	if (r < 0)
		return r;
	ret->note.state = BOOT_LAST;
	ret->policy = snapshot.policy;
	ret->applied = snapshot.applied;
	return 0;
}

static int lockdown_load(const struct control_options *options, struct control_load *load,
			 struct boot_result *ret, struct err *err)
{
	struct port_list ports = {0};

	ret->note.state = BOOT_LOCKDOWN;
	sshd_ports(load->arena, &load->facts, &ports);
	return apply_lockdown(options, load->arena, ports.items.items, ports.items.len, err);
}

/* The note is about the table that the kernel holds now. */
static void note_keep(const struct control_options *options, struct arena *arena,
		      struct boot_note *note)
{
	auto_of(kernel_session_free) struct kernel_session *session = NULL;
	struct compile_marker marker = {0};
	struct ir_table *table = NULL;
	uint32_t generation = 0;
	bool lockdown;

	if (kernel_session_open(&session, NULL) < 0 ||
	    kernel_dump_table(session, arena, COMPILE_TABLE_NAME, &table, &generation, NULL) < 0 ||
	    !table || !compile_marker_read(arena, table, &marker, &lockdown))
		return;
	note->table = marker.applied;
	/* Where it cannot be kept, the journal has it. */
	(void)boot_note_write(options->state_dir, note, NULL);
}

int boot_fall_back(const struct control_options *options, const char *reason,
		   struct control_load *load, struct boot_result *ret, struct err *err)
{
	bool is_loaded = false;
	struct err why = {0};
	int r = 0;

	ret->note.reason = reason;
	if (last_load(options, load, ret, &why) < 0) {
		ret->note.last = arena_strdup(load->arena, why.text);
		ret->note.state = BOOT_STAYS;
		if (apply_is_loaded(load->arena, &is_loaded, NULL) < 0 || !is_loaded)
			r = lockdown_load(options, load, ret, err);
	}
	if (r >= 0)
		note_keep(options, load->arena, &ret->note);
	return r;
}

int boot_lockdown(const struct control_options *options, struct control_load *load,
		  const char **ret, struct err *err)
{
	struct lockdown lockdown = {0};
	struct port_list ports = {0};
	struct err unread = {0};
	int r = lockdown_read(load->arena, options->state_dir, &lockdown, &unread);

	*ret = NULL;
	if (r == -ENOENT || r == -ENOTDIR)
		return 0;
	*ret = r < 0 ? arena_printf(load->arena, "a time that is not known (%s)", unread.text)
		     : lockdown.applied;
	if (!lockdown.ports.len)
		sshd_ports(load->arena, &load->facts, &ports);
	else
		vec_each (&lockdown.ports, port)
			*vec_add(load->arena, &ports.items) = *port;
	return apply_lockdown(options, load->arena, ports.items.items, ports.items.len, err);
}

bool boot_trial_is_pending(const struct control_options *options)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct control_snapshot tried = {0}, applied = {0};

	if (!trial_is_kept(options))
		return false;
	/* It was confirmed, and the machine lost power before its texts were gone for good. */
	return trial_snapshot(options, arena, &tried) < 0 ||
	       state_read(arena, options->state_dir, &applied, NULL) < 0 ||
	       tried.policy_hash != applied.policy_hash || !str_eq(tried.applied, applied.applied);
}
