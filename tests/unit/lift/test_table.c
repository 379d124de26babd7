/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table instead of DOCKER-USER: its shape, and what it refuses; what it does: tests/property. */
#include "unit/lift/lifting.h"

#include "ir/print.h"
#include "lift/table.h"
#include "rules/print.h"
#include "rules/twin.h"

static const struct table_marker marker = {"wharfwall", "loaded", "rules base hash 0"};

static struct ir_table *table_of(struct lifting *l, const char *rules)
{
	auto_str struct str_buf text = {0};
	const struct rules_file *files[TABLE_FAMILIES] = {0};

	str_buf_addf(&text, "*filter\n:DOCKER-USER - [0:0]\n%sCOMMIT\n", rules);
	lifting_of(l, str_buf_text(&text));
	files[0] = l->file;
	return table_lift(l->arena, files, &marker, &l->diags);
}

static void rules_become_a_chain_in_front_of_the_engines(void **state)
{
	auto_str struct str_buf text = {0};
	const struct ir_chain *forward;
	struct ir_table *table;
	struct lifting l;

	(void)state;
	table = table_of(&l, "-A DOCKER-USER -i eth0 -p tcp -m conntrack --ctorigdstport 80 -m "
			     "comment --comment \"the web\" -j RETURN\n"
			     "-A DOCKER-USER -i eth0 -j LOG --log-prefix \"no \"\n"
			     "-A DOCKER-USER -i eth0 -j REJECT\n");
	assert_non_null(table);
	forward = ir_table_chain(table, "forward");
	assert_int_equal(forward->hook, IR_HOOK_FORWARD);
	assert_int_equal(forward->priority, -10);
	assert_false(forward->policy_drop);
	assert_string_equal(ir_table_chain(table, "loaded")->rules.items[0].comment,
			    marker.comment);
	ir_print_table(table, &text);
	assert_non_null(strstr(text.data, "meta nfproto ipv4 jump docker_user\n"));
	assert_non_null(strstr(text.data, "iifname \"eth0\" meta l4proto tcp "));
	assert_non_null(strstr(text.data, "ct original proto-dst 80 return comment \"the web\"\n"));
	assert_non_null(strstr(text.data, "iifname \"eth0\" log prefix \"no \"\n"));
	assert_non_null(strstr(text.data, "reject with icmpx port-unreachable\n"));
	arena_free(l.arena);
}

