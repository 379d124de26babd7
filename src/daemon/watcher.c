/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loop: what wakes it, and what each of these marks as dirty. */
#include "daemon/watcher.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#include <systemd/sd-daemon.h>

#include "compile/compile.h"
#include "daemon/engine_link.h"
#include "daemon/files.h"
#include "daemon/foreign.h"
#include "daemon/gather.h"
#include "daemon/journal.h"
#include "daemon/loop.h"
#include "daemon/pass.h"
#include "daemon/publish.h"
#include "daemon/resident.h"
#include "host/listen.h"

#define BUSY_US 2000u	     /* until the state's lock is asked for again */
#define OVERDUE_US 5000u     /* a pass that is so late goes before new events */
#define REVOKE_US 100000u    /* connections to cut are gathered */
#define FOREIGN_US 1000000u  /* others' changes settle */
#define TRIAL_LATE_US 20000u /* behind the end of a trial, which the kernel knows better */
#define CHECK_US 180000000u  /* the slow full check */
#define METRICS_US 15000000u

/* Ports of containers in the host's network are sockets, which nobody announces. */
static const uint64_t recheck_us[] = {200000, 1000000, 5000000, 20000000};

enum { PRIORITY_FIRST = -10, PRIORITY_PASS = 10 };

uint64_t watcher_now(const struct watcher *watcher)
{
	struct timespec now;

	(void)watcher;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void timer_set(sd_event_source *timer, uint64_t at_us)
{
	(void)sd_event_source_set_time(timer, at_us);
	(void)sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
}

void watcher_schedule(struct watcher *watcher)
{
	uint64_t due = pace_due(&watcher->pace);
	uint64_t now = watcher_now(watcher);

	if (due == PACE_NEVER) {
		(void)sd_event_source_set_enabled(watcher->pass_timer, SD_EVENT_OFF);
		return;
	}
	if (watcher->busy_us && due < now + BUSY_US)
		due = now + BUSY_US;
	/* A stream of events that never ends must not keep a pass from being made. */
	(void)sd_event_source_set_priority(watcher->pass_timer,
					   due + OVERDUE_US < now ? PRIORITY_FIRST : PRIORITY_PASS);
	timer_set(watcher->pass_timer, due);
}

void watcher_note(struct watcher *watcher, enum pace_event event)
{
	pace_note(&watcher->pace, watcher_now(watcher), event);
	watcher_schedule(watcher);
}

static void ready_say(struct watcher *watcher)
{
	static bool said;

	if (watcher->ready && (!said || watcher->reloading)) {
		(void)sd_notify(0, "READY=1");
		said = true;
		watcher->reloading = false;
	}
}

static void recheck_schedule(struct watcher *watcher)
{
	if (!watcher->host_network || watcher->rechecks >= sizeof(recheck_us) / sizeof(*recheck_us))
		return;
	timer_set(watcher->recheck_timer, watcher_now(watcher) + recheck_us[watcher->rechecks]);
}

static void revoke_schedule(struct watcher *watcher)
{
	int enabled = SD_EVENT_OFF;

	(void)sd_event_source_get_enabled(watcher->revoke_timer, &enabled);
	if (enabled == SD_EVENT_OFF && revoke_is_pending(&watcher->revoke))
		timer_set(watcher->revoke_timer, watcher_now(watcher) + REVOKE_US);
}

/* Behind the commit: a connection that is cut earlier could come back. */
static int on_revoke(sd_event_source *source, uint64_t us, void *data)
{
	struct watcher *watcher = data;
	struct err err = {0};

	(void)source;
	(void)us;
	if (!watcher->in_force || !watcher->in_force->model)
		return 0;
	if (revoke_flows(&watcher->revoke, watcher->session, watcher->in_force->model,
			 &watcher->host, &err) < 0 &&
	    watcher->revoke.failures <= 1)
		journal_say(JOURNAL_FAILED, NULL, "%s%s", err.text,
			    watcher->revoke.failures ? "; tried again" : "");
	revoke_schedule(watcher);
	watcher->publish_dirty |= watcher->said.flows_cut != watcher->revoke.cut;
	watcher->said.flows_cut = watcher->revoke.cut;
	publish(watcher);
	return 0;
}

/* The engine writes its rules before it tells of the container that they are for. */
static void foreign_schedule(struct watcher *watcher)
{
	if (watcher->foreign_published == watcher->published)
		return;
	watcher->foreign_published = watcher->published;
	timer_set(watcher->foreign_timer, watcher_now(watcher) + FOREIGN_US);
}

static int on_pass(sd_event_source *source, uint64_t us, void *data)
{
	struct watcher *watcher = data;

	(void)source;
	(void)us;
	if (pass_run(watcher)) {
		recheck_schedule(watcher);
		if (watcher->trial_end_us)
			timer_set(watcher->deadline_timer, watcher->trial_end_us + TRIAL_LATE_US);
		watcher->trial_end_us = 0;
		revoke_schedule(watcher);
		foreign_schedule(watcher);
		ready_say(watcher);
		publish(watcher);
		tell_follow(watcher);
	}
	watcher_schedule(watcher);
	return 0;
}

static int on_recheck(sd_event_source *source, uint64_t us, void *data)
{
	struct watcher *watcher = data;

	(void)source;
	(void)us;
	watcher->rechecks++;
	watcher_note(watcher, PACE_OPENS);
	return 0;
}

static int on_kernel(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct watcher *watcher = data;
	struct err err = {0};

	(void)source;
	(void)fd;
	(void)events;
	if (pass_listen(watcher, &err) < 0) {
		journal_say(JOURNAL_FAILED, NULL, "%s", err.text);
		return sd_event_exit(watcher->event, EXIT_FAILURE);
	}
	if (watcher->news.others) {
		watcher->news.others = false;
		timer_set(watcher->foreign_timer, watcher_now(watcher) + FOREIGN_US);
	}
	if (watcher->news.ours)
		watcher_note(watcher, PACE_CLOSES);
	return 0;
}

static int on_route(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct watcher *watcher = data;
	bool changed = true;

	(void)source;
	(void)events;
	(void)host_listen_read(fd, &changed, NULL);
	if (!changed)
		return 0;
	watcher->host_dirty = true;
	watcher_note(watcher, PACE_LAZY);
	return 0;
}

static int on_foreign(sd_event_source *source, uint64_t us, void *data)
{
	struct watcher *watcher = data;

	(void)source;
	(void)us;
	foreign_look(watcher);
	publish(watcher);
	if (!watcher->trimmed)
		resident_trim();
	watcher->trimmed = true;
	return 0;
}

static int on_publish(sd_event_source *source, uint64_t us, void *data)
{
	(void)source;
	(void)us;
	publish(data);
	return 0;
}

static int on_metrics(sd_event_source *source, uint64_t us, void *data)
{
	struct watcher *watcher = data;

	(void)us;
	publish_metrics(watcher);
	timer_set(source, watcher_now(watcher) + METRICS_US);
	return 0;
}

static void check_all(struct watcher *watcher)
{
	watcher->host_dirty = true;
	watcher->policy_dirty = true;
	watcher->full_check = true;
	watcher->table_known = false;
	files_rewatch(watcher);
	engine_client_resync(watcher->engine);
	watcher_note(watcher, PACE_CLOSES);
}

static int on_check(sd_event_source *source, uint64_t us, void *data)
{
	struct watcher *watcher = data;

	(void)us;
	check_all(watcher);
	foreign_look(watcher);
	timer_set(source, watcher_now(watcher) + CHECK_US);
	return 0;
}

static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *data)
{
	struct watcher *watcher = data;

	(void)source;
	(void)info;
	(void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu",
			 (unsigned long long)watcher_now(watcher));
	watcher->reloading = true;
	check_all(watcher);
	return 0;
}

