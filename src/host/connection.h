/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP connections of this host's sockets that others began: their own port is one that somebody
 * listens at.  What the kernel tracks knows less: it tracks nothing while no rule asks for it.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/ip.h"
#include "base/vec.h"

struct connection {
	struct ip_addr own;
	struct ip_addr peer;
	uint16_t own_port;
	uint16_t peer_port;
};

struct connection_list {
	VEC(struct connection) items;
};

int connections_read(struct arena *arena, struct connection_list *ret, struct err *err);
