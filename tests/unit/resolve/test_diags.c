/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every mistake and doubt that resolving can find: its code, its place, its note. */
#include "scene.h"

struct diag_case {
	const char *text;
	const char *codes; /* of all diagnostics, in the order in which they are found */
	const char *words; /* what the first one underlines */
	const char *note;  /* first note of the first one, or NULL: not looked at */
};

static void case_check(const struct diag_case *want)
{
	struct str_buf codes auto_str = {0};
	const struct diag *first;
	struct scene scene;
	bool wrong;

	scene_init(&scene);
	scene_parse(&scene, want->text);
	scene_resolve(&scene);
	vec_each (&scene.diags.items, diag)
		str_buf_addf(&codes, "%s%s", codes.len ? " " : "", diag_code_text((*diag)->code));
	wrong = !str_eq(str_buf_text(&codes), want->codes);
	if (!wrong && want->words) {
		first = scene.diags.items.items[0];
		wrong = first->at.len != strlen(want->words) ||
			memcmp(want->text + first->at.start, want->words, first->at.len) != 0;
		if (want->note &&
		    (!first->notes.len || !str_eq(first->notes.items[0].text, want->note)))
			wrong = true;
	}
	if (wrong) {
		scene_print_diags(&scene);
		fail_msg("%s: wanted %s at '%s', got %s", want->text, want->codes,
			 want->words ? want->words : "", str_buf_text(&codes));
	}
	assert_int_equal(scene.model != NULL, scene.diags.errors == 0);
	scene_done(&scene);
}

static void cases_check(const struct diag_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		case_check(&cases[i]);
}

#define CASES_CHECK(cases) cases_check(cases, sizeof(cases) / sizeof((cases)[0]))

static void test_zones(void **state)
{
	static const struct diag_case cases[] = {
		{"", "", NULL, NULL},
		{"zone lan = eth1\n", "", NULL, NULL},
		{"zone internet = auto\nzone lan = eth1, \"wg*\"\n", "", NULL, NULL},
		{"zone host = eth1\n", "E0313", "host", NULL},
		{"zone containers = auto\n", "E0313", "containers", NULL},
		{"zone a = eth0\nzone a = eth1\n", "E0301", "a", "it is defined first here"},
		{"zone a = auto\nzone b = auto\n", "E0304", "b", "zone 'a' is defined here"},
		{"zone internet = eth0\n", "E0312", "internet", NULL},
		{"zone a = eth1\nzone b = eth1\n", "E0305", "eth1", "zone 'a' is defined here"},
		{"zone a = \"wg*\"\nzone b = \"wg*\"\n", "E0305", "\"wg*\"", NULL},
		{"zone a = \"wg*\"\nzone b = \"wg0*\"\n", "", NULL, NULL},
		{"zone a = eth1, eth1\n", "E0305", "eth1", NULL},
		{"zone a = lo\n", "E0209", "lo", NULL},
		{"zone a = docker0\n", "E0305", "docker0", NULL},
		{"zone a = eth7\n", "W0603", "eth7", "did you mean 'eth0'?"},
		{"zone a = \"eth7*\"\n", "", NULL, NULL},
	};

	(void)state;
	CASES_CHECK(cases);
}

static void test_container_bridge_only_warns(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	scene_parse(&scene, "zone a = docker0, eth1\n");
	assert_non_null(scene_resolve(&scene));
	assert_int_equal(scene.diags.warnings, 1);
	/* It is left out, so that every name is in one zone. */
	assert_int_equal(scene.model->zones.items[2].ifaces.len, 1);
	assert_int_equal(model_zone_of_iface(scene.model, "docker0"), ZONE_NUMBER_CONTAINERS);
	scene_done(&scene);
}

static void test_too_many_zones(void **state)
{
	struct str_buf text auto_str = {0};
	struct scene scene;

	(void)state;
	for (int i = 0; i < 70; i++)
		str_buf_addf(&text, "zone z%d = \"i%dx*\"\n", i, i);
	scene_init(&scene);
	scene_parse(&scene, str_buf_text(&text));
	assert_null(scene_resolve(&scene));
	assert_int_equal(scene.diags.items.items[0]->code, DIAG_TOO_MANY);
	scene_done(&scene);
}

#define USE(names) "internet -> host { allow ssh from " names "\n}\n"

static void test_sets(void **state)
{
	static const struct diag_case cases[] = {
		{"set a = 192.0.2.1\n" USE("@a"), "", NULL, NULL},
		{"set a = 192.0.2.1\nset a = 192.0.2.2\n" USE("@a"), "E0302", "a",
		 "it is defined first here"},
		{"set a = 192.0.2.1\n", "W0602", "a", NULL},
		{"set office = 192.0.2.1\n" USE("@ofice, @office"), "E0105", "@ofice",
		 "did you mean '@office'?"},
		{"set a = @b\n" USE("@a"), "E0105", "@b", NULL},
		{"set a = @b\nset b = 192.0.2.1\n" USE("@a"), "", NULL, NULL},
		{"set a = @b\nset b = @a\n" USE("@a"), "E0306", "@a", NULL},
		{"set a = @a\n" USE("@a"), "E0306", "@a", NULL},
		{"set a = @a\nset b = 192.0.2.1\n" USE("@b"), "E0306", "@a", NULL},
	};

	(void)state;
	CASES_CHECK(cases);
}

