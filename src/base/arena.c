/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arenas: chunks that grow, handed out from front to back. */
#include "base/arena.h"

#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ALIGNMENT 8u
#define CHUNK_FIRST ((size_t)16 * 1024)
#define CHUNK_LARGEST ((size_t)512 * 1024)
#define POPULATE_MIN ((size_t)128 * 1024)
#define KEEP_BYTES (128 * 1024 * 1024)
#define KEEP_STEP (1024 * 1024)
#define PAGE ((uintptr_t)4096)

struct chunk {
	struct chunk *next;
	size_t size;
	size_t used;
	_Alignas(16) unsigned char data[];
};

struct arena {
	struct chunk *chunks; /* the newest first */
	size_t next_size;
	size_t bytes;
};

void alloc_failed(size_t size)
{
	(void)fprintf(stderr, "wharfwall: out of memory (%zu bytes asked for)\n", size);
	abort();
}

void *mem_alloc(size_t size)
{
	void *ptr = malloc(size ? size : 1);

	if (!ptr)
		alloc_failed(size);
	return ptr;
}

void *mem_realloc(void *old, size_t size)
{
	void *ptr = realloc(old, size ? size : 1);

	if (!ptr)
		alloc_failed(size);
	return ptr;
}

void mem_keep_freed(void)
{
	(void)mallopt(M_MMAP_THRESHOLD, KEEP_BYTES);
	(void)mallopt(M_TRIM_THRESHOLD, KEEP_BYTES);
	(void)mallopt(M_TOP_PAD, KEEP_STEP);
}

struct arena *arena_new(void)
{
	struct arena *arena = mem_alloc(sizeof(*arena));

	*arena = (struct arena){.next_size = CHUNK_FIRST};
	return arena;
}

void arena_free(struct arena *arena)
{
	if (!arena)
		return;
	for (struct chunk *chunk = arena->chunks, *next; chunk; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	free(arena);
}

/* Its pages at once instead of by a fault for each; a kernel before 5.14 knows no such advice. */
static void chunk_populate(struct chunk *chunk, size_t room)
{
	uintptr_t from = ((uintptr_t)chunk + PAGE - 1) & ~(PAGE - 1);
	uintptr_t to = ((uintptr_t)chunk->data + room) & ~(PAGE - 1);

	(void)madvise((void *)from, to - from, MADV_POPULATE_WRITE);
}

static struct chunk *chunk_add(struct arena *arena, size_t size)
{
	size_t room = arena->next_size > size ? arena->next_size : size;
	/* calloc: large chunks come from the kernel as zero pages and are not touched here */
	struct chunk *chunk = calloc(1, sizeof(*chunk) + room);

	if (!chunk)
		alloc_failed(room);
	chunk->size = room;
	if (arena->chunks && size > arena->next_size) {
		/* a piece of its own: the present chunk stays in use */
		chunk->next = arena->chunks->next;
		arena->chunks->next = chunk;
	} else {
		chunk->next = arena->chunks;
		arena->chunks = chunk;
	}
	if (arena->next_size < CHUNK_LARGEST)
		arena->next_size *= 2;
	arena->bytes += room;
	if (room >= POPULATE_MIN)
		chunk_populate(chunk, room);
	return chunk;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct chunk *chunk = arena->chunks;
	void *piece;

	if (size > SIZE_MAX / 2)
		alloc_failed(size);
	size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	if (!chunk || chunk->size - chunk->used < size)
		chunk = chunk_add(arena, size);
	piece = chunk->data + chunk->used;
	chunk->used += size;
	return piece;
}

void *arena_memdup(struct arena *arena, const void *data, size_t size)
{
	void *copy = arena_alloc(arena, size);

	if (size)
		memcpy(copy, data, size);
	return copy;
}

char *arena_strndup(struct arena *arena, const char *text, size_t len)
{
	char *copy = arena_alloc(arena, len + 1);

	if (len)
		memcpy(copy, text, len);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
	va_list args, again;
	int len;
	char *text;

	va_start(args, fmt);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	text = arena_alloc(arena, len < 0 ? 1 : (size_t)len + 1);
	if (len > 0)
		(void)vsnprintf(text, (size_t)len + 1, fmt, again);
	va_end(again);
	return text;
}

void *arena_grow(struct arena *arena, void *old, size_t old_size, size_t new_size)
{
	struct chunk *chunk = arena->chunks;
	size_t old_room = (old_size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	size_t new_room = (new_size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	void *grown;

	if (new_size <= old_size)
		return old;
	if (old && chunk && (unsigned char *)old + old_room == chunk->data + chunk->used &&
	    chunk->size - chunk->used >= new_room - old_room) {
		chunk->used += new_room - old_room;
		return old;
	}
	grown = arena_alloc(arena, new_size);
	if (old && old_size)
		memcpy(grown, old, old_size);
	return grown;
}

size_t arena_bytes(const struct arena *arena)
{
	return arena->bytes;
}
