/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs that are run: what they print, how they end, and that they do end. */
#include "host/program.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define LONG_MS 20000u

static struct program_run shell_run(const char *argv[4], const char *script)
{
	argv[0] = "/bin/sh";
	argv[1] = "-c";
	argv[2] = script;
	argv[3] = NULL;
	return (struct program_run){.argv = argv};
}

static void test_output(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	const char *argv[4];
	struct program_run run = shell_run(argv, "cat; echo complaint >&2; exit 7");
	struct err err = {0};

	(void)state;
	run.input = "one\ntwo";
	run.input_len = 7;
	assert_int_equal(program_run_all(arena, &run, 1, LONG_MS, &err), 0);
	assert_int_equal(run.status, 7);
	assert_string_equal(run.out, "one\ntwo");
	assert_int_equal(run.out_len, 7);
	assert_string_equal(run.complaint, "complaint\n");
}

/* More than a pipe holds, both ways: nobody waits for the other. */
static void test_much(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	const char *argv[4];
	struct program_run run = shell_run(argv, "cat; cat /dev/stdin >&2");
	size_t len = 1048576;
	char *input = malloc(len);

	(void)state;
	assert_non_null(input);
	memset(input, 'x', len);
	run.input = input;
	run.input_len = len;
	assert_int_equal(program_run_all(arena, &run, 1, LONG_MS, NULL), 0);
	assert_int_equal(run.out_len, len);
	assert_memory_equal(run.out, input, len);
	free(input);
}

static void test_many(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	const char *argv[2][4];
	struct program_run runs[2] = {shell_run(argv[0], "echo a"), shell_run(argv[1], "echo b")};

	(void)state;
	assert_int_equal(program_run_all(arena, runs, 2, LONG_MS, NULL), 0);
	assert_string_equal(runs[0].out, "a\n");
	assert_string_equal(runs[1].out, "b\n");
}

static void test_missing(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	const char *argv[] = {"/nonexistent/program", NULL};
	struct program_run run = {.argv = argv};
	struct err err = {0};

	(void)state;
	assert_int_equal(program_run_all(arena, &run, 1, LONG_MS, &err), -ENOENT);
	assert_non_null(strstr(err.text, "/nonexistent/program"));
	assert_null(program_find(arena, "no-such-program-anywhere"));
	assert_non_null(program_find(arena, "sh"));
}

/* It and its children are ended, and waited for. */
static void test_deadline(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	const char *argv[4];
	struct program_run run = shell_run(argv, "tail -f /dev/null & wait");
	struct err err = {0};

	(void)state;
	assert_int_equal(program_run_all(arena, &run, 1, 200, &err), -ETIMEDOUT);
	assert_non_null(strstr(err.text, "/bin/sh"));
}

static void test_signal(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	const char *argv[4];
	struct program_run run = shell_run(argv, "kill -TERM $$");

	(void)state;
	assert_int_equal(program_run_all(arena, &run, 1, LONG_MS, NULL), 0);
	assert_int_equal(run.status, 128 + SIGTERM);
}

/* Nothing of the caller's environment reaches it. */
static void test_environment(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	const char *argv[4];
	struct program_run run = shell_run(argv, "env | sort");

	(void)state;
	assert_int_equal(setenv("LD_PRELOAD", "/nonexistent/evil.so", 1), 0);
	assert_int_equal(program_run_all(arena, &run, 1, LONG_MS, NULL), 0);
	(void)unsetenv("LD_PRELOAD");
	assert_null(strstr(run.out, "LD_PRELOAD"));
	assert_non_null(strstr(run.out, "LC_ALL=C"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_output),	    cmocka_unit_test(test_much),
		cmocka_unit_test(test_many),	    cmocka_unit_test(test_missing),
		cmocka_unit_test(test_deadline),    cmocka_unit_test(test_signal),
		cmocka_unit_test(test_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
