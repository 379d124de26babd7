/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any datagram may be given to the reader of NFLOG messages, whatever lengths it claims.  What it
 * takes for a packet has addresses of one family, a way, and ports only where protocols have some.
 */
#include <stdlib.h>
#include <string.h>

#include "base/protocol.h"
#include "fuzz/replay.h"
#include "ir/ir.h"
#include "kernel/nflog.h"

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void take(void *data, const struct nflog_packet *packet)
{
	++*(unsigned *)data;
	must(packet->src.family == IP_V4 || packet->src.family == IP_V6);
	must(packet->src.family == packet->dst.family);
	must(packet->hook == IR_HOOK_INPUT || packet->hook == IR_HOOK_FORWARD ||
	     packet->hook == IR_HOOK_OUTPUT);
	must(!packet->has_ports || protocol_has_ports(packet->protocol));
	must(packet->has_ports || (!packet->src_port && !packet->dst_port));
	must(!packet->tracked || packet->dialled_addr.family == packet->src.family);
	must(memchr(packet->prefix, '\0', sizeof(packet->prefix)) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* of its own size, so that a byte behind its end is noticed */
	uint8_t *datagram = malloc(size ? size : 1);
	unsigned packets = 0;

	if (!datagram)
		abort();
	memcpy(datagram, data, size);
	nflog_parse(datagram, size, take, &packets);
	must(packets <= size / 16);
	free(datagram);
	return 0;
}
