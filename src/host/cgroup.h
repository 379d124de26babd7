/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose control group made a socket: tells its container without a look at other processes. */
#pragma once

#include "base/arena.h"
#include "facts/facts.h"

/*
 * Fills container of listeners that have none yet, by one walk through the tree of control groups.
 * Only where containers have groups in the unified hierarchy (cgroup2).
 */
void cgroup_read(struct arena *arena, struct facts *facts);
/* The first run of exactly 64 lower-case hex digits: an engine's id; NULL if there is none. */
const char *cgroup_container_id(const char *text, size_t len);
