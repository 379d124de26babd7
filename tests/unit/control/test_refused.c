/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a refused packet wanted, and that the sentence made of it allows it and nothing beside it.
 */
#include "../resolve/scene.h"

#include "control/refused.h"
#include "ir/ir.h"
#include "model/eval.h"

#define POLICY                                                                                     \
	"zone internet = auto\nzone lan = eth1\noption log = refused\n"                            \
	"internet -> host {\n allow tcp 22 limit 1/hour\n deny tcp 23\n}\n"                        \
	"internet -> containers {\n allow tcp 81 to web\n}\n"                                      \
	"containers -> internet {\n allow tcp 443\n}\n"

enum { ETH0 = 2, ETH1 = 3, DOCKER0 = 4 };

static void set_up_facts(struct scene *scene)
{
	scene_init(scene);
	for (uint32_t i = 0; i < scene->facts.ifaces.len; i++)
		scene->facts.ifaces.items[i].index = i + 1;
}

static int set_up(void **state)
{
	static struct scene scene;

	set_up_facts(&scene);
	*state = &scene;
	return 0;
}

static int tear_down(void **state)
{
	scene_done(*state);
	return 0;
}

static struct nflog_packet seen(uint8_t hook, uint32_t iif, uint32_t oif, const char *src,
				const char *dst, uint16_t port)
{
	return (struct nflog_packet){.time_us = 1795437552000000,
				     .hook = hook,
				     .iif = iif,
				     .oif = oif,
				     .src = scene_addr(src),
				     .dst = scene_addr(dst),
				     .protocol = 6,
				     .has_ports = true,
				     .src_port = 40000,
				     .dst_port = port,
				     .prefix = "wharfwall refused in "};
}

/* As the filter sees it, with the port as it was dialled. */
static struct packet packet_of(const struct nflog_packet *from, const char *in, const char *out,
			       bool dnat, uint16_t dialled)
{
	return (struct packet){.in_iface = in,
			       .out_iface = out,
			       .src = from->src,
			       .dst = from->dst,
			       .protocol = from->protocol,
			       .icmp_type = from->icmp_type,
			       .src_port = from->src_port,
			       .dst_port = from->dst_port,
			       .dnat = dnat,
			       .dialled_addr = from->dst,
			       .dialled_port = dialled};
}

/* The model with the sentence in front of all others. */
static const struct model *with_sentence(struct scene *other, const struct refused *refused)
{
	set_up_facts(other);
	(void)scene_model(other, arena_printf(other->arena, "%s -> %s {\n %s\n}\n" POLICY,
					      refused->from, refused->to, refused->sentence));
	assert_int_equal(other->diags.errors, 0);
	return other->model;
}

