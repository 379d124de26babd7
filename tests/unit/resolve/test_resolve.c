/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a policy without mistakes becomes. */
#include "scene.h"

#include "base/protocol.h"

enum { HOST, CONTAINERS, INTERNET };
enum { WEB, DB, EDGE };

static int set_up(void **state)
{
	static struct scene scene;

	scene_init(&scene);
	*state = &scene;
	return 0;
}

static int tear_down(void **state)
{
	scene_done(*state);
	return 0;
}

/* "172.17.0.2 2001:db8::/32", "nobody", "any" */
static void assert_from(const struct source_list *list, const char *want)
{
	struct str_buf got auto_str = {0};
	char text[IP_TEXT_MAX];

	for (uint32_t i = 0; list && i < list->len; i++)
		str_buf_addf(&got, "%s%s", i ? " " : "", ip_prefix_format(&list->items[i], text));
	if (!list || !list->len)
		str_buf_adds(&got, list ? "nobody" : "any");
	assert_string_equal(str_buf_text(&got), want);
}

static const struct rule *rule_of(const struct model *model, uint32_t from, uint32_t to,
				  uint32_t number)
{
	const struct pair *pair = model_pair(model, from, to);

	assert_true(number < pair->rules.len);
	return &pair->rules.items[number];
}

static void assert_service(const struct service *service, enum service_kind kind, uint8_t protocol,
			   uint16_t low, uint16_t high)
{
	assert_int_equal(service->kind, kind);
	assert_int_equal(service->protocol, protocol);
	assert_int_equal(service->low, low);
	assert_int_equal(service->high, high);
}

static void test_empty_policy(void **state)
{
	const struct model *model = scene_model(*state, "");

	assert_int_equal(model->zones.len, 3);
	assert_string_equal(model->zones.items[HOST].name, "host");
	assert_string_equal(model->zones.items[CONTAINERS].name, "containers");
	assert_string_equal(model->zones.items[INTERNET].name, "internet");
	assert_int_equal(model->zones.items[INTERNET].kind, ZONE_AUTO);
	assert_int_equal(model->auto_zone, INTERNET);
	for (uint32_t i = 0; i < 9; i++) {
		assert_false(model->pairs[i].named);
		assert_int_equal(model->pairs[i].end, VERDICT_DENY);
		assert_int_equal(model->pairs[i].open,
				 i == HOST * 3 + CONTAINERS || i == CONTAINERS * 3 + CONTAINERS);
	}
}

static void test_auto_is_added(void **state)
{
	const struct model *model = scene_model(*state, "zone lan = eth1\n");

	assert_int_equal(model->zones.len, 4);
	assert_string_equal(model->zones.items[model->auto_zone].name, "internet");
	assert_int_equal(model_zone_of_iface(model, "eth1"), 2);
	assert_int_equal(model_zone_of_iface(model, "eth0"), model->auto_zone);
}

static void test_auto_may_have_another_name(void **state)
{
	const struct model *model = scene_model(*state, "zone wan = auto\n");

	assert_int_equal(model->zones.len, 3);
	assert_string_equal(model->zones.items[model->auto_zone].name, "wan");
}

static void test_topology(void **state)
{
	const struct model *model = scene_model(*state, "");

	assert_int_equal(model->zones.items[CONTAINERS].ifaces.len, 1);
	assert_true(model_iface_is_container(model, "docker0"));
	assert_int_equal(model->containers.len, 3);
	assert_int_equal(model->containers.items[WEB].addrs.len, 2);
	assert_true(model->containers.items[EDGE].host_network);
	/* "any" of both families is one entry, a bound address stays. */
	assert_int_equal(model->published.len, 2);
	assert_int_equal(model->published.items[0].addr.family, IP_NONE);
	assert_int_equal(model->published.items[0].port, 80);
	assert_int_equal(model->published.items[0].container_port, 8080);
	assert_int_equal(model->published.items[1].addr.family, IP_V4);
	/* Not the one on loopback, not the one of the host itself. */
	assert_int_equal(model->host_network_ports.len, 1);
	assert_int_equal(model->host_network_ports.items[0].port, 443);
	assert_int_equal(model->host_network_ports.items[0].container, EDGE);
	/* Not that of the macvlan: others have those addresses by right. */
	assert_int_equal(model->container_subnets.len, 1);
	assert_int_equal(model->container_subnets.items[0].len, 16);
	/* Not fe80::1 of eth1: the router on another link may have it by right. */
	assert_int_equal(model->own_addrs.len, 2);
	assert_int_equal(model->bridges.len, 1);
	assert_string_equal(model->bridges.items[0], "docker0");
}

