/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is reachable, as text; and never another answer than the reference interpreter gives for the
 * packet that a client would send.
 */
#include "analyse/exposure.h"

#include <stdlib.h>

#include "../resolve/scene.h"
#include "analyse/path.h"
#include "base/protocol.h"

/* The scene, with a second address family outside, a database that is published to 127.0.0.1, and
 * listeners of programs. */
static void set_up(struct scene *scene)
{
	struct engine *engine = &scene->facts.engine;
	struct iface *eth0;

	scene_init(scene);
	eth0 = &scene->facts.ifaces.items[1];
	vec_add(scene->arena, &eth0->addrs)->addr = scene_addr("2001:db8:5::1");
	*vec_add(scene->arena, &engine->networks.items[0].subnets) =
		scene_prefix("2001:db8:c::/64");
	engine->name = "docker";
	engine->version = "29.1.0";
	scene_publish(scene, &engine->containers.items[1], 5432, 5432, "127.0.0.1");
	/* the proxy of the published port, and sshd on the second family */
	*vec_add(scene->arena, &scene->facts.listeners) =
		(struct listener){.protocol = PROTOCOL_TCP,
				  .addr = scene_addr("0.0.0.0"),
				  .port = 80,
				  .program = "docker-proxy"};
	*vec_add(scene->arena, &scene->facts.listeners) = (struct listener){
		.protocol = PROTOCOL_TCP, .addr = scene_addr("::"), .port = 22, .program = "sshd"};
	*vec_add(scene->arena, &scene->facts.listeners) =
		(struct listener){.protocol = PROTOCOL_UDP,
				  .addr = scene_addr("192.0.2.1"),
				  .port = 53,
				  .program = "named"};
}

static void from_add(const struct source_list *from, struct str_buf *out)
{
	char text[IP_TEXT_MAX];

	if (!from)
		str_buf_adds(out, "all");
	for (uint32_t i = 0; from && i < from->len; i++)
		str_buf_addf(out, "%s%s", i ? "," : "", ip_prefix_format(&from->items[i], text));
}

/* "+all" allowed by a sentence, "-end" denied and "!end" rejected by the end of the section, "*end"
 * open until a section names the pair. */
static void access_add(const struct exposure_access *access, struct str_buf *out)
{
	static const char signs[] = {
		[VERDICT_ALLOW] = '+', [VERDICT_DENY] = '-', [VERDICT_REJECT] = '!'};

	str_buf_addc(out, ' ');
	str_buf_addc(out, signs[access->verdict]);
	if (access->rule)
		from_add(access->from, out);
	else
		str_buf_adds(out, "end");
}

/* One zone of one port, "tcp 80 any web: +all"; without a zone's entries "... web:" alone. */
static const char *port_text(struct scene *scene, const struct exposure *port, uint32_t zone)
{
	static const char *const kinds[] = {[EXPOSURE_LISTENER] = "",
					    [EXPOSURE_PUBLISHED] = "published ",
					    [EXPOSURE_HOST_NETWORK] = "host "};
	struct str_buf out auto_str = {0};
	char text[IP_TEXT_MAX];

	str_buf_addf(&out, "%s%s %u %s %s%s:", kinds[port->kind], protocol_name(port->protocol),
		     (unsigned)port->port,
		     port->addr.family == IP_NONE ? "any" : ip_addr_format(&port->addr, text),
		     port->holder ? port->holder : "?", port->loopback_only ? " loopback" : "");
	vec_each (&port->access, access)
		if (access->zone == zone)
			access_add(access, &out);
	return arena_strdup(scene->arena, str_buf_text(&out));
}

static uint32_t zone_number(const struct model *model, const char *name)
{
	for (uint32_t i = 0; i < model->zones.len; i++)
		if (str_eq(model->zones.items[i].name, name))
			return i;
	fail_msg("no zone %s", name);
	return 0;
}

#define LINES_MAX 12

static void assert_exposed(const char *policy, const char *zone, const char *const *want)
{
	struct exposure_list list;
	struct scene scene;
	uint32_t i = 0;

	set_up(&scene);
	exposure_of(scene.arena, scene_model(&scene, policy), &scene.facts, &list);
	vec_each (&list.items, port) {
		const char *got = port_text(&scene, port, zone_number(scene.model, zone));

		assert_true(i < LINES_MAX && want[i]);
		assert_string_equal(got, want[i++]);
	}
	assert_null(want[i]);
	scene_done(&scene);
}

static void test_nothing_is_said(void **state)
{
	static const char *const want[LINES_MAX] = {
		"tcp 9 127.0.0.1 ? loopback:",
		"tcp 22 any ?: -end", /* two sockets, one of each family */
		"udp 53 192.0.2.1 named: -end",
		"published tcp 80 any web: -end", /* and not its proxy once more */
		"published tcp 81 192.0.2.1 web: -end",
		"host tcp 443 any edge: -end",
		"published tcp 5432 127.0.0.1 shop-db-1 loopback:",
		NULL,
	};

	(void)state;
	assert_exposed("", "internet", want);
}

