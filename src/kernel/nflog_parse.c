/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NFLOG messages and the headers of the packets in them, as plain data. */
#include "kernel/nflog.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <string.h>

#include "base/protocol.h"
#include "ir/ir.h"
#include "kernel/attr.h"

#define IP4_HEADER 20u
#define IP6_HEADER 40u
#define EXTENSIONS_MAX 16u

/* Extension headers of IPv6. */
#define NEXT_HOP_BY_HOP 0u
#define NEXT_ROUTING 43u
#define NEXT_FRAGMENT 44u
#define NEXT_DESTINATION 60u

struct bytes {
	const uint8_t *at;
	size_t len;
};

static struct bytes bytes_of(const struct nlattr *attr)
{
	if (!attr)
		return (struct bytes){0};
	return (struct bytes){mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr)};
}

static unsigned read_u16(const uint8_t *at)
{
	return (unsigned)(at[0] << 8 | at[1]);
}

static void skip(struct bytes *bytes, size_t count)
{
	bytes->at += count;
	bytes->len -= count;
}

static void parse_transport(struct bytes bytes, struct nflog_packet *ret)
{
	if (protocol_has_ports(ret->protocol) && bytes.len >= 4) {
		ret->has_ports = true;
		ret->src_port = (uint16_t)read_u16(bytes.at);
		ret->dst_port = (uint16_t)read_u16(bytes.at + 2);
	}
	if ((ret->protocol == PROTOCOL_ICMP || ret->protocol == PROTOCOL_ICMPV6) && bytes.len) {
		ret->has_icmp = true;
		ret->icmp_type = bytes.at[0];
	}
}

static bool parse_ip4(struct bytes bytes, struct nflog_packet *ret)
{
	size_t header = bytes.len ? (bytes.at[0] & 15u) * 4u : 0;

	if (bytes.len < IP4_HEADER || bytes.at[0] >> 4 != 4 || header < IP4_HEADER)
		return false;
	ret->src.family = ret->dst.family = IP_V4;
	memcpy(ret->src.bytes, bytes.at + 12, 4);
	memcpy(ret->dst.bytes, bytes.at + 16, 4);
	ret->hop_limit = bytes.at[8];
	ret->protocol = bytes.at[9];
	if (header > bytes.len || (read_u16(bytes.at + 6) & 0x1fff)) /* a later fragment */
		return true;
	skip(&bytes, header);
	parse_transport(bytes, ret);
	return true;
}

/* The length of an extension header, 0: it is none.  *ret_later: of a later fragment. */
static size_t extension_len(uint8_t next, struct bytes bytes, bool *ret_later)
{
	switch (next) {
	case NEXT_HOP_BY_HOP:
	case NEXT_ROUTING:
	case NEXT_DESTINATION:
		return bytes.len >= 2 ? ((size_t)bytes.at[1] + 1) * 8 : SIZE_MAX;
	case PROTOCOL_AH:
		return bytes.len >= 2 ? ((size_t)bytes.at[1] + 2) * 4 : SIZE_MAX;
	case NEXT_FRAGMENT:
		if (bytes.len < 8)
			return SIZE_MAX;
		*ret_later = read_u16(bytes.at + 2) & 0xfff8;
		return 8;
	default:
		return 0;
	}
}

static bool parse_ip6(struct bytes bytes, struct nflog_packet *ret)
{
	bool later = false;
	uint8_t next;

	if (bytes.len < IP6_HEADER || bytes.at[0] >> 4 != 6)
		return false;
	ret->src.family = ret->dst.family = IP_V6;
	memcpy(ret->src.bytes, bytes.at + 8, 16);
	memcpy(ret->dst.bytes, bytes.at + 24, 16);
	ret->hop_limit = bytes.at[7];
	next = bytes.at[6];
	skip(&bytes, IP6_HEADER);
	for (unsigned i = 0; i < EXTENSIONS_MAX && !later; i++) {
		size_t len = extension_len(next, bytes, &later);

		if (len > bytes.len)
			later = true; /* cut: what is behind it is not known */
		if (!len || later)
			break;
		next = bytes.at[0];
		skip(&bytes, len);
	}
	ret->protocol = next;
	if (!later)
		parse_transport(bytes, ret);
	return true;
}

static bool parse_hook(const struct nlattr *attr, struct nflog_packet *ret)
{
	static const uint8_t hooks[] = {[NF_INET_LOCAL_IN] = IR_HOOK_INPUT,
					[NF_INET_FORWARD] = IR_HOOK_FORWARD,
					[NF_INET_LOCAL_OUT] = IR_HOOK_OUTPUT};
	struct nfulnl_msg_packet_hdr header;
	struct bytes bytes = bytes_of(attr);

	if (bytes.len < sizeof(header))
		return false;
	memcpy(&header, bytes.at, sizeof(header));
	if (header.hook < sizeof(hooks))
		ret->hook = hooks[header.hook];
	return ret->hook != IR_HOOK_NONE;
}

