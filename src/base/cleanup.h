/*
 * Scope-bound ownership.  A variable marked auto_X owns what it holds; it is released on every
 * way out of the scope.  To hand the value on, say so with take_ptr() or take_fd().
 *
 *	auto_of(arena_free) struct arena *arena = arena_new();
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_close(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static inline void cleanup_free(void *ptr)
{
	free(*(void **)ptr);
}

static inline void cleanup_fclose(FILE **file)
{
	if (*file)
		(void)fclose(*file);
}

#define auto_close __attribute__((cleanup(cleanup_close)))
#define auto_free __attribute__((cleanup(cleanup_free)))
#define auto_fclose __attribute__((cleanup(cleanup_fclose)))

/* Defines the cleanup function for objects of `type` whose destructor is `destroy`. */
#define DEFINE_CLEANUP(type, destroy)                                                              \
	static inline void cleanup_##destroy(type **object)                                        \
	{                                                                                          \
		destroy(*object);                                                                  \
	}
#define auto_of(destroy) __attribute__((cleanup(cleanup_##destroy)))

static inline int take_fd(int *fd)
{
	int val = *fd;

	*fd = -1;
	return val;
}

#define take_ptr(ptr)                                                                              \
	({                                                                                         \
		__typeof__(ptr) *take_from = &(ptr);                                               \
		__typeof__(ptr) taken = *take_from;                                                \
		*take_from = NULL;                                                                 \
		taken;                                                                             \
	})
