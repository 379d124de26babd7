/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * LD_PRELOAD: the MALLOC_FAIL-th allocation finds no memory, and who asked for it is written to the
 * file MALLOC_TRACE; without that number they are counted into the file MALLOC_COUNT.
 */
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* glibc's own names behind the ones that are replaced here */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

static unsigned long count;
static unsigned long fails_at;

__attribute__((constructor)) static void start(void)
{
	const char *number = getenv("MALLOC_FAIL");

	fails_at = number ? strtoul(number, NULL, 10) : 0;
	count = 0;
}

__attribute__((destructor)) static void finish(void)
{
	const char *path = getenv("MALLOC_COUNT");
	unsigned long counted = count;

	if (!path || fails_at)
		return;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	dprintf(fd, "%lu\n", counted);
	close(fd);
}

static void trace(void)
{
	const char *path = getenv("MALLOC_TRACE");
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
	void *frames[8];

	if (fd < 0)
		return;
	backtrace_symbols_fd(frames, backtrace(frames, 8), fd);
	close(fd);
}

static int fails(void)
{
	if (++count != fails_at)
		return 0;
	trace(); /* allocates, behind the one that fails */
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t number, size_t size)
{
	return fails() ? NULL : __libc_calloc(number, size);
}

void *realloc(void *old, size_t size)
{
	return fails() ? NULL : __libc_realloc(old, size);
}
