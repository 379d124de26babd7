/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages of rtnetlink: as the kernel makes them, cut short at every byte, with attributes of
 * every wrong length, and with random bytes.  Each is parsed in a block of exactly its size, so
 * that a sanitizer sees a read past its end.
 */
#include "host/link_parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/str.h"

#define MESSAGE_MAX 1024
#define NO_INDEX 0u
#define HEADER ((uint32_t)sizeof(struct nlmsghdr))
#define BYTES_MAX 32

struct world {
	struct arena *arena;
	struct facts facts;
	struct link_reader reader;
};

static int set_up(void **state)
{
	static struct world world;

	memset(&world, 0, sizeof(world));
	world.arena = arena_new();
	world.reader = (struct link_reader){world.arena, &world.facts};
	*state = &world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	arena_free(world->arena);
	return 0;
}

/* The first `len` bytes of a message, in a block of their own. */
static void parse_cut(struct world *world, mnl_cb_t parser, const struct nlmsghdr *message,
		      uint32_t len)
{
	auto_free struct nlmsghdr *copy = mem_alloc(len);

	memcpy(copy, message, len);
	copy->nlmsg_len = len;
	assert_int_equal(parser(copy, &world->reader), MNL_CB_OK);
}

static void parse(struct world *world, mnl_cb_t parser, const struct nlmsghdr *message)
{
	parse_cut(world, parser, message, message->nlmsg_len);
}

/* Each of these begins a message in a buffer that lives until the next one of any kind. */
static void *message_new(struct nlmsghdr **ret, uint16_t type, size_t header)
{
	static _Alignas(struct nlmsghdr) char buffer[MESSAGE_MAX];

	memset(buffer, 0, sizeof(buffer));
	*ret = mnl_nlmsg_put_header(buffer);
	(*ret)->nlmsg_type = type;
	return mnl_nlmsg_put_extra_header(*ret, header);
}

static struct nlmsghdr *link_message(int index, const char *name, const char *kind, uint32_t master,
				     unsigned flags)
{
	struct nlmsghdr *message;
	struct ifinfomsg *info = message_new(&message, RTM_NEWLINK, sizeof(*info));
	struct nlattr *nest;

	info->ifi_index = index;
	info->ifi_flags = flags;
	mnl_attr_put_strz(message, IFLA_IFNAME, name);
	if (master)
		mnl_attr_put_u32(message, IFLA_MASTER, master);
	if (kind) {
		nest = mnl_attr_nest_start(message, IFLA_LINKINFO);
		mnl_attr_put_u32(message, IFLA_INFO_XSTATS, 0);
		mnl_attr_put_strz(message, IFLA_INFO_KIND, kind);
		mnl_attr_nest_end(message, nest);
	}
	return message;
}

static void addr_put(struct nlmsghdr *message, uint16_t type, const char *text)
{
	struct ip_addr addr;

	if (!text)
		return;
	assert_true(ip_addr_parse(text, strlen(text), &addr));
	mnl_attr_put(message, type, addr.family == IP_V4 ? 4 : 16, addr.bytes);
}

static uint8_t family_of(const char *text)
{
	return strchr(text, ':') ? AF_INET6 : AF_INET;
}

static struct nlmsghdr *address_message(uint32_t index, const char *address, const char *local,
					uint8_t len)
{
	struct nlmsghdr *message;
	struct ifaddrmsg *info = message_new(&message, RTM_NEWADDR, sizeof(*info));

	info->ifa_family = family_of(address);
	info->ifa_prefixlen = len;
	info->ifa_index = index;
	addr_put(message, IFA_ADDRESS, address);
	addr_put(message, IFA_LOCAL, local);
	return message;
}

/* "10.0.0.0/8", "0.0.0.0/0" and "::/0" as the kernel says them: without RTA_DST. */
static struct nlmsghdr *route_message(const char *dest, uint32_t index)
{
	struct nlmsghdr *message;
	struct rtmsg *info = message_new(&message, RTM_NEWROUTE, sizeof(*info));
	struct ip_prefix prefix;
	bool host_bits;

