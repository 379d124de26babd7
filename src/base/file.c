/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files: read whole and with care, replaced whole or not at all. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

#define READ_TIMEOUT_MS 10000

static bool is_ours(uid_t uid)
{
	return uid == 0 || uid == geteuid();
}

static int check_trust(const char *path, const struct stat *info, struct err *err)
{
	if (!is_ours(info->st_uid))
		return err_set(err, -EPERM,
			       "'%s' belongs to user %u, who could change it: chown root '%s'",
			       path, info->st_uid, path);
	if (info->st_mode & (S_IWGRP | S_IWOTH))
		return err_set(err, -EPERM, "'%s' can be written by others: chmod go-w '%s'", path,
			       path);
	return 0;
}

static int open_checked(const char *path, enum file_trust trust, int *ret_fd, struct stat *info,
			struct err *err)
{
	auto_close int fd = -1;
	struct stat link;
	int r;

	if (trust == FILE_PRIVATE && lstat(path, &link) == 0 && S_ISLNK(link.st_mode) &&
	    !is_ours(link.st_uid))
		return err_set(err, -EPERM, "'%s' is a link that belongs to user %u: remove it",
			       path, link.st_uid);
	/* O_NONBLOCK: a FIFO without a writer must not hold us up */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return err_errno(err, "cannot open '%s'", path);
	if (fstat(fd, info) < 0)
		return err_errno(err, "cannot look at '%s'", path);
	if (S_ISDIR(info->st_mode))
		return err_set(err, -EISDIR, "'%s' is a directory, not a file", path);
	if (trust == FILE_PRIVATE && !S_ISREG(info->st_mode))
		return err_set(err, -EPERM, "'%s' is not a regular file", path);
	if (trust == FILE_PRIVATE) {
		r = check_trust(path, info, err);
		if (r < 0)
			return r;
	}
	*ret_fd = take_fd(&fd);
	return 0;
}

/* A pipe whose writer is slow, as in <(...): waits for it, but not for ever. */
static bool wait_readable(int fd)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};

	if (poll(&wait, 1, READ_TIMEOUT_MS) > 0)
		return true;
	errno = ETIMEDOUT;
	return false;
}

int file_read(struct arena *arena, const char *path, enum file_trust trust, uint32_t max_bytes,
	      char **ret_text, uint32_t *ret_len, struct err *err)
{
	auto_close int fd = -1;
	struct stat info = {0};
	size_t cap, len = 0;
	char *text;
	int r = open_checked(path, trust, &fd, &info, err);

	if (r < 0)
		return r;
	if (S_ISREG(info.st_mode) && info.st_size > (off_t)max_bytes)
		return err_set(err, -EFBIG, "'%s' has more than %u bytes", path, max_bytes);
	/* files of /proc say size 0, and a file may grow while it is read */
	cap = S_ISREG(info.st_mode) && info.st_size > 0 ? (size_t)info.st_size + 1 : 4096;
	text = arena_alloc(arena, cap);
	for (;;) {
		ssize_t got = read(fd, text + len, cap - len);

		if (got < 0 && (errno == EINTR || (errno == EAGAIN && wait_readable(fd))))
			continue;
		if (got < 0)
			return err_errno(err, "cannot read '%s'", path);
		if (got == 0)
			break;
		len += (size_t)got;
		if (len > max_bytes)
			return err_set(err, -EFBIG, "'%s' has more than %u bytes", path, max_bytes);
		if (len == cap) {
			text = arena_grow(arena, text, cap, cap * 2);
			cap *= 2;
		}
	}
	if (len == cap)
		text = arena_grow(arena, text, cap, cap + 1);
	text[len] = '\0';
	*ret_text = text;
	*ret_len = (uint32_t)len;
	return 0;
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t done = write(fd, data, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		data += done;
		len -= (size_t)done;
	}
	return 0;
}

int file_sync_folder(const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX] = ".";
	auto_close int fd = -1;

	if (slash == path)
		(void)snprintf(folder, sizeof(folder), "/");
	else if (slash)
		(void)snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		return err_errno(err, "cannot make '%s' safe on disk", path);
	return 0;
}

static int write_whole(const char *path, const char *data, size_t len, uint32_t mode, bool synced,
		       struct err *err)
{
	auto_close int fd = -1;
	char temporary[PATH_MAX];
	int size = snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path);

	if (size < 0 || (size_t)size >= sizeof(temporary))
		return err_set(err, -ENAMETOOLONG, "the name '%s' is too long", path);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "cannot make a file beside '%s'", path);
	if ((errno = -write_all(fd, data, len)) != 0 || fchmod(fd, mode) < 0 ||
	    (synced && fsync(fd) < 0) || rename(temporary, path) < 0) {
		(void)err_errno(err, "cannot write '%s'", path);
		(void)unlink(temporary); /* nothing more can be done about it */
		return err ? err->code : -EIO;
	}
	return synced ? file_sync_folder(path, err) : 0;
}

int file_write_atomic(const char *path, const char *data, size_t len, uint32_t mode,
		      struct err *err)
{
	return write_whole(path, data, len, mode, true, err);
}

int file_write_quick(const char *path, const char *data, size_t len, uint32_t mode, struct err *err)
{
	return write_whole(path, data, len, mode, false, err);
}

int file_make_dir(const char *path, uint32_t mode, struct err *err)
{
	char copy[PATH_MAX];
	int size = snprintf(copy, sizeof(copy), "%s", path);

	if (size < 0 || (size_t)size >= sizeof(copy))
		return err_set(err, -ENAMETOOLONG, "the name '%s' is too long", path);
	if (!*copy)
		return err_set(err, -ENOENT, "a folder without a name cannot be made");
	for (char *at = copy + 1; *at; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		if (mkdir(copy, 0755) < 0 && errno != EEXIST)
			return err_errno(err, "cannot make the folder '%s'", copy);
		*at = '/';
	}
	if (mkdir(copy, mode) < 0 && errno != EEXIST)
		return err_errno(err, "cannot make the folder '%s'", copy);
	return 0;
}
