/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets through a model made by hand, one table for each part of the semantics.
 *
 *	internet (auto) -- eth0 -- host -- docker0, br-a: containers web, db; edge: host network
 *	                           lan: eth1
 */
#include "model/eval.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/protocol.h"

enum { HOST, CONTAINERS, INTERNET, LAN, ZONES };
enum { WEB, DB, EDGE };

#define TCP PROTOCOL_TCP
#define UDP PROTOCOL_UDP
#define ICMP PROTOCOL_ICMP
#define ICMPV6 PROTOCOL_ICMPV6

static struct arena *arena;
static struct model model;

static struct ip_addr addr(const char *text)
{
	struct ip_addr parsed;

	assert_true(ip_addr_parse(text, strlen(text), &parsed));
	return parsed;
}

static struct ip_prefix prefix(const char *text)
{
	struct ip_prefix parsed;
	bool host_bits;

	assert_true(ip_prefix_parse(text, strlen(text), &parsed, &host_bits));
	return parsed;
}

static struct zone *zone(const char *name, enum zone_kind kind, const char *iface)
{
	struct zone *added = vec_add(arena, &model.zones);

	added->name = name;
	added->kind = (uint8_t)kind;
	if (iface)
		vec_add(arena, &added->ifaces)->name = iface;
	return added;
}

static struct rule *rule(uint32_t from, uint32_t to, enum verdict verdict)
{
	struct pair *pair = model_pair(&model, from, to);
	struct rule *added = vec_add(arena, &pair->rules);

	pair->named = true;
	pair->end = VERDICT_DENY;
	added->verdict = (uint8_t)verdict;
	added->any_service = true;
	return added;
}

static struct rule *rule_service(struct rule *changed, struct service service)
{
	changed->any_service = false;
	changed->services = arena_memdup(arena, &service, sizeof(service));
	changed->service_count = 1;
	return changed;
}

static struct rule *rule_port(struct rule *changed, uint8_t protocol, uint16_t low, uint16_t high)
{
	return rule_service(changed, (struct service){.kind = SERVICE_PORTS,
						      .protocol = protocol,
						      .low = low,
						      .high = high});
}

static struct rule *rule_from(struct rule *changed, const char *text)
{
	struct source_list *list = arena_new_object(arena, struct source_list);

	if (text) {
		list->len = 1;
		list->items = arena_new_object(arena, struct ip_prefix);
		*list->items = prefix(text);
	}
	changed->from = list;
	return changed;
}

static struct rule *rule_to(struct rule *changed, uint32_t container)
{
	struct target_list *list = arena_new_object(arena, struct target_list);

	list->len = 1;
	list->containers = arena_memdup(arena, &container, sizeof(container));
	changed->to = list;
	return changed;
}

static void containers_make(void)
{
	struct model_container *container;

	container = vec_add(arena, &model.containers);
	container->name = "web";
	*vec_add(arena, &container->addrs) = addr("172.17.0.2");
	*vec_add(arena, &container->addrs) = addr("2001:db8:c::2");
	container = vec_add(arena, &model.containers);
	container->name = "db";
	*vec_add(arena, &container->addrs) = addr("172.17.0.3");
	container = vec_add(arena, &model.containers);
	container->name = "edge";
	container->host_network = true;
	*vec_add(arena, &model.published) =
		(struct published){.protocol = TCP, .port = 80, .container_port = 8080};
	*vec_add(arena, &model.published) = (struct published){.protocol = TCP,
							       .addr = addr("192.0.2.1"),
							       .port = 5432,
							       .container_port = 5432,
							       .container = DB};
	*vec_add(arena, &model.published) =
		(struct published){.protocol = UDP, .port = 51820, .container_port = 51820};
	*vec_add(arena, &model.host_network_ports) =
		(struct host_network_port){.protocol = TCP, .port = 443, .container = EDGE};
	*vec_add(arena, &model.host_network_ports) =
		(struct host_network_port){.protocol = TCP, .port = 22, .container = EDGE};
	*vec_add(arena, &model.container_subnets) = prefix("172.17.0.0/16");
	*vec_add(arena, &model.own_addrs) = addr("192.0.2.1");
	*vec_add(arena, &model.own_addrs) = addr("fe80::1");
	*vec_add(arena, &model.bridges) = "docker0";
	*vec_add(arena, &model.bridges) = "virbr0";
}