static void test_set_depth(void **state)
{
	struct str_buf text auto_str = {0};
	struct scene scene;

	(void)state;
	for (int i = 0; i < 30; i++)
		str_buf_addf(&text, "set s%d = @s%d\n", i, i + 1);
	str_buf_adds(&text, "set s30 = 192.0.2.1\n" USE("@s0"));
	scene_init(&scene);
	scene_parse(&scene, str_buf_text(&text));
	assert_null(scene_resolve(&scene));
	assert_int_equal(scene.diags.items.items[0]->code, DIAG_TOO_DEEP);
	scene_done(&scene);
}

/* As a set's file leaves it that holds only comments: the parser knows no empty list. */
static void test_empty_set(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	scene_parse(&scene, "set a = 192.0.2.1\n" USE("@a"));
	scene.policy.files.items[0]->items.items[0].set->elems.len = 0;
	assert_non_null(scene_resolve(&scene));
	assert_int_equal(scene.diags.items.len, 1);
	assert_int_equal(scene.diags.items.items[0]->code, DIAG_EMPTY_SET);
	scene_done(&scene);
}

static void test_services(void **state)
{
	static const struct diag_case cases[] = {
		{"internet -> host { allow ssh, ping, dns, domain }\n", "", NULL, NULL},
		{"internet -> host { allow htps }\n", "E0104", "htps", "did you mean 'https'?"},
		{"internet -> host { allow pign }\n", "E0104", "pign", "did you mean 'ping'?"},
		{"internet -> host { allow frobnicate }\n", "E0104", "frobnicate", NULL},
		{"internet -> host { allow htps\nallow htps\n}\n", "E0104 E0104", "htps", NULL},
		{"internet -> host { allow tcp 80 inside }\n", "E0310", "tcp 80 inside", NULL},
		{"internet -> containers { allow tcp 80 inside }\n", "", NULL, NULL},
		{"internet -> host, containers { allow tcp 80 inside }\n", "E0310", NULL, NULL},
	};

	(void)state;
	CASES_CHECK(cases);
}

static void test_sections(void **state)
{
	static const struct diag_case cases[] = {
		{"internt -> host { allow }\n", "E0106", "internt", "did you mean 'internet'?"},
		{"internet -> hots { allow tcp 1 to web }\n", "E0106", "hots",
		 "did you mean 'host'?"},
		{"lan -> lan { allow }\n", "E0106 E0106", "lan", NULL},
		{"host -> host { allow }\n", "E0311", "host", NULL},
		{"host, containers -> internet, host { allow }\n", "E0311", "host", NULL},
		{"internet -> host { allow tcp 80 to web }\n", "E0308", "web", NULL},
		{"internet -> host { allow tcp 80 to web, edge }\n", "E0308", "web, edge", NULL},
		{"containers -> host { allow dns from web }\n", "", NULL, NULL},
		{"internet -> host { allow dns from web }\n", "E0309", "web", NULL},
		{"internet, containers -> host { allow dns from web }\n", "E0309", "web", NULL},
		{"internet -> host { default reject\nallow ssh\n}\n", "", NULL, NULL},
		{"internet -> host { allow ssh\ndefault reject\n}\n", "E0307", "default reject",
		 NULL},
		{"internet -> host { deny ssh limit 3/minute }\n", "W0606", NULL, NULL},
		{"internet -> host { allow ssh limit 3/minute }\n", "", NULL, NULL},
	};

	(void)state;
	CASES_CHECK(cases);
}

#define TO(whom) "internet -> containers { allow tcp 80 to " whom " }\n"

static void test_containers(void **state)
{
	static const struct diag_case cases[] = {
		{TO("web"), "", NULL, NULL},
		{TO("shop/db, label vpn, label vpn=true, network bridge"), "", NULL, NULL},
		{TO("wbe"), "W0607", "wbe", NULL},
		{TO("shop/web"), "W0607", "shop/web", NULL},
		{TO("label vpn=false"), "W0607", "label vpn=false", NULL},
		{TO("network none"), "W0607", "network none", NULL},
		{TO("web, wbe"), "W0607", "wbe", NULL},
		{"containers -> host { allow dns from wbe }\n", "W0607", "wbe", NULL},
	};
	struct scene scene;

	(void)state;
	CASES_CHECK(cases);
	/* Without an engine nobody knows what runs. */
	scene_init(&scene);
	memset(&scene.facts.engine, 0, sizeof(scene.facts.engine));
	scene_model(&scene, TO("web"));
	assert_int_equal(model_pair(scene.model, 2, 1)->rules.items[0].to->len, 0);
	scene_done(&scene);
}

static void test_options(void **state)
{
	static const struct diag_case cases[] = {
		{"option labels = trust\noption log = refused\n", "", NULL, NULL},
		{"option ping = allow\noption flows = keep\n", "", NULL, NULL},
		{"option lables = trust\n", "E0107", "lables", "did you mean 'labels'?"},
		{"option labels = maybe\n", "E0206", "maybe", NULL},
		{"option log = refused all\n", "E0206", "refused all", NULL},
	};

	(void)state;
	CASES_CHECK(cases);
}

static void test_all_mistakes_in_one_run(void **state)
{
	static const struct diag_case cases[] = {
		{"zone lo0 = lo\noption x = y\nset a = @b\n"
		 "nowhere -> host { allow htps\nallow ssh from @c\n}\n",
		 "E0209 E0107 E0106 E0104 E0105 E0105 W0602", "lo", NULL},
	};

	(void)state;
	CASES_CHECK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zones),
		cmocka_unit_test(test_container_bridge_only_warns),
		cmocka_unit_test(test_too_many_zones),
		cmocka_unit_test(test_sets),
		cmocka_unit_test(test_set_depth),
		cmocka_unit_test(test_empty_set),
		cmocka_unit_test(test_services),
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_containers),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_all_mistakes_in_one_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
