/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host of test_import.c. */
#include "property/import_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/protocol.h"
#include "base/str.h"
#include "lang/format.h"
#include "lang/parse.h"
#include "resolve/resolve.h"
#include "rules/expand.h"
#include "rules/read.h"
#include "rules/twin.h"

#define PICK(random, array) ((array)[random_below(random, sizeof(array) / sizeof((array)[0]))])

static const char *const bridges[] = {"docker0", SCENE_BRIDGE};
static const char *const external[] = {"wan0", "eth1", "ens192"};

static struct ip_addr addr_of(const char *text)
{
	struct ip_addr addr;

	assert_true(ip_addr_parse(text, strlen(text), &addr));
	return addr;
}

static struct ip_prefix prefix_of(const char *text)
{
	struct ip_prefix prefix;
	bool host_bits;

	assert_true(ip_prefix_parse(text, strlen(text), &prefix, &host_bits));
	return prefix;
}

static void iface_add(struct arena *arena, struct facts *facts, const char *name,
		      enum iface_kind kind, const char *addr)
{
	struct iface *iface = vec_add(arena, &facts->ifaces);

	iface->name = name;
	iface->kind = (uint8_t)kind;
	vec_add(arena, &iface->addrs)->addr = addr_of(addr);
}

static void network_add(struct arena *arena, struct facts *facts, const char *name,
			const char *bridge, const char *subnet)
{
	struct network *network = vec_add(arena, &facts->engine.networks);

	network->id = network->name = name;
	network->driver = "bridge";
	network->iface = bridge;
	*vec_add(arena, &network->subnets) = prefix_of(subnet);
}

static void facts_make(struct arena *arena, struct facts *facts)
{
	struct container *web;
	struct port_binding *binding;
	struct endpoint *endpoint;

	iface_add(arena, facts, "lo", IFACE_LOOPBACK, "127.0.0.1");
	iface_add(arena, facts, "wan0", IFACE_OTHER, "198.51.100.1");
	iface_add(arena, facts, "eth1", IFACE_OTHER, "192.168.77.1");
	iface_add(arena, facts, "ens192", IFACE_OTHER, "192.168.78.1");
	iface_add(arena, facts, bridges[0], IFACE_BRIDGE, "172.17.0.1");
	iface_add(arena, facts, bridges[1], IFACE_BRIDGE, "172.18.0.1");
	facts->engine.state = ENGINE_ANSWERED;
	network_add(arena, facts, "bridge", bridges[0], "172.17.0.0/16");
	network_add(arena, facts, "back", bridges[1], "172.18.0.0/16");
	web = vec_add(arena, &facts->engine.containers);
	web->id = "1111111111111111111111111111111111111111111111111111111111111111";
	web->name = "web";
	endpoint = vec_add(arena, &web->endpoints);
	endpoint->network = "bridge";
	endpoint->v4 = addr_of("172.17.0.2");
	endpoint->v6 = addr_of("fd00:17::2");
	binding = vec_add(arena, &web->ports);
	*binding = (struct port_binding){.protocol = PROTOCOL_TCP,
					 .host_addr = addr_of("0.0.0.0"),
					 .host_port = 8080,
					 .container_port = 80};
}

static void messages_fail(const struct import_scene *scene, const char *what)
{
	auto_str struct str_buf text = {0};

	diag_list_format(&scene->diags, &scene->sources, &text);
	print_error("%s: %s\n", what, str_buf_text(&text));
	fail();
}

static struct tree_file *policy_parse(struct import_scene *scene, const char *text)
{
	struct tree_file *file =
		parse_file(scene->arena, &scene->sources,
			   source_set_add(&scene->sources, "policy", text, (uint32_t)strlen(text)),
			   &scene->diags);

	if (scene->diags.errors) {
		print_error("%s\n", text);
		messages_fail(scene, "the policy is none");
	}
	return file;
}

static void policy_make(struct import_scene *scene, const struct rules_file *file, const char *name)
{
	auto_str struct str_buf made = {0}, canonical = {0}, again = {0};
	struct policy policy = {0};
	struct facts facts = {0};
	struct tree_file *tree;

	import_rules(scene->arena, &scene->sources, file, name, false, &made, &scene->result);
	tree = policy_parse(scene, arena_strdup(scene->arena, str_buf_text(&made)));
	format_file(tree, &canonical);
	scene->policy = arena_strdup(scene->arena, str_buf_text(&canonical));
	tree = policy_parse(scene, scene->policy);
	format_file(tree, &again);
	assert_string_equal(str_buf_text(&again), scene->policy);
	facts_make(scene->arena, &facts);
	*vec_add(scene->arena, &policy.files) = tree;
	scene->model = resolve_policy(scene->arena, &policy, &facts, &scene->diags);
	if (!scene->model) {
		print_error("%s\n", scene->policy);
		messages_fail(scene, "the policy has no model");
	}
}

