/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon's lock and its file. */
#include "control/watch.h"

#include <sys/file.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "report/json.h"

#define WATCH_BYTES_MAX (256u * 1024)
#define LOCK_NAME "watch.lock"
#define LOCK_TRIES 10u
#define LOCK_STEP_MS 10u

static const char *path_of(struct arena *arena, const char *state_dir, const char *name)
{
	return arena_printf(arena, "%s/%s", state_dir, name);
}

/* Who holds the lock, for the message; "?" when it cannot be read. */
static void holder_read(int fd, char *ret, size_t size)
{
	ssize_t len = pread(fd, ret, size - 1, 0);

	ret[len > 0 ? len : 0] = '\0';
	ret[strspn(ret, "0123456789")] = '\0';
	if (!*ret)
		(void)str_copy(ret, size, "?");
}

/* `status` asks for the lock too, for a moment. */
static bool lock_take(int fd)
{
	static const struct timespec step = {.tv_nsec = LOCK_STEP_MS * 1000000L};

	for (unsigned i = 0; i < LOCK_TRIES; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return true;
		if (errno != EWOULDBLOCK)
			return false;
		(void)nanosleep(&step, NULL);
	}
	errno = EWOULDBLOCK;
	return false;
}

int watch_lock(const char *state_dir, int *ret_fd, struct err *err)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	const char *path = path_of(arena, state_dir, LOCK_NAME);
	auto_close int fd = -1;
	char text[32];
	int r = file_make_dir(state_dir, 0700, err);

	if (r < 0)
		return r;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_errno(err, "cannot open the lock '%s'", path);
	if (!lock_take(fd)) {
		if (errno != EWOULDBLOCK)
			return err_errno(err, "cannot lock '%s'", path);
		holder_read(fd, text, sizeof(text));
		return err_set(err, -EBUSY,
			       "a daemon runs already (process %s holds '%s'): this one ends", text,
			       path);
	}
	(void)snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	if (ftruncate(fd, 0) < 0 || pwrite(fd, text, strlen(text), 0) < 0)
		return err_errno(err, "cannot write '%s'", path);
	*ret_fd = take_fd(&fd);
	return 0;
}

static bool daemon_runs(const char *path)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

bool watch_read(struct arena *arena, const char *state_dir, struct report_watch *ret)
{
	char *text = NULL;
	uint32_t len = 0;
	json_t *object;
	bool good;

	if (!daemon_runs(path_of(arena, state_dir, LOCK_NAME)) ||
	    file_read(arena, path_of(arena, state_dir, "watch.json"), FILE_PRIVATE, WATCH_BYTES_MAX,
		      &text, &len, NULL) < 0)
		return false;
	object = json_loadb(text, len, 0, NULL);
	good = object && report_watch_read(arena, object, ret);
	json_decref(object);
	return good;
}

int watch_write(const char *state_dir, const struct report_watch *watch, struct err *err)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	auto_str struct str_buf text = {0};
	json_t *object = report_watch_json(watch);

	report_json_print(object, &text);
	json_decref(object);
	return file_write_quick(path_of(arena, state_dir, "watch.json"), text.data, text.len, 0600,
				err);
}
