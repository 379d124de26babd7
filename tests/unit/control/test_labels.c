/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What containers say of themselves opens their own ports, and nothing else. */
#include "../resolve/scene.h"

#include "base/limits.h"
#include "control/labels.h"
#include "model/eval.h"

#define TRUST "option labels = trust\nzone internet = auto\n"
#define OFFICE "set office = 203.0.113.0/24\n"

struct stage {
	struct control_load *load;
	struct scene scene;
};

/* The facts of the scene, labels on some containers; policy text read as a file would be. */
static void stage_init(struct stage *stage)
{
	scene_init(&stage->scene);
	stage->load = control_load_new();
}

static void stage_label(struct stage *stage, uint32_t container, const char *text)
{
	*vec_add(stage->scene.arena,
		 &stage->scene.facts.engine.containers.items[container].labels) =
		(struct label){CONTAINER_LABEL_ALLOW, text};
}

static void stage_load(struct stage *stage, const char *policy)
{
	struct control_load *load = stage->load;
	uint16_t source =
		source_set_add(&load->sources, "test.policy", policy, (uint32_t)strlen(policy));

	load->facts = stage->scene.facts;
	*vec_add(load->tree_arena, &load->policy.files) =
		parse_file(load->tree_arena, &load->sources, source, &load->diags);
	labels_read(load);
	load->model = resolve_policy(load->arena, &load->policy, &load->facts, &load->diags);
}

static void stage_done(struct stage *stage)
{
	control_load_free(stage->load);
	scene_done(&stage->scene);
}

/* A packet from `src` to a port of container 172.17.0.`host`, dialled as `dialled`. */
static enum verdict ask(const struct stage *stage, const char *src, unsigned host, uint16_t port,
			uint16_t dialled)
{
	char text[32];
	struct packet packet = {.in_iface = "eth0",
				.out_iface = "docker0",
				.src = scene_addr(src),
				.protocol = 6,
				.hop_limit = 60,
				.dnat = true,
				.src_port = 40000,
				.dst_port = port,
				.dialled_addr = scene_addr("192.0.2.1"),
				.dialled_port = dialled};

	(void)snprintf(text, sizeof(text), "172.17.0.%u", host);
	packet.dst = scene_addr(text);
	assert_non_null(stage->load->model);
	return eval_packet(stage->load->model, &packet).verdict;
}

static void assert_warnings(const struct stage *stage, uint32_t count, const char *text)
{
	auto_str struct str_buf out = {0};

	diag_list_format(&stage->load->diags, &stage->load->sources, &out);
	if (stage->load->diags.errors || stage->load->diags.warnings != count ||
	    (text && !strstr(str_buf_text(&out), text)))
		fail_msg("not %u warnings with '%s': %s", (unsigned)count, text ? text : "",
			 str_buf_text(&out));
}

static void a_label_opens_its_own_container(void **state)
{
	struct stage stage;

	(void)state;
	stage_init(&stage);
	stage_label(&stage, 0, "tcp 1");
	stage_load(&stage, TRUST);
	assert_warnings(&stage, 1, "container web, label wharfwall.allow:1:1: warning");
	assert_int_equal(ask(&stage, "203.0.113.7", 2, 8080, 80), VERDICT_DENY);
	stage_done(&stage);

	stage_init(&stage);
	stage_label(&stage, 0, "allow tcp 80 from @office; allow udp 53");
	stage_load(&stage, TRUST OFFICE);
	assert_warnings(&stage, 0, NULL);
	assert_int_equal(ask(&stage, "203.0.113.7", 2, 8080, 80), VERDICT_ALLOW);
	assert_int_equal(ask(&stage, "198.51.100.1", 2, 8080, 80), VERDICT_DENY);
	/* the same port of another container stays closed */
	assert_int_equal(ask(&stage, "203.0.113.7", 3, 8080, 80), VERDICT_DENY);
	assert_string_equal(stage.load->model->pairs[2 * 3 + 1].rules.items[0].text,
			    "allow tcp 80 from @office (label of web)");
	stage_done(&stage);
}

static void labels_are_ignored_unless_trusted(void **state)
{
	struct stage stage;

	(void)state;
	stage_init(&stage);
	stage_label(&stage, 0, "allow tcp 80");
	stage_load(&stage, "zone internet = auto\n");
	assert_warnings(&stage, 0, NULL);
	assert_int_equal(ask(&stage, "203.0.113.7", 2, 8080, 80), VERDICT_DENY);
	assert_false(stage.load->labels_trusted);
	stage_done(&stage);
}

