/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections that the kernel tracks: looking at them, and making it forget some.  Over libmnl by
 * hand: libnetfilter_conntrack would be loaded by every command for two messages.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/ip.h"
#include "base/vec.h"
#include "kernel/session.h"

struct flow {
	uint8_t protocol;
	bool dnat;     /* the destination was translated */
	bool expected; /* another connection announced it: FTP's data ... */
	/* Who opened it, and what was dialled; ports are 0 for protocols without. */
	struct ip_addr src;
	struct ip_addr dst;
	uint16_t sport;
	uint16_t dport;
	/* Who answers, and to whom: as the answers look before the kernel translates them back. */
	struct ip_addr server;
	struct ip_addr client;
	uint16_t server_port;
	uint16_t client_port;
	const void *tuple; /* for kernel_flows_forget() */
	uint16_t tuple_len;
	uint16_t zone;
	uint32_t id;
};

struct flow_list {
	VEC(struct flow) items;
};

typedef bool (*flow_filter)(void *data, const struct flow *flow);

/* Those of both families that the filter wants.  A kernel that tracks nothing has none. */
int kernel_flows_read(struct kernel_session *session, struct arena *arena, flow_filter is_wanted,
		      void *data, struct flow_list *ret, struct err *err);
/* Forgets them; those that ended meanwhile are none.  *ret_forgotten counts. */
int kernel_flows_forget(struct kernel_session *session, const struct flow_list *flows,
			uint32_t *ret_forgotten, struct err *err);
