/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arenas and vectors: zeroed, aligned, and what was written stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/arena.h"
#include "base/vec.h"

static void pieces_are_zero_aligned_and_apart(void **state)
{
	static const size_t sizes[] = {0, 1, 7, 8, 9, 4096, 65536, 3, 2000000, 5, 1048576, 1};
	auto_of(arena_free) struct arena *arena = arena_new();
	unsigned char *pieces[1200];

	(void)state;
	for (unsigned i = 0; i < 1200; i++) {
		size_t size = sizes[i % 12] % (i < 24 ? SIZE_MAX : 9000);

		pieces[i] = arena_alloc(arena, size);
		assert_int_equal((uintptr_t)pieces[i] % 8, 0);
		for (size_t j = 0; j < size; j++)
			assert_int_equal(pieces[i][j], 0);
		memset(pieces[i], (int)(i & 0xff), size);
	}
	for (unsigned i = 0; i < 1200; i++) {
		size_t size = sizes[i % 12] % (i < 24 ? SIZE_MAX : 9000);

		for (size_t j = 0; j < size; j++)
			assert_int_equal(pieces[i][j], i & 0xff);
	}
	assert_true(arena_bytes(arena) > 6000000);
}

static void texts_are_copied(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();

	(void)state;
	assert_string_equal(arena_strndup(arena, "office", 3), "off");
	assert_string_equal(arena_strndup(arena, "", 0), "");
	assert_string_equal(arena_strdup(arena, "lan"), "lan");
	assert_string_equal(arena_printf(arena, "%s %u", "tcp", 80u), "tcp 80");
	assert_string_equal(arena_printf(arena, "%s", ""), "");
	assert_memory_equal(arena_memdup(arena, "a\0b", 3), "a\0b", 3);
}

static void last_piece_grows_in_place(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	char *first = arena_memdup(arena, "12345", 5);
	char *grown = arena_grow(arena, first, 5, 100);
	char *moved;

	(void)state;
	assert_ptr_equal(first, grown);
	for (unsigned i = 5; i < 100; i++)
		assert_int_equal(grown[i], 0);
	(void)arena_alloc(arena, 1);
	moved = arena_grow(arena, grown, 100, 200);
	assert_ptr_not_equal(moved, grown);
	assert_memory_equal(moved, "12345\0\0", 7);
	assert_int_equal(moved[199], 0);
	assert_ptr_equal(arena_grow(arena, moved, 200, 10), moved);
	assert_non_null(arena_grow(arena, NULL, 0, 10));
}

static void vectors_keep_their_items(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	VEC(uint32_t) even = {0};
	VEC(uint32_t) odd = {0};
	uint32_t at = 0;

	(void)state;
	for (uint32_t i = 0; i < 100000; i++) {
		if (i % 2)
			*vec_add(arena, &odd) = i;
		else
			*vec_add(arena, &even) = i;
	}
	assert_int_equal(even.len, 50000);
	vec_each (&even, item)
		assert_int_equal(*item, 2 * at++);
	at = 0;
	vec_each (&odd, item)
		assert_int_equal(*item, 2 * at++ + 1);
	assert_int_equal(*vec_add(arena, &odd), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_zero_aligned_and_apart),
		cmocka_unit_test(texts_are_copied),
		cmocka_unit_test(last_piece_grows_in_place),
		cmocka_unit_test(vectors_keep_their_items),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
