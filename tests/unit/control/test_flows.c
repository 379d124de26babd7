/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which established connections a policy would not let begin. */
#include "../resolve/scene.h"

#include "control/flows.h"
#include "kernel/flows.h"

#define POLICY                                                                                     \
	"zone internet = auto\ninternet -> host {\n allow tcp 22\n}\n"                             \
	"internet -> containers {\n allow tcp 80 to web\n}\nhost -> internet {\n allow tcp "       \
	"443\n}\n"

static struct flow flow_of(const char *src, const char *dst, uint16_t dport, const char *server,
			   uint16_t server_port)
{
	struct flow flow = {.protocol = 6,
			    .src = scene_addr(src),
			    .dst = scene_addr(dst),
			    .sport = 40000,
			    .dport = dport,
			    .server = scene_addr(server),
			    .client = scene_addr(src),
			    .server_port = server_port,
			    .client_port = 40000};

	flow.dnat = !ip_addr_eq(&flow.dst, &flow.server);
	return flow;
}

static void refused_is_what_could_not_begin(void **state)
{
	static const struct {
		const char *src;
		const char *dst;
		uint16_t dport;
		const char *server;
		uint16_t server_port;
		bool refused;
	} flows[] = {
		{"198.51.100.7", "192.0.2.1", 22, "192.0.2.1", 22, false},
		{"198.51.100.7", "192.0.2.1", 23, "192.0.2.1", 23, true},
		{"198.51.100.7", "192.0.2.1", 80, "172.17.0.2", 8080, false},
		{"198.51.100.7", "192.0.2.1", 81, "172.17.0.2", 8081, true},
		{"198.51.100.7", "192.0.2.1", 80, "172.17.0.3", 8080, true},
		{"192.0.2.1", "198.51.100.7", 443, "198.51.100.7", 443, false},
		{"192.0.2.1", "198.51.100.7", 25, "198.51.100.7", 25, true},
		{"172.17.0.2", "198.51.100.7", 443, "198.51.100.7", 443, true},
		{"172.17.0.2", "172.17.0.3", 5432, "172.17.0.3", 5432, false},
		{"127.0.0.1", "127.0.0.1", 9, "127.0.0.1", 9, false},
		{"2001:db8::1", "2001:db8::2", 9, "2001:db8::2", 9, false}, /* no route */
	};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	*vec_add(scene.arena, &scene.facts.routes) =
		(struct route){.dest = scene_prefix("0.0.0.0/0"), .iface = "eth0"};
	*vec_add(scene.arena, &scene.facts.routes) =
		(struct route){.dest = scene_prefix("172.17.0.0/16"), .iface = "docker0"};
	(void)scene_model(&scene, POLICY);
	for (size_t i = 0; i < sizeof(flows) / sizeof(flows[0]); i++) {
		struct flow flow = flow_of(flows[i].src, flows[i].dst, flows[i].dport,
					   flows[i].server, flows[i].server_port);

		if (flow_is_refused(scene.model, &scene.facts, &flow) != flows[i].refused)
			fail_msg("flow %zu: not %s", i, flows[i].refused ? "refused" : "allowed");
		/* whose fate follows another connection's is left alone */
		flow.expected = true;
		assert_false(flow_is_refused(scene.model, &scene.facts, &flow));
		flow.expected = false;
		flow.protocol = 1;
		assert_false(flow_is_refused(scene.model, &scene.facts, &flow));
	}
	scene_done(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refused_is_what_could_not_begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
