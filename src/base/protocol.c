/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Transport protocols by name and number, spelled as nft spells them. */
#include "base/protocol.h"

#include "base/str.h"

static const struct {
	const char *name;
	uint8_t number;
	bool has_ports;
} protocols[] = {
	{"tcp", PROTOCOL_TCP, true},
	{"udp", PROTOCOL_UDP, true},
	{"sctp", PROTOCOL_SCTP, true},
	{"icmp", PROTOCOL_ICMP, false},
	{"icmpv6", PROTOCOL_ICMPV6, false},
	{"esp", PROTOCOL_ESP, false},
	{"ah", PROTOCOL_AH, false},
	{"gre", PROTOCOL_GRE, false},
	{"igmp", PROTOCOL_IGMP, false},
	{"dccp", PROTOCOL_DCCP, true},
	{"udplite", PROTOCOL_UDPLITE, true},
	{"ipip", 4, false},
	{"ipv6", 41, false},
	{"ospf", 89, false},
	{"vrrp", 112, false},
	{"comp", 108, false},
	{"pim", 103, false},
	{"l2tp", 115, false},
};

#define PROTOCOL_COUNT (sizeof(protocols) / sizeof(protocols[0]))

bool protocol_parse(const char *text, size_t len, uint8_t *ret)
{
	for (size_t i = 0; i < PROTOCOL_COUNT; i++) {
		if (str_eqn(protocols[i].name, text, len)) {
			*ret = protocols[i].number;
			return true;
		}
	}
	return false;
}

const char *protocol_name(uint8_t protocol)
{
	for (size_t i = 0; i < PROTOCOL_COUNT; i++)
		if (protocols[i].number == protocol)
			return protocols[i].name;
	return NULL;
}

bool protocol_has_ports(uint8_t protocol)
{
	for (size_t i = 0; i < PROTOCOL_COUNT; i++)
		if (protocols[i].number == protocol)
			return protocols[i].has_ports;
	return false;
}

const char *protocol_name_at(size_t i)
{
	return i < PROTOCOL_COUNT ? protocols[i].name : NULL;
}
