/* Facts of this host: interfaces, addresses, routes, sockets, names of services. */
#pragma once

#include "base/err.h"
#include "base/arena.h"
#include "facts/facts.h"

/* Fills everything of facts but the engine and the owners of sockets. */
int host_read(struct arena *arena, struct facts *facts, struct err *err);
/* Which processes hold the listening sockets; best effort without root. */
void host_read_owners(struct arena *arena, struct facts *facts);
/* /etc/services, or the few names that are built in when it cannot be read. */
void host_read_services(struct arena *arena, const char *path, struct facts *facts);
