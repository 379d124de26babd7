/*
 * An arena: memory that is taken piece by piece and given back at once.  Trees (policy, model,
 * ir) live in one; nothing in it is freed singly.  Allocation never fails: alloc_failed() ends
 * the process instead, see HACKING.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

#include "base/cleanup.h"

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena); /* takes NULL */
DEFINE_CLEANUP(struct arena, arena_free)
/* Zeroed; aligned to 8 bytes, enough for all of ours. */
void *arena_alloc(struct arena *arena, size_t size);
void *arena_memdup(struct arena *arena, const void *data, size_t size);
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t len);
__attribute__((format(printf, 2, 3))) char *arena_printf(struct arena *arena, const char *fmt, ...);
/*
 * Makes `old` (old_size bytes, or NULL) new_size bytes long; in place when it is the last piece.
 * The added bytes are zero.
 */
void *arena_grow(struct arena *arena, void *old, size_t old_size, size_t new_size);
size_t arena_bytes(const struct arena *arena);

/* The one way out when memory is gone: prints one line and aborts. */
__attribute__((noreturn)) void alloc_failed(size_t size);
/* malloc and realloc that end in alloc_failed(). */
void *mem_alloc(size_t size);
void *mem_realloc(void *old, size_t size);

/*
 * For a process that ends soon: what was freed is used again instead of given back, as the kernel
 * clears each page that it gives.  A load frees the tree before it makes the table.
 */
void mem_keep_freed(void);

#define arena_new_object(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define arena_new_array(arena, type, count) ((type *)arena_alloc((arena), sizeof(type) * (count)))