static void the_policy_decides_first(void **state)
{
	struct stage stage;

	(void)state;
	stage_init(&stage);
	stage_label(&stage, 0, "allow tcp 80");
	stage_load(&stage, TRUST OFFICE "internet -> containers {\n deny tcp 80 from @office\n}\n");
	assert_warnings(&stage, 0, NULL);
	assert_int_equal(ask(&stage, "203.0.113.7", 2, 8080, 80), VERDICT_DENY);
	assert_int_equal(ask(&stage, "198.51.100.1", 2, 8080, 80), VERDICT_ALLOW);
	stage_done(&stage);
}

/* A container of the host's network would open ports of the host. */
static void a_label_never_opens_the_host(void **state)
{
	struct packet packet = {.in_iface = "eth0",
				.src = scene_addr("203.0.113.7"),
				.dst = scene_addr("192.0.2.1"),
				.protocol = 6,
				.hop_limit = 60,
				.src_port = 40000,
				.dst_port = 22,
				.dialled_addr = scene_addr("192.0.2.1"),
				.dialled_port = 22};
	struct stage stage;

	(void)state;
	stage_init(&stage);
	stage_label(&stage, 2, "allow tcp 22; allow tcp 443");
	stage_label(&stage, 0, "allow tcp 22; allow");
	stage_load(&stage, TRUST);
	assert_warnings(&stage, 1, "edge, label wharfwall.allow: not read: it uses the network");
	assert_int_equal(eval_packet(stage.load->model, &packet).verdict, VERDICT_DENY);
	packet.dst_port = 443;
	packet.dialled_port = 443;
	assert_int_equal(eval_packet(stage.load->model, &packet).verdict, VERDICT_DENY);
	stage_done(&stage);
}

/* One label that is wrong is left out as a whole; the policy and the other labels stand. */
static void a_wrong_label_is_left_out(void **state)
{
	static const struct {
		const char *label;
		const char *says;
		uint32_t warnings;
	} wrong[] = {
		{"allow tcp 80; deny tcp 1", "a label can allow only", 1},
		{"allow tcp 80; reject tcp 1", "a label can allow only", 1},
		{"default deny", "a label can allow only", 1},
		{"allow tcp 80 to shop-db-1", "leave 'to' out", 1},
		{"allow tcp 80 from @nobody", "unknown set '@nobody'", 1},
		{"allow tcp 80; allow htps", "unknown service 'htps'", 1},
		{"allow tcp 80 from shop-db-1", "sections that start at containers only", 1},
		{"allow tcp 80 }", "W0609", 1},
		{"allow tcp 80; zone x = eth0", "W0609", 1},
		{"allow tcp 80 }\nhost -> internet { allow", "W0609", 1},
		{"allow tcp 99999; allow tcp 80", "W0609", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct stage stage;

		stage_init(&stage);
		stage_label(&stage, 0, wrong[i].label);
		stage_label(&stage, 1, "allow tcp 5432");
		stage_load(&stage, TRUST);
		assert_warnings(&stage, wrong[i].warnings, wrong[i].says);
		assert_int_equal(ask(&stage, "203.0.113.7", 2, 8080, 80), VERDICT_DENY);
		assert_int_equal(ask(&stage, "203.0.113.7", 3, 5432, 5432), VERDICT_ALLOW);
		stage_done(&stage);
	}
}

static void labels_are_bounded(void **state)
{
	auto_str struct str_buf many = {0}, wide = {0};
	struct stage stage;

	(void)state;
	for (unsigned i = 0; i <= LIMIT_LABEL_SENTENCES; i++)
		str_buf_addf(&many, "allow tcp %u;", i + 1);
	str_buf_adds(&wide, "allow tcp 80");
	while (wide.len <= LIMIT_LABEL_BYTES)
		str_buf_addc(&wide, ' ');
	stage_init(&stage);
	stage_label(&stage, 0, str_buf_text(&many));
	stage_label(&stage, 1, str_buf_text(&wide));
	stage_load(&stage, TRUST);
	assert_warnings(&stage, 2, "more than 64 sentences");
	assert_int_equal(stage.load->model->rule_count, 0);
	stage_done(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_label_opens_its_own_container),
		cmocka_unit_test(labels_are_ignored_unless_trusted),
		cmocka_unit_test(the_policy_decides_first),
		cmocka_unit_test(a_label_never_opens_the_host),
		cmocka_unit_test(a_wrong_label_is_left_out),
		cmocka_unit_test(labels_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
