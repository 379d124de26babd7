/*
 * A container in one piece of memory, for a cache that lives long while containers come and go:
 * what was known of one is given back by one free().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "facts/facts.h"

/*
 * A copy with labels, endpoints and ports in an order of their own, so that two copies of the same
 * facts are alike however the engine ordered them.  `container` is sorted in place.
 */
struct container *container_pack(struct container *container, size_t *ret_size);
/* Of two that are packed; neither pid nor whether a port is proxied counts. */
bool container_same(const struct container *a, const struct container *b);
