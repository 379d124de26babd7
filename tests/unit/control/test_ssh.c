/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The administrator's own connection, as sshd writes it. */
#include "control/ssh.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_parse(void **state)
{
	struct ssh_connection ssh;
	char text[IP_TEXT_MAX];

	(void)state;
	assert_true(ssh_connection_parse("203.0.113.9 50000 192.0.2.1 22", &ssh));
	assert_string_equal(ip_addr_format(&ssh.client, text), "203.0.113.9");
	assert_string_equal(ip_addr_format(&ssh.server, text), "192.0.2.1");
	assert_int_equal(ssh.client_port, 50000);
	assert_int_equal(ssh.server_port, 22);
	assert_true(ssh_connection_parse("fe80::1%eth0 50000 fe80::2%eth0 2222", &ssh));
	assert_string_equal(ip_addr_format(&ssh.client, text), "fe80::1");
	assert_int_equal(ssh.server_port, 2222);
}

static void test_parse_refuses(void **state)
{
	static const char *const texts[] = {
		"",
		" ",
		"203.0.113.9",
		"203.0.113.9 50000 192.0.2.1",
		"a b c d",
		"203.0.113.9 50000 192.0.2.1 0",
		"203.0.113.9 50000 192.0.2.1 65536",
		"203.0.113.9 -1 192.0.2.1 22",
		"UNKNOWN 65535 UNKNOWN 65535",
	};
	struct ssh_connection ssh;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_false(ssh_connection_parse(texts[i], &ssh));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
