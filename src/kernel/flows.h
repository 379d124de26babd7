/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections that the kernel tracks: looking at them, and cutting those of a revoked permission.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/ip.h"

struct flow {
	uint8_t protocol;
	bool dnat; /* the destination was translated */
	bool assured;
	struct ip_addr src; /* of the original direction: who opened it */
	struct ip_addr dst; /* as dialled */
	uint16_t sport;
	uint16_t dport;	       /* as dialled; 0 for protocols without ports */
	struct ip_addr server; /* who answers: the container behind a translated destination */
	uint16_t server_port;
};

/* True: cut it. */
typedef bool (*flow_is_revoked)(void *data, const struct flow *flow);

/*
 * Asks for each flow of both families and deletes those that are revoked; sockets of this host
 * that hold one are destroyed, so that the next packet of its server does not bring it back.
 * *ret_cut counts them.  -EOPNOTSUPP: this kernel tracks nothing.
 */
int kernel_flows_cut(flow_is_revoked is_revoked, void *data, uint32_t *ret_cut, struct err *err);
