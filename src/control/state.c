/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state directory. */
#include "control/state.h"

#include <sys/file.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"

#define STATE_NAME "applied.policy"
#define STATE_HEAD "wharfwall-state 1"
#define STATE_BYTES_MAX (4u * LIMIT_POLICY_BYTES)
#define LOCK_NAME "lock"
#define LOCK_WAIT_MS 10000u
#define LOCK_STEP_MS 20u

static char *state_path(struct arena *arena, const char *dir, const char *name)
{
	return arena_printf(arena, "%s/%s", dir, name);
}

/* Cuts off and returns the line at *at, NULL at the end. */
static char *line_take(char **at, const char *end)
{
	char *line = *at;
	char *newline;

	if (line >= end)
		return NULL;
	newline = memchr(line, '\n', (size_t)(end - line));
	if (!newline)
		return NULL;
	*newline = '\0';
	*at = newline + 1;
	return line;
}

static bool hash_parse(const char *text, uint64_t *ret)
{
	uint64_t value = 0;

	if (strlen(text) != 16)
		return false;
	for (unsigned i = 0; i < 16; i++) {
		const char *digit = strchr("0123456789abcdef", text[i]);

		if (!digit)
			return false;
		value = value << 4 | (uint64_t)(digit - "0123456789abcdef");
	}
	*ret = value;
	return true;
}

/* "LEN PATH", then LEN bytes and a newline. */
static bool file_take(struct arena *arena, const char *line, char **at, const char *end,
		      struct control_snapshot *ret)
{
	const char *blank = strchr(line, ' ');
	struct control_file file = {0};

	if (!blank ||
	    !str_parse_u32(line, (size_t)(blank - line), 0, LIMIT_POLICY_BYTES, &file.len))
		return false;
	if ((size_t)(end - *at) < (size_t)file.len + 1 || (*at)[file.len] != '\n')
		return false;
	file.path = blank + 1;
	file.text = *at;
	(*at)[file.len] = '\0';
	*at += (size_t)file.len + 1;
	*vec_add(arena, &ret->files) = file;
	return true;
}

static bool line_parse(struct arena *arena, const char *line, char **at, const char *end,
		       struct control_snapshot *ret)
{
	if (str_starts(line, "applied "))
		ret->applied = line + strlen("applied ");
	else if (str_starts(line, "policy "))
		ret->policy = line + strlen("policy ");
	else if (str_starts(line, "hash "))
		return hash_parse(line + strlen("hash "), &ret->policy_hash);
	else if (str_starts(line, "root "))
		*vec_add(arena, &ret->roots) = line + strlen("root ");
	else if (str_starts(line, "file "))
		return file_take(arena, line + strlen("file "), at, end, ret);
	else
		return false;
	return true;
}

int state_parse(struct arena *arena, char *text, uint32_t len, struct control_snapshot *ret,
		struct err *err)
{
	struct control_snapshot snapshot = {0};
	const char *end = text + len;
	char *at = text;
	char *line = line_take(&at, end);

	if (!line || !str_eq(line, STATE_HEAD))
		return err_set(err, -EBADMSG, "not a state file of this version");
	while ((line = line_take(&at, end))) {
		if (!line_parse(arena, line, &at, end, &snapshot))
			return err_set(err, -EBADMSG, "a line that no state file has");
	}
	if (at != end || !snapshot.applied || !snapshot.policy || !snapshot.roots.len)
		return err_set(err, -EBADMSG, "the file was cut off");
	*ret = snapshot;
	return 0;
}

int state_read(struct arena *arena, const char *dir, struct control_snapshot *ret, struct err *err)
{
	const char *path = state_path(arena, dir, STATE_NAME);
	char *text = NULL;
	uint32_t len = 0;
	int r;

	r = file_read(arena, path, FILE_PRIVATE, STATE_BYTES_MAX, &text, &len, err);
	if (r < 0)
		return r;
	r = state_parse(arena, text, len, ret, err);
	if (r < 0)
		return err_wrap(err, "cannot understand '%s'", path);
	return 0;
}

static bool bytes_write(FILE *file, const char *data, size_t len)
{
	return fwrite(data, 1, len, file) == len;
}

static off_t snapshot_bytes(const struct control_load *load)
{
	off_t bytes = 4096; /* more than the lines around the texts need */

	vec_each (&load->files, text)
		bytes += text->len;
	return bytes;
}

/* Large texts go past the stream's buffer, straight from where they were read to. */
static bool snapshot_write(FILE *file, const struct control_load *load, const char *policy_path)
{
	bool good = fprintf(file, STATE_HEAD "\napplied %s\nhash %016" PRIx64 "\npolicy %s\n",
			    load->applied, load->policy_hash, policy_path) > 0;

	vec_each (&load->roots, root)
		good = good && fprintf(file, "root %s\n", *root) > 0;
	vec_each (&load->files, text)
		good = good && fprintf(file, "file %u %s\n", (unsigned)text->len, text->path) > 0 &&
		       bytes_write(file, text->text, text->len) && bytes_write(file, "\n", 1);
	return good && fflush(file) == 0;
}

/*
 * Whole or not at all for whoever reads it, but not synced: after a crash the kernel's table is
 * gone too, and a file that was cut off is told from a whole one.
 */
int state_write(const char *dir, const struct control_load *load, const char *policy_path,
		struct err *err)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	const char *path = state_path(arena, dir, STATE_NAME);
	const char *new_path = state_path(arena, dir, STATE_NAME ".new");
	auto_fclose FILE *file = NULL;
	int fd = open(new_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return err_errno(err, "cannot write '%s'", new_path);
	/*
	 * Blocks in advance, where the file system can: otherwise ext4 finds them in the rename,
	 * which takes ten times as long as the writing.
	 */
	(void)fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, snapshot_bytes(load));
	file = fdopen(fd, "w");
	if (!file) {
		(void)close(fd);
		return err_errno(err, "cannot write '%s'", new_path);
	}
	if (!snapshot_write(file, load, policy_path) || rename(new_path, path) < 0) {
		int r = err_errno(err, "cannot write '%s'", path);

		(void)unlink(new_path);
		return r;
	}
	return 0;
}

int state_remove(const char *dir, struct err *err)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	const char *path = state_path(arena, dir, STATE_NAME);

	if (unlink(path) < 0 && errno != ENOENT)
		return err_errno(err, "cannot remove '%s'", path);
	return 0;
}

int state_lock(const char *dir, int *ret_fd, struct err *err)
{
	return state_lock_within(dir, LOCK_WAIT_MS, ret_fd, err);
}

int state_lock_within(const char *dir, unsigned wait_ms, int *ret_fd, struct err *err)
{
	static const struct timespec step = {.tv_nsec = LOCK_STEP_MS * 1000000L};
	auto_of(arena_free) struct arena *arena = arena_new();
	const char *path = state_path(arena, dir, LOCK_NAME);
	auto_close int fd = -1;
	int r;

	r = file_make_dir(dir, 0700, err);
	if (r < 0)
		return r;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_errno(err, "cannot open the lock '%s'", path);
	for (unsigned waited_ms = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; waited_ms += LOCK_STEP_MS) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_errno(err, "cannot lock '%s'", path);
		if (waited_ms >= wait_ms)
			return err_set(err, -EBUSY,
				       "another wharfwall holds '%s'; try again when it is done",
				       path);
		(void)nanosleep(&step, NULL);
	}
	*ret_fd = take_fd(&fd);
	return 0;
}
