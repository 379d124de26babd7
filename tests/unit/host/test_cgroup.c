/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of control groups that are containers'. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "host/cgroup.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void ids_are_found(void **state)
{
	static const char *const names[] = {ID, "docker-" ID ".scope", "libpod-" ID ".scope",
					    "crio-" ID};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *id = cgroup_container_id(names[i], strlen(names[i]));

		assert_non_null(id);
		assert_memory_equal(id, ID, strlen(ID));
	}
}

static void others_are_not(void **state)
{
	static const char *const names[] = {"",
					    ".",
					    "system.slice",
					    "docker-" ID "0.scope",
					    "0" ID,
					    "docker-0123456789ABCDEF.scope"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		assert_null(cgroup_container_id(names[i], strlen(names[i])));
	assert_null(cgroup_container_id(ID, strlen(ID) - 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_are_found),
		cmocka_unit_test(others_are_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
