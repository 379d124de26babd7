/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sentences of struct err: outermost first, always terminated. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/err.h"

static void levels_stand_outermost_first(void **state)
{
	struct err err = {0};

	(void)state;
	errno = ENOENT;
	assert_int_equal(err_errno(&err, "cannot open '%s'", "x"), -ENOENT);
	assert_string_equal(err.text, "cannot open 'x': No such file or directory");
	assert_int_equal(err_wrap(&err, "cannot read the policy"), -ENOENT);
	assert_string_equal(err.text,
			    "cannot read the policy: cannot open 'x': No such file or directory");
	assert_int_equal(err_set(&err, -EPERM, "no"), -EPERM);
	assert_string_equal(err.text, "no");
	assert_int_equal(err.code, -EPERM);
}

static void origin_survives_wrapping(void **state)
{
	struct err err = {0};

	(void)state;
	(void)err_set(&err, -EINVAL, "refused");
	err.origin = (struct origin){.start = 7, .len = 2, .source = 1};
	(void)err_wrap(&err, "commit");
	assert_int_equal(err.origin.start, 7);
	assert_int_equal(err.origin.source, 1);
}

static void long_text_is_cut(void **state)
{
	struct err err = {0};

	(void)state;
	(void)err_set(&err, -EIO, "%2000d", 1);
	for (int i = 0; i < 3; i++)
		(void)err_wrap(&err, "level %d", i);
	assert_int_equal(strlen(err.text), ERR_TEXT_MAX - 1);
	assert_memory_equal(err.text, "level 2: level 1: level 0: ", 27);
}

static void nobody_has_to_listen(void **state)
{
	(void)state;
	errno = EACCES;
	assert_int_equal(err_errno(NULL, "x"), -EACCES);
	assert_int_equal(err_set(NULL, -EBUSY, "x"), -EBUSY);
	assert_true(err_wrap(NULL, "x") < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels_stand_outermost_first),
		cmocka_unit_test(origin_survives_wrapping),
		cmocka_unit_test(long_text_is_cut),
		cmocka_unit_test(nobody_has_to_listen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