static void each_sentence_allows_just_that(void **state)
{
	static const struct {
		uint8_t hook;
		uint32_t iif, oif;
		const char *in, *out, *src, *dst;
		uint16_t port, dialled; /* 0: not translated */
		const char *container, *from, *to, *sentence;
	} cases[] = {
		{IR_HOOK_INPUT, ETH0, 0, "eth0", NULL, "203.0.113.7", "192.0.2.1", 25, 0, NULL,
		 "internet", "host", "allow tcp 25 from 203.0.113.7"},
		{IR_HOOK_INPUT, ETH0, 0, "eth0", NULL, "203.0.113.7", "192.0.2.1", 23, 0, NULL,
		 "internet", "host", "allow tcp 23 from 203.0.113.7"},
		{IR_HOOK_INPUT, ETH1, 0, "eth1", NULL, "2001:db8::9", "2001:db8::1", 25, 0, NULL,
		 "lan", "host", "allow tcp 25 from 2001:db8::9"},
		{IR_HOOK_FORWARD, ETH0, DOCKER0, "eth0", "docker0", "203.0.113.7", "172.17.0.2",
		 8080, 80, "web", "internet", "containers", "allow tcp 80 to web from 203.0.113.7"},
		{IR_HOOK_FORWARD, ETH0, DOCKER0, "eth0", "docker0", "203.0.113.7", "172.17.0.3",
		 5432, 0, "shop-db-1", "internet", "containers",
		 "allow tcp 5432 inside to shop-db-1 from 203.0.113.7"},
		{IR_HOOK_INPUT, ETH0, 0, "eth0", NULL, "2001:db8::9", "2001:db8::1", 80, 0, "web",
		 "internet", "containers", "allow tcp 80 to web from 2001:db8::9"},
		{IR_HOOK_INPUT, ETH0, 0, "eth0", NULL, "203.0.113.7", "192.0.2.1", 443, 0, "edge",
		 "internet", "host", "allow tcp 443 from 203.0.113.7"},
		{IR_HOOK_FORWARD, DOCKER0, ETH0, "docker0", "eth0", "172.17.0.2", "203.0.113.7", 25,
		 0, NULL, "containers", "internet", "allow tcp 25 from web"},
		{IR_HOOK_OUTPUT, 0, ETH0, NULL, "eth0", "192.0.2.1", "203.0.113.7", 25, 0, NULL,
		 "host", "internet", "allow tcp 25"},
		{IR_HOOK_FORWARD, 99, ETH1, "?", "eth1", "203.0.113.7", "192.168.5.5", 25, 0, NULL,
		 "internet", "lan", "allow tcp 25 from 203.0.113.7"},
	};
	struct scene *scene = *state;

	scene_model(scene, POLICY);
	assert_true(scene->model->log_refused);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nflog_packet from = seen(cases[i].hook, cases[i].iif, cases[i].oif,
						cases[i].src, cases[i].dst, cases[i].port);
		struct packet packet =
			packet_of(&from, cases[i].in, cases[i].out, cases[i].dialled != 0,
				  cases[i].dialled ? cases[i].dialled : cases[i].port);
		struct scene other;
		const struct model *model;
		struct refused refused;

		assert_int_not_equal(eval_packet(scene->model, &packet).verdict, VERDICT_ALLOW);
		refused_describe(scene->arena, scene->model, &scene->facts, &from, &refused);
		assert_string_equal(refused.sentence, cases[i].sentence);
		assert_string_equal(refused.from, cases[i].from);
		assert_string_equal(refused.to, cases[i].to);
		assert_int_equal(refused.port, cases[i].dialled ? cases[i].dialled : cases[i].port);
		if (cases[i].container)
			assert_string_equal(refused.container, cases[i].container);
		model = with_sentence(&other, &refused);
		assert_int_equal(eval_packet(model, &packet).verdict, VERDICT_ALLOW);
		if (cases[i].hook == IR_HOOK_OUTPUT)
			packet.dst_port++;
		else
			packet.src.bytes[3] ^= 1;
		packet.dialled_port = packet.dnat ? packet.dialled_port : packet.dst_port;
		assert_int_not_equal(eval_packet(model, &packet).verdict, VERDICT_ALLOW);
		scene_done(&other);
	}
}

static void what_was_dialled(void **state)
{
	struct scene *scene = *state;
	struct nflog_packet from =
		seen(IR_HOOK_FORWARD, ETH0, DOCKER0, "203.0.113.7", "172.17.0.2", 8081);
	struct refused refused;

	/* 81 is allowed, and the same port of the container was published as 82 too: it was that */
	scene_publish(scene, &scene->facts.engine.containers.items[0], 82, 8081, "0.0.0.0");
	scene_model(scene, POLICY);
	refused_describe(scene->arena, scene->model, &scene->facts, &from, &refused);
	assert_int_equal(refused.port, 82);
	assert_string_equal(refused.sentence, "allow tcp 82 to web from 203.0.113.7");
	/* the kernel knows better than facts: straight to the container */
	from.tracked = true;
	from.dialled_addr = from.dst;
	from.dialled_port = 8081;
	refused_describe(scene->arena, scene->model, &scene->facts, &from, &refused);
	assert_string_equal(refused.sentence, "allow tcp 8081 inside to web from 203.0.113.7");
	from.dnat = true;
	from.dialled_addr = scene_addr("192.0.2.1");
	from.dialled_port = 83;
	refused_describe(scene->arena, scene->model, &scene->facts, &from, &refused);
	assert_int_equal(refused.port, 83);
}

static void why(void **state)
{
	struct scene *scene = *state;
	struct nflog_packet from = seen(IR_HOOK_INPUT, ETH0, 0, "203.0.113.7", "192.0.2.1", 22);
	struct refused refused;

	scene_model(scene, POLICY);
	refused_describe(scene->arena, scene->model, &scene->facts, &from, &refused);
	assert_string_equal(refused.reason, "a sentence matches, its rate is exceeded");
	assert_string_equal(refused.refused_by, "allow tcp 22 limit 1/hour");
	from.dst_port = 23;
	refused_describe(scene->arena, scene->model, &scene->facts, &from, &refused);
	assert_string_equal(refused.refused_by, "deny tcp 23");
	from = seen(IR_HOOK_INPUT, ETH1, 0, "192.168.5.5", "192.0.2.1", 22);
	refused_describe(scene->arena, scene->model, &scene->facts, &from, &refused);
	assert_string_equal(refused.reason, "no section speaks of this way");
	/* since then somebody allowed it */
	from = seen(IR_HOOK_FORWARD, ETH0, DOCKER0, "203.0.113.7", "172.17.0.2", 8081);
	refused_describe(scene->arena, scene->model, &scene->facts, &from, &refused);
	assert_string_equal(refused.reason, "the policy allows it by now");
	assert_null(refused.sentence);
	/* and without a policy nothing is made up */
	refused_describe(scene->arena, NULL, &scene->facts, &from, &refused);
	assert_null(refused.from);
	assert_null(refused.sentence);
	assert_int_equal(refused.port, 8081);
}

