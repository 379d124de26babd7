/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Places in texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/source.h"

static void places_are_counted(void **state)
{
	static const struct {
		uint32_t start;
		const char *want;
	} cases[] = {{0, "f:1:1"}, {2, "f:1:3"}, {3, "f:2:1"},
		     {4, "f:3:1"}, {6, "f:3:3"}, {99, "f:3:3"}};
	auto_of(arena_free) struct arena *arena = arena_new();
	struct source_set set = {.arena = arena};
	uint16_t number = source_set_add(&set, "f", "ab\n\ncd", 6);

	(void)state;
	assert_int_equal(number, 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_str struct str_buf out = {0};

		source_place_format(&set, origin_make(number, cases[i].start, cases[i].start),
				    &out);
		assert_string_equal(str_buf_text(&out), cases[i].want);
	}
}

static void built_in_has_no_place(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct source_set set = {.arena = arena};
	struct source_place place;
	auto_str struct str_buf out = {0};

	(void)state;
	assert_false(source_place_of(&set, (struct origin){0}, &place));
	assert_false(source_place_of(&set, (struct origin){.source = 4}, &place));
	source_place_format(&set, (struct origin){0}, &out);
	assert_string_equal(str_buf_text(&out), "built in");
	assert_null(source_set_get(&set, 0));
	assert_null(source_set_get(&set, 1));
}

static void origins_join(void **state)
{
	struct origin joined = origin_join(origin_make(1, 3, 5), origin_make(1, 9, 12));

	(void)state;
	assert_int_equal(joined.start, 3);
	assert_int_equal(joined.len, 9);
	assert_int_equal(origin_join((struct origin){0}, origin_make(2, 1, 4)).source, 2);
	assert_int_equal(origin_join(origin_make(1, 1, 4), origin_make(2, 1, 4)).len, 3);
	assert_int_equal(origin_make(1, 0, 1000000).len, UINT16_MAX);
	assert_int_equal(origin_make(1, 9, 3).len, 0);
}

static void nul_bytes_are_text(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct source_set set = {.arena = arena};
	struct source_place place;

	(void)state;
	assert_true(source_place_of(&set, origin_make(source_set_add(&set, "f", "a\0\nb", 4), 3, 4),
				    &place));
	assert_int_equal(place.line, 2);
	assert_int_equal(place.line_len, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_are_counted),
		cmocka_unit_test(built_in_has_no_place),
		cmocka_unit_test(origins_join),
		cmocka_unit_test(nul_bytes_are_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
