/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sorting of keys: few and many, first of equal ones stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "compile/keys.h"

static void sort_backwards(uint32_t key_size, uint32_t count)
{
	struct keys keys = {.key_size = key_size};

	for (uint32_t i = 2 * count; i-- > 0;) {
		uint8_t *key = keys_add(&keys, i);

		key[key_size - 3] = (uint8_t)(i / 2 >> 8);
		key[0] = (uint8_t)(i / 2);
	}
	keys_sort(&keys);
	assert_int_equal(keys.count, count);
	for (uint32_t i = 0; i < count; i++) {
		if (i)
			assert_true(memcmp(keys_at(&keys, i - 1), keys_at(&keys, i), key_size) < 0);
		assert_int_equal(keys_tag(&keys, i) % 2, 1); /* the first that was added */
	}
	keys_done(&keys);
}

static void few_and_many_are_sorted(void **state)
{
	static const uint32_t sizes[] = {4, 8, 12, 16, 24, 32};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		sort_backwards(sizes[i], 5);
		sort_backwards(sizes[i], 5000);
	}
}

static void a_set_has_room_to_grow(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct keys keys = {.key_size = 4};
	struct ir_set set = {0};

	(void)state;
	for (uint8_t i = 0; i < 9; i++)
		keys_add(&keys, 0)[0] = i;
	keys_to_set(&keys, arena, &set);
	assert_int_equal(set.count, 9);
	assert_int_equal(set.size, 32);
	keys_done(&keys);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_and_many_are_sorted),
		cmocka_unit_test(a_set_has_room_to_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