static void host_rules_make(void)
{
	static const struct rate rate = {.count = 10, .burst = 5};
	struct rule *limited;

	rule_from(rule(INTERNET, HOST, VERDICT_DENY), "198.51.100.66");
	rule_port(rule(INTERNET, HOST, VERDICT_ALLOW), TCP, 22, 22);
	rule_port(rule(INTERNET, HOST, VERDICT_REJECT), TCP, 113, 113);
	limited = rule_port(rule(INTERNET, HOST, VERDICT_ALLOW), TCP, 2222, 2222);
	limited->rate = &rate;
	rule_port(rule(INTERNET, HOST, VERDICT_ALLOW), TCP, 2000, 3000);
	limited = rule_port(rule(INTERNET, HOST, VERDICT_REJECT), TCP, 4000, 4000);
	limited->rate = &rate;
	rule_service(rule(INTERNET, HOST, VERDICT_ALLOW), (struct service){.kind = SERVICE_PING});
	rule_service(rule(INTERNET, HOST, VERDICT_ALLOW),
		     (struct service){.kind = SERVICE_PROTOCOL, .protocol = PROTOCOL_ESP});
	rule_from(rule(INTERNET, HOST, VERDICT_ALLOW), NULL);
}

static void container_rules_make(void)
{
	struct rule *changed;

	rule_to(rule_port(rule(INTERNET, CONTAINERS, VERDICT_ALLOW), TCP, 80, 80), WEB);
	changed = rule_port(rule(INTERNET, CONTAINERS, VERDICT_ALLOW), TCP, 5432, 5432);
	rule_from(rule_to(changed, DB), "203.0.113.0/24");
	rule_to(rule_port(rule(INTERNET, CONTAINERS, VERDICT_ALLOW), TCP, 443, 443), EDGE);
	changed = rule_service(rule(INTERNET, CONTAINERS, VERDICT_ALLOW),
			       (struct service){.kind = SERVICE_PORTS,
						.protocol = TCP,
						.inside = true,
						.low = 9000,
						.high = 9001});
	rule_to(changed, DB);
	rule_port(rule(INTERNET, CONTAINERS, VERDICT_ALLOW), UDP, 51820, 51820);
	changed = rule_service(rule(INTERNET, CONTAINERS, VERDICT_ALLOW),
			       (struct service){.kind = SERVICE_PING});
	rule_to(changed, WEB);
	rule_service(rule(INTERNET, CONTAINERS, VERDICT_ALLOW),
		     (struct service){.kind = SERVICE_PROTOCOL, .protocol = PROTOCOL_SCTP});
	rule_to(rule(INTERNET, CONTAINERS, VERDICT_ALLOW), 99)->to =
		arena_new_object(arena, struct target_list);
	model_pair(&model, INTERNET, CONTAINERS)->end = VERDICT_REJECT;
}

static int model_make(void **state)
{
	struct zone *containers;

	(void)state;
	arena = arena_new();
	memset(&model, 0, sizeof(model));
	zone("host", ZONE_HOST, NULL);
	containers = zone("containers", ZONE_CONTAINERS, "docker0");
	vec_add(arena, &containers->ifaces)->name = "br-a";
	zone("internet", ZONE_AUTO, NULL);
	zone("lan", ZONE_NAMED, "eth1");
	model.auto_zone = INTERNET;
	model.pairs = arena_new_array(arena, struct pair, ZONES * ZONES);
	for (uint32_t i = 0; i < ZONES * ZONES; i++)
		model.pairs[i].end = VERDICT_DENY;
	model_pair(&model, HOST, CONTAINERS)->open = true;
	model_pair(&model, CONTAINERS, CONTAINERS)->open = true;
	containers_make();
	host_rules_make();
	container_rules_make();
	rule(LAN, HOST, VERDICT_ALLOW);
	rule(CONTAINERS, INTERNET, VERDICT_ALLOW);
	rule_port(rule(CONTAINERS, HOST, VERDICT_ALLOW), UDP, 53, 53);
	rule_port(rule(HOST, INTERNET, VERDICT_ALLOW), TCP, 443, 443);
	return 0;
}

