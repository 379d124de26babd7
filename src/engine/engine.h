/*
 * The Docker engine's API over its unix socket.  Only fixed GET requests; its socket is
 * root-equivalent.  The API version is negotiated, sizes and depth are limited, every wait has
 * a deadline.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "facts/facts.h"

#define ENGINE_DEFAULT_URL "unix:///var/run/docker.sock"

/*
 * Fills facts->engine; cannot fail: what went wrong is facts->engine.state and .reason.  Call it
 * after host_read(): whether a port is proxied is told by facts->listeners.
 */
void engine_read(struct arena *arena, const char *url, unsigned timeout_ms, struct facts *facts);
/* Sets what facts->listeners tells of the ports of facts->engine. */
void engine_mark_proxied(struct facts *facts);
/* The path in a url: "unix:///path" or "/path"; *ret points into url. */
int engine_socket_path(const char *url, const char **ret, struct err *err);
bool engine_is_absent(const char *path);
