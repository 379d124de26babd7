/* Which process holds a socket: inode to process, program and container. */
#pragma once

#include "base/arena.h"
#include "facts/facts.h"

struct owner_index;

/* Looks through /proc once; processes that may not be looked at are left out. */
struct owner_index *owner_index_read(struct arena *arena);
/* Fills pid, program and container of listener; the texts live in the arena. */
void owner_find(const struct owner_index *index, uint32_t inode, struct listener *listener);