static void test_sentences_in_their_order(void **state)
{
	static const char *const want[LINES_MAX] = {
		"tcp 9 127.0.0.1 ? loopback:",
		"tcp 22 any ?: -192.0.2.9 +192.0.2.0/24,2001:db8::/32 !end",
		"udp 53 192.0.2.1 named: +all",
		"published tcp 80 any web: +198.51.100.0/24 -all",
		"published tcp 81 192.0.2.1 web: -all",
		"host tcp 443 any edge: +203.0.113.7 +10.0.0.0/8 !end",
		"published tcp 5432 127.0.0.1 shop-db-1 loopback:",
		NULL,
	};

	(void)state;
	assert_exposed("internet -> host {\n"
		       "default reject\n"
		       "deny ssh from 192.0.2.9\n"
		       "allow ssh from 192.0.2.0/24, 2001:db8::/32\n"
		       "allow udp\n"
		       "deny dns\n" /* of UDP it says nothing any more */
		       "allow https from 10.0.0.0/8\n"
		       "}\n"
		       "internet -> containers {\n"
		       "allow tcp 80 from 198.51.100.0/24 to web\n"
		       "allow tcp 80-443 from 203.0.113.7 to edge\n"
		       "allow tcp 8080-8081 inside, ping\n"
		       "allow tcp 81 to shop/db\n"
		       "deny to web\n"
		       "}\n",
		       "internet", want);
}

static void test_container_sees_others_and_host(void **state)
{
	static const char *const want[LINES_MAX] = {
		"tcp 9 127.0.0.1 ? loopback:",
		"tcp 22 any ?: -end",
		"udp 53 192.0.2.1 named: +172.17.0.3 -end",
		"published tcp 80 any web: +end", /* open until a section names the pair */
		"published tcp 81 192.0.2.1 web: +end",
		"host tcp 443 any edge: -end",
		"published tcp 5432 127.0.0.1 shop-db-1 loopback:",
		NULL,
	};

	(void)state;
	/* nobody is left of "edge": it has no address of its own */
	assert_exposed("containers -> host { allow dns from shop/db\nallow ssh from edge\n}\n",
		       "containers", want);
}

/* What keeps a way in open is asked before the sections. */
static void test_failsafe_is_first(void **state)
{
	static const char *const want[LINES_MAX] = {
		"tcp 9 127.0.0.1 ? loopback:",
		"tcp 22 any ?: +198.51.100.7 -all",
		"udp 53 192.0.2.1 named: -all",
		"published tcp 80 any web: -end", /* translated: a port of the host no more */
		"published tcp 81 192.0.2.1 web: -end",
		"host tcp 443 any edge: +all",
		"published tcp 5432 127.0.0.1 shop-db-1 loopback:",
		NULL,
	};

	(void)state;
	assert_exposed("option failsafe = tcp 22 from 198.51.100.7\n"
		       "option failsafe = tcp 80, 443\n"
		       "internet -> host { deny }\n",
		       "internet", want);
}

/* Who asks in the place of a zone: its interface, or NULL for one without any. */
static const char *iface_of_zone(const struct model *model, uint32_t zone)
{
	const struct zone *of = &model->zones.items[zone];

	if (zone == model->auto_zone)
		return "eth0";
	return of->ifaces.len ? of->ifaces.items[0].name : NULL;
}

/* The verdict that the exposure promises to a client. */
static uint8_t promised(const struct exposure *port, uint32_t zone, const struct ip_addr *client)
{
	vec_each (&port->access, access)
		if (access->zone == zone &&
		    (!access->from || source_list_contains(access->from, client)))
			return access->verdict;
	fail_msg("nothing decides");
	return VERDICT_DENY;
}

static void assert_agrees(struct scene *scene, const struct exposure *port, uint32_t zone,
			  const struct dial *dial)
{
	char client[IP_TEXT_MAX];
	struct packet packet;
	struct decision decision;

	assert_true(path_of_dial(scene->model, &scene->facts, dial, &packet));
	decision = eval_packet(scene->model, &packet);
	if (decision.verdict != (enum verdict)promised(port, zone, &dial->src))
		fail_msg("%s%s from %s of %s: %s", scene->sources.items.items[0].text,
			 port_text(scene, port, zone), ip_addr_format(&dial->src, client),
			 scene->model->zones.items[zone].name,
			 decision_reason_text(decision.reason));
}

static uint32_t port_agrees(struct scene *scene, const struct exposure *port, uint32_t zone)
{
	static const char *const clients[] = {
		"198.51.100.7", "198.51.100.8", "203.0.113.7", "10.1.2.3",
		"172.17.0.2",	"172.17.0.3",	"2001:db8::7", "2001:db8:c::2",
	};
	uint32_t asked = 0;

	for (size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++) {
		bool from_container =
			str_starts(clients[i], "172.") || str_eq(clients[i], "2001:db8:c::2");
		struct dial dial = {.in_iface = iface_of_zone(scene->model, zone),
				    .src = scene_addr(clients[i]),
				    .protocol = port->protocol,
				    .src_port = 40000,
				    .port = port->port};

		dial.dst = scene_addr(dial.src.family == IP_V4 ? "192.0.2.1" : "2001:db8:5::1");
		if (!dial.in_iface || from_container != (zone == ZONE_NUMBER_CONTAINERS) ||
		    (port->addr.family != IP_NONE && !ip_addr_eq(&port->addr, &dial.dst)))
			continue;
		assert_agrees(scene, port, zone, &dial);
		asked++;
	}
	return asked;
}