static void other_protocols(void **state)
{
	struct scene *scene = *state;
	struct nflog_packet from = seen(IR_HOOK_INPUT, ETH0, 0, "203.0.113.7", "192.0.2.1", 0);
	struct refused refused;

	scene_model(scene, POLICY);
	from.has_ports = false; /* a later fragment */
	refused_describe(scene->arena, scene->model, &scene->facts, &from, &refused);
	assert_null(refused.sentence);
	from.protocol = 47;
	refused_describe(scene->arena, scene->model, &scene->facts, &from, &refused);
	assert_string_equal(refused.sentence, "allow gre from 203.0.113.7");
	from.protocol = 200;
	refused_describe(scene->arena, scene->model, &scene->facts, &from, &refused);
	assert_null(refused.sentence);
	assert_string_equal(refused.protocol, "200");
	from.protocol = 1;
	from.has_icmp = true;
	from.icmp_type = 8;
	refused_describe(scene->arena, scene->model, &scene->facts, &from, &refused);
	assert_string_equal(refused.sentence, "allow ping from 203.0.113.7");
	from.icmp_type = 13;
	refused_describe(scene->arena, scene->model, &scene->facts, &from, &refused);
	assert_string_equal(refused.sentence, "allow icmp from 203.0.113.7");
}

static void no_control_characters(const char *text)
{
	for (const char *c = text; *c; c++)
		assert_true((unsigned char)*c >= ' ' && *c != 0x7f);
}

/* Whoever starts containers names them. */
static void hostile_names(void **state)
{
	static const char *const names[] = {"\033[2Jweb", "a\nb",     "quote\"d",
					    "\xff\xfe",	  "\xc2\x9b", "back\\slash"};
	struct scene *scene = *state;
	struct nflog_packet from =
		seen(IR_HOOK_FORWARD, ETH0, DOCKER0, "203.0.113.7", "172.17.0.2", 8080);

	scene_model(scene, POLICY);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		auto_str struct str_buf line = {0};
		auto_str struct str_buf json = {0};
		struct refused_fields fields = {0};
		struct refused refused;

		scene->model->containers.items[0].name = names[i];
		refused_describe(scene->arena, scene->model, &scene->facts, &from, &refused);
		assert_null(refused.sentence); /* no sentence can name it */
		refused_text(&refused, &line);
		refused_json_line(&refused, &json);
		assert_int_equal(strchr(line.data, '\n') - line.data, (long)line.len - 1);
		assert_int_equal(strchr(json.data, '\n') - json.data, (long)json.len - 1);
		line.data[line.len - 1] = json.data[json.len - 1] = '\0';
		no_control_characters(line.data);
		no_control_characters(json.data);
		assert_null(strstr(line.data, "\xc2\x9b"));
		refused_journal(scene->arena, &refused, &fields);
		assert_true(fields.items.len >= 10);
		vec_each (&fields.items, item)
			no_control_characters(*item);
	}
}

static void lines(void **state)
{
	struct scene *scene = *state;
	struct nflog_packet from =
		seen(IR_HOOK_FORWARD, ETH0, DOCKER0, "203.0.113.7", "172.17.0.2", 8080);
	auto_str struct str_buf line = {0};
	struct refused_fields fields = {0};
	bool found = false;
	struct refused refused;

	scene_model(scene, POLICY);
	refused_describe(scene->arena, scene->model, &scene->facts, &from, &refused);
	refused_text(&refused, &line);
	assert_string_equal(
		line.data,
		"2026-11-23T12:39:12Z refused forward eth0 203.0.113.7 -> tcp 80 of web: "
		"no sentence of the section matches; this would allow it: "
		"internet -> containers: allow tcp 80 to web from 203.0.113.7\n");
	refused_journal(scene->arena, &refused, &fields);
	vec_each (&fields.items, item)
		found = found || str_eq(*item, "WHARFWALL_SENTENCE=internet -> containers: "
					       "allow tcp 80 to web from 203.0.113.7");
	assert_true(found);
	assert_true(refused_is_ours(&from));
	from.prefix[0] = 'x';
	assert_false(refused_is_ours(&from));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(each_sentence_allows_just_that),
		CASE(what_was_dialled),
		CASE(why),
		CASE(other_protocols),
		CASE(hostile_names),
		CASE(lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
