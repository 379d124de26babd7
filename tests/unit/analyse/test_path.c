/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which way a packet takes: a table of what is dialled, and of what the filter hooks see. */
#include "analyse/path.h"

#include "../resolve/scene.h"
#include "base/protocol.h"

/* The scene, with both families outside, a second bridge, a container of IPv4 alone, and routes. */
static void set_up(struct scene *scene)
{
	struct engine *engine = &scene->facts.engine;
	struct iface *eth0;
	struct network *network;

	scene_init(scene);
	eth0 = &scene->facts.ifaces.items[1];
	vec_add(scene->arena, &eth0->addrs)->addr = scene_addr("2001:db8:5::1");
	vec_add(scene->arena, &eth0->addrs)->addr = scene_addr("192.0.2.2");
	scene_iface(scene, "br-shop", IFACE_BRIDGE, "172.18.0.1");
	*vec_add(scene->arena, &engine->networks.items[0].subnets) =
		scene_prefix("2001:db8:c::/64");
	network = vec_add(scene->arena, &engine->networks);
	network->name = "shop";
	network->iface = "br-shop";
	*vec_add(scene->arena, &network->subnets) = scene_prefix("172.18.0.0/16");
	engine->name = "docker";
	engine->version = "29.1.0";
	scene_publish(scene, &engine->containers.items[1], 5432, 5432, "0.0.0.0");
	scene_publish(scene, &engine->containers.items[1], 6432, 5432, "127.0.0.1");
	*vec_add(scene->arena, &scene->facts.routes) =
		(struct route){.dest = scene_prefix("0.0.0.0/0"), .iface = "eth0"};
	*vec_add(scene->arena, &scene->facts.routes) =
		(struct route){.dest = scene_prefix("198.51.100.0/24"), .iface = "eth1"};
}

/* "docker0 172.17.0.2 8080 dnat": where it goes out ("here" if it does not), and to whom. */
static const char *way_text(struct scene *scene, const struct dial *dial)
{
	char dst[IP_TEXT_MAX];
	struct packet packet;

	if (!path_of_dial(scene->model, &scene->facts, dial, &packet))
		return "no way";
	assert_int_equal(packet.state, PACKET_NEW);
	assert_int_equal(packet.protocol, dial->protocol);
	assert_int_equal(packet.src_port, dial->src_port);
	assert_true(ip_addr_eq(&packet.src, &dial->src));
	assert_true(ip_addr_eq(&packet.dialled_addr, &dial->dst));
	assert_int_equal(packet.dialled_port, dial->port);
	assert_ptr_equal(packet.in_iface, dial->in_iface);
	return arena_printf(scene->arena, "%s %s %u%s",
			    packet.out_iface ? packet.out_iface : "here",
			    ip_addr_format(&packet.dst, dst), (unsigned)packet.dst_port,
			    packet.dnat ? " dnat" : "");
}

struct way {
	const char *in_iface;
	const char *dst;
	uint16_t port;
	const char *want;
};

static void assert_ways(struct scene *scene, uint8_t protocol, const struct way *ways, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct dial dial = {.in_iface = ways[i].in_iface,
				    .dst = scene_addr(ways[i].dst),
				    .protocol = protocol,
				    .src_port = 40000,
				    .port = ways[i].port};

		dial.src = scene_addr(dial.dst.family == IP_V4 ? "203.0.113.7" : "2001:db8::7");
		assert_string_equal(way_text(scene, &dial), ways[i].want);
	}
}

#define ASSERT_WAYS(scene, protocol, ways)                                                         \
	assert_ways((scene), (protocol), (ways), sizeof(ways) / sizeof((ways)[0]))

static void test_published(void **state)
{
	static const struct way ways[] = {
		{"eth0", "192.0.2.1", 80, "docker0 172.17.0.2 8080 dnat"},
		{"eth0", "192.0.2.2", 80, "docker0 172.17.0.2 8080 dnat"},
		{"eth0", "2001:db8:5::1", 80, "docker0 2001:db8:c::2 8080 dnat"},
		/* any address of the host, whatever interface holds it */
		{"eth0", "172.17.0.1", 80, "docker0 172.17.0.2 8080 dnat"},
		/* published to one address, dialled at it and at another */
		{"eth0", "192.0.2.1", 81, "docker0 172.17.0.2 8081 dnat"},
		{"eth0", "192.0.2.2", 81, "here 192.0.2.2 81"},
		{"eth0", "2001:db8:5::1", 81, "here 2001:db8:5::1 81"},
		{"eth0", "192.0.2.1", 6432, "here 192.0.2.1 6432"},
		/* the container has no IPv6: the proxy takes it */
		{"eth0", "192.0.2.1", 5432, "docker0 172.17.0.3 5432 dnat"},
		{"eth0", "2001:db8:5::1", 5432, "here 2001:db8:5::1 5432"},
		/* nobody publishes it */
		{"eth0", "192.0.2.1", 8080, "here 192.0.2.1 8080"},
		{"eth0", "192.0.2.1", 443, "here 192.0.2.1 443"},
	};
	static const struct way udp[] = {{"eth0", "192.0.2.1", 80, "here 192.0.2.1 80"}};
	struct scene scene;

	(void)state;
	set_up(&scene);
	scene_model(&scene, "");
	ASSERT_WAYS(&scene, PROTOCOL_TCP, ways);
	ASSERT_WAYS(&scene, PROTOCOL_UDP, udp);
	scene_done(&scene);
}

