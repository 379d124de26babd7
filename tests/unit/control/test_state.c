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

#include "base/hash.h"

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
	struct control_load load = {
		.arena = arena, .applied = "2026-11-23T06:20:43Z", .policy_hash = 0};
	static const char tricky[] = "file 3 x\nroot y\n# no newline at the end";
	struct control_snapshot got = {0};
	struct err err = {0};

	(void)state;
	load.policy_hash = hash_bytes(tricky, sizeof(tricky) - 1, hash_bytes("", 0, 0));
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

static int parse(const char *text, uint32_t len, struct control_snapshot *ret)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	char *copy = malloc(len + 1);
	int r;

	assert_non_null(copy);
	memcpy(copy, text, len);
	copy[len] = '\0';
	r = state_parse(arena, copy, len, ret, NULL);
	free(copy);
	return r;
}

/* Cut off anywhere, or with any bit changed: never half a state, never a read past the end. */
static void test_damaged(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct control_load load = {.arena = arena, .applied = "t"};
	char path[128], whole[512];
	struct control_snapshot got;
	struct err err = {0};
	uint32_t len;
	FILE *file;

	(void)state;
	*vec_add(arena, &load.roots) = "p";
	*vec_add(arena, &load.files) = (struct control_file){"p", "allow tcp 22", 12};
	*vec_add(arena, &load.files) = (struct control_file){"q", "", 0};
	load.policy_hash = hash_bytes("", 0, hash_bytes("allow tcp 22", 12, 0));
	assert_int_equal(state_write(folder, &load, "p", &err), 0);
	(void)snprintf(path, sizeof(path), "%s/applied.policy", folder);
	file = fopen(path, "re");
	assert_non_null(file);
	len = (uint32_t)fread(whole, 1, sizeof(whole), file);
	(void)fclose(file);
	assert_int_equal(parse(whole, len, &got), 0);
	for (uint32_t cut = 0; cut < len; cut++)
		assert_int_equal(parse(whole, cut, &got), -EBADMSG);
	for (uint32_t bit = 0; bit < len * 8; bit++) {
		whole[bit / 8] = (char)(whole[bit / 8] ^ (1 << bit % 8));
		assert_int_equal(parse(whole, len, &got), -EBADMSG);
		whole[bit / 8] = (char)(whole[bit / 8] ^ (1 << bit % 8));
	}
	assert_int_equal(parse(whole, len, &got), 0);
}

static void test_strange_lines(void **state)
{
	static const char *const texts[] = {
		"wharfwall-state 1\n",
		"wharfwall-state 2\napplied t\npolicy p\nroot p\nhash 12\n",
		"wharfwall-state 2\napplied t\npolicy p\nroot p\nfile 99999999999 p\n",
		"wharfwall-state 2\napplied t\npolicy p\nroot p\nfile -1 p\n",
		"wharfwall-state 2\napplied t\npolicy p\nroot p\nwhat\n",
		"wharfwall-state 2\napplied t\npolicy p\n",
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
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_strange_lines),
		cmocka_unit_test(test_lock),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