	assert_true(ip_prefix_parse(dest, strlen(dest), &prefix, &host_bits));
	info->rtm_family = family_of(dest);
	info->rtm_dst_len = prefix.len;
	info->rtm_table = RT_TABLE_MAIN;
	info->rtm_type = RTN_UNICAST;
	mnl_attr_put_u32(message, RTA_TABLE, RT_TABLE_MAIN);
	if (prefix.len)
		mnl_attr_put(message, RTA_DST, prefix.family == IP_V4 ? 4 : 16, prefix.bytes);
	if (index)
		mnl_attr_put_u32(message, RTA_OIF, index);
	return message;
}

static struct rtmsg *route_info(struct nlmsghdr *message)
{
	return mnl_nlmsg_get_payload(message);
}

static void hops_put(struct nlmsghdr *message, int first, int second)
{
	struct rtnexthop hops[2] = {{.rtnh_len = sizeof(*hops), .rtnh_ifindex = first},
				    {.rtnh_len = sizeof(*hops), .rtnh_ifindex = second}};

	mnl_attr_put(message, RTA_MULTIPATH, sizeof(hops), hops);
}

static void links_add(struct world *world)
{
	parse(world, link_parse, link_message(2, "eth0", NULL, 0, IFF_UP));
	parse(world, link_parse, link_message(3, "eth1", NULL, 0, 0));
}

static void test_links(void **state)
{
	static const struct {
		const char *kind;
		uint8_t want;
	} kinds[] = {
		{NULL, IFACE_OTHER},	     {"bridge", IFACE_BRIDGE}, {"veth", IFACE_VETH},
		{"wireguard", IFACE_TUNNEL}, {"vxlan", IFACE_TUNNEL},  {"dummy", IFACE_OTHER},
		{"", IFACE_OTHER},	     {"bridge0", IFACE_OTHER}, {"bond", IFACE_OTHER},
	};
	struct world *world = *state;

	for (uint32_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct iface *iface;

		parse(world, link_parse,
		      link_message((int)i + 1, "port", kinds[i].kind, i, i % 2 ? IFF_UP : 0));
		assert_int_equal(world->facts.ifaces.len, i + 1);
		iface = &world->facts.ifaces.items[i];
		assert_string_equal(iface->name, "port");
		assert_int_equal(iface->kind, kinds[i].want);
		assert_int_equal(iface->index, i + 1);
		assert_int_equal(iface->master, i);
		assert_int_equal(iface->up, i % 2);
	}
	/* what the flags say counts more */
	parse(world, link_parse, link_message(1, "lo", "bridge", 0, IFF_LOOPBACK));
	assert_int_equal(world->facts.ifaces.items[9].kind, IFACE_LOOPBACK);
}

static void test_uplinks(void **state)
{
	struct world *world = *state;
	const struct iface *ifaces;

	parse(world, link_parse, link_message(7, "veth0", "veth", 5, 0));
	parse(world, link_parse, link_message(5, "docker0", "bridge", 0, 0));
	parse(world, link_parse, link_message(8, "eth0", NULL, 6, 0));
	parse(world, link_parse, link_message(6, "br0", "bridge", 0, 0));
	parse(world, link_parse, link_message(9, "eth1", NULL, 1000, 0)); /* of another namespace */
	uplinks_mark(&world->facts);
	ifaces = world->facts.ifaces.items;
	for (uint32_t i = 0; i < world->facts.ifaces.len; i++)
		assert_int_equal(ifaces[i].physical_port, str_eq(ifaces[i].name, "br0"));
}

static void test_names(void **state)
{
	static const struct {
		const char *bytes;
		uint16_t len;
		bool good;
	} names[] = {
		{"eth0", 5, true},
		{"eth0\0\0\0", 8, true},
		{"eth0", 4, false}, /* goes on behind the attribute */
		{"", 1, false},
		{"", 0, false},
		{"fifteen-letters", 16, true},
		{"sixteen-letters!", 17, false},
		{"\"; drop", 8, true}, /* the kernel allows it, who prints it quotes it */
	};
	struct world *world = *state;
	uint32_t known = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct nlmsghdr *message;

		(void)message_new(&message, RTM_NEWLINK, sizeof(struct ifinfomsg));
		mnl_attr_put(message, IFLA_IFNAME, names[i].len, names[i].bytes);
		parse(world, link_parse, message);
		known += names[i].good;
		assert_int_equal(world->facts.ifaces.len, known);
		if (names[i].good)
			assert_string_equal(world->facts.ifaces.items[known - 1].name,
					    names[i].bytes);
	}
}

