/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets that a rule sends to an NFLOG group.  Whoever sends packets decides what they hold: no
 * length in them is believed, and what cannot be read whole is left out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/ip.h"

#define NFLOG_PREFIX_MAX 64u

/* As the rule saw it: behind the translation of the destination, before that of the source. */
struct nflog_packet {
	uint64_t
		time_us; /* since 1970; 0: the kernel did not say, and nflog_parse() has no clock */
	uint8_t hook;	 /* enum ir_hook: input, forward or output */
	uint32_t iif;	 /* indexes of interfaces, 0: none */
	uint32_t oif;
	struct ip_addr src;
	struct ip_addr dst;
	uint8_t protocol; /* behind the extension headers of IPv6 */
	uint8_t hop_limit;
	bool has_ports; /* false also for later fragments */
	uint16_t src_port;
	uint16_t dst_port;
	bool has_icmp;
	uint8_t icmp_type;
	bool tracked; /* the kernel says what was dialled: */
	bool dnat;
	struct ip_addr dialled_addr;
	uint16_t dialled_port;
	char prefix[NFLOG_PREFIX_MAX]; /* cut, NUL-terminated; others may use the group too */
};

typedef void (*nflog_take)(void *data, const struct nflog_packet *packet);

/* Calls take for each packet in a datagram from the kernel; data is aligned as malloc() does. */
void nflog_parse(const void *datagram, size_t len, nflog_take take, void *data);

struct kernel_nflog;

/* Copies `bytes` of each packet.  -EBUSY: another program of this host reads the group. */
int kernel_nflog_open(uint16_t group, uint16_t bytes, struct kernel_nflog **ret, struct err *err);
void kernel_nflog_free(struct kernel_nflog *nflog);
DEFINE_CLEANUP(struct kernel_nflog, kernel_nflog_free)
/* To poll for input. */
int kernel_nflog_fd(const struct kernel_nflog *nflog);
/*
 * Takes some of what is queued, never waits: poll again.  *ret_lost: the kernel had no room for
 * packets before these.
 */
int kernel_nflog_read(struct kernel_nflog *nflog, nflog_take take, void *data, bool *ret_lost,
		      struct err *err);
