/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules as sentences: which section, which words, which comments; and what cannot be said. */
#include "unit/lift/lifting.h"

#include "lift/import.h"

struct imported {
	struct lifting l;
	struct str_buf text;
	struct import_result result;
};

static void import_of(struct imported *i, const char *rules)
{
	auto_str struct str_buf text = {0};

	*i = (struct imported){0};
	str_buf_addf(&text, "*filter\n%sCOMMIT\n", rules);
	lifting_of(&i->l, str_buf_text(&text));
	import_rules(i->l.arena, &i->l.sources, i->l.file, "test.rules", false, &i->text,
		     &i->result);
}

static void imported_done(struct imported *i)
{
	str_buf_done(&i->text);
	arena_free(i->l.arena);
}

#define auto_imported __attribute__((cleanup(imported_done)))

static void assert_said(const struct imported *i, const char *part)
{
	if (!strstr(str_buf_text(&i->text), part))
		print_error("'%s' is not in:\n%s", part, str_buf_text(&i->text));
	assert_non_null(strstr(str_buf_text(&i->text), part));
}

static void assert_not_said(const struct imported *i, const char *part)
{
	if (strstr(str_buf_text(&i->text), part))
		print_error("'%s' is in:\n%s", part, str_buf_text(&i->text));
	assert_null(strstr(str_buf_text(&i->text), part));
}

/* A file whose INPUT has what every file has, and these. */
static void input_of(struct imported *i, const char *rules)
{
	auto_str struct str_buf text = {0};

	str_buf_addf(&text,
		     ":INPUT DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -i lo -j ACCEPT\n"
		     "-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT\n%s",
		     rules);
	import_of(i, str_buf_text(&text));
}

static void input_is_a_section_to_the_host(void **state)
{
	auto_imported struct imported i;

	(void)state;
	input_of(&i, "-A INPUT -s 10.1.1.0/24,192.0.2.1 -p tcp -m multiport --dports 22,8000:8010 "
		     "-j ACCEPT\n"
		     "-A INPUT -p icmp -m icmp --icmp-type 8 -j ACCEPT\n"
		     "-A INPUT -p esp -j REJECT\n");
	assert_said(&i, "internet, containers -> host {\n");
	assert_said(&i, "    allow tcp 22, 8000-8010 from 10.1.1.0/24, 192.0.2.1\n");
	assert_said(&i, "    allow ping\n    reject esp\n");
	assert_said(&i, "host -> internet {\n    # the policy of OUTPUT\n    allow\n}\n");
	assert_int_equal(i.result.unsaid.len, 0);
}

static void docker_user_is_a_section_to_the_containers(void **state)
{
	auto_imported struct imported i;

	(void)state;
	input_of(&i, ":DOCKER-USER -\n"
		     "-A DOCKER-USER -m state --state RELATED,ESTABLISHED -j RETURN\n"
		     "-A DOCKER-USER -i extinf -p tcp -m conntrack --ctorigdstport 80 -j RETURN\n"
		     "-A DOCKER-USER -i extinf -j DROP\n"
		     "-A DOCKER-USER -o extinf -p udp --dport 53 -j ACCEPT\n"
		     "-A DOCKER-USER -o extinf -j REJECT\n");
	assert_said(&i, "internet -> containers {\n    allow tcp 80, tcp 80 inside\n    deny\n}\n");
	assert_said(&i, "containers -> internet {\n    allow udp 53\n    reject\n}\n");
	assert_not_said(&i, "containers -> containers");
	assert_int_equal(i.result.unsaid.len, 0);
	assert_int_equal(i.result.differences.len, 3);
	assert_said(&i, "takes what is routed straight to");
}

static void comments_stay_with_their_rules(void **state)
{
	auto_imported struct imported i;

	(void)state;
	input_of(&i, "####\n# Web #\n# for all\n-A INPUT -p tcp --dport 443 -m comment --comment "
		     "\"Ticket 12\" -j ACCEPT\n# by nobody\n\n-A INPUT -p tcp --dport 80 -j "
		     "ACCEPT\n");
	assert_said(&i, "    # Web #\n    # for all\n    # Ticket 12\n    allow tcp 443\n    allow "
			"tcp 80\n");
	assert_not_said(&i, "nobody");
}

static void a_log_belongs_to_what_comes_behind(void **state)
{
	auto_imported struct imported i;

	(void)state;
	input_of(&i, "-A INPUT -p tcp --dport 23 -j LOG --log-prefix \"telnet \"\n"
		     "-A INPUT -p tcp --dport 22:23 -j ACCEPT\n-A INPUT -j LOG\n");
	assert_said(&i, "    allow tcp 23 log \"telnet \"\n");
	assert_said(&i, "    allow tcp 22-23\n");
	assert_said(&i, "    deny log\n");
}

