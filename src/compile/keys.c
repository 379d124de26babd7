/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys of a set while they are collected; sorted by radix, as there may be a hundred thousand. */
#include "compile/keys.h"

#include <string.h>

void keys_done(struct keys *keys)
{
	free(keys->records);
	*keys = (struct keys){0};
}

static size_t record_size(const struct keys *keys)
{
	return (size_t)keys->key_size + sizeof(uint32_t);
}

uint8_t *keys_add(struct keys *keys, uint32_t tag)
{
	size_t size = record_size(keys);
	uint8_t *record;

	if (keys->count == keys->cap) {
		keys->cap = keys->cap ? keys->cap * 2 : 8;
		keys->records = mem_realloc(keys->records, keys->cap * size);
	}
	record = keys->records + keys->count++ * size;
	memset(record, 0, keys->key_size);
	memcpy(record + keys->key_size, &tag, sizeof(tag));
	return record;
}

const uint8_t *keys_at(const struct keys *keys, uint32_t number)
{
	return keys->records + number * record_size(keys);
}

uint32_t keys_tag(const struct keys *keys, uint32_t number)
{
	uint32_t tag;

	memcpy(&tag, keys_at(keys, number) + keys->key_size, sizeof(tag));
	return tag;
}

static bool keys_are_sorted(const struct keys *keys)
{
	for (uint32_t i = 1; i < keys->count; i++) {
		if (memcmp(keys_at(keys, i - 1), keys_at(keys, i), keys->key_size) >= 0)
			return false;
	}
	return true;
}

static void insertion_sort(struct keys *keys)
{
	uint8_t held[IR_KEY_BYTES_MAX + sizeof(uint32_t)];
	size_t size = record_size(keys);

	for (uint32_t i = 1; i < keys->count; i++) {
		uint32_t j = i;

		memcpy(held, keys->records + i * size, size);
		while (j > 0 && memcmp(keys->records + (j - 1) * size, held, keys->key_size) > 0) {
			memcpy(keys->records + j * size, keys->records + (j - 1) * size, size);
			j--;
		}
		memcpy(keys->records + j * size, held, size);
	}
}

static inline void scatter(const uint8_t *from, uint8_t *to, uint32_t count, size_t size,
			   uint32_t byte, uint32_t *starts)
{
	for (uint32_t i = 0; i < count; i++) {
		const uint8_t *record = from + i * size;

		memcpy(to + starts[record[byte]]++ * size, record, size);
	}
}

/* The common sizes by constants: the copies become single moves. */
static void scatter_sized(const uint8_t *from, uint8_t *to, uint32_t count, size_t size,
			  uint32_t byte, uint32_t *starts)
{
	if (size == 16) /* IPv4 address, protocol, port */
		scatter(from, to, count, 16, byte, starts);
	else if (size == 28) /* IPv6 address, protocol, port */
		scatter(from, to, count, 28, byte, starts);
	else if (size == 8) /* IPv4 address */
		scatter(from, to, count, 8, byte, starts);
	else
		scatter(from, to, count, size, byte, starts);
}

/* One stable pass by one byte of the key; false if that byte is the same everywhere. */
static bool radix_pass(const struct keys *keys, const uint8_t *from, uint8_t *to, uint32_t byte)
{
	size_t size = record_size(keys);
	uint32_t starts[256] = {0};
	uint32_t sum = 0;

	for (uint32_t i = 0; i < keys->count; i++)
		starts[from[i * size + byte]]++;
	if (starts[from[byte]] == keys->count)
		return false;
	for (unsigned i = 0; i < 256; i++) {
		uint32_t count = starts[i];

		starts[i] = sum;
		sum += count;
	}
	scatter_sized(from, to, keys->count, size, byte, starts);
	return true;
}

static void radix_sort(struct keys *keys)
{
	uint8_t *other = mem_alloc(keys->cap * record_size(keys));

	for (uint32_t byte = keys->key_size; byte-- > 0;) {
		if (radix_pass(keys, keys->records, other, byte)) {
			uint8_t *sorted = other;

			other = keys->records;
			keys->records = sorted;
		}
	}
	free(other);
}

static void keys_unique(struct keys *keys)
{
	size_t size = record_size(keys);
	uint32_t kept = 1;

	for (uint32_t i = 1; i < keys->count; i++) {
		uint8_t *record = keys->records + i * size;

		if (memcmp(keys->records + (kept - 1) * size, record, keys->key_size) == 0)
			continue;
		if (kept != i)
			memcpy(keys->records + kept * size, record, size);
		kept++;
	}
	keys->count = kept;
}

void keys_sort(struct keys *keys)
{
	if (keys->count < 2 || keys_are_sorted(keys))
		return;
	if (keys->count <= 32)
		insertion_sort(keys);
	else
		radix_sort(keys);
	keys_unique(keys);
}

static uint32_t size_hint(uint32_t count)
{
	uint32_t size = 16;

	while (size < 2 * count)
		size *= 2;
	return size;
}

void keys_to_set(const struct keys *keys, struct arena *arena, struct ir_set *set)
{
	set->count = keys->count;
	set->size = size_hint(keys->count);
	set->keys = arena_alloc(arena, (size_t)keys->count * keys->key_size + 1);
	for (uint32_t i = 0; i < keys->count; i++)
		memcpy(set->keys + (size_t)i * keys->key_size, keys_at(keys, i), keys->key_size);
}
