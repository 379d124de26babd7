/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Growable arrays in an arena. */
#include "base/vec.h"

#include <string.h>

void *vec_room(struct arena *arena, void *items, uint32_t len, uint32_t *cap, size_t size)
{
	uint32_t wanted;

	if (len < *cap) {
		/* a vector that was emptied hands its places out again */
		memset((char *)items + len * size, 0, size);
		return items;
	}
	if (len >= UINT32_MAX / 2)
		alloc_failed(len);
	wanted = *cap ? *cap * 2 : 4;
	items = arena_grow(arena, items, *cap * size, wanted * size);
	*cap = wanted;
	return items;
}