static int on_end(sd_event_source *source, const struct signalfd_siginfo *info, void *data)
{
	struct watcher *watcher = data;

	(void)source;
	(void)info;
	(void)sd_notify(0, "STOPPING=1\nSTATUS=ends; the table stays");
	return sd_event_exit(watcher->event, EXIT_SUCCESS);
}

/* The engine has not answered for so long: a pass without it.  Also: a trial is over. */
static int on_deadline(sd_event_source *source, uint64_t us, void *data)
{
	(void)source;
	(void)us;
	watcher_note(data, PACE_OPENS);
	return 0;
}

struct timer {
	sd_event_source **source;
	sd_event_time_handler_t run;
	uint64_t first_us; /* from now; 0: not yet */
};

static int timers_add(struct watcher *watcher)
{
	const struct timer timers[] = {
		{&watcher->pass_timer, on_pass, 0},
		{&watcher->foreign_timer, on_foreign, FOREIGN_US},
		{&watcher->recheck_timer, on_recheck, 0},
		{&watcher->publish_timer, on_publish, 0},
		{&watcher->revoke_timer, on_revoke, 0},
		{&watcher->check_timer, on_check, CHECK_US},
		{&watcher->metrics_timer, on_metrics, watcher->metrics_path ? FOREIGN_US : 0},
		{&watcher->deadline_timer, on_deadline, GATHER_ENGINE_US + 1000},
	};

	for (size_t i = 0; i < sizeof(timers) / sizeof(*timers); i++) {
		const struct timer *timer = &timers[i];
		int r = sd_event_add_time(watcher->event, timer->source, CLOCK_MONOTONIC, 0, 1,
					  timer->run, watcher);

		if (r < 0)
			return r;
		(void)sd_event_source_set_enabled(*timer->source, SD_EVENT_OFF);
		if (timer->first_us)
			timer_set(*timer->source, watcher_now(watcher) + timer->first_us);
	}
	return 0;
}

