/*
 * A growable array in an arena.
 *
 *	VEC(struct rule) rules = {0};
 *	*vec_add(arena, &rules) = rule;       (the new item is zeroed)
 *	vec_each(&rules, rule) ...
 */
#pragma once

#include <stdint.h>

#include "base/arena.h"

#define VEC(type)                                                                                  \
	struct {                                                                                   \
		type *items;                                                                       \
		uint32_t len;                                                                      \
		uint32_t cap;                                                                      \
	}

/* Makes room for one more item of `size` bytes; returns the (possibly moved) items. */
void *vec_room(struct arena *arena, void *items, uint32_t len, uint32_t *cap, size_t size);

#define vec_add(arena, vec)                                                                        \
	((vec)->items =                                                                            \
		 vec_room((arena), (vec)->items, (vec)->len, &(vec)->cap, sizeof(*(vec)->items)),  \
	 &(vec)->items[(vec)->len++])

#define vec_each(vec, item)                                                                        \
	for (__typeof__((vec)->items + 0) item = (vec)->items; (item) < (vec)->items + (vec)->len; \
	     (item)++)
