/*
 * The reference interpreter: what the model does with one packet, in the dullest code possible.
 * It is the oracle for the compiler and what `explain` prints; it shares nothing with compile/.
 */
#pragma once

#include "model/model.h"

enum packet_state { PACKET_NEW, PACKET_ESTABLISHED, PACKET_RELATED, PACKET_INVALID };

/* A packet as the filter hooks see it: after destination NAT, before source NAT. */
struct packet {
	const char *in_iface;  /* NULL: made by this host */
	const char *out_iface; /* NULL: delivered to this host */
	struct ip_addr src;
	struct ip_addr dst;
	uint8_t protocol;
	uint8_t icmp_type; /* of PROTOCOL_ICMP and PROTOCOL_ICMPV6 */
	uint8_t hop_limit;
	uint8_t state;	/* enum packet_state */
	bool dnat;	/* its destination was translated */
	bool over_rate; /* every limit that it meets is exceeded */
	uint16_t src_port;
	uint16_t dst_port;
	struct ip_addr dialled_addr; /* before translation; same as dst without */
	uint16_t dialled_port;
};

enum decision_reason {
	DECISION_RULE,	      /* rule */
	DECISION_OVER_RATE,   /* rule matched, its rate is exceeded */
	DECISION_SECTION_END, /* no sentence of the pair matched */
	DECISION_PAIR_CLOSED, /* no section names the pair */
	DECISION_PAIR_OPEN,   /* no section names the pair, and it is open until then */
	DECISION_ESTABLISHED,
	DECISION_RELATED, /* an ICMP error of a known connection */
	DECISION_LOOPBACK,
	DECISION_ESSENTIAL, /* neighbour discovery, MLD, DHCP */
	DECISION_SAME_BRIDGE,
	DECISION_INVALID,
	DECISION_FAILSAFE,
	DECISION_BANNED,
	DECISION_SPOOFED, /* loopback, own or container addresses from outside */
};

struct decision {
	enum verdict verdict;
	enum decision_reason reason;
	const struct rule *rule; /* or NULL */
	uint32_t from;		 /* zones of the pair that decided */
	uint32_t to;
};

struct decision eval_packet(const struct model *model, const struct packet *packet);
const char *decision_reason_text(enum decision_reason reason);