static int model_drop(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

struct packet_case {
	const char *name;
	const char *in;
	const char *out;
	const char *src;     /* NULL: 198.51.100.1 */
	const char *dst;     /* NULL: 192.0.2.1 */
	const char *dialled; /* NULL: dst; else the packet was translated */
	uint8_t protocol;
	uint8_t type;
	uint8_t hop_limit;
	uint8_t state;
	bool over_rate;
	uint16_t src_port;
	uint16_t port;
	uint16_t dialled_port;
	enum verdict verdict;
	enum decision_reason reason;
	uint32_t from;
	uint32_t to;
};

static void case_check(const struct packet_case *packet_case)
{
	struct packet packet = {.in_iface = packet_case->in,
				.out_iface = packet_case->out,
				.src = addr(packet_case->src ? packet_case->src : "198.51.100.1"),
				.dst = addr(packet_case->dst ? packet_case->dst : "192.0.2.1"),
				.protocol = packet_case->protocol,
				.icmp_type = packet_case->type,
				.hop_limit = packet_case->hop_limit,
				.state = packet_case->state,
				.over_rate = packet_case->over_rate,
				.src_port = packet_case->src_port,
				.dst_port = packet_case->port,
				.dialled_port = packet_case->port};
	struct decision decision;

	packet.dialled_addr = packet.dst;
	if (packet_case->dialled) {
		packet.dnat = true;
		packet.dialled_addr = addr(packet_case->dialled);
		packet.dialled_port = packet_case->dialled_port;
	}
	decision = eval_packet(&model, &packet);
	if (decision.verdict != packet_case->verdict || decision.reason != packet_case->reason ||
	    decision.from != packet_case->from || decision.to != packet_case->to)
		fail_msg("%s: %s because %s, zones %u -> %u", packet_case->name,
			 verdict_name(decision.verdict), decision_reason_text(decision.reason),
			 decision.from, decision.to);
	assert_int_equal(decision.rule != NULL, packet_case->reason == DECISION_RULE ||
							packet_case->reason == DECISION_OVER_RATE);
}

#define CASES_CHECK(cases)                                                                         \
	for (size_t i = 0; i < sizeof(cases) / sizeof((cases)[0]); i++)                            \
	case_check(&(cases)[i])

#define ALLOW .verdict = VERDICT_ALLOW
#define DENY .verdict = VERDICT_DENY
#define REJECT .verdict = VERDICT_REJECT
#define BECAUSE(what) .reason = DECISION_##what
#define ZONE(a, b) .from = (a), .to = (b)

static void test_spoofed(void **state)
{
	static const struct packet_case cases[] = {
		{"loopback source", .in = "eth0", .src = "127.0.0.1", .protocol = TCP, .port = 22,
		 DENY, BECAUSE(SPOOFED), ZONE(INTERNET, HOST)},
		{"loopback source of v6", .in = "eth0", .src = "::1", .dst = "2001:db8::1",
		 .protocol = TCP, .port = 22, DENY, BECAUSE(SPOOFED), ZONE(INTERNET, HOST)},
		{"loopback destination", .in = "eth1", .dst = "127.0.0.1", .protocol = TCP, DENY,
		 BECAUSE(SPOOFED), ZONE(LAN, HOST)},
		{"loopback from a container", .in = "docker0", .dst = "127.0.0.1", .protocol = TCP,
		 DENY, BECAUSE(SPOOFED), ZONE(CONTAINERS, HOST)},
		{"loopback dialled, then translated", .in = "eth0", .out = "docker0",
		 .dst = "172.17.0.2", .dialled = "127.0.0.1", .dialled_port = 80, .protocol = TCP,
		 .port = 8080, DENY, BECAUSE(SPOOFED), ZONE(INTERNET, CONTAINERS)},
		{"own source", .in = "eth0", .src = "192.0.2.1", .protocol = TCP, .port = 22, DENY,
		 BECAUSE(SPOOFED), ZONE(INTERNET, HOST)},
		{"own link-local source", .in = "eth0", .src = "fe80::1", .dst = "fe80::2",
		 .protocol = ICMPV6, .type = 135, .hop_limit = 255, DENY, BECAUSE(SPOOFED),
		 ZONE(INTERNET, HOST)},
		{"container source from outside", .in = "eth1", .src = "172.17.9.9",
		 .protocol = TCP, DENY, BECAUSE(SPOOFED), ZONE(LAN, HOST)},
		{"container source from a container", .in = "docker0", .src = "172.17.0.2",
		 .protocol = UDP, .port = 53, ALLOW, BECAUSE(RULE), ZONE(CONTAINERS, HOST)},
		{"own source from a container's bridge", .in = "docker0", .src = "192.0.2.1",
		 .protocol = UDP, .port = 53, ALLOW, BECAUSE(RULE), ZONE(CONTAINERS, HOST)},
		{"established does not help", .in = "eth0", .src = "172.17.0.2",
		 .state = PACKET_ESTABLISHED, .protocol = TCP, DENY, BECAUSE(SPOOFED),
		 ZONE(INTERNET, HOST)},
		{"duplicate address detection", .in = "eth0", .src = "::", .dst = "ff02::1",
		 .protocol = ICMPV6, .type = 135, .hop_limit = 255, ALLOW, BECAUSE(ESSENTIAL),
		 ZONE(INTERNET, HOST)},
	};

	(void)state;
	CASES_CHECK(cases);
}

static void test_states(void **state)
{
	static const struct packet_case cases[] = {
		{"established in", .in = "eth0", .state = PACKET_ESTABLISHED, .protocol = TCP,
		 ALLOW, BECAUSE(ESTABLISHED), ZONE(INTERNET, HOST)},
		{"established forward", .in = "eth0", .out = "eth1", .state = PACKET_ESTABLISHED,
		 .protocol = TCP, ALLOW, BECAUSE(ESTABLISHED), ZONE(INTERNET, LAN)},
		{"established out", .out = "eth1", .state = PACKET_ESTABLISHED, .protocol = TCP,
		 ALLOW, BECAUSE(ESTABLISHED), ZONE(HOST, LAN)},
		{"related ICMP", .in = "eth0", .state = PACKET_RELATED, .protocol = ICMP, .type = 3,
		 ALLOW, BECAUSE(RELATED), ZONE(INTERNET, HOST)},
		{"related ICMPv6", .in = "eth0", .out = "docker0", .src = "2001:db8::9",
		 .dst = "2001:db8:c::2", .state = PACKET_RELATED, .protocol = ICMPV6, .type = 2,
		 ALLOW, BECAUSE(RELATED), ZONE(INTERNET, CONTAINERS)},
		{"related TCP is asked like any other", .in = "eth0", .state = PACKET_RELATED,
		 .protocol = TCP, .port = 9, DENY, BECAUSE(SECTION_END), ZONE(INTERNET, HOST)},
		{"ICMP error out of the blue", .in = "eth0", .protocol = ICMP, .type = 3, DENY,
		 BECAUSE(SECTION_END), ZONE(INTERNET, HOST)},
		{"invalid in", .in = "eth0", .state = PACKET_INVALID, .protocol = TCP, .port = 22,
		 DENY, BECAUSE(INVALID), ZONE(INTERNET, HOST)},
		{"invalid forward", .in = "docker0", .out = "eth0", .src = "172.17.0.2",
		 .state = PACKET_INVALID, .protocol = TCP, DENY, BECAUSE(INVALID),
		 ZONE(CONTAINERS, INTERNET)},
		{"invalid out is like new", .out = "eth0", .state = PACKET_INVALID, .protocol = TCP,
		 .port = 443, ALLOW, BECAUSE(RULE), ZONE(HOST, INTERNET)},
		{"loopback in", .in = "lo", .src = "127.0.0.1", .dst = "127.0.0.1", .protocol = TCP,
		 .port = 9, ALLOW, BECAUSE(LOOPBACK), ZONE(INTERNET, HOST)},
		{"loopback in, invalid", .in = "lo", .src = "127.0.0.1", .dst = "127.0.0.1",
		 .state = PACKET_INVALID, .protocol = TCP, ALLOW, BECAUSE(LOOPBACK),
		 ZONE(INTERNET, HOST)},
		{"loopback out", .out = "lo", .dst = "127.0.0.1", .protocol = TCP, ALLOW,
		 BECAUSE(LOOPBACK), ZONE(HOST, INTERNET)},
		{"same bridge", .in = "docker0", .out = "docker0", .src = "172.17.0.2",
		 .dst = "172.17.0.3", .protocol = TCP, .port = 1, ALLOW, BECAUSE(SAME_BRIDGE),
		 ZONE(CONTAINERS, CONTAINERS)},
		{"same bridge, invalid", .in = "virbr0", .out = "virbr0", .state = PACKET_INVALID,
		 .protocol = TCP, ALLOW, BECAUSE(SAME_BRIDGE), ZONE(INTERNET, INTERNET)},
		{"same interface, no bridge", .in = "eth1", .out = "eth1", .protocol = TCP, DENY,
		 BECAUSE(PAIR_CLOSED), ZONE(LAN, LAN)},
	};

	(void)state;
	CASES_CHECK(cases);
}

#define ND_IN(number)                                                                              \
	.in = "eth0", .src = "fe80::9", .dst = "ff02::1", .protocol = ICMPV6, .type = (number)

static void test_essentials_in(void **state)
{
	static const struct packet_case cases[] = {
		{"router solicitation", ND_IN(133), .hop_limit = 255, ALLOW, BECAUSE(ESSENTIAL),
		 ZONE(INTERNET, HOST)},
		{"router advertisement", ND_IN(134), .hop_limit = 255, ALLOW, BECAUSE(ESSENTIAL),
		 ZONE(INTERNET, HOST)},
		{"redirect", ND_IN(137), .hop_limit = 255, ALLOW, BECAUSE(ESSENTIAL),
		 ZONE(INTERNET, HOST)},
		{"beyond redirect", ND_IN(138), .hop_limit = 255, DENY, BECAUSE(SECTION_END),
		 ZONE(INTERNET, HOST)},
		{"neighbour from afar", ND_IN(135), .hop_limit = 254, DENY, BECAUSE(SECTION_END),
		 ZONE(INTERNET, HOST)},
		{"neighbour from a container", .in = "docker0", .src = "fe80::9", .dst = "ff02::1",
		 .protocol = ICMPV6, .type = 135, .hop_limit = 255, ALLOW, BECAUSE(ESSENTIAL),
		 ZONE(CONTAINERS, HOST)},
		{"router advertisement of a container", .in = "docker0", .src = "fe80::9",
		 .dst = "ff02::1", .protocol = ICMPV6, .type = 134, .hop_limit = 255, DENY,
		 BECAUSE(SPOOFED), ZONE(CONTAINERS, HOST)},
		{"redirect of a container", .in = "br-a", .src = "fe80::9", .dst = "ff02::1",
		 .protocol = ICMPV6, .type = 137, .hop_limit = 255, DENY, BECAUSE(SPOOFED),
		 ZONE(CONTAINERS, HOST)},
		{"listener query", ND_IN(130), .hop_limit = 1, ALLOW, BECAUSE(ESSENTIAL),
		 ZONE(INTERNET, HOST)},
		{"listener report 2", ND_IN(143), .hop_limit = 1, ALLOW, BECAUSE(ESSENTIAL),
		 ZONE(INTERNET, HOST)},
		{"listener report from afar", .in = "eth0", .src = "2001:db8::9", .dst = "ff02::16",
		 .protocol = ICMPV6, .type = 143, .hop_limit = 1, DENY, BECAUSE(SECTION_END),
		 ZONE(INTERNET, HOST)},
		{"igmp", .in = "eth0", .dst = "224.0.0.1", .protocol = PROTOCOL_IGMP, ALLOW,
		 BECAUSE(ESSENTIAL), ZONE(INTERNET, HOST)},
		{"dhcp answer", .in = "eth0", .protocol = UDP, .src_port = 67, .port = 68, ALLOW,
		 BECAUSE(ESSENTIAL), ZONE(INTERNET, HOST)},
		{"dhcp request", .in = "eth0", .protocol = UDP, .src_port = 68, .port = 67, DENY,
		 BECAUSE(SECTION_END), ZONE(INTERNET, HOST)},
		{"dhcpv6 answer", .in = "eth0", .src = "fe80::9", .dst = "fe80::1", .protocol = UDP,
		 .src_port = 547, .port = 546, ALLOW, BECAUSE(ESSENTIAL), ZONE(INTERNET, HOST)},
		{"dhcpv6 answer from afar", .in = "eth0", .src = "2001:db8::9", .dst = "fe80::1",
		 .protocol = UDP, .src_port = 547, .port = 546, DENY, BECAUSE(SECTION_END),
		 ZONE(INTERNET, HOST)},
		{"not forwarded", .in = "eth0", .out = "eth1", .src = "fe80::9",
		 .dst = "2001:db8::1", .protocol = ICMPV6, .type = 135, .hop_limit = 255, DENY,
		 BECAUSE(PAIR_CLOSED), ZONE(INTERNET, LAN)},
	};

	(void)state;
	CASES_CHECK(cases);
}

static void test_essentials_out(void **state)
{
	static const struct packet_case cases[] = {
		{"router solicitation", .out = "eth1", .src = "fe80::1", .dst = "ff02::2",
		 .protocol = ICMPV6, .type = 133, .hop_limit = 255, ALLOW, BECAUSE(ESSENTIAL),
		 ZONE(HOST, LAN)},
		{"listener report", .out = "eth1", .src = "fe80::1", .dst = "ff02::16",
		 .protocol = ICMPV6, .type = 143, ALLOW, BECAUSE(ESSENTIAL), ZONE(HOST, LAN)},
		{"igmp", .out = "eth1", .dst = "224.0.0.22", .protocol = PROTOCOL_IGMP, ALLOW,
		 BECAUSE(ESSENTIAL), ZONE(HOST, LAN)},
		{"dhcp request", .out = "eth1", .dst = "255.255.255.255", .protocol = UDP,
		 .src_port = 68, .port = 67, ALLOW, BECAUSE(ESSENTIAL), ZONE(HOST, LAN)},
		{"dhcp answer", .out = "eth1", .protocol = UDP, .src_port = 67, .port = 68, DENY,
		 BECAUSE(PAIR_CLOSED), ZONE(HOST, LAN)},
		{"dhcpv6 request", .out = "eth1", .src = "fe80::1", .dst = "ff02::1:2",
		 .protocol = UDP, .src_port = 546, .port = 547, ALLOW, BECAUSE(ESSENTIAL),
		 ZONE(HOST, LAN)},
		{"echo request", .out = "eth1", .protocol = ICMP, .type = 8, DENY,
		 BECAUSE(PAIR_CLOSED), ZONE(HOST, LAN)},
	};

	(void)state;
	CASES_CHECK(cases);
}

static void test_host_sentences(void **state)
{
	static const struct packet_case cases[] = {
		{"allow", .in = "eth0", .protocol = TCP, .port = 22, ALLOW, BECAUSE(RULE),
		 ZONE(INTERNET, HOST)},
		{"the first that matches wins", .in = "eth0", .src = "198.51.100.66",
		 .protocol = TCP, .port = 22, DENY, BECAUSE(RULE), ZONE(INTERNET, HOST)},
		{"another protocol", .in = "eth0", .protocol = UDP, .port = 22, DENY,
		 BECAUSE(SECTION_END), ZONE(INTERNET, HOST)},
		{"both families", .in = "eth0", .src = "2001:db8::9", .dst = "2001:db8::1",
		 .protocol = TCP, .port = 22, ALLOW, BECAUSE(RULE), ZONE(INTERNET, HOST)},
		{"reject", .in = "eth0", .protocol = TCP, .port = 113, REJECT, BECAUSE(RULE),
		 ZONE(INTERNET, HOST)},
		{"below the rate", .in = "eth0", .protocol = TCP, .port = 2222, ALLOW,
		 BECAUSE(RULE), ZONE(INTERNET, HOST)},
		{"over the rate no later sentence is asked", .in = "eth0", .protocol = TCP,
		 .port = 2222, .over_rate = true, DENY, BECAUSE(OVER_RATE), ZONE(INTERNET, HOST)},
		{"a sentence without rate knows none", .in = "eth0", .protocol = TCP, .port = 2223,
		 .over_rate = true, ALLOW, BECAUSE(RULE), ZONE(INTERNET, HOST)},
		{"reject over its rate drops", .in = "eth0", .protocol = TCP, .port = 4000,
		 .over_rate = true, DENY, BECAUSE(OVER_RATE), ZONE(INTERNET, HOST)},
		{"range's low end", .in = "eth0", .protocol = TCP, .port = 2000, ALLOW,
		 BECAUSE(RULE), ZONE(INTERNET, HOST)},
		{"range's high end", .in = "eth0", .protocol = TCP, .port = 3000, ALLOW,
		 BECAUSE(RULE), ZONE(INTERNET, HOST)},
		{"behind the range", .in = "eth0", .protocol = TCP, .port = 3001, DENY,
		 BECAUSE(SECTION_END), ZONE(INTERNET, HOST)},
		{"ping", .in = "eth0", .protocol = ICMP, .type = 8, ALLOW, BECAUSE(RULE),
		 ZONE(INTERNET, HOST)},
		{"ping of v6", .in = "eth0", .src = "2001:db8::9", .dst = "2001:db8::1",
		 .protocol = ICMPV6, .type = 128, ALLOW, BECAUSE(RULE), ZONE(INTERNET, HOST)},
		{"echo reply is no ping", .in = "eth0", .protocol = ICMP, .type = 0, DENY,
		 BECAUSE(SECTION_END), ZONE(INTERNET, HOST)},
		{"a whole protocol", .in = "eth0", .protocol = PROTOCOL_ESP, ALLOW, BECAUSE(RULE),
		 ZONE(INTERNET, HOST)},
		{"anything", .in = "eth1", .protocol = PROTOCOL_GRE, ALLOW, BECAUSE(RULE),
		 ZONE(LAN, HOST)},
		{"out", .out = "eth0", .protocol = TCP, .port = 443, ALLOW, BECAUSE(RULE),
		 ZONE(HOST, INTERNET)},
		{"out, not named", .out = "eth0", .protocol = TCP, .port = 25, DENY,
		 BECAUSE(SECTION_END), ZONE(HOST, INTERNET)},
		{"a pair that nobody names", .in = "eth1", .out = "eth0", .protocol = TCP, DENY,
		 BECAUSE(PAIR_CLOSED), ZONE(LAN, INTERNET)},
		{"egress", .in = "br-a", .out = "eth0", .src = "172.17.0.3", .protocol = TCP, ALLOW,
		 BECAUSE(RULE), ZONE(CONTAINERS, INTERNET)},
	};

	(void)state;
	CASES_CHECK(cases);
}

#define DNAT .dialled = "192.0.2.1"

static void test_dialled(void **state)
{
	static const struct packet_case cases[] = {
		{"the port that was dialled", .in = "eth0", .out = "docker0", .dst = "172.17.0.2",
		 DNAT, .dialled_port = 80, .protocol = TCP, .port = 8080, ALLOW, BECAUSE(RULE),
		 ZONE(INTERNET, CONTAINERS)},
		{"not the container's own", .in = "eth0", .out = "docker0", .dst = "172.17.0.2",
		 DNAT, .dialled_port = 8080, .protocol = TCP, .port = 80, REJECT,
		 BECAUSE(SECTION_END), ZONE(INTERNET, CONTAINERS)},
		{"another container", .in = "eth0", .out = "docker0", .dst = "172.17.0.3", DNAT,
		 .dialled_port = 80, .protocol = TCP, .port = 8080, REJECT, BECAUSE(SECTION_END),
		 ZONE(INTERNET, CONTAINERS)},
		{"the container's other address", .in = "eth0", .out = "docker0",
		 .src = "2001:db8::9", .dst = "2001:db8:c::2", .dialled = "2001:db8::1",
		 .dialled_port = 80, .protocol = TCP, .port = 8080, ALLOW, BECAUSE(RULE),
		 ZONE(INTERNET, CONTAINERS)},
		{"a source that may", .in = "eth0", .out = "docker0", .src = "203.0.113.7",
		 .dst = "172.17.0.3", DNAT, .dialled_port = 5432, .protocol = TCP, .port = 5432,
		 ALLOW, BECAUSE(RULE), ZONE(INTERNET, CONTAINERS)},
		{"a source that may not", .in = "eth0", .out = "docker0", .dst = "172.17.0.3", DNAT,
		 .dialled_port = 5432, .protocol = TCP, .port = 5432, REJECT, BECAUSE(SECTION_END),
		 ZONE(INTERNET, CONTAINERS)},
		{"without to: any container", .in = "eth0", .out = "br-a", .dst = "172.17.0.9",
		 DNAT, .dialled_port = 51820, .protocol = UDP, .port = 1, ALLOW, BECAUSE(RULE),
		 ZONE(INTERNET, CONTAINERS)},
		{"inside is not for published ports", .in = "eth0", .out = "docker0",
		 .dst = "172.17.0.3", DNAT, .dialled_port = 9000, .protocol = TCP, .port = 9000,
		 REJECT, BECAUSE(SECTION_END), ZONE(INTERNET, CONTAINERS)},
		{"a whole protocol", .in = "eth0", .out = "docker0", .dst = "172.17.0.3", DNAT,
		 .dialled_port = 7, .protocol = PROTOCOL_SCTP, .port = 9, ALLOW, BECAUSE(RULE),
		 ZONE(INTERNET, CONTAINERS)},
		{"open until named", .in = "docker0", .out = "br-a", .src = "172.17.0.2",
		 .dst = "172.18.0.2", DNAT, .dialled_port = 80, .protocol = TCP, .port = 8080,
		 ALLOW, BECAUSE(PAIR_OPEN), ZONE(CONTAINERS, CONTAINERS)},
		{"the host to its containers", .out = "docker0", .src = "172.17.0.1",
		 .dst = "172.17.0.2", .protocol = TCP, .port = 8080, ALLOW, BECAUSE(PAIR_OPEN),
		 ZONE(HOST, CONTAINERS)},
	};

	(void)state;
	CASES_CHECK(cases);
}

static void test_direct(void **state)
{
	static const struct packet_case cases[] = {
		{"a published number is not the container's", .in = "eth0", .out = "docker0",
		 .dst = "172.17.0.2", .protocol = TCP, .port = 80, REJECT, BECAUSE(SECTION_END),
		 ZONE(INTERNET, CONTAINERS)},
		{"inside", .in = "eth0", .out = "docker0", .dst = "172.17.0.3", .protocol = TCP,
		 .port = 9001, ALLOW, BECAUSE(RULE), ZONE(INTERNET, CONTAINERS)},
		{"inside another container", .in = "eth0", .out = "docker0", .dst = "172.17.0.2",
		 .protocol = TCP, .port = 9001, REJECT, BECAUSE(SECTION_END),
		 ZONE(INTERNET, CONTAINERS)},
		{"ping", .in = "eth0", .out = "docker0", .dst = "172.17.0.2", .protocol = ICMP,
		 .type = 8, ALLOW, BECAUSE(RULE), ZONE(INTERNET, CONTAINERS)},
		{"ping another container", .in = "eth0", .out = "docker0", .dst = "172.17.0.3",
		 .protocol = ICMP, .type = 8, REJECT, BECAUSE(SECTION_END),
		 ZONE(INTERNET, CONTAINERS)},
		{"a whole protocol", .in = "eth0", .out = "docker0", .dst = "172.17.0.3",
		 .protocol = PROTOCOL_SCTP, .port = 9, ALLOW, BECAUSE(RULE),
		 ZONE(INTERNET, CONTAINERS)},
		{"closed", .in = "eth1", .out = "docker0", .dst = "172.17.0.3", .protocol = TCP,
		 .port = 9000, DENY, BECAUSE(PAIR_CLOSED), ZONE(LAN, CONTAINERS)},
	};

	(void)state;
	CASES_CHECK(cases);
}

static void test_delivered(void **state)
{
	static const struct packet_case cases[] = {
		{"a proxied port", .in = "eth0", .protocol = TCP, .port = 80, ALLOW, BECAUSE(RULE),
		 ZONE(INTERNET, CONTAINERS)},
		{"a proxied port of v6", .in = "eth0", .src = "2001:db8::9", .dst = "2001:db8::1",
		 .protocol = TCP, .port = 80, ALLOW, BECAUSE(RULE), ZONE(INTERNET, CONTAINERS)},
		{"the host's own pair is not asked for it", .in = "eth1", .protocol = TCP,
		 .port = 80, DENY, BECAUSE(PAIR_CLOSED), ZONE(LAN, CONTAINERS)},
		{"bound to this address", .in = "eth0", .src = "203.0.113.7", .protocol = TCP,
		 .port = 5432, ALLOW, BECAUSE(RULE), ZONE(INTERNET, CONTAINERS)},
		{"a source that may not", .in = "eth0", .protocol = TCP, .port = 5432, REJECT,
		 BECAUSE(SECTION_END), ZONE(INTERNET, CONTAINERS)},
		{"bound to another address", .in = "eth0", .src = "203.0.113.7", .dst = "192.0.2.2",
		 .protocol = TCP, .port = 5432, DENY, BECAUSE(SECTION_END), ZONE(INTERNET, HOST)},
		{"a container to its own host's port", .in = "docker0", .src = "172.17.0.3",
		 .protocol = TCP, .port = 80, ALLOW, BECAUSE(PAIR_OPEN),
		 ZONE(CONTAINERS, CONTAINERS)},
		{"host network: a sentence of the containers", .in = "eth0", .protocol = TCP,
		 .port = 443, ALLOW, BECAUSE(RULE), ZONE(INTERNET, CONTAINERS)},
		{"host network: the end of the section does not count", .in = "eth0",
		 .protocol = TCP, .port = 22, ALLOW, BECAUSE(RULE), ZONE(INTERNET, HOST)},
		{"host network: a pair that nobody names is not asked", .in = "eth1",
		 .protocol = TCP, .port = 443, ALLOW, BECAUSE(RULE), ZONE(LAN, HOST)},
		{"host network: an open pair that nobody names is not asked", .in = "docker0",
		 .protocol = TCP, .port = 443, DENY, BECAUSE(SECTION_END), ZONE(CONTAINERS, HOST)},
		{"inside is not for this host", .in = "eth0", .protocol = TCP, .port = 9000, DENY,
		 BECAUSE(SECTION_END), ZONE(INTERNET, HOST)},
	};

	(void)state;
	CASES_CHECK(cases);
}

static void test_reasons_have_texts(void **state)
{
	(void)state;
	for (unsigned i = 0; i <= DECISION_SPOOFED; i++)
		assert_string_not_equal(decision_reason_text((enum decision_reason)i), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spoofed),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_essentials_in),
		cmocka_unit_test(test_essentials_out),
		cmocka_unit_test(test_host_sentences),
		cmocka_unit_test(test_dialled),
		cmocka_unit_test(test_direct),
		cmocka_unit_test(test_delivered),
		cmocka_unit_test(test_reasons_have_texts),
	};

	return cmocka_run_group_tests(tests, model_make, model_drop);
}
