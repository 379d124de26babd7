/* Which process holds a socket: pid, program and container. */
#pragma once

#include "base/arena.h"
#include "base/hash.h"
#include "facts/facts.h"

/* The inodes of the sockets that a process holds, each with its pid as value. */
void owner_add_sockets(struct hash_index *inodes, uint32_t pid);

/*
 * Fills pid, program and container of every listener, by one walk through /proc: a millisecond for
 * some hundred processes.  Processes that may not be looked at are left out.
 */
void owner_read(struct arena *arena, struct facts *facts);
