/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files in a folder of the test: trust, limits, replacing, no descriptor left open. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"

static char folder[] = "/tmp/wharfwall-test-file-XXXXXX";

static const char *path_of(struct arena *arena, const char *name)
{
	return arena_printf(arena, "%s/%s", folder, name);
}

static unsigned entries_of(const char *path)
{
	DIR *dir = opendir(path);
	unsigned count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	(void)closedir(dir);
	return count;
}

static int make_folder(void **state)
{
	(void)state;
	(void)umask(022);
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

static void files_are_replaced_whole(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	const char *path = path_of(arena, "file");
	unsigned open_before = entries_of("/proc/self/fd");
	struct err err = {0};
	struct stat info;
	uint32_t len = 0;
	char *text = NULL;

	(void)state;
	assert_int_equal(file_write_atomic(path, "old", 3, 0600, &err), 0);
	assert_int_equal(file_write_atomic(path, "new\0text", 8, 0644, &err), 0);
	assert_int_equal(file_read(arena, path, FILE_PRIVATE, 8, &text, &len, &err), 0);
	assert_int_equal(len, 8);
	assert_memory_equal(text, "new\0text\0", 9);
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 07777, 0644);
	assert_int_equal(entries_of(folder), 3); /* no temporary file stays */
	assert_int_equal(file_write_atomic(path, "", 0, 0644, &err), 0);
	assert_int_equal(file_read(arena, path, FILE_PRIVATE, 8, &text, &len, &err), 0);
	assert_int_equal(len, 0);
	assert_string_equal(text, "");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(entries_of("/proc/self/fd"), open_before);
}

static void what_cannot_be_read_says_so(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	const char *path = path_of(arena, "file"), *fifo = path_of(arena, "fifo");
	unsigned open_before = entries_of("/proc/self/fd");
	struct err err = {0};
	uint32_t len = 77;
	char *text = NULL;

	(void)state;
	assert_int_equal(file_read(arena, path, FILE_ANY, 8, &text, &len, &err), -ENOENT);
	assert_true(str_starts(err.text, "cannot open '"));
	assert_int_equal(file_write_atomic(path, "123456789", 9, 0600, &err), 0);
	assert_int_equal(file_read(arena, path, FILE_ANY, 8, &text, &len, &err), -EFBIG);
	assert_int_equal(file_read(arena, path, FILE_ANY, 9, &text, &len, &err), 0);
	assert_int_equal(file_read(arena, folder, FILE_ANY, 8, &text, &len, &err), -EISDIR);
	assert_int_equal(file_read(arena, "/dev/zero", FILE_ANY, 5000, &text, &len, &err), -EFBIG);
	assert_int_equal(file_read(arena, "/dev/null", FILE_PRIVATE, 5000, &text, &len, &err),
			 -EPERM);
	assert_int_equal(file_read(arena, "/proc/self/status", FILE_ANY, 100000, &text, &len, &err),
			 0);
	assert_true(len > 100); /* whose size is said to be 0 */
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(file_read(arena, fifo, FILE_PRIVATE, 8, &text, &len, &err), -EPERM);
	assert_int_equal(unlink(fifo), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(file_write_atomic(path_of(arena, "no/file"), "", 0, 0600, &err), -ENOENT);
	assert_int_equal(entries_of("/proc/self/fd"), open_before);
}

static void what_others_can_write_is_not_trusted(void **state)
{
	static const struct {
		mode_t mode;
		int want;
	} cases[] = {{0600, 0}, {0644, 0}, {0664, -EPERM}, {0646, -EPERM}, {0666, -EPERM}};
	auto_of(arena_free) struct arena *arena = arena_new();
	const char *path = path_of(arena, "file"), *link = path_of(arena, "link");
	struct err err = {0};
	uint32_t len;
	char *text;

	(void)state;
	assert_int_equal(file_write_atomic(path, "x", 1, 0600, &err), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(chmod(path, cases[i].mode), 0);
		assert_int_equal(file_read(arena, path, FILE_PRIVATE, 8, &text, &len, &err),
				 cases[i].want);
		assert_int_equal(file_read(arena, path, FILE_ANY, 8, &text, &len, &err), 0);
	}
	/* our own link is followed, to a file that is looked at as hard */
	assert_int_equal(symlink(path, link), 0);
	assert_int_equal(file_read(arena, link, FILE_PRIVATE, 8, &text, &len, &err), -EPERM);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(file_read(arena, link, FILE_PRIVATE, 8, &text, &len, &err), 0);
	if (geteuid() == 0) {
		assert_int_equal(lchown(link, 65534, 65534), 0);
		assert_int_equal(file_read(arena, link, FILE_PRIVATE, 8, &text, &len, &err),
				 -EPERM);
		assert_int_equal(chown(path, 65534, 65534), 0);
		assert_int_equal(file_read(arena, path, FILE_PRIVATE, 8, &text, &len, &err),
				 -EPERM);
	}
	assert_int_equal(unlink(link), 0);
	assert_int_equal(unlink(path), 0);
}

static void pipes_are_read_to_their_end(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct err err = {0};
	uint32_t len = 0;
	char *text = NULL;
	int ends[2];
	pid_t child;

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	child = fork();
	if (child == 0) {
		/* more than a pipe holds: the reader meets it full and empty */
		for (int i = 0; i < 20000; i++)
			if (write(ends[1], "0123456789", 10) != 10)
				_exit(1);
		_exit(0);
	}
	(void)close(ends[1]);
	assert_int_equal(file_read(arena, arena_printf(arena, "/proc/self/fd/%d", ends[0]),
				   FILE_ANY, 300000, &text, &len, &err),
			 0);
	assert_int_equal(len, 200000);
	assert_memory_equal(text + 199990, "0123456789\0", 11);
	(void)close(ends[0]);
}

static void folders_are_made_with_parents(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct err err = {0};
	struct stat info;

	(void)state;
	assert_int_equal(file_make_dir(path_of(arena, "a/b/c"), 0700, &err), 0);
	assert_int_equal(file_make_dir(path_of(arena, "a/b/c"), 0700, &err), 0);
	assert_int_equal(stat(path_of(arena, "a/b/c"), &info), 0);
	assert_int_equal(info.st_mode & 07777, 0700);
	assert_int_equal(file_make_dir("", 0700, &err), -ENOENT);
	assert_true(file_make_dir("/dev/null/x", 0700, &err) < 0);
	assert_int_equal(rmdir(path_of(arena, "a/b/c")), 0);
	assert_int_equal(rmdir(path_of(arena, "a/b")), 0);
	assert_int_equal(rmdir(path_of(arena, "a")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_replaced_whole),
		cmocka_unit_test(what_cannot_be_read_says_so),
		cmocka_unit_test(what_others_can_write_is_not_trusted),
		cmocka_unit_test(pipes_are_read_to_their_end),
		cmocka_unit_test(folders_are_made_with_parents),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