/* "192.0.2.1/24 2001:db8::1/64" of the interface with an index. */
static void assert_addrs(struct world *world, uint32_t index, const char *want)
{
	struct str_buf got auto_str = {0};
	char text[IP_TEXT_MAX];

	vec_each (&world->facts.ifaces, iface)
		for (uint32_t i = 0; iface->index == index && i < iface->addrs.len; i++)
			str_buf_addf(&got, "%s%s/%u", i ? " " : "",
				     ip_addr_format(&iface->addrs.items[i].addr, text),
				     (unsigned)iface->addrs.items[i].prefix_len);
	assert_string_equal(str_buf_text(&got), want);
}

static void test_addresses(void **state)
{
	struct world *world = *state;
	struct nlmsghdr *message;

	links_add(world);
	parse(world, address_parse, address_message(2, "192.0.2.1", "192.0.2.1", 24));
	parse(world, address_parse, address_message(2, "2001:db8::1", NULL, 64));
	parse(world, address_parse, address_message(3, "fe80::1", NULL, 64));
	parse(world, address_parse, address_message(99, "192.0.2.9", NULL, 24)); /* gone since */
	assert_addrs(world, 2, "192.0.2.1/24 2001:db8::1/64");
	assert_addrs(world, 3, "fe80::1/64");
	/* the peer of a point-to-point link is not this host, in whatever order it is said */
	parse(world, address_parse, address_message(3, "198.51.100.9", "198.51.100.1", 32));
	message = address_message(3, "2001:db8::5", "2001:db8::6", 128);
	parse(world, address_parse, message);
	message = address_message(3, "198.51.100.2", NULL, 32);
	((struct ifaddrmsg *)mnl_nlmsg_get_payload(message))->ifa_prefixlen = 32;
	addr_put(message, IFA_LOCAL, "198.51.100.3");
	addr_put(message, IFA_ADDRESS, "198.51.100.4");
	parse(world, address_parse, message);
	assert_addrs(world, 3, "fe80::1/64 198.51.100.1/32 2001:db8::6/128 198.51.100.3/32");
}

static void test_bad_addresses(void **state)
{
	static const uint8_t bytes[BYTES_MAX] = {192, 0, 2, 1};
	struct world *world = *state;
	struct nlmsghdr *message;
	struct ifaddrmsg *info;

	links_add(world);
	for (uint16_t len = 0; len <= BYTES_MAX; len++) {
		if (len == 4)
			continue;
		message = address_message(2, "192.0.2.9", NULL, 24);
		mnl_attr_put(message, IFA_LOCAL, len, bytes); /* the other is the peer's, then */
		parse(world, address_parse, message);
		info = message_new(&message, RTM_NEWADDR, sizeof(*info));
		*info = (struct ifaddrmsg){.ifa_family = AF_INET, .ifa_index = 2};
		mnl_attr_put(message, IFA_ADDRESS, len, bytes);
		parse(world, address_parse, message);
	}
	parse(world, address_parse, address_message(2, "192.0.2.1", NULL, 33));
	parse(world, address_parse, address_message(2, "2001:db8::1", NULL, 129));
	message = address_message(2, "192.0.2.1", NULL, 24);
	info = mnl_nlmsg_get_payload(message);
	info->ifa_family = AF_INET6; /* with four bytes */
	parse(world, address_parse, message);
	info->ifa_family = AF_UNSPEC;
	parse(world, address_parse, message);
	info->ifa_family = AF_PACKET;
	parse(world, address_parse, message);
	(void)message_new(&message, RTM_NEWADDR, sizeof(*info));
	parse(world, address_parse, message);
	assert_addrs(world, 2, "");
}

/* "eth0 0.0.0.0/0, eth1 10.0.0.0/8" */
static void assert_routes(struct world *world, const char *want)
{
	struct str_buf got auto_str = {0};
	char text[IP_TEXT_MAX];

	vec_each (&world->facts.routes, route)
		str_buf_addf(&got, "%s%s %s/%u", got.len ? ", " : "", route->iface,
			     ip_addr_format(&(struct ip_addr){.family = route->dest.family}, text),
			     (unsigned)route->dest.len);
	assert_string_equal(str_buf_text(&got), want);
}