static void named_interfaces_are_zones(void **state)
{
	auto_imported struct imported i;

	(void)state;
	input_of(&i, "-A INPUT -i eth1.7 -j ACCEPT\n-A INPUT -i wg+ -p tcp --dport 22 -j ACCEPT\n"
		     "-A INPUT ! -i wg+ -p tcp --dport 80 -j ACCEPT\n");
	assert_said(&i, "zone internet = auto\nzone eth1-7 = \"eth1.7\"\nzone wg = \"wg*\"\n");
	assert_said(&i, "eth1-7 -> host {\n    allow\n}\n");
	assert_said(&i, "wg -> host {\n    allow tcp 22\n");
	assert_said(&i, "internet, containers -> host {\n    allow tcp 80\n");
}

static void the_edited_placeholder_is_the_internet(void **state)
{
	auto_imported struct imported i;

	(void)state;
	input_of(&i, ":DOCKER-USER -\n"
		     "-A DOCKER-USER -m state --state RELATED,ESTABLISHED -j RETURN\n"
		     "-A DOCKER-USER -i ens192 -j DROP\n");
	assert_said(&i, "# ens192 in the file");
	assert_not_said(&i, "internet -> containers"); /* closed until named */
	assert_not_said(&i, "zone ens192");
}

static void limits_stand_where_the_rest_is_refused(void **state)
{
	auto_imported struct imported i, more;

	(void)state;
	input_of(&i, "-A INPUT -p tcp --dport 22 -m limit --limit 3/minute --limit-burst 4 -j "
		     "ACCEPT\n");
	assert_said(&i, "    allow tcp 22 limit 3/minute burst 4\n");
	assert_int_equal(i.result.unsaid.len, 0);
	input_of(&more, "-A INPUT -p tcp --dport 22 -m limit --limit 3/minute -j ACCEPT\n"
			"-A INPUT -p tcp -j ACCEPT\n");
	assert_int_equal(more.result.unsaid.len, 1);
	assert_not_said(&more, "burst");
}

static void exceptions_come_first(void **state)
{
	auto_imported struct imported i;

	(void)state;
	input_of(&i, "-A INPUT -p tcp ! --dport 22 -j ACCEPT\n-A INPUT -p tcp -s 10.0.0.1 -j "
		     "REJECT\n");
	assert_said(&i, "    reject tcp 22 from 10.0.0.1\n");
	assert_said(&i, "    deny tcp 22\n    allow tcp\n");
}

struct unsaid {
	const char *rule;
	const char *reason;
};

static void what_cannot_be_said_is_a_comment(void **state)
{
	static const struct unsaid rules[] = {
		{"-A INPUT -p tcp --sport 53 -j ACCEPT\n", "source port"},
		{"-A INPUT -d 198.51.100.9 -j ACCEPT\n", "destination address"},
		{"-A INPUT -m geoip --src-cc DE -j ACCEPT\n", "nothing like '-m geoip'"},
		{"-A INPUT -p icmp -m icmp --icmp-type 13 -j ACCEPT\n", "ping only"},
		{"-A INPUT -j TARPIT\n", "its target"},
		{"-A INPUT -i docker0 -p udp -j ACCEPT\n", "some container networks only"},
		{"-A INPUT -p 199 -j ACCEPT\n", "protocol has no name"},
		{":DOCKER-USER -\n-A DOCKER-USER -m state --state RELATED,ESTABLISHED -j RETURN\n"
		 "-A DOCKER-USER -i extinf -p tcp --dport 80 -j DROP\n",
		 "--ctorigdstport"},
		{"-A INPUT -p tcp --dport 80 -j NOWHERE\n", "its target"},
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rules) / sizeof(rules[0]); n++) {
		auto_imported struct imported i;

		input_of(&i, rules[n].rule);
		if (i.result.unsaid.len != 1)
			print_error("%s%s", rules[n].rule, str_buf_text(&i.text));
		assert_int_equal(i.result.unsaid.len, 1);
		assert_non_null(strstr(i.result.unsaid.items[0].reason, rules[n].reason));
		assert_said(&i, "cannot be said: -A ");
		assert_said(&i, rules[n].reason);
	}
}

static void what_a_policy_always_allows_is_told(void **state)
{
	auto_imported struct imported i, lo;

	(void)state;
	import_of(&i, ":INPUT DROP\n-A INPUT -i lo -j ACCEPT\n-A INPUT -p tcp --dport 22 -j "
		      "ACCEPT\n");
	assert_said(&i, "known connections always go on");
	assert_true(i.result.unsaid.len > 0);
	import_of(&lo, ":INPUT DROP\n-A INPUT -m state --state ESTABLISHED -j ACCEPT\n");
	assert_said(&lo, "loopback is always allowed");
	assert_true(lo.result.unsaid.len > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(input_is_a_section_to_the_host),
		cmocka_unit_test(docker_user_is_a_section_to_the_containers),
		cmocka_unit_test(comments_stay_with_their_rules),
		cmocka_unit_test(a_log_belongs_to_what_comes_behind),
		cmocka_unit_test(named_interfaces_are_zones),
		cmocka_unit_test(the_edited_placeholder_is_the_internet),
		cmocka_unit_test(limits_stand_where_the_rest_is_refused),
		cmocka_unit_test(exceptions_come_first),
		cmocka_unit_test(what_cannot_be_said_is_a_comment),
		cmocka_unit_test(what_a_policy_always_allows_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
