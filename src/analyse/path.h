/*
 * Which way a packet takes: from what a client dials to the packet that the filter hooks see.
 * Uses the model's published ports and the host's routes; the engine's own refusals are not known
 * here.
 */
#pragma once

#include "facts/facts.h"
#include "model/eval.h"

struct dial {
	const char *in_iface; /* interface the packet comes in by; NULL: this host dials */
	struct ip_addr src;
	struct ip_addr dst;
	uint8_t protocol;
	uint8_t icmp_type;
	uint16_t src_port;
	uint16_t port;
};

/*
 * `translated` ports: the engine translates (DNAT) what is dialled when the container has an
 * address of the same family and the engine keeps rules for that family; *_proxied otherwise.
 */
bool path_of_dial(const struct model *model, const struct facts *facts, const struct dial *dial,
		  struct packet *ret);
