/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where policy text comes from: the draft, the kept texts, files that others can write. */
#include "control/reader.h"

#include <sys/stat.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static char folder[] = "/tmp/wharfwall-reader-XXXXXX";

static const char *path_of(struct arena *arena, const char *name)
{
	return arena_printf(arena, "%s/%s", folder, name);
}

static int folder_make(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int folder_remove(void **state)
{
	(void)state;
	return rmdir(folder);
}

static void file_make(const char *path, const char *text, mode_t mode)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static int read_one(struct reader *reader, const char *path, char **ret_text)
{
	char reason[256] = "";
	uint32_t len;

	return reader->calls.read(reader->calls.data, reader->load->arena, path, ret_text, &len,
				  reason);
}

static void test_files_of_the_system(void **state)
{
	auto_of(control_load_free) struct control_load *load = control_load_new();
	const char *good = path_of(load->arena, "good.policy");
	const char *open = path_of(load->arena, "open.policy");
	struct reader reader;
	char *text;

	(void)state;
	file_make(good, "# good\n", 0600);
	file_make(open, "# open\n", 0666);
	reader_init(&reader, load, NULL, NULL);
	assert_int_equal(read_one(&reader, good, &text), 0);
	assert_string_equal(text, "# good\n");
	assert_int_equal(read_one(&reader, open, &text), -EPERM);
	assert_int_equal(read_one(&reader, path_of(load->arena, "none"), &text), -ENOENT);
	assert_int_equal(load->files.len, 1);
	assert_string_equal(load->files.items[0].path, good);
	(void)unlink(good);
	(void)unlink(open);
}

static void test_draft_stands_for_a_file(void **state)
{
	auto_of(control_load_free) struct control_load *load = control_load_new();
	const char *b = path_of(load->arena, "b.policy");
	struct control_file draft = {path_of(load->arena, "a.policy"), "# draft\n", 8};
	struct reader reader;
	char **paths = NULL;
	uint32_t count = 0;
	char *text;

	(void)state;
	file_make(b, "", 0600);
	reader_init(&reader, load, &draft, NULL);
	assert_int_equal(reader.calls.glob(reader.calls.data, load->arena,
					   path_of(load->arena, "*.policy"), &paths, &count),
			 0);
	assert_int_equal(count, 2);
	assert_string_equal(paths[0], draft.path);
	assert_string_equal(paths[1], b);
	assert_int_equal(read_one(&reader, draft.path, &text), 0);
	assert_string_equal(text, "# draft\n");
	(void)unlink(b);
}

static void test_kept_texts(void **state)
{
	auto_of(control_load_free) struct control_load *load = control_load_new();
	struct control_snapshot snapshot = {0};
	struct reader reader;
	char **paths = NULL;
	uint32_t count = 0;
	char *text;

	(void)state;
	*vec_add(load->arena, &snapshot.files) = (struct control_file){"/p.d/x.policy", "x", 1};
	*vec_add(load->arena, &snapshot.files) = (struct control_file){"/p", "p", 1};
	reader_init(&reader, load, NULL, &snapshot);
	assert_int_equal(
		reader.calls.glob(reader.calls.data, load->arena, "/p.d/*.policy", &paths, &count),
		0);
	assert_int_equal(count, 1);
	assert_int_equal(read_one(&reader, "/p", &text), 0);
	assert_string_equal(text, "p");
	assert_int_equal(read_one(&reader, "/etc/passwd", &text), -ENOENT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files_of_the_system),
		cmocka_unit_test(test_draft_stands_for_a_file),
		cmocka_unit_test(test_kept_texts),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
