/* A 64-bit hash (eight bytes a step, then a mix; not stable across versions) and an open-addressing
 * index over caller's items. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

uint64_t hash_bytes(const void *data, size_t len, uint64_t seed);

/*
 * Maps byte keys to uint32 values; keys are copied into the arena.  Iteration order is not
 * defined: nothing that is printed may depend on it.
 */
struct hash_index {
	struct arena *arena;
	struct hash_slot *slots;
	uint32_t cap;
	uint32_t len;
};

/* Returns the value's place; *ret_new says whether it was added (value 0 then). */
uint32_t *hash_index_put(struct hash_index *index, const void *key, uint32_t len, int *ret_new);
/* NULL if absent. */
uint32_t *hash_index_get(const struct hash_index *index, const void *key, uint32_t len);
