/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The number of a control group is the inode of its folder. */
#include "host/cgroup.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/str.h"

#define CGROUP_DEPTH_MAX 12u
#define CGROUP_FOLDERS_MAX 65536u
#define CONTAINER_ID_LEN 64u

struct walk {
	struct arena *arena;
	struct facts *facts;
	struct hash_index wanted; /* number of a group, to 1 + the first listener of it */
	uint32_t folders;
};

static void close_dir(DIR *dir)
{
	if (dir)
		(void)closedir(dir);
}
DEFINE_CLEANUP(DIR, close_dir)

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

const char *cgroup_container_id(const char *text, size_t len)
{
	size_t run = 0;

	for (size_t i = 0; i <= len; i++) {
		if (i < len && is_hex(text[i])) {
			run++;
			continue;
		}
		if (run == CONTAINER_ID_LEN)
			return text + i - run;
		run = 0;
	}
	return NULL;
}

static void group_found(struct walk *walk, uint64_t number, const char *container)
{
	if (!hash_index_get(&walk->wanted, &number, sizeof(number)))
		return;
	vec_each (&walk->facts->listeners, listener) {
		if (listener->cgroup == number && !listener->container)
			listener->container = container;
	}
}

/* container: whose group `fd` lies in, or NULL; a container may have groups of its own. */
static void folder_walk(struct walk *walk, int parent, const char *name, const char *container,
			unsigned depth)
{
	auto_close int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	auto_of(close_dir) DIR *dir = NULL;
	struct stat info;

	if (fd < 0 || fstat(fd, &info) < 0 || walk->folders++ > CGROUP_FOLDERS_MAX)
		return;
	if (!container) {
		const char *id = cgroup_container_id(name, strlen(name));

		container = id ? arena_strndup(walk->arena, id, CONTAINER_ID_LEN) : NULL;
	}
	if (container)
		group_found(walk, info.st_ino, container);
	dir = fdopendir(fd);
	if (!dir)
		return;
	(void)take_fd(&fd);
	for (struct dirent *entry; depth && (entry = readdir(dir));) {
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			folder_walk(walk, dirfd(dir), entry->d_name, container, depth - 1);
	}
}

void cgroup_read(struct arena *arena, struct facts *facts)
{
	static const char *const roots[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
	auto_of(arena_free) struct arena *scratch = arena_new();
	struct walk walk = {.arena = arena, .facts = facts, .wanted = {.arena = scratch}};

	vec_each (&facts->listeners, listener) {
		int is_new;

		if (listener->cgroup && !listener->container)
			*hash_index_put(&walk.wanted, &listener->cgroup, sizeof(listener->cgroup),
					&is_new) = 1;
	}
	if (!walk.wanted.len)
		return;
	for (size_t i = 0; i < sizeof(roots) / sizeof(*roots); i++) {
		auto_close int fd = open(roots[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		/* Only a root of the unified hierarchy has this file. */
		if (fd >= 0 && faccessat(fd, "cgroup.controllers", F_OK, 0) == 0) {
			folder_walk(&walk, fd, ".", NULL, CGROUP_DEPTH_MAX);
			return;
		}
	}
}