static void what_it_cannot_hold_is_an_error_at_its_place(void **state)
{
	static const struct {
		const char *rule;
		const char *what;
		uint32_t column;
	} refused[] = {
		{"-A DOCKER-USER -m geoip --src-cc DE -j DROP\n", "'-m geoip'", 16},
		{"-A DOCKER-USER -p tcp --syn -j DROP\n", "TCP flags", 23},
		{"-A DOCKER-USER -j NFLOG\n", "", 0},
		{"-A DOCKER-USER -j REJECT --reject-with icmp-proto-unreachable\n", "answer", 26},
		{"-A DOCKER-USER -m conntrack --ctorigdst 192.0.2.1 -j DROP\n", "dialled", 29},
		{"-A DOCKER-USER -j DNAT --to-destination 10.0.0.1\n", "", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct source_place place;
		struct lifting l;

		if (table_of(&l, refused[i].rule))
			print_error("%s", refused[i].rule);
		assert_int_equal(l.diags.errors, 1);
		assert_string_equal(diag_code_text(l.diags.items.items[0]->code), "E0871");
		assert_non_null(strstr(l.diags.items.items[0]->text, refused[i].what));
		assert_true(source_place_of(&l.sources, l.diags.items.items[0]->at, &place));
		assert_int_equal(place.line, 3);
		if (refused[i].column)
			assert_int_equal(place.column, refused[i].column);
		arena_free(l.arena);
	}
}

/* The twin puts neighbour discovery in front of it, with hop limits that no routed packet has. */
static void a_last_drop_has_a_twin(void **state)
{
	static const char text[] =
		"*filter\n:DOCKER-USER - [0:0]\n-A DOCKER-USER -p tcp -j RETURN\n"
		"-A DOCKER-USER -j DROP\nCOMMIT\n";
	const struct rules_file *files[TABLE_FAMILIES];
	const struct ir_table *table;
	struct lifting l;

	(void)state;
	lifting_of(&l, text);
	files[0] = rules_only4(l.arena, l.file, &l.diags);
	files[1] = rules_twin(l.arena, l.file, &l.diags);
	table = table_lift(l.arena, files, &marker, &l.diags);
	assert_int_equal(l.diags.errors, 0);
	assert_non_null(table);
	assert_int_equal(ir_table_chain(table, "docker_user_6")->rules.len, 2);
	arena_free(l.arena);
}

static void accept_is_doubted_unless_it_is_known(void **state)
{
	struct lifting l;

	(void)state;
	assert_non_null(table_of(&l, "-A DOCKER-USER -m state --state ESTABLISHED -j ACCEPT\n"));
	assert_int_equal(l.diags.warnings, 0);
	arena_free(l.arena);
	assert_non_null(table_of(&l, "-A DOCKER-USER -p tcp -j ACCEPT\n"));
	assert_int_equal(l.diags.warnings, 1);
	assert_string_equal(diag_code_text(l.diags.items.items[0]->code), "W0951");
	arena_free(l.arena);
}

static void the_rest_is_left_to_iptables(void **state)
{
	auto_str struct str_buf text = {0};
	struct lifting l;

	(void)state;
	lifting_of(&l, "*filter\n:INPUT DROP [0:0]\n:DOCKER-USER - [0:0]\n-F DOCKER-USER\n"
		       "-A INPUT -j ACCEPT\n-A DOCKER-USER -j RETURN\n-A FORWARD -j DOCKER-USER\n"
		       "COMMIT\n");
	assert_true(table_is_wanted(l.file));
	rules_print(table_rest(l.arena, l.file), &text);
	assert_string_equal(text.data, "*filter\n:INPUT DROP [0:0]\n-A INPUT -j ACCEPT\nCOMMIT\n");
	assert_false(table_is_wanted(table_rest(l.arena, l.file)));
	arena_free(l.arena);
}

/* Under a policy of DROP the engine cannot accept in FORWARD any more: its own table decides. */
static void the_engines_bridges_pass_a_policy_of_drop(void **state)
{
	static const char *const files[] = {
		"*filter\n:FORWARD DROP [0:0]\n-A FORWARD -i wg0 -j ACCEPT\nCOMMIT\n",
		"*filter\n-P FORWARD DROP\nCOMMIT\n"};
	static const char passes[] = "-A FORWARD -i docker+ -m comment --comment \"wharfwall: the "
				     "engine decides\" -j ACCEPT\n"
				     "-A FORWARD -i br-+ -m comment --comment \"wharfwall: the "
				     "engine decides\" -j ACCEPT\n"
				     "-A FORWARD -o docker+ -m comment --comment \"wharfwall: the "
				     "engine decides\" -j ACCEPT\n"
				     "-A FORWARD -o br-+ -m comment --comment \"wharfwall: the "
				     "engine decides\" -j ACCEPT\n"
				     "COMMIT\n";

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		auto_str struct str_buf text = {0};
		const struct rules_file *rest;
		uint32_t made = 0;
		struct lifting l;

		lifting_of(&l, files[i]);
		rest = table_rest(l.arena, l.file);
		rules_print(rest, &text);
		assert_true(str_ends(text.data, passes));
		vec_each (&rest->lines, line)
			made += table_is_pass(line);
		assert_int_equal(made, 4);
		arena_free(l.arena);
	}
	assert_true(table_text_is_pass("-A FORWARD -o br-+ -m comment --comment \"wharfwall: the "
				       "engine decides\" -j ACCEPT"));
	assert_false(table_text_is_pass("-A FORWARD -o br-+ -j ACCEPT"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_become_a_chain_in_front_of_the_engines),
		cmocka_unit_test(what_it_cannot_hold_is_an_error_at_its_place),
		cmocka_unit_test(a_last_drop_has_a_twin),
		cmocka_unit_test(accept_is_doubted_unless_it_is_known),
		cmocka_unit_test(the_rest_is_left_to_iptables),
		cmocka_unit_test(the_engines_bridges_pass_a_policy_of_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
