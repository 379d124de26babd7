/* Which process holds a socket: pid, program and container. */
#pragma once

#include "base/arena.h"
#include "facts/facts.h"

/*
 * Fills pid, program and container of every listener, by one walk through /proc: a millisecond for
 * some hundred processes.  Processes that may not be looked at are left out.
 */
void owner_read(struct arena *arena, struct facts *facts);
