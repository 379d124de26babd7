/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A 64-bit hash and an open-addressing index over byte keys. */
#include "base/hash.h"

#include <string.h>

struct hash_slot {
	const void *key;
	uint32_t len;
	uint32_t value;
	uint64_t hash;
};

static uint64_t mix(uint64_t value)
{
	value ^= value >> 32;
	value *= UINT64_C(0xd6e8feb86659fd93);
	value ^= value >> 32;
	value *= UINT64_C(0xd6e8feb86659fd93);
	return value ^ (value >> 32);
}

uint64_t hash_bytes(const void *data, size_t len, uint64_t seed)
{
	const unsigned char *at = data;
	uint64_t hash = seed ^ UINT64_C(0xcbf29ce484222325) ^ (len * UINT64_C(0x9e3779b97f4a7c15));
	uint64_t word = 0;

	for (; len >= 8; len -= 8, at += 8) {
		memcpy(&word, at, 8);
		hash = (hash ^ word) * UINT64_C(0x9fb21c651e98df25);
		hash ^= hash >> 29;
	}
	word = 0;
	if (len)
		memcpy(&word, at, len);
	return mix(hash ^ word);
}

static struct hash_slot *slot_find(const struct hash_index *index, uint64_t hash, const void *key,
				   uint32_t len)
{
	uint32_t mask = index->cap - 1;

	for (uint32_t i = (uint32_t)hash & mask;; i = (i + 1) & mask) {
		struct hash_slot *slot = &index->slots[i];

		if (!slot->key ||
		    (slot->hash == hash && slot->len == len && memcmp(slot->key, key, len) == 0))
			return slot;
	}
}

static void index_grow(struct hash_index *index)
{
	struct hash_slot *old = index->slots;
	uint32_t old_cap = index->cap;

	index->cap = old_cap ? old_cap * 2 : 64;
	index->slots = arena_new_array(index->arena, struct hash_slot, index->cap);
	for (uint32_t i = 0; i < old_cap; i++)
		if (old[i].key)
			*slot_find(index, old[i].hash, old[i].key, old[i].len) = old[i];
}

uint32_t *hash_index_put(struct hash_index *index, const void *key, uint32_t len, int *ret_new)
{
	uint64_t hash = hash_bytes(key, len, 0);
	struct hash_slot *slot;

	if (index->len + index->len / 2 >= index->cap)
		index_grow(index);
	slot = slot_find(index, hash, key, len);
	*ret_new = !slot->key;
	if (!slot->key) {
		slot->key = arena_memdup(index->arena, key, len);
		slot->len = len;
		slot->hash = hash;
		index->len++;
	}
	return &slot->value;
}

uint32_t *hash_index_get(const struct hash_index *index, const void *key, uint32_t len)
{
	struct hash_slot *slot;

	if (index->len == 0)
		return NULL;
	slot = slot_find(index, hash_bytes(key, len, 0), key, len);
	return slot->key ? &slot->value : NULL;
}