static const char *pick(unsigned *seed, const char *const *words, unsigned count)
{
	return words[(unsigned)rand_r(seed) % count];
}

/*
 * Random sentences about the few ports and clients there are.  None of "edge" holds port 81, which
 * web publishes to one address: at others it may be edge's, and both sentences speak of both.
 */
static void policy_random(unsigned *seed, struct str_buf *out)
{
	static const char *const heads[] = {
		"internet -> host",	  "containers -> host", "lan, internet -> host, containers",
		"internet -> containers", "lan -> host",	"containers -> containers"};
	static const char *const verdicts[] = {"allow", "allow", "deny", "reject"};
	static const char *const services[] = {"tcp 80", "tcp 22",    "tcp 443",  "udp",      "tcp",
					       "dns",	 "tcp 22-80", "ping",	  "udp 1-60", "",
					       "tcp 81", "tcp 50-90", "tcp 22-81"};
	static const char *const froms[] = {"",
					    "",
					    " from 198.51.100.0/24",
					    " from 198.51.100.7",
					    " from 10.0.0.0/8, 2001:db8::/48",
					    " from 172.17.0.2, 2001:db8:c::/64"};
	static const char *const tos[] = {"", " to web", " to edge", " to web, edge"};
	const char *head = pick(seed, heads, 6);

	str_buf_addf(out, "%s {\n", head);
	if (rand_r(seed) & 256)
		str_buf_adds(out, "default reject\n");
	for (unsigned i = (unsigned)rand_r(seed) % 5; i > 0; i--) {
		unsigned service = (unsigned)rand_r(seed) % 13;

		str_buf_addf(out, "%s %s%s", pick(seed, verdicts, 4), services[service],
			     pick(seed, froms, 6));
		/* only where every pair of the section leads to containers */
		if (str_ends(head, "-> containers"))
			str_buf_adds(out, pick(seed, tos, service < 10 ? 4 : 2));
		str_buf_addc(out, '\n');
	}
	str_buf_adds(out, "}\n");
}

static uint32_t round_agrees(unsigned *seed)
{
	struct str_buf policy auto_str = {0};
	struct exposure_list list;
	struct scene scene;
	uint32_t asked = 0;

	set_up(&scene);
	str_buf_adds(&policy, "zone lan = eth1\n");
	if ((unsigned)rand_r(seed) % 4 == 0)
		str_buf_adds(&policy, "option failsafe = tcp 22, 443 from 198.51.100.7\n");
	for (unsigned i = (unsigned)rand_r(seed) % 4; i > 0; i--)
		policy_random(seed, &policy);
	exposure_of(scene.arena, scene_model(&scene, str_buf_text(&policy)), &scene.facts, &list);
	vec_each (&list.items, port)
		for (uint32_t zone = 1; zone < scene.model->zones.len && !port->loopback_only;
		     zone++)
			asked += port_agrees(&scene, port, zone);
	scene_done(&scene);
	return asked;
}

static void test_agrees_with_the_interpreter(void **state)
{
	unsigned seed = 20261123;
	uint32_t asked = 0;

	(void)state;
	print_message("seed %u\n", seed);
	for (int round = 0; round < 500; round++)
		asked += round_agrees(&seed);
	assert_true(asked > 10000);
}

static void test_is_open(void **state)
{
	struct exposure_list list;
	struct scene scene;
	uint32_t internet;

	(void)state;
	set_up(&scene);
	exposure_of(scene.arena,
		    scene_model(&scene, "internet -> host { allow ssh from 192.0.2.9\ndeny udp\n}"),
		    &scene.facts, &list);
	internet = zone_number(scene.model, "internet");
	vec_each (&list.items, port) {
		assert_int_equal(exposure_is_open(port, internet), port->port == 22);
		assert_int_equal(exposure_is_open(port, ZONE_NUMBER_CONTAINERS),
				 port->kind == EXPOSURE_PUBLISHED && !port->loopback_only);
	}
	scene_done(&scene);
}

static void test_without_anything(void **state)
{
	struct exposure_list list;
	struct scene scene;

	(void)state;
	set_up(&scene);
	scene.facts.listeners.len = 0;
	memset(&scene.facts.engine, 0, sizeof(scene.facts.engine));
	exposure_of(scene.arena, scene_model(&scene, ""), &scene.facts, &list);
	assert_int_equal(list.items.len, 0);
	scene_done(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_is_said),
		cmocka_unit_test(test_sentences_in_their_order),
		cmocka_unit_test(test_container_sees_others_and_host),
		cmocka_unit_test(test_failsafe_is_first),
		cmocka_unit_test(test_agrees_with_the_interpreter),
		cmocka_unit_test(test_is_open),
		cmocka_unit_test(test_without_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