static const char *iface_to(const struct world *world, const char *text)
{
	struct ip_addr addr;
	const struct route *route;

	assert_true(ip_addr_parse(text, strlen(text), &addr));
	route = facts_route_to(&world->facts, &addr);
	return route ? route->iface : "none";
}

/* The kernel says routes of one prefix by their metric: the first is the one that is used. */
static void test_several_default_routes(void **state)
{
	struct world *world = *state;
	struct nlmsghdr *message;

	links_add(world);
	message = route_message("0.0.0.0/0", 3);
	mnl_attr_put_u32(message, RTA_PRIORITY, 100);
	parse(world, route_parse, message);
	message = route_message("0.0.0.0/0", 2);
	mnl_attr_put_u32(message, RTA_PRIORITY, 200);
	parse(world, route_parse, message);
	parse(world, route_parse, route_message("198.51.100.0/24", 2));
	assert_string_equal(iface_to(world, "203.0.113.1"), "eth1");
	assert_string_equal(iface_to(world, "198.51.100.1"), "eth0");
	assert_string_equal(iface_to(world, "2001:db8::1"), "none");
	parse(world, route_parse, route_message("::/0", 2));
	parse(world, route_parse, route_message("::/0", 3));
	assert_string_equal(iface_to(world, "2001:db8::1"), "eth0");
	assert_int_equal(world->facts.routes.len, 5);
}

static void test_next_hops(void **state)
{
	struct world *world = *state;
	struct nlmsghdr *message;

	links_add(world);
	message = route_message("0.0.0.0/0", NO_INDEX);
	hops_put(message, 3, 2);
	parse(world, route_parse, message);
	message = route_message("::/0", NO_INDEX);
	hops_put(message, 2, 3);
	parse(world, route_parse, message);
	assert_routes(world, "eth1 0.0.0.0/0, eth0 ::/0");
	/* to an interface that is gone, and too short for one hop */
	message = route_message("0.0.0.0/0", NO_INDEX);
	hops_put(message, 99, 2);
	parse(world, route_parse, message);
	message = route_message("0.0.0.0/0", NO_INDEX);
	mnl_attr_put(message, RTA_MULTIPATH, sizeof(struct rtnexthop) - 1, "\0\0\0\0\2\0\0");
	parse(world, route_parse, message);
	assert_int_equal(world->facts.routes.len, 2);
}

static void test_routes_that_do_not_count(void **state)
{
	struct world *world = *state;
	struct nlmsghdr *message;

	links_add(world);
	parse(world, route_parse, route_message("0.0.0.0/0", 99));
	parse(world, route_parse, route_message("0.0.0.0/0", NO_INDEX));
	message = route_message("0.0.0.0/0", 2);
	mnl_attr_put_u32(message, RTA_TABLE, 1000); /* more than the header's byte can say */
	parse(world, route_parse, message);
	for (uint8_t type = RTN_UNSPEC; type < 20; type++) {
		message = route_message("0.0.0.0/0", 2);
		route_info(message)->rtm_type = type;
		if (type != RTN_UNICAST)
			parse(world, route_parse, message);
	}
	message = route_message("2001:db8::1/128", 2);
	route_info(message)->rtm_flags = RTM_F_CLONED;
	parse(world, route_parse, message);
	for (unsigned family = 0; family < 256; family++) {
		message = route_message("0.0.0.0/0", 2);
		route_info(message)->rtm_family = (uint8_t)family;
		if (family != AF_INET && family != AF_INET6)
			parse(world, route_parse, message);
	}
	assert_routes(world, "");
}

