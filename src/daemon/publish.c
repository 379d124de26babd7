/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing the daemon's files. */
#include "daemon/publish.h"

#include <inttypes.h>

#include <systemd/sd-daemon.h>

#include "base/file.h"
#include "compile/compile.h"
#include "control/numbers.h"
#include "control/watch.h"
#include "daemon/journal.h"
#include "kernel/dump.h"

#define PUBLISH_PAUSE_US 1000000u

static void numbers_take(struct watcher *watcher)
{
	struct engine_client_numbers numbers = {0};

	engine_client_numbers(watcher->engine, &numbers);
	watcher->said.events = numbers.events;
	watcher->said.losses = numbers.losses;
}

static void status_say(const struct report_watch *said)
{
	(void)sd_notifyf(0, "STATUS=%s; %u containers, %" PRIu64 " passes, %" PRIu64 " repairs%s%s",
			 watch_mode_name((enum watch_mode)said->mode), (unsigned)said->containers,
			 said->passes, said->repairs, said->error ? "; trouble: " : "",
			 said->error ? said->error : "");
}

void publish(struct watcher *watcher)
{
	uint64_t due = watcher->published_us + PUBLISH_PAUSE_US;
	struct err err = {0};

	if (!watcher->publish_dirty && !watcher->publish_now)
		return;
	if (!watcher->publish_now && watcher_now(watcher) < due) {
		(void)sd_event_source_set_time(watcher->publish_timer, due);
		(void)sd_event_source_set_enabled(watcher->publish_timer, SD_EVENT_ONESHOT);
		return;
	}
	watcher->publish_dirty = watcher->publish_now = false;
	watcher->published_us = watcher_now(watcher);
	numbers_take(watcher);
	status_say(&watcher->said);
	/* A full disk must not keep anything from being enforced. */
	if (watch_write(watcher->options.state_dir, &watcher->said, &err) < 0 &&
	    !watcher->failure_said)
		journal_say(JOURNAL_FAILED, NULL, "%s; 'status' will not know how it goes",
			    err.text);
	watcher->failure_said = err.code != 0;
}

void publish_metrics(struct watcher *watcher)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct report_metrics metrics = {.watch = &watcher->said};
	auto_str struct str_buf text = {0};
	struct ir_table *table = NULL;
	struct err err = {0};

	if (!watcher->metrics_path)
		return;
	numbers_take(watcher);
	if (kernel_dump_counters(watcher->session, arena, COMPILE_TABLE_NAME, &table, &err) == 0) {
		vec_each (&table->counters, counter)
			*vec_add(arena, &metrics.counters) =
				(struct report_metric_counter){.name = counter->name,
							       .packets = counter->packets,
							       .bytes = counter->bytes};
	}
	if (table && watcher->in_force && watcher->in_force->model)
		numbers_read(arena, watcher->in_force, table, &metrics.numbers);
	report_watch_metrics(&metrics, &text);
	if (watcher->metrics_text && str_eq(watcher->metrics_text, str_buf_text(&text)))
		return;
	if (file_write_quick(watcher->metrics_path, text.data, text.len, 0644, &err) < 0) {
		if (!watcher->metrics_said)
			journal_say(JOURNAL_FAILED, NULL, "%s; there are no metrics", err.text);
		watcher->metrics_said = true;
		return;
	}
	watcher->metrics_said = false;
	free(watcher->metrics_text);
	watcher->metrics_text = text.data;
	text = (struct str_buf){0};
}
