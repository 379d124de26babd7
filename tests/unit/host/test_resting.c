/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When a connection would start an engine that was stopped. */
#include "host/resting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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
		assert_int_equal(resting_by_states(cases[i].socket, cases[i].service),
				 cases[i].rests);
}

static void only_sockets_of_systemd_concern(void **state)
{
	(void)state;
	assert_true(resting_concerns("unix:///var/run/docker.sock"));
	assert_true(resting_concerns("unix:///run/docker.sock"));
	assert_false(resting_concerns("unix:///tmp/docker.sock"));
	assert_false(resting_concerns("unix:///run/podman/podman.sock"));
}

/* What is not understood may be a stopped engine. */
static void systemctl_is_understood(void **state)
{
	static const struct {
		const char *text;
		enum resting want;
	} cases[] = {
		{"active\nactive\n", RESTING_NO},
		{"active\ninactive\n", RESTING_YES},
		{"active\nfailed\n", RESTING_YES},
		{"inactive\ninactive\n", RESTING_NO},
		{"unknown\nactive\n", RESTING_NO},
		{"", RESTING_UNKNOWN},
		{"active\n", RESTING_UNKNOWN},
		{"active\ninactive", RESTING_UNKNOWN},
		{"\nactive\n", RESTING_UNKNOWN},
		{"a state that is as long as no state is\nactive\n", RESTING_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(resting_read(cases[i].text), cases[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stopped_service_rests),
		cmocka_unit_test(only_sockets_of_systemd_concern),
		cmocka_unit_test(systemctl_is_understood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
