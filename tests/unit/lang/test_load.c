/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Includes and set files, from a file system that is a table. */
#include <errno.h>
#include <fnmatch.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "lang/load.h"

struct entry {
	const char *path;
	const char *text; /* NULL: a link to target */
	const char *target;
	int error;
};

static const struct entry *find(void *data, const char *path)
{
	for (const struct entry *entry = data; entry->path; entry++) {
		if (strcmp(entry->path, path) == 0)
			return entry;
	}
	return NULL;
}

static int table_read(void *data, struct arena *arena, const char *path, char **ret_text,
		      uint32_t *ret_len, char reason[256])
{
	const struct entry *entry = find(data, path);

	if (entry && !entry->text && entry->target)
		entry = find(data, entry->target);
	if (!entry || entry->error) {
		int error = entry ? entry->error : -ENOENT;

		(void)snprintf(reason, 256, "%s", strerror(-error));
		return error;
	}
	*ret_text = arena_strdup(arena, entry->text);
	*ret_len = (uint32_t)strlen(entry->text);
	return 0;
}

static int table_glob(void *data, struct arena *arena, const char *pattern, char ***ret_paths,
		      uint32_t *ret_count)
{
	char **paths = arena_new_array(arena, char *, 64);
	uint32_t count = 0;

	for (const struct entry *entry = data; entry->path; entry++) {
		if (fnmatch(pattern, entry->path, FNM_PATHNAME) == 0)
			paths[count++] = arena_strdup(arena, entry->path);
	}
	*ret_paths = paths;
	*ret_count = count;
	return 0;
}

static const char *table_identity(void *data, struct arena *arena, const char *path)
{
	const struct entry *entry = find(data, path);

	(void)arena;
	return entry && entry->target ? entry->target : path;
}

struct loaded {
	struct arena *arena;
	struct source_set sources;
	struct diag_list diags;
	struct policy policy;
	bool good;
};

static void load(struct loaded *l, struct entry *table, const char *path)
{
	struct load_reader reader = {
		.data = table, .read = table_read, .glob = table_glob, .identity = table_identity};

	*l = (struct loaded){.arena = arena_new()};
	l->sources.arena = l->arena;
	l->diags.arena = l->arena;
	l->good = load_policy(l->arena, &l->sources, &reader, path, &l->policy, &l->diags);
}

static void expect_text(struct loaded *l, const char *want)
{
	auto_str struct str_buf out = {0};

	diag_list_format(&l->diags, &l->sources, &out);
	assert_string_equal(str_buf_text(&out), want);
	arena_free(l->arena);
}

static void follows_includes_in_order(void **state)
{
	struct entry table[] = {
		{"/etc/w/main", "include \"d/*.policy\"\nset s = file \"s.txt\"\n", NULL, 0},
		{"/etc/w/d/a.policy", "zone a = eth0\nset t = file \"../s.txt\"\n", NULL, 0},
		{"/etc/w/d/b.policy", "zone b = eth1\n", NULL, 0},
		{"/etc/w/s.txt", "192.0.2.1\n192.0.2.2\n", NULL, 0},
		{"/etc/w/d/../s.txt", NULL, "/etc/w/s.txt", 0},
		{0}};
	const struct tree_file *main_file;
	struct loaded l;

	(void)state;
	load(&l, table, "/etc/w/main");
	assert_true(l.good);
	assert_int_equal(l.policy.files.len, 3);
	main_file = l.policy.files.items[0];
	assert_int_equal(main_file->items.items[0].include->files.len, 2);
	assert_ptr_equal(main_file->items.items[0].include->files.items[1],
			 l.policy.files.items[2]);
	assert_int_equal(main_file->items.items[1].set->elems.len, 2);
	assert_int_not_equal(main_file->items.items[1].set->file_origin.source, 0);
	expect_text(&l, "");
}

static void reads_a_file_once(void **state)
{
	struct entry table[] = {{"main", "include \"a\"\ninclude \"b\"\n", NULL, 0},
				{"a", "zone a = eth0\n", NULL, 0},
				{"b", NULL, "a", 0},
				{0}};
	struct loaded l;

	(void)state;
	load(&l, table, "main");
	assert_true(l.good);
	assert_int_equal(l.policy.files.len, 2);
	expect_text(&l, "");
}

static void finds_cycles(void **state)
{
	struct entry table[] = {{"main", "include \"a\"\n", NULL, 0},
				{"a", "include \"link\"\n", NULL, 0},
				{"link", NULL, "a", 0},
				{0}};
	struct loaded l;

	(void)state;
	load(&l, table, "main");
	assert_false(l.good);
	expect_text(&l, "a:1:9: error: 'link' is included while it is being read [E0403]\n"
			"include \"link\"\n"
			"        ^~~~~~\n"
			"main:1:9: note: it was included here before\n"
			"include \"a\"\n"
			"        ^~~\n");
}