static int signals_add(struct watcher *watcher)
{
	sigset_t signals;
	int r;

	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigaddset(&signals, SIGINT);
	(void)sigaddset(&signals, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0)
		return -errno;
	r = sd_event_add_signal(watcher->event, NULL, SIGTERM, on_end, watcher);
	if (r >= 0)
		r = sd_event_add_signal(watcher->event, NULL, SIGINT, on_end, watcher);
	if (r >= 0)
		r = sd_event_add_signal(watcher->event, NULL, SIGHUP, on_hangup, watcher);
	return r;
}

static void process_gone(void *data, const char *id)
{
	struct watcher *watcher = data;

	engine_client_gone(watcher->engine, id);
	watcher_note(watcher, PACE_CLOSES);
}

/* Listeners before anything is looked at: nothing that changes in between is missed. */
static int sources_open(struct watcher *watcher, struct err *err)
{
	int r = kernel_session_open(&watcher->session, err);

	if (r >= 0)
		r = kernel_listener_open(COMPILE_TABLE_NAME, watcher->session, &watcher->listener,
					 err);
	if (r >= 0)
		r = host_listen(&watcher->route_fd, err);
	if (r >= 0)
		r = files_watch(watcher, err);
	if (r >= 0)
		r = engine_link_open(watcher, err);
	if (r < 0)
		return r;
	r = sd_event_add_io(watcher->event, NULL, kernel_listener_fd(watcher->listener), EPOLLIN,
			    on_kernel, watcher);
	if (r >= 0)
		r = sd_event_add_io(watcher->event, NULL, watcher->route_fd, EPOLLIN, on_route,
				    watcher);
	return r < 0 ? err_set(err, r, "cannot wait for events: %s", strerror(-r)) : 0;
}

int watcher_open(struct watcher *watcher, struct err *err)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	int r = sd_event_new(&watcher->event);

	watcher->started_us = watcher_now(watcher);
	watcher->since = strdup(control_time(arena));
	watcher->said.since = watcher->since;
	watcher->said.pid = (uint32_t)getpid();
	watcher->host_dirty = watcher->policy_dirty = true;
	watcher->processes =
		(struct processes){.event = watcher->event, .ended = process_gone, .data = watcher};
	if (r >= 0)
		r = signals_add(watcher);
	if (r >= 0)
		r = timers_add(watcher);
	if (r < 0)
		return err_set(err, r, "cannot make an event loop: %s", strerror(-r));
	r = sources_open(watcher, err);
	if (r < 0)
		return r;
	(void)sd_event_set_watchdog(watcher->event, true);
	watcher_note(watcher, PACE_CLOSES);
	return 0;
}

int watcher_loop(struct watcher *watcher, struct err *err)
{
	int r;

	journal_say(JOURNAL_STARTED, NULL, "started");
	r = sd_event_loop(watcher->event);
	if (r < 0)
		return err_set(err, r, "the event loop failed: %s", strerror(-r));
	watcher->publish_now = true;
	publish(watcher);
	journal_say(JOURNAL_STOPPED, NULL, "stopped; the table stays as it is");
	return r;
}

void watcher_close(struct watcher *watcher)
{
	sd_event_source *const timers[] = {
		watcher->pass_timer,	 watcher->foreign_timer, watcher->recheck_timer,
		watcher->publish_timer,	 watcher->check_timer,	 watcher->metrics_timer,
		watcher->deadline_timer, watcher->revoke_timer,
	};

	processes_done(&watcher->processes);
	revoke_done(&watcher->revoke);
	engine_link_close(watcher);
	tell_close(&watcher->tell);
	for (size_t i = 0; i < sizeof(timers) / sizeof(*timers); i++)
		(void)sd_event_source_disable_unref(timers[i]);
	(void)sd_event_unref(watcher->event);
	kernel_listener_free(watcher->listener);
	kernel_session_free(watcher->session);
	cleanup_close(&watcher->route_fd);
	cleanup_close(&watcher->inotify_fd);
	control_load_free(watcher->applied);
	control_load_free(watcher->in_force);
	arena_free(watcher->host_arena);
	arena_free(watcher->lockdown_arena);
	arena_free(watcher->repair_arena);
	free(watcher->since);
	free(watcher->error);
	free(watcher->policy_error);
	free(watcher->metrics_text);
}
