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
#include "base/hash.h"
#include "base/limits.h"

#define STATE_NAME "applied.policy"
#define STATE_HEAD "wharfwall-state 2"
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

/* What was read so far: its own checksums, and the one that the file says. */
struct parsing {
	struct control_snapshot snapshot;
	uint64_t lines; /* checksum of all lines but the last */
	uint64_t texts;
	uint64_t check;
	bool checked;
};

/* "LEN PATH", then LEN bytes and a newline. */
static bool file_take(struct arena *arena, const char *line, char **at, const char *end,
		      struct parsing *parsing)
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
	parsing->texts = hash_bytes(file.text, file.len, parsing->texts);
	*vec_add(arena, &parsing->snapshot.files) = file;
	return true;
}

static bool line_parse(struct arena *arena, const char *line, char **at, const char *end,
		       struct parsing *parsing)
{
	struct control_snapshot *snapshot = &parsing->snapshot;
	size_t len = (size_t)(*at - line) - 1;

	if (strlen(line) != len || parsing->checked)
		return false;
	if (str_starts(line, "check ")) {
		parsing->checked = true;
		return hash_parse(line + strlen("check "), &parsing->check);
	}
	parsing->lines = hash_bytes(line, len, parsing->lines);
	if (str_starts(line, "applied "))
		snapshot->applied = line + strlen("applied ");
	else if (str_starts(line, "policy "))
		snapshot->policy = line + strlen("policy ");
	else if (str_starts(line, "hash "))
		return hash_parse(line + strlen("hash "), &snapshot->policy_hash);
	else if (str_starts(line, "root "))
		*vec_add(arena, &snapshot->roots) = line + strlen("root ");
	else if (str_starts(line, "file "))
		return file_take(arena, line + strlen("file "), at, end, parsing);
	else
		return false;
	return true;
}

int state_parse(struct arena *arena, char *text, uint32_t len, struct control_snapshot *ret,
		struct err *err)
{
	struct parsing parsing = {0};
	const char *end = text + len;
	char *at = text;
	char *line = line_take(&at, end);

	/* nothing behind it that the checksum does not cover */
	if (!line || !str_eq(line, STATE_HEAD) || at - line != sizeof(STATE_HEAD))
		return err_set(err, -EBADMSG, "not a state file of this version");
	while ((line = line_take(&at, end))) {
		if (!line_parse(arena, line, &at, end, &parsing))
			return err_set(err, -EBADMSG, "a line that no state file has");
	}
	if (at != end || !parsing.checked || !parsing.snapshot.applied ||
	    !parsing.snapshot.policy || !parsing.snapshot.roots.len)
		return err_set(err, -EBADMSG, "the file was cut off");
	if (parsing.check != parsing.lines || parsing.snapshot.policy_hash != parsing.texts)
		return err_set(err, -EBADMSG, "its checksum does not match");
	*ret = parsing.snapshot;
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

bool state_exists(const char *dir)
{
	auto_of(arena_free) struct arena *arena = arena_new();

	return access(state_path(arena, dir, STATE_NAME), F_OK) == 0;
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

struct writing {
	FILE *file;
	uint64_t lines; /* checksum of those that were written */
	bool good;
};

static void line_write(struct writing *writing, const char *line)
{
	writing->lines = hash_bytes(line, strlen(line), writing->lines);
	writing->good = writing->good && fprintf(writing->file, "%s\n", line) > 0;
}

/*
 * Large texts go past the stream's buffer, straight from where they were read to; their checksum is
 * the policy's hash, which is known already.
 */
static bool snapshot_write(FILE *file, const struct control_load *load, const char *policy_path)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct writing to = {.file = file, .good = fputs(STATE_HEAD "\n", file) >= 0};

	line_write(&to, arena_printf(arena, "applied %s", load->applied));
	line_write(&to, arena_printf(arena, "hash %016" PRIx64, load->policy_hash));
	line_write(&to, arena_printf(arena, "policy %s", policy_path));
	vec_each (&load->roots, root)
		line_write(&to, arena_printf(arena, "root %s", *root));
	vec_each (&load->files, text) {
		line_write(&to, arena_printf(arena, "file %u %s", (unsigned)text->len, text->path));
		to.good = to.good && bytes_write(file, text->text, text->len) &&
			  bytes_write(file, "\n", 1);
	}
	return to.good && fprintf(file, "check %016" PRIx64 "\n", to.lines) > 0 &&
	       fflush(file) == 0 && fsync(fileno(file)) == 0;
}

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
	return file_sync_folder(path, err);
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

/* A disk that takes nothing more is no reason to leave the host as it is. */
static bool disk_takes_nothing(int code)
{
	return code == -EROFS || code == -ENOSPC || code == -EDQUOT;
}

static int lock_open(const char *dir, const char *path, int *ret_fd, struct err *err)
{
	struct err failure = {0};
	int r = file_make_dir(dir, 0700, &failure);

	if (r >= 0) {
		*ret_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (*ret_fd < 0)
			r = err_errno(&failure, "cannot open the lock '%s'", path);
	}
	if (r >= 0)
		return 0;
	if (!disk_takes_nothing(r)) {
		if (err)
			*err = failure;
		return r;
	}
	*ret_fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (*ret_fd < 0)
		*ret_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return 0;
}

/* For the message of who comes next; a lock without a name is one, too. */
static void holder_write(int fd)
{
	if (ftruncate(fd, 0) == 0)
		(void)dprintf(fd, "%d\n", (int)getpid());
}

static const char *holder_read(struct arena *arena, int fd)
{
	char text[16];
	ssize_t len = pread(fd, text, sizeof(text), 0);
	uint32_t pid;

	if (len <= 1 || text[len - 1] != '\n' ||
	    !str_parse_u32(text, (size_t)len - 1, 1, INT32_MAX, &pid))
		return "another wharfwall";
	return arena_printf(arena, "another wharfwall (pid %u)", pid);
}

int state_lock_within(const char *dir, unsigned wait_ms, int *ret_fd, struct err *err)
{
	static const struct timespec step = {.tv_nsec = LOCK_STEP_MS * 1000000L};
	auto_of(arena_free) struct arena *arena = arena_new();
	const char *path = state_path(arena, dir, LOCK_NAME);
	auto_close int fd = -1;
	int r;

	*ret_fd = -1;
	r = lock_open(dir, path, &fd, err);
	if (r < 0 || fd < 0)
		return r;
	for (unsigned waited_ms = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; waited_ms += LOCK_STEP_MS) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_errno(err, "cannot lock '%s'", path);
		if (waited_ms >= wait_ms)
			return err_set(err, -EBUSY, "%s holds '%s'; try again when it is done",
				       holder_read(arena, fd), path);
		(void)nanosleep(&step, NULL);
	}
	holder_write(fd);
	*ret_fd = take_fd(&fd);
	return 0;
}