static void finds_a_policy_as_set_file(void **state)
{
	struct entry table[] = {{"main", "set s = file \"main\"\n", NULL, 0}, {0}};
	struct loaded l;

	(void)state;
	load(&l, table, "main");
	assert_false(l.good);
	assert_int_equal(l.diags.items.items[0]->code, DIAG_INCLUDE_CYCLE);
	arena_free(l.arena);
}

static void says_what_cannot_be_read(void **state)
{
	struct entry table[] = {{"main", "include \"gone\"\nset s = file \"shut\"\n", NULL, 0},
				{"shut", "", NULL, -EACCES},
				{0}};
	struct loaded l;

	(void)state;
	load(&l, table, "main");
	assert_false(l.good);
	expect_text(&l, "main:1:9: error: cannot read 'gone': No such file or directory [E0401]\n"
			"include \"gone\"\n"
			"        ^~~~~~\n"
			"note: a pattern like \"conf.d/*.policy\" may match no file\n"
			"main:2:14: error: cannot read 'shut': Permission denied [E0401]\n"
			"set s = file \"shut\"\n"
			"             ^~~~~~\n"
			"note: it can be read by root only: run wharfwall as root\n");
}

static void says_that_the_policy_is_missing(void **state)
{
	struct entry table[] = {{0}};
	struct loaded l;

	(void)state;
	load(&l, table, "main");
	assert_false(l.good);
	assert_int_equal(l.policy.files.len, 0);
	assert_int_equal(l.diags.items.items[0]->code, DIAG_CANNOT_READ);
	assert_int_equal(l.diags.items.items[0]->notes.len, 1);
	arena_free(l.arena);
}

static void tells_unsafe_and_large_files_apart(void **state)
{
	struct entry table[] = {{"main", "include \"a\"\ninclude \"b\"\n", NULL, 0},
				{"a", "", NULL, -EPERM},
				{"b", "", NULL, -EFBIG},
				{0}};
	struct loaded l;

	(void)state;
	load(&l, table, "main");
	assert_int_equal(l.diags.items.items[0]->code, DIAG_UNSAFE_FILE);
	assert_int_equal(l.diags.items.items[1]->code, DIAG_TOO_LARGE);
	arena_free(l.arena);
}

static void warns_of_a_pattern_without_files(void **state)
{
	struct entry table[] = {{"main", "include \"conf.d/*.policy\"\n", NULL, 0}, {0}};
	struct loaded l;

	(void)state;
	load(&l, table, "main");
	assert_true(l.good);
	assert_int_equal(l.diags.warnings, 1);
	assert_int_equal(l.diags.items.items[0]->code, DIAG_EMPTY_INCLUDE);
	arena_free(l.arena);
}

static void depth_is_limited(void **state)
{
	struct entry table[LIMIT_INCLUDE_DEPTH + 4] = {0};
	char names[LIMIT_INCLUDE_DEPTH + 4][32];
	char texts[LIMIT_INCLUDE_DEPTH + 4][64];
	struct loaded l;

	(void)state;
	for (unsigned i = 0; i < LIMIT_INCLUDE_DEPTH + 2; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "f%u", i);
		(void)snprintf(texts[i], sizeof(texts[i]), "include \"f%u\"\n", i + 1);
		table[i] = (struct entry){names[i], texts[i], NULL, 0};
	}
	load(&l, table, "f0");
	assert_false(l.good);
	assert_int_equal(l.diags.errors, 1);
	assert_int_equal(l.diags.items.items[0]->code, DIAG_INCLUDE_DEPTH);
	assert_int_equal(l.policy.files.len, LIMIT_INCLUDE_DEPTH + 1);
	arena_free(l.arena);
}

static void files_are_limited(void **state)
{
	auto_str struct str_buf text = {0};
	struct entry table[] = {{"main", "", NULL, 0}, {"s", "192.0.2.1\n", NULL, 0}, {0}};
	struct loaded l;

	(void)state;
	for (unsigned i = 0; i < LIMIT_POLICY_FILES + 10; i++)
		str_buf_addf(&text, "set s%u = file \"s\"\n", i);
	table[0].text = str_buf_text(&text);
	load(&l, table, "main");
	assert_false(l.good);
	assert_int_equal(l.diags.errors, 1);
	assert_int_equal(l.diags.items.items[0]->code, DIAG_TOO_MANY);
	arena_free(l.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_includes_in_order),
		cmocka_unit_test(reads_a_file_once),
		cmocka_unit_test(finds_cycles),
		cmocka_unit_test(finds_a_policy_as_set_file),
		cmocka_unit_test(says_what_cannot_be_read),
		cmocka_unit_test(says_that_the_policy_is_missing),
		cmocka_unit_test(tells_unsafe_and_large_files_apart),
		cmocka_unit_test(warns_of_a_pattern_without_files),
		cmocka_unit_test(depth_is_limited),
		cmocka_unit_test(files_are_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