static void test_from_containers_and_from_the_host(void **state)
{
	static const struct way ways[] = {
		/* the engine does not translate for the container's own network */
		{"docker0", "192.0.2.1", 80, "here 192.0.2.1 80"},
		{"docker0", "172.17.0.1", 80, "here 172.17.0.1 80"},
		{"docker0", "2001:db8:5::1", 80, "here 2001:db8:5::1 80"},
		{"br-shop", "192.0.2.1", 80, "docker0 172.17.0.2 8080 dnat"},
		/* the host itself: by loopback, but for published ports at other addresses */
		{NULL, "192.0.2.1", 80, "docker0 172.17.0.2 8080 dnat"},
		{NULL, "127.0.0.1", 80, "lo 127.0.0.1 80"},
		{NULL, "::1", 80, "lo ::1 80"},
		{NULL, "127.0.0.1", 6432, "lo 127.0.0.1 6432"},
		{NULL, "192.0.2.1", 22, "lo 192.0.2.1 22"},
		{NULL, "172.17.0.2", 8080, "docker0 172.17.0.2 8080"},
		{NULL, "203.0.113.1", 25, "eth0 203.0.113.1 25"},
	};
	struct scene scene;

	(void)state;
	set_up(&scene);
	scene_model(&scene, "");
	ASSERT_WAYS(&scene, PROTOCOL_TCP, ways);
	scene_done(&scene);
}

static void test_routed(void **state)
{
	static const struct way ways[] = {
		/* a container's own address, from a neighbour who routes to it */
		{"eth0", "172.17.0.2", 8080, "docker0 172.17.0.2 8080"},
		{"eth0", "172.17.0.2", 80, "docker0 172.17.0.2 80"},
		{"eth0", "2001:db8:c::2", 8080, "docker0 2001:db8:c::2 8080"},
		{"docker0", "172.18.0.9", 80, "br-shop 172.18.0.9 80"},
		/* the longest prefix; a network without a bridge here is reached by routes */
		{"docker0", "203.0.113.1", 443, "eth0 203.0.113.1 443"},
		{"docker0", "198.51.100.1", 443, "eth1 198.51.100.1 443"},
		{"docker0", "192.168.7.9", 443, "eth0 192.168.7.9 443"},
		/* no default route of IPv6 */
		{"docker0", "2001:db8:ffff::1", 443, "no way"},
	};
	struct scene scene;

	(void)state;
	set_up(&scene);
	scene_model(&scene, "");
	ASSERT_WAYS(&scene, PROTOCOL_TCP, ways);
	scene_done(&scene);
}

/* Who keeps rules for IPv6 by itself, and whose proxy takes it. */
static void test_engines_and_ipv6(void **state)
{
	static const struct {
		const char *name;
		const char *version;
		bool translates;
	} engines[] = {
		{"docker", "29.1.0", true},
		{"docker", "27.0.0-rc.1", true},
		{"docker", "26.1.5+dfsg1", false},
		{"docker", "20.10.24", false},
		{"docker", "9", false},
		{"docker", "dev", false},
		{"docker", "99999999999", false},
		{"docker", "", false},
		{"docker", NULL, false},
		{NULL, "28", true},
		{"podman", "4.3.1", true},
		{"podman", NULL, false},
	};
	static const struct way v4[] = {{"eth0", "192.0.2.1", 80, "docker0 172.17.0.2 8080 dnat"}};
	static const struct way translated[] = {
		{"eth0", "2001:db8:5::1", 80, "docker0 2001:db8:c::2 8080 dnat"}};
	static const struct way proxied[] = {
		{"eth0", "2001:db8:5::1", 80, "here 2001:db8:5::1 80"}};
	struct scene scene;

	(void)state;
	set_up(&scene);
	scene_model(&scene, "");
	for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++) {
		scene.facts.engine.name = engines[i].name;
		scene.facts.engine.version = engines[i].version;
		ASSERT_WAYS(&scene, PROTOCOL_TCP, v4);
		assert_ways(&scene, PROTOCOL_TCP, engines[i].translates ? translated : proxied, 1);
	}
	scene_done(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published),
		cmocka_unit_test(test_from_containers_and_from_the_host),
		cmocka_unit_test(test_routed),
		cmocka_unit_test(test_engines_and_ipv6),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