/* A destination that is not understood must not become the default route. */
static void test_bad_destinations(void **state)
{
	static const uint8_t bytes[BYTES_MAX] = {10};
	struct world *world = *state;
	struct nlmsghdr *message;

	links_add(world);
	for (uint16_t len = 0; len <= BYTES_MAX; len++) {
		message = route_message("0.0.0.0/0", 2);
		route_info(message)->rtm_dst_len = 8;
		mnl_attr_put(message, RTA_DST, len, bytes);
		if (len != 4)
			parse(world, route_parse, message);
	}
	message = route_message("0.0.0.0/0", 2);
	route_info(message)->rtm_dst_len = 8; /* and no RTA_DST */
	parse(world, route_parse, message);
	message = route_message("10.0.0.0/8", 2);
	route_info(message)->rtm_dst_len = 33;
	parse(world, route_parse, message);
	message = route_message("2001:db8::/32", 2);
	route_info(message)->rtm_dst_len = 129;
	parse(world, route_parse, message);
	assert_routes(world, "");
	/* an interface of three bytes is none, too */
	message = route_message("0.0.0.0/0", NO_INDEX);
	mnl_attr_put(message, RTA_OIF, 3, "\2\0");
	parse(world, route_parse, message);
	assert_routes(world, "");
}

struct sample {
	mnl_cb_t parser;
	struct nlmsghdr *message;
};

/* One whole message of each kind. */
static struct sample sample_new(unsigned number)
{
	struct sample sample = {.parser = route_parse};

	switch (number % 4) {
	case 0:
		sample = (struct sample){link_parse, link_message(2, "eth0", "bridge", 3, IFF_UP)};
		break;
	case 1:
		sample = (struct sample){address_parse,
					 address_message(2, "198.51.100.9", "198.51.100.1", 24)};
		break;
	case 2:
		sample.message = route_message("2001:db8::/32", 2);
		break;
	case 3:
		sample.message = route_message("10.0.0.0/8", NO_INDEX);
		hops_put(sample.message, 3, 2);
		break;
	}
	return sample;
}

static void assert_sound(const struct world *world)
{
	vec_each (&world->facts.ifaces, iface) {
		assert_in_range(strlen(iface->name), 1, IFNAMSIZ - 1);
		vec_each (&iface->addrs, own)
			assert_in_range(own->prefix_len, 0, ip_family_bits(own->addr.family));
	}
	vec_each (&world->facts.routes, route)
		assert_in_range(route->dest.len, 0, ip_family_bits(route->dest.family));
}

static void test_cut_short(void **state)
{
	struct world *world = *state;

	links_add(world);
	for (unsigned number = 0; number < 4; number++) {
		struct sample sample = sample_new(number);

		for (uint32_t len = HEADER; len < sample.message->nlmsg_len; len++)
			parse_cut(world, sample.parser, sample.message, len);
	}
	assert_sound(world);
	/* what had not been said yet is not made up */
	assert_addrs(world, 3, "");
	vec_each (&world->facts.routes, route)
		assert_int_not_equal(route->dest.len, 0);
}

static void test_random_bytes(void **state)
{
	unsigned seed = 20261123;
	uint32_t known = 0;

	print_message("seed %u\n", seed);
	for (unsigned round = 0; round < 40000; round++) {
		struct sample sample = sample_new(round);
		uint8_t *bytes = (uint8_t *)sample.message;
		uint32_t len = sample.message->nlmsg_len;
		struct world *world = *state;

		for (unsigned i = (unsigned)rand_r(&seed) % 4; i > 0; i--)
			bytes[HEADER + (unsigned)rand_r(&seed) % (len - HEADER)] =
				(uint8_t)((unsigned)rand_r(&seed) >> 8);
		if (round % 8 < 4)
			len -= (unsigned)rand_r(&seed) % (len - HEADER);
		if (round % 100 == 0) {
			(void)tear_down(state);
			(void)set_up(state);
			links_add(world);
		}
		parse_cut(world, sample.parser, sample.message, len);
		assert_sound(world);
		known += round % 100 == 99 ? world->facts.ifaces.len + world->facts.routes.len : 0;
	}
	assert_true(known > 10000); /* not all of it is rubbish */
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_links),
		CASE(test_uplinks),
		CASE(test_names),
		CASE(test_addresses),
		CASE(test_bad_addresses),
		CASE(test_several_default_routes),
		CASE(test_next_hops),
		CASE(test_routes_that_do_not_count),
		CASE(test_bad_destinations),
		CASE(test_cut_short),
		CASE(test_random_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
