/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inotify. */
#include "daemon/files.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "base/str.h"

#define EVENTS_BYTES 16384u
/*
 * No IN_MODIFY: a file that is being written is read when its writer has closed it.  IN_ATTRIB: a
 * file that others may write now is none of ours any more.
 */
#define FOLDER_EVENTS                                                                              \
	(IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE | IN_ATTRIB |        \
	 IN_DELETE_SELF | IN_MOVE_SELF)

struct file_stamp file_stamp_of(const char *folder, const char *name)
{
	char path[PATH_MAX];
	struct stat info;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (stat(path, &info) < 0)
		return (struct file_stamp){0};
	return (struct file_stamp){
		.inode = info.st_ino,
		.mtime_ns = (int64_t)info.st_mtim.tv_sec * 1000000000 + info.st_mtim.tv_nsec,
		.size = info.st_size,
	};
}

bool file_stamp_eq(const struct file_stamp *a, const struct file_stamp *b)
{
	return a->inode == b->inode && a->mtime_ns == b->mtime_ns && a->size == b->size;
}

static int folder_add(struct watcher *watcher, const char *folder)
{
	return inotify_add_watch(watcher->inotify_fd, folder, FOLDER_EVENTS | IN_ONLYDIR);
}

static void folder_add_of(struct watcher *watcher, const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];

	if (!slash) {
		(void)folder_add(watcher, ".");
		return;
	}
	(void)snprintf(folder, sizeof(folder), "%.*s", (int)(slash == path ? 1 : slash - path),
		       path);
	(void)folder_add(watcher, folder);
}

/* A folder that is not there is looked for again when its parent changes, and by the slow check. */
void files_rewatch(struct watcher *watcher)
{
	const struct control_load *applied = watcher->applied;
	char dropins[PATH_MAX];

	watcher->state_wd = folder_add(watcher, watcher->options.state_dir);
	if (!applied)
		return;
	vec_each (&applied->files, file)
		folder_add_of(watcher, file->path);
	folder_add_of(watcher, applied->policy_name);
	(void)snprintf(dropins, sizeof(dropins), "%s.d", applied->policy_name);
	(void)folder_add(watcher, dropins);
}

/* In the state directory only what the commands say counts; the rest is written by us. */
static void event_read(struct watcher *watcher, const struct inotify_event *event)
{
	const char *name = event->len ? event->name : "";

	if (event->mask & IN_IGNORED)
		return;
	if (event->mask & IN_Q_OVERFLOW) {
		watcher->policy_dirty = true;
	} else if (event->wd == watcher->state_wd) {
		if (!str_eq(name, "applied.policy") && !str_eq(name, "lockdown"))
			return;
	} else {
		watcher->policy_dirty = true;
	}
	watcher_note(watcher, PACE_OPENS);
}

static int on_files(sd_event_source *source, int fd, uint32_t events, void *data)
{
	_Alignas(struct inotify_event) char buffer[EVENTS_BYTES];
	struct watcher *watcher = data;
	ssize_t len = read(fd, buffer, sizeof(buffer));

	(void)source;
	(void)events;
	for (ssize_t at = 0; at < len;) {
		const struct inotify_event *event = (const void *)(buffer + at);

		event_read(watcher, event);
		at += (ssize_t)(sizeof(*event) + event->len);
	}
	files_rewatch(watcher);
	return 0;
}

int files_watch(struct watcher *watcher, struct err *err)
{
	watcher->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (watcher->inotify_fd < 0)
		return err_errno(err, "cannot watch files");
	files_rewatch(watcher);
	if (sd_event_add_io(watcher->event, NULL, watcher->inotify_fd, EPOLLIN, on_files, watcher) <
	    0)
		return err_set(err, -ENOMEM, "cannot watch files");
	return 0;
}
