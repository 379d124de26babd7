/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The index against what must be in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/hash.h"

static void index_finds_what_was_put(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct hash_index index = {.arena = arena};
	int added;

	(void)state;
	assert_null(hash_index_get(&index, "a", 1));
	for (uint32_t i = 0; i < 50000; i++) {
		uint32_t key[2] = {i, i * 7};

		*hash_index_put(&index, key, sizeof(key), &added) = i + 1;
		assert_true(added);
		key[0] = key[1] = 0; /* keys are copied */
	}
	assert_int_equal(index.len, 50000);
	for (uint32_t i = 0; i < 50000; i++) {
		uint32_t key[2] = {i, i * 7};

		assert_int_equal(*hash_index_get(&index, key, sizeof(key)), i + 1);
		assert_int_equal(*hash_index_put(&index, key, sizeof(key), &added), i + 1);
		assert_false(added);
		key[1]++;
		assert_null(hash_index_get(&index, key, sizeof(key)));
	}
}

static void keys_of_each_length_differ(void **state)
{
	static const char zeros[64];
	auto_of(arena_free) struct arena *arena = arena_new();
	struct hash_index index = {.arena = arena};
	int added;

	(void)state;
	for (uint32_t len = 0; len <= 64; len++) {
		*hash_index_put(&index, zeros, len, &added) = len;
		assert_true(added);
	}
	for (uint32_t len = 0; len <= 64; len++)
		assert_int_equal(*hash_index_get(&index, zeros, len), len);
}

static void low_bits_are_spread(void **state)
{
	unsigned buckets[1024] = {0};

	(void)state;
	/* addresses in a row and 256 apart, as in real lists: no bucket far above the mean of 64 */
	for (uint32_t i = 0; i < 65536; i++) {
		unsigned char key[4] = {10, (unsigned char)(i & 0xff), (unsigned char)(i >> 8), 0};

		buckets[hash_bytes(key, sizeof(key), 0) % 1024]++;
	}
	for (unsigned i = 0; i < 1024; i++)
		assert_in_range(buckets[i], 20, 130);
	assert_int_not_equal(hash_bytes("a", 1, 0), hash_bytes("a", 1, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(index_finds_what_was_put),
		cmocka_unit_test(keys_of_each_length_differ),
		cmocka_unit_test(low_bits_are_spread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
