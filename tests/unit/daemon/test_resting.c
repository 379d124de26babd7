/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When a connection would start an engine that was stopped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/activation.h"

static void a_stopped_service_rests(void **state)
{
	static const struct {
		const char *socket;
		const char *service;
		bool rests;
	} cases[] = {
		{"active", "active", false},	 {"active", "activating", false},
		{"active", "reloading", false},	 {"active", "inactive", true},
		{"active", "failed", true},	 {"active", "deactivating", true},
		{"inactive", "inactive", false}, /* nobody would start it */
		{"failed", "inactive", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(activation_is_resting(cases[i].socket, cases[i].service),
				 cases[i].rests);
}

static void only_sockets_of_systemd_concern(void **state)
{
	(void)state;
	assert_true(activation_concerns("unix:///var/run/docker.sock"));
	assert_true(activation_concerns("unix:///run/docker.sock"));
	assert_false(activation_concerns("unix:///tmp/docker.sock"));
	assert_false(activation_concerns("unix:///run/podman/podman.sock"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stopped_service_rests),
		cmocka_unit_test(only_sockets_of_systemd_concern),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
