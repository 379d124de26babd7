/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which process holds a socket, by one walk through /proc. */
#include "host/owner.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/str.h"

#define CONTAINER_ID_LEN 64u

struct owner_index {
	struct hash_index pids; /* inode to pid */
};

static void close_dir(DIR *dir)
{
	if (dir)
		(void)closedir(dir);
}
DEFINE_CLEANUP(DIR, close_dir)

static DIR *open_dir_at(int parent, const char *name)
{
	auto_close int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;

	if (dir)
		(void)take_fd(&fd);
	return dir;
}

static void add_sockets(struct hash_index *inodes, int proc, uint32_t pid)
{
	auto_of(close_dir) DIR *dir = NULL;
	char path[64], target[64];

	(void)snprintf(path, sizeof(path), "%u/fd", pid);
	dir = open_dir_at(proc, path);
	if (!dir)
		return;
	for (struct dirent *entry; (entry = readdir(dir));) {
		ssize_t len = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);
		uint32_t inode;
		int is_new;

		/* "socket:[12345]" */
		if (len < 10 || memcmp(target, "socket:[", 8) != 0 ||
		    !str_parse_u32(target + 8, (size_t)len - 9, 1, UINT32_MAX, &inode) ||
		    inodes->len >= LIMIT_SOCKETS)
			continue;
		*hash_index_put(inodes, &inode, sizeof(inode), &is_new) = pid;
	}
}

static void index_fill(struct owner_index *index)
{
	auto_of(close_dir) DIR *proc = open_dir_at(AT_FDCWD, "/proc");

	if (!proc)
		return;
	for (struct dirent *entry; (entry = readdir(proc));) {
		uint32_t pid;

		if (str_parse_u32(entry->d_name, strlen(entry->d_name), 1, INT32_MAX, &pid))
			add_sockets(&index->pids, dirfd(proc), pid);
	}
}

void owner_add_sockets(struct hash_index *inodes, uint32_t pid)
{
	auto_of(close_dir) DIR *proc = open_dir_at(AT_FDCWD, "/proc");

	if (proc)
		add_sockets(inodes, dirfd(proc), pid);
}

static const char *program_of(struct arena *arena, uint32_t pid)
{
	char path[64];
	char *text;
	uint32_t len;

	(void)snprintf(path, sizeof(path), "/proc/%u/comm", pid);
	if (file_read(arena, path, FILE_ANY, 4096, &text, &len, NULL) < 0 || len == 0)
		return NULL;
	if (text[len - 1] == '\n')
		text[len - 1] = '\0';
	return text;
}

/* The first run of exactly 64 hex digits in the names of the process's cgroups. */
static const char *container_of(struct arena *arena, uint32_t pid)
{
	char path[64];
	char *text;
	uint32_t len, run = 0;

	(void)snprintf(path, sizeof(path), "/proc/%u/cgroup", pid);
	if (file_read(arena, path, FILE_ANY, 65536, &text, &len, NULL) < 0)
		return NULL;
	for (uint32_t i = 0; i <= len; i++) {
		if (i < len && isxdigit((unsigned char)text[i]) &&
		    !isupper((unsigned char)text[i])) {
			run++;
			continue;
		}
		if (run == CONTAINER_ID_LEN)
			return arena_strndup(arena, text + i - run, run);
		run = 0;
	}
	return NULL;
}

static void owner_find(struct arena *arena, const struct owner_index *index,
		       struct listener *listener)
{
	const uint32_t *pid =
		hash_index_get(&index->pids, &listener->inode, sizeof(listener->inode));

	if (!pid)
		return;
	listener->pid = *pid;
	listener->program = program_of(arena, *pid);
	listener->container = container_of(arena, *pid);
}

void owner_read(struct arena *arena, struct facts *facts)
{
	auto_of(arena_free) struct arena *scratch = arena_new();
	struct owner_index index = {.pids = {.arena = scratch}};

	if (!facts->listeners.len)
		return;
	index_fill(&index);
	vec_each (&facts->listeners, listener)
		owner_find(arena, &index, listener);
}
