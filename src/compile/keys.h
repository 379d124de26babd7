/*
 * Keys of a set while they are collected: records of a key and a number beside it (a tag), on the
 * heap.  Sorted and made unique at the end; of equal keys the first added stays.
 */
#pragma once

#include "ir/ir.h"

struct keys {
	uint32_t key_size;
	uint32_t count;
	uint32_t cap;
	uint8_t *records; /* key_size + 4 bytes each */
};

void keys_done(struct keys *keys);
/* Room for one more: a zeroed key. */
uint8_t *keys_add(struct keys *keys, uint32_t tag);
uint32_t keys_tag(const struct keys *keys, uint32_t number);
const uint8_t *keys_at(const struct keys *keys, uint32_t number);
void keys_sort(struct keys *keys);
/* Copies sorted keys into the set and gives it a size. */
void keys_to_set(const struct keys *keys, struct arena *arena, struct ir_set *set);
