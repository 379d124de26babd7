/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ports that a lockdown leaves open, also while the host boots and no server listens yet. */
#pragma once

#include "base/arena.h"
#include "base/vec.h"
#include "facts/facts.h"

struct port_list {
	VEC(uint16_t) items;
};

/*
 * Ports of SSH servers that listen now, and those that sshd's configuration names ("Port N" in
 * sshd_config and sshd_config.d); 22 when there is neither.
 */
void sshd_ports(struct arena *arena, const struct facts *facts, struct port_list *ret);
/* "Port N" lines of one text. */
void sshd_config_ports(struct arena *arena, const char *text, struct port_list *ret);