static void parse_time(const struct nlattr *attr, struct nflog_packet *ret)
{
	struct bytes bytes = bytes_of(attr);
	uint64_t parts[2] = {0};

	if (bytes.len < sizeof(parts))
		return;
	for (unsigned i = 0; i < 16; i++)
		parts[i / 8] = parts[i / 8] << 8 | bytes.at[i];
	if (parts[0] < UINT32_MAX && parts[1] < 1000000)
		ret->time_us = parts[0] * 1000000 + parts[1];
}

static void parse_prefix(const struct nlattr *attr, struct nflog_packet *ret)
{
	struct bytes bytes = bytes_of(attr);
	size_t len = bytes.len < sizeof(ret->prefix) - 1 ? bytes.len : sizeof(ret->prefix) - 1;

	if (len)
		memcpy(ret->prefix, bytes.at, len);
}

static bool parse_addr(const struct nlattr *attr, uint8_t family, struct ip_addr *ret)
{
	struct bytes bytes = bytes_of(attr);

	if (!bytes.at || bytes.len != ip_family_bytes(family))
		return false;
	*ret = (struct ip_addr){.family = family};
	memcpy(ret->bytes, bytes.at, bytes.len);
	return true;
}

/* What conntrack knows of the connection, where the kernel hands it over. */
static void parse_connection(const struct nlattr *attr, struct nflog_packet *ret)
{
	bool v4 = ret->src.family == IP_V4;
	const struct nlattr *parts[CTA_MAX + 1], *tuple[CTA_TUPLE_MAX + 1];
	const struct nlattr *addrs[CTA_IP_MAX + 1], *proto[CTA_PROTO_MAX + 1];
	struct ip_addr src;
	struct bytes port;

	attr_parse_nested(attr, parts, CTA_MAX + 1);
	attr_parse_nested(parts[CTA_TUPLE_ORIG], tuple, CTA_TUPLE_MAX + 1);
	attr_parse_nested(tuple[CTA_TUPLE_IP], addrs, CTA_IP_MAX + 1);
	attr_parse_nested(tuple[CTA_TUPLE_PROTO], proto, CTA_PROTO_MAX + 1);
	/* An answer, or an ICMP error, is of a connection that was opened the other way. */
	if (!parse_addr(addrs[v4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC], ret->src.family, &src) ||
	    !ip_addr_eq(&src, &ret->src) ||
	    !parse_addr(addrs[v4 ? CTA_IP_V4_DST : CTA_IP_V6_DST], ret->src.family,
			&ret->dialled_addr))
		return;
	port = bytes_of(proto[CTA_PROTO_DST_PORT]);
	if (port.at && port.len == 2)
		ret->dialled_port = (uint16_t)read_u16(port.at);
	ret->dnat = attr_u32(parts[CTA_STATUS]) & IPS_DST_NAT;
	ret->tracked = true;
}

static bool parse_message(const struct nlmsghdr *message, struct nflog_packet *ret)
{
	const struct nlattr *attrs[NFULA_MAX + 1];
	struct bytes payload;
	bool known;

	if (message->nlmsg_type != ((NFNL_SUBSYS_ULOG << 8) | NFULNL_MSG_PACKET) ||
	    mnl_nlmsg_get_payload_len(message) < sizeof(struct nfgenmsg))
		return false;
	attr_parse(message, attrs, NFULA_MAX + 1);
	payload = bytes_of(attrs[NFULA_PAYLOAD]);
	if (!payload.len || !parse_hook(attrs[NFULA_PACKET_HDR], ret))
		return false;
	known = payload.at[0] >> 4 == 6 ? parse_ip6(payload, ret) : parse_ip4(payload, ret);
	ret->iif = attr_u32(attrs[NFULA_IFINDEX_INDEV]);
	ret->oif = attr_u32(attrs[NFULA_IFINDEX_OUTDEV]);
	parse_time(attrs[NFULA_TIMESTAMP], ret);
	parse_prefix(attrs[NFULA_PREFIX], ret);
	if (known && attrs[NFULA_CT])
		parse_connection(attrs[NFULA_CT], ret);
	return known;
}

void nflog_parse(const void *datagram, size_t len, nflog_take take, void *data)
{
	struct bytes left = {datagram, len};

	/*
	 * mnl_nlmsg_ok() takes lengths beyond INT_MAX for negative ones, and goes on; NLMSG_ALIGN()
	 * makes 0 of the largest; attributes are looked for up to the aligned end.
	 */
	while (left.len >= sizeof(struct nlmsghdr)) {
		const struct nlmsghdr *message = (const void *)left.at;
		struct nflog_packet packet = {0};
		size_t room = ((size_t)message->nlmsg_len + 3) & ~(size_t)3;

		if (message->nlmsg_len < sizeof(*message) || room > left.len)
			return;
		if (parse_message(message, &packet))
			take(data, &packet);
		skip(&left, room);
	}
}
