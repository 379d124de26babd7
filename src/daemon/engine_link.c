/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the engine client wants from a loop, by sd-event. */
#include "daemon/engine_link.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/str.h"
#include "daemon/activation.h"
#include "engine/engine.h"

#define EVENTS_BYTES 4096u

static int on_ready(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct watcher *watcher = data;

	(void)source;
	engine_client_ready(watcher->engine, fd, events);
	return 0;
}

static struct engine_fd *fd_find(struct watcher *watcher, int fd)
{
	struct engine_fd *empty = NULL;

	for (unsigned i = 0; i < WATCHER_FDS_MAX; i++) {
		struct engine_fd *slot = &watcher->engine_fds[i];

		if (slot->source && slot->fd == fd)
			return slot;
		if (!slot->source)
			empty = slot;
	}
	return empty;
}

/* The client closes its descriptors itself, after it has said 0 here. */
static void on_watch(void *data, int fd, uint32_t events)
{
	struct watcher *watcher = data;
	struct engine_fd *slot = fd_find(watcher, fd);

	if (!slot)
		return;
	if (!events) {
		slot->source = sd_event_source_disable_unref(slot->source);
		return;
	}
	if (slot->source) {
		(void)sd_event_source_set_io_events(slot->source, events);
		return;
	}
	slot->fd = fd;
	(void)sd_event_add_io(watcher->event, &slot->source, fd, events, on_ready, watcher);
}

static int on_timeout(sd_event_source *source, uint64_t us, void *data)
{
	struct watcher *watcher = data;

	(void)source;
	(void)us;
	engine_client_timeout(watcher->engine);
	return 0;
}

static void on_timer(void *data, long timeout_ms)
{
	struct watcher *watcher = data;
	sd_event_source *timer = watcher->engine_timer;

	if (timeout_ms < 0) {
		(void)sd_event_source_set_enabled(timer, SD_EVENT_OFF);
		return;
	}
	(void)sd_event_source_set_time(timer, watcher_now(watcher) + (uint64_t)timeout_ms * 1000);
	(void)sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
}

static void on_changed(void *data, unsigned changes)
{
	struct watcher *watcher = data;

	watcher->rechecks = 0;
	watcher_note(watcher, changes & ENGINE_CHANGE_CLOSED ? PACE_CLOSES : PACE_OPENS);
}

static const char *engine_url(const struct watcher *watcher)
{
	return watcher->options.docker_host ? watcher->options.docker_host : ENGINE_DEFAULT_URL;
}

static bool on_may_connect(void *data)
{
	struct watcher *watcher = data;
	bool stopped = !activation_may_connect(engine_url(watcher));

	watcher->publish_now |= watcher->said.engine_stopped != stopped;
	watcher->said.engine_stopped = stopped;
	return !stopped;
}

/* The socket, or the file with the number of the engine's process: it starts. */
static int on_folder(sd_event_source *source, int fd, uint32_t events, void *data)
{
	_Alignas(struct inotify_event) char buffer[EVENTS_BYTES];
	struct watcher *watcher = data;
	ssize_t len = read(fd, buffer, sizeof(buffer));

	(void)source;
	(void)events;
	for (ssize_t at = 0; at < len;) {
		const struct inotify_event *event = (const void *)(buffer + at);

		if (event->len && (str_ends(event->name, ".sock") || str_ends(event->name, ".pid")))
			engine_client_hurry(watcher->engine);
		at += (ssize_t)(sizeof(*event) + event->len);
	}
	return 0;
}

/* An inotify of its own: the policy's files may lie in the same folder. */
static void folder_watch(struct watcher *watcher)
{
	const char *url = engine_url(watcher), *slash = strrchr(url, '/');
	const char *path = url + strlen("unix://");
	char folder[PATH_MAX];

	watcher->socket_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (watcher->socket_fd < 0 || !slash || slash <= path)
		return;
	(void)snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
	(void)inotify_add_watch(watcher->socket_fd, folder, IN_CREATE | IN_MOVED_TO | IN_ONLYDIR);
	(void)sd_event_add_io(watcher->event, NULL, watcher->socket_fd, EPOLLIN, on_folder,
			      watcher);
}

int engine_link_open(struct watcher *watcher, struct err *err)
{
	struct engine_client_calls calls = {.data = watcher,
					    .watch = on_watch,
					    .timer = on_timer,
					    .may_connect = on_may_connect,
					    .changed = on_changed};

	if (sd_event_add_time(watcher->event, &watcher->engine_timer, CLOCK_MONOTONIC, 0, 1000,
			      on_timeout, watcher) < 0)
		return err_set(err, -ENOMEM, "cannot make a timer");
	(void)sd_event_source_set_enabled(watcher->engine_timer, SD_EVENT_OFF);
	folder_watch(watcher);
	return engine_client_new(engine_url(watcher), watcher->options.engine_timeout_ms, &calls,
				 &watcher->engine, err);
}

void engine_link_close(struct watcher *watcher)
{
	engine_client_free(watcher->engine);
	for (unsigned i = 0; i < WATCHER_FDS_MAX; i++)
		(void)sd_event_source_disable_unref(watcher->engine_fds[i].source);
	(void)sd_event_source_disable_unref(watcher->engine_timer);
	cleanup_close(&watcher->socket_fd);
}