void import_scene_make(struct import_scene *scene, const char *name, const char *text)
{
	struct rules_file *file, *expanded;
	struct diag_list unheard;

	*scene = (struct import_scene){.arena = arena_new()};
	scene->sources.arena = scene->arena;
	scene->diags.arena = scene->arena;
	unheard = scene->diags;
	file = rules_read(scene->arena, &scene->sources,
			  source_set_add(&scene->sources, name, text, (uint32_t)strlen(text)),
			  &scene->diags);
	if (scene->diags.errors) {
		print_error("%s\n", text);
		messages_fail(scene, "the rules file is none");
	}
	policy_make(scene, file, name);
	expanded = rules_expand(scene->arena, file, external,
				sizeof(external) / sizeof(external[0]), &scene->diags);
	assert_non_null(expanded);
	lift_chains_make(scene->arena, rules_only4(scene->arena, expanded, &unheard),
			 &scene->chains[0]);
	lift_chains_make(scene->arena, rules_twin(scene->arena, expanded, &unheard),
			 &scene->chains[1]);
}

struct fate import_scene_fate(const struct import_scene *scene, const struct packet *packet)
{
	static const struct fate_bridges of_containers = {bridges, 2};

	return fate_of_packet(&scene->chains[packet->src.family == IP_V6], &of_containers, packet);
}

static struct ip_addr random_source(struct random *random, bool v6)
{
	static const char *const v4s[] = {"10.1.1.1",	 "10.1.1.200", "10.1.2.3", "203.0.113.7",
					  "203.0.113.8", "192.0.2.1",  "8.8.8.8",  "172.17.0.2"};
	static const char *const v6s[] = {"2001:db8:1::7", "2001:db8:2::1", "2001:db8::9",
					  "fd77::2"};

	return v6 ? addr_of(PICK(random, v6s)) : addr_of(PICK(random, v4s));
}

static void random_transport(struct random *random, struct packet *packet)
{
	static const uint8_t protocols[] = {PROTOCOL_TCP,  PROTOCOL_TCP,     PROTOCOL_TCP,
					    PROTOCOL_UDP,  PROTOCOL_UDP,     PROTOCOL_SCTP,
					    PROTOCOL_ICMP, PROTOCOL_ESP,     PROTOCOL_GRE,
					    PROTOCOL_DCCP, PROTOCOL_UDPLITE, 89};
	static const uint16_t ports[] = {21,   22,   23,   53,	 80,   81,   443,  444,
					 1000, 1024, 2222, 5432, 8080, 8081, 8443, 9000};
	bool v6 = packet->src.family == IP_V6;

	packet->protocol = PICK(random, protocols);
	if (packet->protocol == PROTOCOL_ICMP) {
		packet->protocol = v6 ? PROTOCOL_ICMPV6 : PROTOCOL_ICMP;
		packet->icmp_type = v6 ? 128 : random_one_in(random, 4) ? 13 : 8;
	}
	packet->src_port = (uint16_t)(32768 + random_below(random, 1000));
	packet->dst_port = PICK(random, ports);
	packet->dialled_port = packet->dst_port;
	packet->hop_limit = 64;
}

/* What conntrack can say of it: only TCP, UDP and the like are translated. */
static void random_translation(struct random *random, struct packet *packet)
{
	static const uint16_t dialled[] = {80, 443, 8080, 8081, 5432, 53};

	if (!protocol_has_ports(packet->protocol) || random_one_in(random, 2))
		return;
	packet->dnat = true;
	packet->dialled_port = PICK(random, dialled);
	packet->dialled_addr =
		packet->src.family == IP_V6 ? addr_of("2001:db8:51::1") : addr_of("198.51.100.1");
}

struct packet import_scene_packet(struct random *random)
{
	static const char *const in[] = {"lo",	   "wan0",    "wan0",	   "eth1",
					 "ens192", "docker0", SCENE_BRIDGE};
	struct packet packet = {0};
	uint32_t hook = random_below(random, 4);
	bool v6 = random_one_in(random, 3);

	if (hook != 3)
		packet.in_iface =
			in[hook == 2 ? 1 + random_below(random, 6) : random_below(random, 7)];
	if (hook >= 2)
		packet.out_iface =
			in[hook == 2 ? 1 + random_below(random, 6) : random_below(random, 7)];
	packet.src = random_source(random, v6);
	packet.dst = v6 ? addr_of("2001:db8:51::1") : addr_of("198.51.100.1");
	if (packet.out_iface)
		packet.dst = v6 ? addr_of("fd00:17::2") : addr_of("172.17.0.2");
	packet.dialled_addr = packet.dst;
	random_transport(random, &packet);
	if (hook == 2 &&
	    (str_eq(packet.out_iface, bridges[0]) || str_eq(packet.out_iface, bridges[1])))
		random_translation(random, &packet);
	if (random_one_in(random, 8))
		packet.state = (uint8_t)random_below(random, 4);
	packet.over_rate = random_one_in(random, 3);
	return packet;
}
