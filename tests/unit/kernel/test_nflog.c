/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NFLOG messages: what is read from packets, and what is not believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "base/protocol.h"
#include "ir/ir.h"
#include "kernel/nflog.h"

#define HOOK_INPUT 1
#define HOOK_FORWARD 2
#define HOOK_OUTPUT 3

struct taken {
	unsigned count;
	struct nflog_packet last;
};

/* IPv4, TCP 40000 -> 80, SYN */
static const uint8_t tcp4[] = {
	0x45, 0,    0,	  40,	0, 1, 0, 0, 64, 6, 0, 0, 203,  0, 113,	7,    172, 17, 0, 2,
	0x9c, 0x40, 0x00, 0x50, 0, 0, 0, 1, 0,	0, 0, 0, 0x50, 2, 0xff, 0xff, 0,   0,  0, 0,
};
/* IPv6, hop-by-hop, fragment (the first), then UDP 40000 -> 53 */
static const uint8_t udp6[] = {
	0x60, 0,    0,	  0,	0, 24, 0, 64,			      /* */
	0x20, 0x01, 0x0d, 0xb8, 0, 1,  0, 0,  0, 0, 0, 0, 0, 0, 0, 7, /* */
	0xfd, 0,    0,	  6,	0, 0,  0, 0,  0, 0, 0, 0, 0, 0, 0, 2, /* */
	44,   0,    1,	  4,	0, 0,  0, 0,			      /* hop-by-hop */
	17,   0,    0,	  1,	0, 0,  0, 9,			      /* fragment */
	0x9c, 0x40, 0,	  53,	0, 8,  0, 0,			      /* UDP */
};

static void take(void *data, const struct nflog_packet *packet)
{
	struct taken *taken = data;

	taken->count++;
	taken->last = *packet;
}

static struct nlmsghdr *message_begin(void *buffer, uint8_t hook, const void *packet, size_t len)
{
	struct nfulnl_msg_packet_hdr header = {.hook = hook};
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct nfgenmsg *extra;

	message->nlmsg_type = (NFNL_SUBSYS_ULOG << 8) | NFULNL_MSG_PACKET;
	extra = mnl_nlmsg_put_extra_header(message, sizeof(*extra));
	memset(extra, 0, sizeof(*extra));
	mnl_attr_put(message, NFULA_PACKET_HDR, sizeof(header), &header);
	mnl_attr_put_strz(message, NFULA_PREFIX, "wharfwall refused in ");
	mnl_attr_put(message, NFULA_PAYLOAD, len, packet);
	return message;
}

static struct taken parse(const struct nlmsghdr *message)
{
	struct taken taken = {0};

	nflog_parse(message, message->nlmsg_len, take, &taken);
	return taken;
}

static struct taken parse_packet(const void *packet, size_t len)
{
	_Alignas(8) uint8_t buffer[1024] = {0};

	return parse(message_begin(buffer, HOOK_INPUT, packet, len));
}

static void a_packet_with_all_about_it(void **state)
{
	_Alignas(8) uint8_t buffer[1024] = {0};
	struct nlmsghdr *message = message_begin(buffer, HOOK_FORWARD, tcp4, sizeof(tcp4));
	uint32_t time[4] = {0, htonl(1795437552), 0, htonl(123456)};
	char text[IP_TEXT_MAX];
	struct taken taken;

	(void)state;
	mnl_attr_put_u32(message, NFULA_IFINDEX_INDEV, htonl(2));
	mnl_attr_put_u32(message, NFULA_IFINDEX_OUTDEV, htonl(7));
	mnl_attr_put(message, NFULA_TIMESTAMP, sizeof(time), time);
	taken = parse(message);
	assert_int_equal(taken.count, 1);
	assert_int_equal(taken.last.hook, IR_HOOK_FORWARD);
	assert_int_equal(taken.last.iif, 2);
	assert_int_equal(taken.last.oif, 7);
	assert_true(taken.last.time_us == 1795437552123456);
	assert_string_equal(taken.last.prefix, "wharfwall refused in ");
	assert_string_equal(ip_addr_format(&taken.last.src, text), "203.0.113.7");
	assert_string_equal(ip_addr_format(&taken.last.dst, text), "172.17.0.2");
	assert_int_equal(taken.last.protocol, PROTOCOL_TCP);
	assert_true(taken.last.has_ports);
	assert_int_equal(taken.last.src_port, 40000);
	assert_int_equal(taken.last.dst_port, 80);
	assert_false(taken.last.tracked);
}

/* At every length that a packet can be cut to. */
static void cut_packets(void **state)
{
	(void)state;
	for (size_t len = 1; len <= sizeof(tcp4); len++) {
		struct taken taken = parse_packet(tcp4, len);

		assert_int_equal(taken.count, len >= 20);
		assert_int_equal(taken.last.has_ports, len >= 24);
	}
	for (size_t len = 1; len <= sizeof(udp6); len++) {
		struct taken taken = parse_packet(udp6, len);

		assert_int_equal(taken.count, len >= 40);
		assert_int_equal(taken.last.has_ports, len >= 60);
		if (len >= 56)
			assert_int_equal(taken.last.protocol, PROTOCOL_UDP);
	}
}