/* A container network on a bridge with a physical port: who comes in by it may be anybody. */
static void test_uplink_is_no_container_bridge(void **state)
{
	struct scene *scene = *state;

	vec_each (&scene->facts.ifaces, iface) {
		if (iface->kind == IFACE_BRIDGE)
			iface->physical_port = true;
	}
	scene_model(scene, "");
	assert_int_equal(scene->model->zones.items[CONTAINERS].ifaces.len, 0);
	assert_int_equal(model_zone_of_iface(scene->model, "docker0"), scene->model->auto_zone);
	assert_int_equal(scene->model->container_subnets.len, 0);
}

static void test_swarm_bridge(void **state)
{
	struct scene *scene = *state;

	scene_iface(scene, "docker_gwbridge", IFACE_BRIDGE, "172.18.0.1");
	scene_model(scene, "");
	assert_int_equal(model_zone_of_iface(scene->model, "docker_gwbridge"), CONTAINERS);
	assert_int_equal(scene->model->bridges.len, 2);
}

static void test_without_engine_containers_are_closed(void **state)
{
	struct scene *scene = *state;

	memset(&scene->facts.engine, 0, sizeof(scene->facts.engine));
	scene_iface(scene, "docker_gwbridge", IFACE_BRIDGE, "172.18.0.1");
	scene_model(scene, "");
	assert_int_equal(scene->model->zones.items[CONTAINERS].ifaces.len, 0);
	assert_int_equal(scene->model->published.len, 0);
	assert_int_equal(scene->model->bridges.len, 2);
}

static void test_services(void **state)
{
	const struct model *model =
		scene_model(*state, "internet -> host { allow ssh\nallow dns, tcp 1, 5-9, domain\n"
				    "allow ping, esp\nallow\n}\n");
	const struct rule *rule = rule_of(model, INTERNET, HOST, 0);

	assert_int_equal(rule->service_count, 1);
	assert_service(&rule->services[0], SERVICE_PORTS, PROTOCOL_TCP, 22, 22);
	rule = rule_of(model, INTERNET, HOST, 1);
	assert_int_equal(rule->service_count, 6);
	assert_service(&rule->services[0], SERVICE_PORTS, PROTOCOL_UDP, 53, 53);
	assert_service(&rule->services[1], SERVICE_PORTS, PROTOCOL_TCP, 53, 53);
	assert_service(&rule->services[2], SERVICE_PORTS, PROTOCOL_TCP, 1, 1);
	assert_service(&rule->services[3], SERVICE_PORTS, PROTOCOL_TCP, 5, 9);
	assert_service(&rule->services[4], SERVICE_PORTS, PROTOCOL_TCP, 53, 53);
	assert_service(&rule->services[5], SERVICE_PORTS, PROTOCOL_UDP, 53, 53);
	rule = rule_of(model, INTERNET, HOST, 2);
	assert_service(&rule->services[0], SERVICE_PING, 0, 0, 0);
	assert_service(&rule->services[1], SERVICE_PROTOCOL, PROTOCOL_ESP, 0, 0);
	assert_false(rule->any_service);
	assert_true(rule_of(model, INTERNET, HOST, 3)->any_service);
}

static void test_inside_is_kept(void **state)
{
	const struct model *model =
		scene_model(*state, "internet -> containers { allow tcp 80 inside, tcp 81 }\n");
	const struct rule *rule = rule_of(model, INTERNET, CONTAINERS, 0);

	assert_true(rule->services[0].inside);
	assert_false(rule->services[1].inside);
}

