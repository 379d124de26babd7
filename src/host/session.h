/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Established TCP connections of this host, and the one that the user came in by. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/ip.h"
#include "base/vec.h"

struct tcp_session {
	struct ip_addr local; /* IPv4 on an IPv6 socket is IPv4 here */
	struct ip_addr remote;
	uint16_t local_port;
	uint16_t remote_port;
	uint32_t inode; /* of the socket */
};

struct tcp_sessions {
	VEC(struct tcp_session) items;
};

int host_read_sessions(struct arena *arena, struct tcp_sessions *ret, struct err *err);
/*
 * The one of them whose socket is held by an SSH server that this process descends from: sudo and
 * su drop SSH_CONNECTION, the server stays.  NULL: none is found.
 */
const struct tcp_session *host_own_session(const struct tcp_sessions *sessions);
