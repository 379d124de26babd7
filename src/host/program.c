/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs of the system: posix_spawn with files in memory on both sides, a pidfd to wait on. */
#include "host/program.h"

#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"

/* Nothing that the caller has in its environment changes what a program does. */
static char *const environment[] = {(char[]){"PATH=/usr/sbin:/sbin:/usr/bin:/bin"},
				    (char[]){"LC_ALL=C"}, NULL};

struct child {
	pid_t pid; /* 0: not started, or done */
	int watch; /* pidfd */
	int in;
	int out;
	int complaint;
};

const char *program_find(struct arena *arena, const char *name)
{
	static const char *const folders[] = {"/usr/sbin", "/sbin", "/usr/bin", "/bin"};

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		const char *path = arena_printf(arena, "%s/%s", folders[i], name);

		if (access(path, X_OK) == 0)
			return path;
	}
	return NULL;
}

static uint64_t now_ms(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int input_make(const struct program_run *run)
{
	int fd = memfd_create("input", MFD_CLOEXEC);
	size_t done = 0;

	while (fd >= 0 && done < run->input_len) {
		ssize_t n = write(fd, run->input + done, run->input_len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			(void)close(fd);
			return -1;
		}
		done += (size_t)n;
	}
	if (fd >= 0)
		(void)lseek(fd, 0, SEEK_SET);
	return fd;
}

int program_become(const char *const *argv, struct err *err)
{
	/* execve() does not change them, but does not say so. */
	union {
		const char *const *ours;
		char *const *theirs;
	} words = {.ours = argv};

	(void)execve(argv[0], words.theirs, environment);
	return err_errno(err, "cannot run '%s'", argv[0]);
}

static int child_spawn(struct child *child, const struct program_run *run)
{
	/* posix_spawn() does not change them, but does not say so. */
	union {
		const char *const *ours;
		char *const *theirs;
	} argv = {.ours = run->argv};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	int r;

	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	(void)posix_spawn_file_actions_init(&files);
	(void)posix_spawnattr_init(&attributes);
	/* A group of its own: the deadline ends its children too. */
	(void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
							    POSIX_SPAWN_SETPGROUP);
	(void)posix_spawnattr_setsigmask(&attributes, &none);
	(void)posix_spawnattr_setsigdefault(&attributes, &all);
	r = posix_spawn_file_actions_adddup2(&files, child->in, STDIN_FILENO);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(&files, child->out, STDOUT_FILENO);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(&files, child->complaint, STDERR_FILENO);
	if (r == 0)
		r = posix_spawn(&child->pid, run->argv[0], &files, &attributes, argv.theirs,
				environment);
	(void)posix_spawnattr_destroy(&attributes);
	(void)posix_spawn_file_actions_destroy(&files);
	return -r;
}

static int child_start(struct child *child, const struct program_run *run, struct err *err)
{
	int r;

	child->in = input_make(run);
	child->out = memfd_create("output", MFD_CLOEXEC);
	child->complaint = memfd_create("complaint", MFD_CLOEXEC);
	if (child->in < 0 || child->out < 0 || child->complaint < 0)
		return err_errno(err, "cannot make a file in memory for '%s'", run->argv[0]);
	r = child_spawn(child, run);
	if (r < 0) {
		child->pid = 0;
		errno = -r;
		return err_errno(err, "cannot run '%s'", run->argv[0]);
	}
	child->watch = pidfd_open(child->pid, 0);
	if (child->watch < 0)
		return err_errno(err, "cannot watch '%s'", run->argv[0]);
	return 0;
}

static int child_wait(struct child *child, struct program_run *run, uint64_t deadline,
		      struct err *err)
{
	struct pollfd ends = {.fd = child->watch, .events = POLLIN};
	siginfo_t info = {0};

	for (;;) {
		uint64_t now = now_ms();
		int left = now < deadline ? (int)(deadline - now) : 0;
		int r = poll(&ends, 1, left);

		if (r > 0)
			break;
		if (r < 0 && errno != EINTR)
			return err_errno(err, "cannot wait for '%s'", run->argv[0]);
		if (r == 0 && left == 0)
			return err_set(err, -ETIMEDOUT,
				       "'%s' does not come to an end; it was ended", run->argv[0]);
	}
	if (waitid(P_PIDFD, (id_t)child->watch, &info, WEXITED) < 0)
		return err_errno(err, "cannot wait for '%s'", run->argv[0]);
	child->pid = 0;
	run->status =
		info.si_code == CLD_EXITED ? info.si_status : PROGRAM_SIGNALLED + info.si_status;
	return 0;
}

static int output_read(struct arena *arena, int fd, const char *name, char **ret, uint32_t *ret_len,
		       struct err *err)
{
	struct stat stat;
	uint32_t len;
	char *text;

	if (fstat(fd, &stat) < 0)
		return err_errno(err, "cannot read what '%s' printed", name);
	if (stat.st_size > (off_t)LIMIT_PROGRAM_OUTPUT_BYTES)
		return err_set(err, -EFBIG, "'%s' printed more than %u MiB", name,
			       LIMIT_PROGRAM_OUTPUT_BYTES >> 20);
	len = (uint32_t)stat.st_size;
	text = arena_alloc(arena, (size_t)len + 1);
	for (uint32_t done = 0; done < len;) {
		ssize_t n = pread(fd, text + done, len - done, (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "cannot read what '%s' printed", name);
		if (n == 0)
			break;
		done += (uint32_t)n;
	}
	*ret = text;
	*ret_len = len;
	return 0;
}

static void child_end(struct child *child)
{
	if (child->pid > 0) {
		(void)kill(-child->pid, SIGKILL);
		(void)kill(child->pid, SIGKILL);
		while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	cleanup_close(&child->watch);
	cleanup_close(&child->in);
	cleanup_close(&child->out);
	cleanup_close(&child->complaint);
}

static int all_run(struct arena *arena, struct child *children, struct program_run *runs,
		   uint32_t count, unsigned timeout_ms, struct err *err)
{
	uint64_t deadline = now_ms() + timeout_ms;
	int r = 0;

	for (uint32_t i = 0; i < count && r >= 0; i++)
		r = child_start(&children[i], &runs[i], err);
	for (uint32_t i = 0; i < count && r >= 0; i++)
		r = child_wait(&children[i], &runs[i], deadline, err);
	for (uint32_t i = 0; i < count && r >= 0; i++) {
		r = output_read(arena, children[i].out, runs[i].argv[0], &runs[i].out,
				&runs[i].out_len, err);
		if (r >= 0)
			r = output_read(arena, children[i].complaint, runs[i].argv[0],
					&runs[i].complaint, &runs[i].complaint_len, err);
	}
	return r;
}

int program_run_all(struct arena *arena, struct program_run *runs, uint32_t count,
		    unsigned timeout_ms, struct err *err)
{
	struct child *children = arena_new_array(arena, struct child, count);
	int r;

	for (uint32_t i = 0; i < count; i++)
		children[i] = (struct child){.watch = -1, .in = -1, .out = -1, .complaint = -1};
	r = all_run(arena, children, runs, count, timeout_ms, err);
	for (uint32_t i = 0; i < count; i++)
		child_end(&children[i]);
	return r;
}
