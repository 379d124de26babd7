/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fields, verdicts and rates as nf_tables numbers them. */
#include "kernel/wire.h"

#include <assert.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

/* Numbers of data types: fixed by nft's listings since 0.5, see nft(8) "data types". */
enum wire_type {
	TYPE_NFPROTO = 2,
	TYPE_INTEGER = 4,
	TYPE_IPV4_ADDR = 7,
	TYPE_IPV6_ADDR = 8,
	TYPE_INET_PROTO = 12,
	TYPE_INET_SERVICE = 13,
	TYPE_ICMP_TYPE = 14,
	TYPE_TCP_FLAG = 15,
	TYPE_CT_STATE = 26,
	TYPE_CT_STATUS = 28,
	TYPE_ICMPV6_TYPE = 29,
	TYPE_IFNAME = 41,
};

#define HOST 1
#define BIG 2
#define NETWORK NFT_PAYLOAD_NETWORK_HEADER
#define TRANSPORT NFT_PAYLOAD_TRANSPORT_HEADER
#define V4 NFPROTO_IPV4
#define V6 NFPROTO_IPV6

static const struct wire_field wire_fields[IR_FIELD_COUNT] = {
	[IR_META_IIFNAME] = {WIRE_META, NFT_META_IIFNAME, 0, TYPE_IFNAME, HOST, 0, 0},
	[IR_META_OIFNAME] = {WIRE_META, NFT_META_OIFNAME, 0, TYPE_IFNAME, HOST, 0, 0},
	[IR_META_NFPROTO] = {WIRE_META, NFT_META_NFPROTO, 0, TYPE_NFPROTO, HOST, 0, 0},
	[IR_META_L4PROTO] = {WIRE_META, NFT_META_L4PROTO, 0, TYPE_INET_PROTO, BIG, 0, 0},
	[IR_IP_SADDR] = {WIRE_PAYLOAD, NETWORK, 12, TYPE_IPV4_ADDR, BIG, V4, 0},
	[IR_IP_DADDR] = {WIRE_PAYLOAD, NETWORK, 16, TYPE_IPV4_ADDR, BIG, V4, 0},
	[IR_IP6_SADDR] = {WIRE_PAYLOAD, NETWORK, 8, TYPE_IPV6_ADDR, BIG, V6, 0},
	[IR_IP6_DADDR] = {WIRE_PAYLOAD, NETWORK, 24, TYPE_IPV6_ADDR, BIG, V6, 0},
	[IR_IP6_HOPLIMIT] = {WIRE_PAYLOAD, NETWORK, 7, TYPE_INTEGER, BIG, V6, 0},
	[IR_TH_SPORT] = {WIRE_PAYLOAD, TRANSPORT, 0, TYPE_INET_SERVICE, BIG, 0, 0},
	[IR_TH_DPORT] = {WIRE_PAYLOAD, TRANSPORT, 2, TYPE_INET_SERVICE, BIG, 0, 0},
	[IR_CT_STATE] = {WIRE_CT, NFT_CT_STATE, 0, TYPE_CT_STATE, HOST, 0, 0},
	[IR_CT_STATUS] = {WIRE_CT, NFT_CT_STATUS, 0, TYPE_CT_STATUS, HOST, 0, 0},
	[IR_CT_ORIG_PROTO_DST] = {WIRE_CT, NFT_CT_PROTO_DST, 0, TYPE_INET_SERVICE, BIG, 0, 0},
	[IR_ICMP_TYPE] = {WIRE_PAYLOAD, TRANSPORT, 0, TYPE_ICMP_TYPE, BIG, V4, IPPROTO_ICMP},
	[IR_ICMPV6_TYPE] = {WIRE_PAYLOAD, TRANSPORT, 0, TYPE_ICMPV6_TYPE, BIG, V6, IPPROTO_ICMPV6},
	[IR_TCP_FLAGS] = {WIRE_PAYLOAD, TRANSPORT, 13, TYPE_TCP_FLAG, HOST, 0, IPPROTO_TCP},
};

const struct wire_field *wire_field_of(uint8_t field)
{
	assert(field < IR_FIELD_COUNT);
	return &wire_fields[field];
}

int wire_field_of_type(uint32_t type)
{
	/* The dialled port has a port's type; "th dport" stands for all ports in a key. */
	if (type == TYPE_INET_SERVICE)
		return IR_TH_DPORT;
	for (int field = 0; field < IR_FIELD_COUNT; field++)
		if (wire_fields[field].type == type)
			return field;
	return -1;
}

int wire_neighbour(uint8_t field)
{
	return field == IR_TH_SPORT ? IR_TH_DPORT : -1;
}

static const int32_t wire_verdicts[] = {
	[IR_ACCEPT] = NF_ACCEPT, [IR_DROP] = NF_DROP,	   [IR_JUMP] = NFT_JUMP,
	[IR_GOTO] = NFT_GOTO,	 [IR_RETURN] = NFT_RETURN,
};

int32_t wire_verdict(uint8_t verdict)
{
	assert(verdict <= IR_RETURN);
	return wire_verdicts[verdict];
}

int wire_verdict_of(int32_t code)
{
	for (int i = 0; i <= IR_RETURN; i++)
		if (wire_verdicts[i] == code)
			return i;
	return -1;
}

static const uint64_t wire_seconds[] = {
	[IR_PER_SECOND] = 1,
	[IR_PER_MINUTE] = 60,
	[IR_PER_HOUR] = 3600,
	[IR_PER_DAY] = 86400,
};

uint64_t wire_rate_seconds(uint8_t unit)
{
	assert(unit <= IR_PER_DAY);
	return wire_seconds[unit];
}

int wire_rate_unit_of(uint64_t seconds)
{
	for (int i = 0; i <= IR_PER_DAY; i++)
		if (wire_seconds[i] == seconds)
			return i;
	return -1;
}

void wire_mask(uint8_t *ret, unsigned size, unsigned len)
{
	assert(len <= size * 8);
	memset(ret, 0, size);
	memset(ret, 0xff, len / 8);
	if (len % 8)
		ret[len / 8] = (uint8_t)(0xff00u >> (len % 8));
}

int wire_mask_len(const uint8_t *mask, unsigned size)
{
	uint8_t want[16];
	unsigned len = 0;

	assert(size <= sizeof(want));
	while (len < size * 8 && (mask[len / 8] & (0x80u >> (len % 8))))
		len++;
	wire_mask(want, size, len);
	return memcmp(mask, want, size) == 0 ? (int)len : -1;
}
