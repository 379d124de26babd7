/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ports that sshd's configuration names. */
#include "control/sshd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_config(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct port_list ports = {0};

	(void)state;
	sshd_config_ports(arena,
			  "#Port 1\nPort 22\n  port\t2222\nPort=2022\nPORT 22\nPortal 5\n"
			  "Port\nPort x\nPort 0\nPort 70000\nPort 4",
			  &ports);
	assert_int_equal(ports.items.len, 4);
	assert_int_equal(ports.items.items[0], 22);
	assert_int_equal(ports.items.items[1], 2222);
	assert_int_equal(ports.items.items[2], 2022);
	assert_int_equal(ports.items.items[3], 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_config)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
