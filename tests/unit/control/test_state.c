/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is kept of what was applied: written, read back, cut off, locked. */
#include "control/state.h"

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

static char folder[] = "/tmp/wharfwall-state-XXXXXX";

static int folder_make(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int folder_remove(void **state)
{
	static const char *const names[] = {"applied.policy", "lock"};
	char path[128];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		(void)unlink(path);
	}
	return rmdir(folder);
}

static void test_nothing_applied(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct control_snapshot snapshot;
	struct err err = {0};

	(void)state;
	assert_int_equal(state_read(arena, folder, &snapshot, &err), -ENOENT);
	assert_int_equal(state_remove(folder, &err), 0);
}

static void test_round_trip(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct control_load load = {.arena = arena,
				    .applied = "2026-11-23T06:20:43Z",
				    .policy_hash = 0x0123456789abcdefu};
	static const char tricky[] = "file 3 x\nroot y\n# no newline at the end";
	struct control_snapshot got = {0};
	struct err err = {0};

	(void)state;
	*vec_add(arena, &load.roots) = "p.d/a b.policy";
	*vec_add(arena, &load.roots) = "p";
	*vec_add(arena, &load.files) = (struct control_file){"p.d/a b.policy", "", 0};
	*vec_add(arena, &load.files) = (struct control_file){"p", tricky, sizeof(tricky) - 1};
	assert_int_equal(state_write(folder, &load, "/etc/p", &err), 0);
	assert_int_equal(state_read(arena, folder, &got, &err), 0);
	assert_string_equal(got.applied, load.applied);
	assert_string_equal(got.policy, "/etc/p");
	assert_true(got.policy_hash == load.policy_hash);
	assert_int_equal(got.roots.len, 2);
	assert_string_equal(got.roots.items[0], "p.d/a b.policy");
	assert_int_equal(got.files.len, 2);
	assert_int_equal(got.files.items[0].len, 0);
	assert_string_equal(got.files.items[1].text, tricky);
	assert_string_equal(got.files.items[1].path, "p");
}

/* Cut off anywhere, or with another head: never half a state, never a read past the end. */
static void test_cut_off(void **state)
{
	static const char whole[] = "wharfwall-state 1\napplied t\nhash 0123456789abcdef\n"
				    "policy p\nroot p\nfile 5 p\nallow\n";
	uint32_t file_starts = (uint32_t)(strstr(whole, "file") - whole);

	(void)state;
	for (uint32_t len = 0; len < sizeof(whole) - 1; len++) {
		auto_of(arena_free) struct arena *arena = arena_new();
		struct control_snapshot got;
		char *text = malloc(len + 1);
		int r;

		assert_non_null(text);
		memcpy(text, whole, len);
		text[len] = '\0';
		r = state_parse(arena, text, len, &got, NULL);
		free(text);
		if (len == file_starts)
			assert_int_equal(r, 0); /* a state without files is whole */
		else
			assert_int_equal(r, -EBADMSG);
	}
}

static void test_strange_lines(void **state)
{
	static const char *const texts[] = {
		"wharfwall-state 2\n",
		"wharfwall-state 1\napplied t\npolicy p\nroot p\nhash 12\n",
		"wharfwall-state 1\napplied t\npolicy p\nroot p\nfile 99999999999 p\n",
		"wharfwall-state 1\napplied t\npolicy p\nroot p\nfile -1 p\n",
		"wharfwall-state 1\napplied t\npolicy p\nroot p\nwhat\n",
		"wharfwall-state 1\napplied t\npolicy p\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		auto_of(arena_free) struct arena *arena = arena_new();
		struct control_snapshot got;

		assert_int_equal(state_parse(arena, arena_strdup(arena, texts[i]),
					     (uint32_t)strlen(texts[i]), &got, NULL),
				 -EBADMSG);
	}
}

static void test_lock(void **state)
{
	struct err err = {0};
	int fd = -1;

	(void)state;
	assert_int_equal(state_lock(folder, &fd, &err), 0);
	assert_true(fd >= 0);
	(void)close(fd);
	assert_int_equal(state_lock(folder, &fd, &err), 0);
	(void)close(fd);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_applied),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_cut_off),
		cmocka_unit_test(test_strange_lines),
		cmocka_unit_test(test_lock),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
