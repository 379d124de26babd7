/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The frame of every JSON answer, and texts that are not UTF-8. */
#include "report/json.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_frame(void **state)
{
	auto_str struct str_buf text = {0};
	json_t *object = report_json_new("status");

	(void)state;
	report_json_print(object, &text);
	assert_string_equal(text.data, "{\n  \"version\": 1,\n  \"command\": \"status\"\n}\n");
	json_decref(object);
}

static void test_bytes_that_are_not_utf8(void **state)
{
	json_t *string = report_json_text("a\xff");

	(void)state;
	assert_string_equal(json_string_value(string), "a\\xff");
	json_decref(string);
	string = report_json_text(NULL);
	assert_true(json_is_null(string));
}

static void test_diagnostics(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct source_set sources = {.arena = arena};
	struct diag_list diags = {.arena = arena};
	uint16_t source = source_set_add(&sources, "p", "a\nbb cc\n", 8);
	json_t *array;
	json_t *first;

	(void)state;
	(void)diag_error(&diags, origin_make(source, 5, 7), DIAG_UNKNOWN_SERVICE, "what");
	(void)diag_warning(&diags, origin_make(source, 0, 1), DIAG_UNUSED_SET, "why");
	array = report_json_diags(&diags, DIAG_LEVEL_ERROR, &sources);
	assert_int_equal(json_array_size(array), 1);
	first = json_array_get(array, 0);
	assert_string_equal(json_string_value(json_object_get(first, "file")), "p");
	assert_int_equal(json_integer_value(json_object_get(first, "line")), 2);
	assert_int_equal(json_integer_value(json_object_get(first, "column")), 4);
	assert_string_equal(json_string_value(json_object_get(first, "code")), "E0104");
	json_decref(array);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frame),
		cmocka_unit_test(test_bytes_that_are_not_utf8),
		cmocka_unit_test(test_diagnostics),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