static void lengths_that_packets_claim(void **state)
{
	uint8_t packet[sizeof(tcp4)], packet6[sizeof(udp6)];

	(void)state;
	memcpy(packet, tcp4, sizeof(packet));
	packet[0] = 0x4f; /* options up to 60 bytes, but there are 40 */
	assert_false(parse_packet(packet, sizeof(packet)).last.has_ports);
	packet[0] = 0x44; /* shorter than a header */
	assert_int_equal(parse_packet(packet, sizeof(packet)).count, 0);
	packet[0] = 0x55; /* no version */
	assert_int_equal(parse_packet(packet, sizeof(packet)).count, 0);
	packet[0] = 0x45;
	packet[7] = 1; /* a later fragment: these are not its ports */
	assert_int_equal(parse_packet(packet, sizeof(packet)).count, 1);
	assert_false(parse_packet(packet, sizeof(packet)).last.has_ports);
	memcpy(packet6, udp6, sizeof(packet6));
	packet6[41] = 255; /* hop-by-hop of 2048 bytes */
	assert_int_equal(parse_packet(packet6, sizeof(packet6)).count, 1);
	assert_false(parse_packet(packet6, sizeof(packet6)).last.has_ports);
	memcpy(packet6, udp6, sizeof(packet6));
	packet6[51] = 8; /* the second fragment */
	assert_false(parse_packet(packet6, sizeof(packet6)).last.has_ports);
}

static void extension_headers_without_end(void **state)
{
	uint8_t packet[40 + 32 * 8] = {0x60, [6] = 60};

	(void)state;
	for (size_t i = 0; i < 32; i++)
		packet[40 + i * 8] = 60;
	assert_int_equal(parse_packet(packet, sizeof(packet)).count, 1);
	assert_false(parse_packet(packet, sizeof(packet)).last.has_ports);
}

static void messages_that_are_none(void **state)
{
	_Alignas(8) uint8_t buffer[1024] = {0};
	struct nlmsghdr *message = message_begin(buffer, 0, tcp4, sizeof(tcp4));

	(void)state;
	assert_int_equal(parse(message).count, 0); /* no hook of ours */
	message = message_begin(buffer, HOOK_OUTPUT, tcp4, sizeof(tcp4));
	assert_int_equal(parse(message).count, 1);
	for (uint32_t len = 0; len < message->nlmsg_len; len++) {
		struct taken taken = {0};

		nflog_parse(message, len, take, &taken);
		assert_int_equal(taken.count, 0);
	}
	message->nlmsg_type = NLMSG_ERROR;
	assert_int_equal(parse(message).count, 0);
}

static void put_tuple(struct nlmsghdr *message, const void *src, const void *dst, uint16_t port)
{
	struct nlattr *connection = mnl_attr_nest_start(message, NFULA_CT);
	struct nlattr *tuple = mnl_attr_nest_start(message, CTA_TUPLE_ORIG);
	struct nlattr *part = mnl_attr_nest_start(message, CTA_TUPLE_IP);

	mnl_attr_put(message, CTA_IP_V4_SRC, 4, src);
	mnl_attr_put(message, CTA_IP_V4_DST, 4, dst);
	mnl_attr_nest_end(message, part);
	part = mnl_attr_nest_start(message, CTA_TUPLE_PROTO);
	mnl_attr_put_u16(message, CTA_PROTO_DST_PORT, htons(port));
	mnl_attr_nest_end(message, part);
	mnl_attr_nest_end(message, tuple);
	mnl_attr_put_u32(message, CTA_STATUS, htonl(0x20));
	mnl_attr_nest_end(message, connection);
}

static void what_conntrack_knows(void **state)
{
	_Alignas(8) uint8_t buffer[1024] = {0};
	struct nlmsghdr *message = message_begin(buffer, HOOK_FORWARD, tcp4, sizeof(tcp4));
	char text[IP_TEXT_MAX];
	struct taken taken;

	(void)state;
	put_tuple(message, tcp4 + 12, "\xc6\x33\x64\x01", 8080);
	taken = parse(message);
	assert_true(taken.last.tracked);
	assert_true(taken.last.dnat);
	assert_int_equal(taken.last.dialled_port, 8080);
	assert_string_equal(ip_addr_format(&taken.last.dialled_addr, text), "198.51.100.1");
	/* of a connection that another opened */
	message = message_begin(buffer, HOOK_FORWARD, tcp4, sizeof(tcp4));
	put_tuple(message, tcp4 + 16, "\xc6\x33\x64\x01", 8080);
	assert_false(parse(message).last.tracked);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_packet_with_all_about_it),
		cmocka_unit_test(cut_packets),
		cmocka_unit_test(lengths_that_packets_claim),
		cmocka_unit_test(extension_headers_without_end),
		cmocka_unit_test(messages_that_are_none),
		cmocka_unit_test(what_conntrack_knows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
