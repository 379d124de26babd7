/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Drift: found, described, reported when it is mended. */
#include "daemon/repair.h"

#include "base/str.h"
#include "daemon/journal.h"

#define REPAIR_LINES_MAX 5u

void repair_note(struct watcher *watcher, enum watch_mode mode, const struct ir_table *have,
		 struct arena *arena)
{
	struct ir_change_list changes = {0};
	struct report_repair *repair = &watcher->found;

	/* A commit of ours that was cut short is no drift. */
	if (!watcher->news.ours && !watcher->full_check)
		return;
	if (!watcher->in_force || mode != (enum watch_mode)watcher->said.mode || repair->changes)
		return;
	ir_diff(arena, have, watcher->in_force->table, &changes);
	if (!changes.items.len)
		return;
	arena_free(watcher->repair_arena);
	watcher->repair_arena = arena_new();
	watcher->said.repair = (struct report_repair){0};
	*repair = (struct report_repair){
		.at = control_time(watcher->repair_arena),
		.pid = watcher->news.pid,
		.program = arena_strdup(watcher->repair_arena, watcher->news.program),
		.changes = changes.items.len,
	};
	vec_each (&changes.items, change) {
		const char *line = status_change_text(watcher->repair_arena, change);

		if (repair->lines.len == REPAIR_LINES_MAX)
			break;
		if (!repair->lines.len || !str_eq(repair->lines.items[repair->lines.len - 1], line))
			*vec_add(watcher->repair_arena, &repair->lines) = line;
	}
}

bool repair_say(struct watcher *watcher)
{
	const struct report_repair *repair = &watcher->found;

	watcher->full_check = false;
	watcher->news.ours = false;
	watcher->news.pid = 0;
	watcher->news.program[0] = '\0';
	if (!repair->changes)
		return false;
	watcher->said.repair = *repair;
	watcher->said.repairs++;
	watcher->publish_now = true;
	if (*repair->program)
		journal_say(JOURNAL_REPAIRED, NULL,
			    "%s (process %u) had changed the table; repaired: %s%s",
			    repair->program, (unsigned)repair->pid, repair->lines.items[0],
			    repair->changes > 1 ? " and more" : "");
	else
		journal_say(JOURNAL_REPAIRED, NULL, "the table had been changed; repaired: %s%s",
			    repair->lines.items[0], repair->changes > 1 ? " and more" : "");
	watcher->found = (struct report_repair){0};
	return true;
}
