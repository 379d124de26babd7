/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The status of this network namespace. */
#include "control/status.h"

#include <errno.h>

#include "compile/compile.h"
#include "control/apply.h"
#include "control/boot_note.h"
#include "control/numbers.h"
#include "control/state.h"
#include "control/trial.h"
#include "ir/trial.h"
#include "kernel/dump.h"

#define DRIFT_LINES_MAX 5u

const char *status_change_text(struct arena *arena, const struct ir_change *change)
{
	const char *chain = change->chain ? change->chain->name : "?";
	const char *set = change->set ? change->set->name : "?";

	switch ((enum ir_change_kind)change->kind) {
	case IR_CHANGE_ADD_TABLE:
		return "the table is missing";
	case IR_CHANGE_DELETE_TABLE:
		return "the table should not be there";
	case IR_CHANGE_ADD_COUNTER:
		return "a counter is missing";
	case IR_CHANGE_DELETE_COUNTER:
		return "a counter is unknown";
	case IR_CHANGE_ADD_CHAIN:
		return arena_printf(arena, "chain %s is missing or has another policy", chain);
	case IR_CHANGE_FLUSH_CHAIN:
		return arena_printf(arena, "chain %s has other rules", chain);
	case IR_CHANGE_DELETE_CHAIN:
		return arena_printf(arena, "chain %s is unknown", chain);
	case IR_CHANGE_ADD_RULE:
		return arena_printf(arena, "chain %s: %s", chain,
				    change->rule && change->rule->comment ? change->rule->comment
									  : "a rule");
	case IR_CHANGE_ADD_SET:
		return arena_printf(arena, "set %s is missing", set);
	case IR_CHANGE_DELETE_SET:
		return arena_printf(arena, "set %s is unknown", set);
	case IR_CHANGE_ADD_ELEMENTS:
		return arena_printf(arena, "set %s lacks %u elements", set,
				    (unsigned)change->element_count);
	case IR_CHANGE_DELETE_ELEMENTS:
		return arena_printf(arena, "set %s has %u elements too many", set,
				    (unsigned)change->element_count);
	}
	return "?";
}

static void drift_read(struct control_load *applied, const struct ir_table *have,
		       struct report_status *ret)
{
	struct ir_change_list changes = {0};

	ir_diff(applied->arena, have, applied->table, &changes);
	ret->drift = changes.items.len ? REPORT_DRIFT_FOUND : REPORT_DRIFT_NONE;
	ret->drift_changes = changes.items.len;
	vec_each (&changes.items, change) {
		if (ret->drift_lines.len == DRIFT_LINES_MAX)
			break;
		*vec_add(applied->arena, &ret->drift_lines) =
			status_change_text(applied->arena, change);
	}
}

static void counters_read(struct arena *arena, const struct ir_table *have,
			  struct report_status *ret)
{
	vec_each (&have->counters, counter) {
		*vec_add(arena, &ret->counters) = (struct report_counter){
			.name = arena_strdup(arena, counter->name),
			.packets = counter->packets,
			.bytes = counter->bytes,
		};
	}
}

/* The kept texts count only when they are those that the marker in the kernel speaks of. */
static int applied_read(const struct control_options *options, struct control_load *applied,
			const struct ir_table *have, struct report_status *ret, struct err *err)
{
	struct control_snapshot snapshot = {0};
	struct err unread = {0};
	int r;

	if (state_read(applied->arena, options->state_dir, &snapshot, &unread) < 0 ||
	    snapshot.policy_hash != ret->policy_hash || !str_eq(snapshot.applied, ret->since))
		return 0;
	r = control_load_snapshot(options, &snapshot, applied, err);
	if (r < 0 && r != -EINVAL)
		return r;
	ret->sentences = applied->sentence_count;
	ret->policy = snapshot.policy; /* the marker's may be cut */
	if (!applied->table)
		return 0;
	ret->model = applied->model;
	drift_read(applied, have, ret);
	numbers_read(applied->arena, applied, have, &ret->numbers);
	return 0;
}

/* A note of another table than this one is of an earlier time. */
static void boot_read(const struct control_options *options, struct arena *arena,
		      struct report_status *ret)
{
	struct boot_note note;

	if (boot_note_read(arena, options->state_dir, &note, NULL) < 0 ||
	    !str_eq(note.table, ret->since))
		return;
	ret->boot_loaded = boot_state_name(note.state);
	ret->boot_reason = note.reason;
	ret->boot_last = note.last;
}

static int table_read(const struct control_options *options, struct control_load *disk,
		      struct control_load *applied, const struct ir_table *have,
		      struct report_status *ret, struct err *err)
{
	struct compile_marker marker = {0};

	ret->loaded = true;
	ret->newer = apply_table_is_newer(have);
	if (!ret->trial)
		counters_read(disk->arena, have, ret);
	if (ret->newer || !compile_marker_read(disk->arena, have, &marker, &ret->lockdown))
		return 0;
	ret->since = marker.applied;
	ret->policy = marker.policy;
	ret->policy_hash = marker.policy_hash;
	ret->rules = marker.rules;
	if (ret->rules)
		return 0;
	boot_read(options, disk->arena, ret);
	if (disk->table && disk->policy_hash != marker.policy_hash)
		ret->disk = REPORT_DISK_DIFFERS;
	if (ret->lockdown)
		return 0;
	return applied_read(options, applied, have, ret, err);
}

int status_read(const struct control_options *options, struct control_load *disk,
		struct control_load *applied, struct report_status *ret, struct err *err)
{
	auto_of(kernel_session_free) struct kernel_session *session = NULL;
	struct ir_table *have = NULL;
	struct trial trial;
	uint32_t generation;
	int r;

	*ret = (struct report_status){.facts = &disk->facts,
				      .model = disk->model,
				      .disk_path = options->policy_path,
				      .disk = disk->table ? REPORT_DISK_SAME : REPORT_DISK_WRONG};
	r = kernel_session_open(&session, err);
	if (r < 0)
		return r;
	r = kernel_dump_table(session, disk->arena, COMPILE_TABLE_NAME, &have, &generation, err);
	if (r < 0)
		return r;
	control_share_facts(applied, disk);
	if (!have)
		return 0;
	r = trial_read(session, disk->arena, have, &trial, err);
	if (r < 0)
		return r;
	/* What an ended one has left is something that differs. */
	ret->trial = trial.state == TRIAL_RUNNING || trial.state == TRIAL_OVER;
	ret->trial_policy = trial.policy;
	ret->trial_left_s = (uint32_t)((trial.left_ms + 999) / 1000);
	if (ret->trial) {
		counters_read(disk->arena, have, ret);
		have = ir_trial_end(disk->arena, have);
	}
	if (!have)
		return 0;
	return table_read(options, disk, applied, have, ret, err);
}
