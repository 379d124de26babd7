/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which table is kept in force: all cases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/choice.h"

static void the_last_word_decides(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits < 32; bits++) {
		struct choice choice = {.lockdown_kept = bits & 1,
					.applied = bits & 2,
					.table_lockdown = bits & 4,
					.table_newer = bits & 8,
					.trial = bits & 16};
		enum watch_mode mode = choice_make(&choice);

		if (bits & 8)
			assert_int_equal(mode, WATCH_IDLE);
		else if (bits & 16)
			assert_int_equal(mode, WATCH_TRIAL);
		else if (bits & 1)
			assert_int_equal(mode, WATCH_LOCKDOWN);
		else if (bits == 2)
			assert_int_equal(mode, WATCH_POLICY);
		else
			assert_int_equal(mode, WATCH_IDLE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_word_decides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
