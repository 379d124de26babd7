/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A lockdown on disk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"
#include "control/lockdown.h"

static void kept_read_forgotten(void **state)
{
	static const uint16_t ports[] = {22, 65535};
	auto_of(arena_free) struct arena *arena = arena_new();
	char dir[] = "/tmp/test-lockdown-XXXXXX";
	struct lockdown lockdown = {0};
	struct err err = {0};

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_true(lockdown_read(arena, dir, &lockdown, &err) < 0);
	assert_int_equal(lockdown_keep(dir, "/etc/with blank/p.policy", ports, 2, &err), 0);
	assert_int_equal(lockdown_read(arena, dir, &lockdown, &err), 0);
	assert_string_equal(lockdown.policy, "/etc/with_blank/p.policy");
	assert_int_equal(lockdown.ports.len, 2);
	assert_int_equal(lockdown.ports.items[1], 65535);
	assert_int_equal(lockdown_forget(dir, &err), 0);
	assert_int_equal(lockdown_forget(dir, &err), 0);
	assert_true(lockdown_read(arena, dir, &lockdown, &err) < 0);
	assert_int_equal(rmdir(dir), 0);
}

static void what_is_cut_off_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"wharfwall-lockdown 1 T P 22", /* no end of the line */
		"wharfwall-lockdown 1 T\n",
		"wharfwall-lockdown 2 T P 22\n",
		"wharfwall-lockdown 1 T P 0\n",
		"wharfwall-lockdown 1 T P 65536\n",
		"wharfwall-lockdown 1 T P ssh\n",
		"wharfwall-state 1 T P 22\n",
		"wharfwall-lockdown 1 T P 22\nmore\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		auto_of(arena_free) struct arena *arena = arena_new();
		struct lockdown lockdown = {0};
		struct err err = {0};

		assert_true(lockdown_parse(arena, arena_strdup(arena, texts[i]), &lockdown, &err) <
			    0);
	}
}

static void no_port_is_a_lockdown_too(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct lockdown lockdown = {0};
	struct err err = {0};

	(void)state;
	assert_int_equal(lockdown_parse(arena, arena_strdup(arena, "wharfwall-lockdown 1 T P\n"),
					&lockdown, &err),
			 0);
	assert_int_equal(lockdown.ports.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kept_read_forgotten),
		cmocka_unit_test(what_is_cut_off_is_refused),
		cmocka_unit_test(no_port_is_a_lockdown_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