static void test_sources(void **state)
{
	const struct model *model = scene_model(
		*state,
		"set a = 192.0.2.9, @b, 192.0.2.4-192.0.2.6, 2001:db8::/32, 192.0.2.9\n"
		"set b = 10.0.0.0/8, 10.1.0.0/16, 2001:db8:1::1\n"
		"internet -> host { allow ssh from @a\nallow dns from @a\nallow ssh\n"
		"allow ssh from 192.0.2.1\nallow ssh from 192.0.2.128/25, @b, 192.0.2.0/24\n"
		"allow ssh from @a, @b\nallow dns from @a, @b\n}\n");
	const struct source_list *list = rule_of(model, INTERNET, HOST, 0)->from;

	assert_from(list, "10.0.0.0/8 192.0.2.4/31 192.0.2.6 192.0.2.9 2001:db8::/32");
	assert_ptr_equal(list, rule_of(model, INTERNET, HOST, 1)->from);
	assert_from(rule_of(model, INTERNET, HOST, 2)->from, "any");
	assert_from(rule_of(model, INTERNET, HOST, 3)->from, "192.0.2.1");
	assert_from(rule_of(model, INTERNET, HOST, 4)->from,
		    "10.0.0.0/8 192.0.2.0/24 2001:db8:1::1");
	assert_ptr_equal(rule_of(model, INTERNET, HOST, 5)->from,
			 rule_of(model, INTERNET, HOST, 6)->from);
}

static void test_containers_as_sources(void **state)
{
	const struct model *model =
		scene_model(*state, "containers -> host { allow dns from web, shop/db\n"
				    "allow ssh from edge\n}\n");

	assert_from(rule_of(model, CONTAINERS, HOST, 0)->from,
		    "172.17.0.2 172.17.0.3 2001:db8:c::2");
	/* It has no address of its own: nobody, not everybody. */
	assert_from(rule_of(model, CONTAINERS, HOST, 1)->from, "nobody");
}

static void test_targets(void **state)
{
	static const struct {
		const char *whom;
		const char *numbers;
	} cases[] = {
		{"web", "0"},
		{"shop/db", "1"},
		{"label vpn", "1"},
		{"label vpn=true", "1"},
		{"network bridge", "01"},
		{"edge, shop/db, edge", "12"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str_buf text auto_str = {0};
		struct str_buf got auto_str = {0};
		const struct target_list *to;
		struct scene scene;

		scene_init(&scene);
		str_buf_addf(&text, "internet -> containers { allow tcp 80 to %s }\n",
			     cases[i].whom);
		scene_model(&scene, str_buf_text(&text));
		to = rule_of(scene.model, INTERNET, CONTAINERS, 0)->to;
		for (uint32_t j = 0; j < to->len; j++)
			str_buf_addf(&got, "%u", to->containers[j]);
		assert_string_equal(str_buf_text(&got), cases[i].numbers);
		scene_done(&scene);
	}
}

static void test_targets_are_shared(void **state)
{
	const struct model *model =
		scene_model(*state, "internet -> containers { allow tcp 80 to web, edge\n"
				    "allow tcp 81 to web, edge\nallow tcp 82\n}\n");

	assert_ptr_equal(rule_of(model, INTERNET, CONTAINERS, 0)->to,
			 rule_of(model, INTERNET, CONTAINERS, 1)->to);
	assert_null(rule_of(model, INTERNET, CONTAINERS, 2)->to);
}

static void test_host_network_ports_of_sentences(void **state)
{
	const struct model *model = scene_model(
		*state, "internet -> containers { allow tcp 443, 8443, 9000-9002, 1-5000 to edge\n"
			"allow udp 5 to web\n}\n");

	/* 443 has a listener, the wide range is left to listeners, web has a network of its own. */
	assert_int_equal(model->host_network_ports.len, 5);
	assert_int_equal(model->host_network_ports.items[1].port, 8443);
	assert_int_equal(model->host_network_ports.items[4].port, 9002);
}

/* A sentence about "edge" must not open what the proxy of another container takes. */
static void test_published_port_is_not_the_host_networks(void **state)
{
	const struct model *model = scene_model(
		*state,
		"internet -> containers { allow tcp 79-81 to edge\nallow udp 80 to edge }\n");

	/* 443 of the listener; 81 is published to one address only */
	assert_int_equal(model->host_network_ports.len, 4);
	assert_int_equal(model->host_network_ports.items[1].port, 79);
	assert_int_equal(model->host_network_ports.items[2].port, 81);
	assert_int_equal(model->host_network_ports.items[3].port, 80);
	assert_int_equal(model->host_network_ports.items[3].protocol, PROTOCOL_UDP);
}

static void test_many_pairs(void **state)
{
	const struct model *model = scene_model(
		*state,
		"zone lan = eth1\nzone internet = auto\n"
		"lan, internet -> host, containers { default reject\nallow ssh log \"x\"\n}\n"
		"internet -> host { reject dns }\n");
	const struct rule *rule = rule_of(model, 2, HOST, 0);

	assert_int_equal(model->rule_count, 5);
	assert_ptr_equal(rule->services, rule_of(model, 3, CONTAINERS, 0)->services);
	assert_true(rule->log);
	assert_string_equal(rule->log_text, "x");
	assert_int_equal(model_pair(model, 3, HOST)->rules.len, 2);
	assert_int_equal(rule_of(model, 3, HOST, 1)->verdict, VERDICT_REJECT);
	assert_int_equal(model_pair(model, 2, CONTAINERS)->end, VERDICT_REJECT);
	assert_int_equal(model_pair(model, HOST, 2)->end, VERDICT_DENY);
	assert_string_equal(rule->text, "allow ssh log \"x\"");
}

static void test_named_pair_is_not_open(void **state)
{
	const struct model *model = scene_model(*state, "host -> containers { deny }\n");

	assert_true(model_pair(model, HOST, CONTAINERS)->named);
	assert_false(model_pair(model, HOST, CONTAINERS)->open);
}

static void test_rate(void **state)
{
	const struct model *model =
		scene_model(*state, "internet -> host { allow ssh limit 10/minute per source\n"
				    "allow dns limit 3/hour burst 9\nallow ping\n}\n");
	const struct rate *rate = rule_of(model, INTERNET, HOST, 0)->rate;

	assert_int_equal(rate->count, 10);
	assert_int_equal(rate->burst, 5);
	assert_int_equal(rate->unit, RATE_MINUTE);
	assert_true(rate->per_source);
	rate = rule_of(model, INTERNET, HOST, 1)->rate;
	assert_int_equal(rate->burst, 9);
	assert_int_equal(rate->unit, RATE_HOUR);
	assert_false(rate->per_source);
	assert_null(rule_of(model, INTERNET, HOST, 2)->rate);
}

static void test_files_add_up(void **state)
{
	struct scene *scene = *state;

	scene_parse(scene, "internet -> host { allow ssh from @a }\n");
	scene_parse(scene, "set a = 192.0.2.1\ninternet -> host { allow dns }\n");
	assert_non_null(scene_resolve(scene));
	assert_int_equal(model_pair(scene->model, INTERNET, HOST)->rules.len, 2);
}

static void test_large_policies_carry_no_text(void **state)
{
	struct str_buf text auto_str = {0};
	const struct model *model;

	str_buf_adds(&text, "internet -> host {\n");
	for (uint32_t i = 0; i <= RESOLVE_TEXT_MAX; i++)
		str_buf_addf(&text, "allow tcp %u from 10.%u.%u.0/24\n", 1 + i, i / 256, i % 256);
	str_buf_adds(&text, "}\n");
	model = scene_model(*state, str_buf_text(&text));
	assert_int_equal(model->rule_count, RESOLVE_TEXT_MAX + 1);
	assert_null(rule_of(model, INTERNET, HOST, 0)->text);
	assert_from(rule_of(model, INTERNET, HOST, 300)->from, "10.1.44.0/24");
	assert_int_equal(rule_of(model, INTERNET, HOST, 300)->services[0].low, 301);
}

static void test_options(void **state)
{
	struct scene *scene = *state;
	struct policy_options options = {0};

	scene_model(scene, "option labels = trust\noption log = refused\n");
	policy_options_read(scene->arena, &scene->policy, &options);
	assert_true(options.trust_labels);
	assert_true(options.log_refused);
	assert_int_equal(options.at.len, 2);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_empty_policy),
		CASE(test_auto_is_added),
		CASE(test_auto_may_have_another_name),
		CASE(test_topology),
		CASE(test_uplink_is_no_container_bridge),
		CASE(test_swarm_bridge),
		CASE(test_without_engine_containers_are_closed),
		CASE(test_services),
		CASE(test_inside_is_kept),
		CASE(test_sources),
		CASE(test_containers_as_sources),
		CASE(test_targets),
		CASE(test_targets_are_shared),
		CASE(test_host_network_ports_of_sentences),
		CASE(test_published_port_is_not_the_host_networks),
		CASE(test_many_pairs),
		CASE(test_named_pair_is_not_open),
		CASE(test_rate),
		CASE(test_files_add_up),
		CASE(test_large_policies_carry_no_text),
		CASE(test_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
