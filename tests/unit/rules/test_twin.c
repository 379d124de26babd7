/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The placeholder replaced, and the file of each family. */
#include "rules/twin.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "rules/expand.h"
#include "rules/print.h"
#include "unit/rules/reading.h"

static const char *printed(struct arena *arena, const struct rules_file *file)
{
	auto_str struct str_buf out = {0};

	rules_print(file, &out);
	return arena_strdup(arena, str_buf_text(&out));
}

/* The rule alone in a table without neighbours, turned; the lines around it are taken off again. */
static const char *rule_turned(struct arena *arena, const char *rule, bool six,
			       uint32_t *ret_warnings)
{
	struct reading r = {0};
	struct rules_file *file;
	const char *text;
	const char *end;

	text = arena_printf(arena, "*nat\n-A X %s\nCOMMIT\n", rule);
	reading_of(&r, text, (uint32_t)strlen(text));
	file = six ? rules_twin(r.arena, r.file, &r.diags) : rules_only4(r.arena, r.file, &r.diags);
	text = strchr(printed(arena, file), '\n') + 1;
	end = strstr(text, "COMMIT");
	*ret_warnings = r.diags.warnings;
	assert_int_equal(r.diags.errors, 0);
	arena_free(r.arena);
	if (end == text)
		return "";
	text += strlen("-A X ");
	return arena_strndup(arena, text, (size_t)(end - text) - 1);
}

static const struct {
	const char *rule;
	const char *twin; /* "": none */
	uint32_t warnings;
	const char *only4; /* NULL: the same */
} rules[] = {
	{"-i lo -j ACCEPT", "-i lo -j ACCEPT", 0, NULL},
	{"-p tcp -m tcp --dport 22 -j ACCEPT", "-p tcp -m tcp --dport 22 -j ACCEPT", 0, NULL},
	/* addresses */
	{"-s 10.1.1.1/32 -j ACCEPT", "", 0, NULL},
	{"! -d 10.0.0.0/8 -j ACCEPT", "", 0, NULL},
	{"-s 0.0.0.0/0 -j DROP", "-s ::/0 -j DROP", 0, NULL},
	{"-m iprange --src-range 10.0.0.1-10.0.0.9 -j DROP", "", 0, NULL},
	{"-m conntrack --ctorigdst 10.0.0.1 -j DROP", "", 0, NULL},
	{"-j DNAT --to-destination 10.0.0.1:80", "", 0, NULL},
	{"-s 2001:db8::/32 -j DROP", "-s 2001:db8::/32 -j DROP", 0, ""},
	{"-j DNAT --to-destination [2001:db8::1]:80", "-j DNAT --to-destination [2001:db8::1]:80",
	 0, ""},
	{"-s 0/0.0.0.0 -j DROP", "-s ::/0 -j DROP", 0, NULL},
	{"-d 0.0.0.0/0.0.0.0 -j DROP", "-d ::/0 -j DROP", 0, NULL},
	{"! -s 0.0.0.0/0 -j DROP", "", 0, NULL},
	{"-s 0.0.0.0 -j DROP", "", 0, NULL},
	{"-s 10/8 -j DROP", "", 0, NULL},
	{"-p tcp -j TPROXY --on-port 3128 --on-ip 0.0.0.0",
	 "-p tcp -j TPROXY --on-port 3128 --on-ip ::", 0, NULL},
	{"-s localhost -j DROP", "", 1, NULL},
	/* what looks like one */
	{"-m comment --comment \"from 10.0.0.1\" -j DROP",
	 "-m comment --comment \"from 10.0.0.1\" -j DROP", 0, NULL},
	{"-m comment --comment 10.0.0.1 -j DROP", "-m comment --comment 10.0.0.1 -j DROP", 0, NULL},
	{"-m mac --mac-source 00:11:22:33:44:55 -j DROP",
	 "-m mac --mac-source 00:11:22:33:44:55 -j DROP", 0, NULL},
	{"-p tcp --dport 80:90 -j DROP", "-p tcp --dport 80:90 -j DROP", 0, NULL},
	{"-m limit --limit 5/min -j LOG", "-m limit --limit 5/min -j LOG", 0, NULL},
	{"-m hashlimit --hashlimit-upto 1.5/sec -j DROP",
	 "-m hashlimit --hashlimit-upto 1.5/sec -j DROP", 0, NULL},
	/* ICMP */
	{"-p icmp -j ACCEPT", "-p ipv6-icmp -j ACCEPT", 0, NULL},
	{"-p icmp -m icmp --icmp-type 8 -j ACCEPT",
	 "-p ipv6-icmp -m icmp6 --icmpv6-type 128 -j ACCEPT", 0, NULL},
	{"-p icmp --icmp-type echo-request -j ACCEPT", "-p ipv6-icmp --icmpv6-type 128 -j ACCEPT",
	 0, NULL},
	{"-p icmp ! --icmp-type 0 -j DROP", "-p ipv6-icmp ! --icmpv6-type 129 -j DROP", 0, NULL},
	{"-p icmp --icmp-type any -j ACCEPT", "-p ipv6-icmp -j ACCEPT", 0, NULL},
	{"-p icmp -m icmp --icmp-type any -j ACCEPT", "-p ipv6-icmp -j ACCEPT", 0, NULL},
	{"-p icmp -m icmp --icmp-type 255 -j ACCEPT", "-p ipv6-icmp -j ACCEPT", 0, NULL},
	{"-p icmp ! --icmp-type any -j ACCEPT", "", 1, NULL},
	{"-p ICMP --icmp-type Echo-Req -j DROP", "-p ipv6-icmp --icmpv6-type 128 -j DROP", 0, NULL},
	{"! -p 1 -j DROP", "! -p ipv6-icmp -j DROP", 0, NULL},
	{"-p icmp --icmp-type 3/1 -j DROP", "-p ipv6-icmp --icmpv6-type 1/3 -j DROP", 0, NULL},
	{"-p icmp --icmp-type fragmentation-needed -j ACCEPT",
	 "-p ipv6-icmp --icmpv6-type 2 -j ACCEPT", 0, NULL},
	{"-p icmp --icmp-type 11 -j ACCEPT", "-p ipv6-icmp --icmpv6-type 3 -j ACCEPT", 0, NULL},
	{"-p icmp --icmp-type ip-header-bad -j ACCEPT", "-p ipv6-icmp --icmpv6-type 4/0 -j ACCEPT",
	 0, NULL},
	{"-p icmp --icmp-type redirect -j DROP", "-p ipv6-icmp --icmpv6-type 137 -j DROP", 0, NULL},
	{"-m conntrack --ctproto icmp -j DROP", "-m conntrack --ctproto ipv6-icmp -j DROP", 0,
	 NULL},
	{"-p icmp --icmp-type 1 -j DROP", "", 1, NULL},
	{"-p icmp --icmp-type timestamp-request -j ACCEPT", "", 1, NULL},
	{"-p ipv6-icmp -m icmp6 --icmpv6-type 135 -j ACCEPT",
	 "-p ipv6-icmp -m icmp6 --icmpv6-type 135 -j ACCEPT", 0, ""},
	/* answers */
	{"-j REJECT", "-j REJECT", 0, NULL},
	{"-j REJECT --reject-with icmp-host-prohibited",
	 "-j REJECT --reject-with icmp6-adm-prohibited", 0, NULL},
	{"-j REJECT --reject-with icmp-port-unreachable",
	 "-j REJECT --reject-with icmp6-port-unreachable", 0, NULL},
	{"-p tcp -j REJECT --reject-with tcp-reset", "-p tcp -j REJECT --reject-with tcp-reset", 0,
	 NULL},
	{"-j REJECT --reject-with ICMP-host-prohib", "-j REJECT --reject-with icmp6-adm-prohibited",
	 0, NULL},
	{"-j REJECT --reject-with icmp-net", "-j REJECT --reject-with icmp6-no-route", 0, NULL},
	{"-j REJECT --reject-with icmp-new-thing", "", 1, NULL},
	/* others */
	{"-m ttl --ttl-lt 5 -j DROP", "-m hl --hl-lt 5 -j DROP", 0, NULL},
	{"-m set --match-set bad src -j DROP", "", 1, NULL},
	{"-m ttl --ttl 5 -j DROP", "-m hl --hl-eq 5 -j DROP", 0, NULL},
	{"-j TTL --ttl-set 5", "-j HL --hl-set 5", 0, NULL},
	{"-j SET --add-set bad src", "", 1, NULL},
	{"-m u32 --u32 0=0 -j DROP", "", 1, NULL},
	{"-m osf --genre Linux -p tcp -j DROP", "", 1, NULL},
	/* what the kernel has no broadcast for */
	{"-m addrtype --dst-type LOCAL,broadcast -j DROP", "-m addrtype --dst-type LOCAL -j DROP",
	 0, NULL},
	{"-m addrtype --dst-type LOCAL -j DROP", "-m addrtype --dst-type LOCAL -j DROP", 0, NULL},
	{"-m addrtype --dst-type BROADCAST -j DROP", "", 1, NULL},
	{"-m addrtype --src-type LOCAL,PROHIBIT -j DROP", "", 1, NULL},
	/* bits of an address */
	{"-m recent --set --name D --mask 255.255.255.255 --rsource",
	 "-m recent --set --name D --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rsource", 0,
	 NULL},
	{"-m recent --set --name D --mask 255.255.255.0 --rsource", "", 1, NULL},
	{"-j CONNMARK --save-mark --mask 0xff", "-j CONNMARK --save-mark --mask 0xff", 0, NULL},
	{"-m connlimit --connlimit-above 5 --connlimit-mask 32 -j DROP",
	 "-m connlimit --connlimit-above 5 --connlimit-mask 128 -j DROP", 0, NULL},
	{"-m connlimit --connlimit-above 5 --connlimit-mask 0 -j DROP",
	 "-m connlimit --connlimit-above 5 --connlimit-mask 0 -j DROP", 0, NULL},
	{"-m connlimit --connlimit-above 5 --connlimit-mask 24 -j DROP", "", 1, NULL},
	{"-f -j DROP", "", 1, NULL},
	{"-4 -j DROP", "", 0, NULL},
	{"-6 -j DROP", "-6 -j DROP", 0, ""},
	{"-m nobodyknows --thing x -j DROP", "-m nobodyknows --thing x -j DROP", 0, NULL},
};

static void test_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		auto_of(arena_free) struct arena *arena = arena_new();
		uint32_t warnings = 0;
		const char *twin = rule_turned(arena, rules[i].rule, true, &warnings);

		assert_string_equal(twin, rules[i].twin);
		assert_int_equal(warnings, rules[i].warnings);
		assert_string_equal(rule_turned(arena, rules[i].rule, false, &warnings),
				    rules[i].only4 ? rules[i].only4 : rules[i].rule);
	}
}

static const char *twin_of(struct arena *arena, const char *text)
{
	struct reading r = {0};
	const char *twin;

	reading_of(&r, text, (uint32_t)strlen(text));
	assert_int_equal(r.diags.errors, 0);
	twin = printed(arena, rules_twin(r.arena, r.file, &r.diags));
	arena_free(r.arena);
	return twin;
}

#define ND "-A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 135 -m hl --hl-eq 255 -j ACCEPT\n"

/* A chain that refuses accepts neighbour discovery first; one that does not is left as it is. */
static void test_neighbours(void **state)
{
	static const char *const refusing[] = {
		"*filter\n:INPUT DROP [0:0]\n-F INPUT\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n",
		"*filter\n-P INPUT DROP\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n",
		"*filter\n-A INPUT -i lo -j ACCEPT\n-A INPUT -j REJECT --reject-with "
		"icmp-host-prohibited\nCOMMIT\n",
		"*filter\n-A INPUT -m comment --comment x -j DROP\nCOMMIT\n",
		"*filter\n:INPUT DROP [0:0]\nCOMMIT\n",
		/* A rule that takes it among others. */
		"*filter\n-A INPUT -i lo -j ACCEPT\n-A INPUT -p icmp -j DROP\nCOMMIT\n",
		"*filter\n-A INPUT -p icmp --icmp-type 9 -j DROP\nCOMMIT\n",
		"*filter\n-A INPUT -p icmp ! --icmp-type 8 -j DROP\nCOMMIT\n",
		"*filter\n-A INPUT -i eth0 -j DROP\nCOMMIT\n",
		"*filter\n-A INPUT ! -p tcp -j DROP\nCOMMIT\n",
		"*filter\n-A INPUT -s 0.0.0.0/0 -j DROP\nCOMMIT\n",
		"*filter\n-A INPUT -m pkttype --pkt-type multicast -j DROP\nCOMMIT\n",
		"*filter\n-A INPUT -m state --state UNTRACKED -j DROP\nCOMMIT\n",
		"*filter\n-A INPUT -m conntrack ! --ctstate RELATED,ESTABLISHED -j DROP\nCOMMIT\n",
		"*mangle\n-A INPUT -p icmp -j DROP\nCOMMIT\n",
		"*raw\n-A INPUT -i eth0 -j DROP\nCOMMIT\n",
	};
	static const char *const others[] = {
		"*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p tcp -j DROP\nCOMMIT\n",
		"*filter\n-A INPUT -m state --state INVALID -j DROP\nCOMMIT\n",
		"*filter\n-A INPUT -i lo -j DROP\nCOMMIT\n",
		"*filter\n-A INPUT -j ACCEPT\n-D INPUT -j DROP\nCOMMIT\n",
		"*filter\n:FORWARD DROP [0:0]\n-A FORWARD -j DROP\nCOMMIT\n",
		"*filter\n-A DOCKER-USER -i eth0 -j REJECT\nCOMMIT\n",
		"*nat\n:INPUT DROP [0:0]\nCOMMIT\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(refusing) / sizeof(*refusing); i++) {
		auto_of(arena_free) struct arena *arena = arena_new();
		const char *twin = twin_of(arena, refusing[i]);
		const char *found = strstr(twin, ND);
		const char *first = strstr(twin, "-A INPUT");
		const char *flush = strstr(twin, "-F INPUT");

		assert_non_null(found);
		assert_null(strstr(found + 1, ND));
		assert_true(strncmp(first, "-A INPUT -p ipv6-icmp", 21) == 0);
		assert_true(!flush || flush < first);
		assert_true(found < strstr(twin, "COMMIT"));
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		auto_of(arena_free) struct arena *arena = arena_new();

		assert_string_equal(twin_of(arena, others[i]), others[i]);
	}
}

static const struct {
	const char *text;
	const char *want; /* NULL: an error */
	uint32_t names;
} expansions[] = {
	{"-A X -i extinf -j DROP\n-A X -j RETURN\n",
	 "-A X -i eth0 -j DROP\n-A X -i wg0 -j DROP\n-A X -j RETURN\n", 2},
	{"-A X -i extinf -o extinf -j DROP\n",
	 "-A X -i eth0 -o eth0 -j DROP\n-A X -i eth0 -o wg0 -j DROP\n-A X -i wg0 -o eth0 -j DROP\n"
	 "-A X -i wg0 -o wg0 -j DROP\n",
	 2},
	{"-A X  --in-interface   extinf -j DROP # no\n", NULL, 0},
	{"-A X -m comment --comment extinf -j DROP\n", "-A X -m comment --comment extinf -j DROP\n",
	 0},
	{"-A X -i extinf -j DROP\n", NULL, 0},
	{"-A X ! -i extinf -j DROP\n", "-A X ! -i eth0 -j DROP\n", 1},
	{"-A X ! -i extinf -j DROP\n", NULL, 2},
	{"-I X 3 -i extinf -j DROP\n", "-I X 3 -i eth0 -j DROP\n-I X 4 -i wg0 -j DROP\n", 2},
	{"-I X -i extinf -j DROP\n", "-I X -i eth0 -j DROP\n-I X 2 -i wg0 -j DROP\n", 2},
	{"-R X 3 -i extinf -j DROP\n", "-R X 3 -i eth0 -j DROP\n-I X 4 -i wg0 -j DROP\n", 2},
};

static void test_expand(void **state)
{
	static const char *const names[] = {"eth0", "wg0"};

	(void)state;
	for (size_t i = 0; i < sizeof(expansions) / sizeof(*expansions); i++) {
		auto_of(arena_free) struct arena *arena = arena_new();
		const char *text = arena_printf(arena, "*filter\n%sCOMMIT\n", expansions[i].text);
		struct rules_file *file;
		struct reading r = {0};

		reading_of(&r, text, (uint32_t)strlen(text));
		file = r.diags.errors ? NULL
				      : rules_expand(r.arena, r.file, names, expansions[i].names,
						     &r.diags);
		assert_true(!file == !expansions[i].want);
		assert_true(!file == (r.diags.errors > 0));
		if (file)
			assert_string_equal(
				printed(arena, file),
				arena_printf(arena, "*filter\n%sCOMMIT\n", expansions[i].want));
		arena_free(r.arena);
	}
}

/* Numbers count the rules that are there for IPv6; what "-I" puts in front stays behind it. */
static void test_numbers(void **state)
{
	static const struct {
		const char *text; /* behind two rules, of which the first is not for IPv6 */
		const char *want;
	} cases[] = {
		{"-I INPUT 2 -j LOG\n", "-I INPUT 1 -j LOG\n"},
		{"-I INPUT 3 -j LOG\n", "-I INPUT 2 -j LOG\n"},
		{"-I INPUT -j LOG\n", "-I INPUT -j LOG\n"},
		{"-I INPUT -s 10.0.0.2 -j LOG\n-R INPUT 3 -j LOG\n", "-R INPUT 1 -j LOG\n"},
		{"-D INPUT 1\n-D INPUT 1\n", "-D INPUT 1\n"},
		{"-D INPUT 2\n", "-D INPUT 1\n"},
		{"-D INPUT -s 10.0.0.1 -j ACCEPT\n-D INPUT 1\n", "-D INPUT 1\n"},
		{"-R INPUT 2 -s 10.0.0.2 -j LOG\n-I INPUT 2 -j LOG\n",
		 "-D INPUT 1\n-I INPUT 1 -j LOG\n"},
		{"-R INPUT 1 -j LOG\n", "-I INPUT 1 -j LOG\n"},
		{"-R INPUT 1 -s 10.0.0.2 -j LOG\n", ""},
		{"-Z INPUT 2\n-D INPUT 2\n", "-Z INPUT 1\n-D INPUT 1\n"},
		{"-F INPUT\n-A INPUT -j LOG\n-I INPUT 2 -j LOG\n",
		 "-F INPUT\n-A INPUT -j LOG\n-I INPUT 2 -j LOG\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		auto_of(arena_free) struct arena *arena = arena_new();
		const char *twin =
			twin_of(arena, arena_printf(arena,
						    "*filter\n-A INPUT -s 10.0.0.1 -j ACCEPT\n"
						    "-A INPUT -p tcp -j ACCEPT\n%sCOMMIT\n",
						    cases[i].text));

		assert_string_equal(twin, arena_printf(arena,
						       "*filter\n-A INPUT -p tcp -j ACCEPT\n"
						       "%sCOMMIT\n",
						       cases[i].want));
	}
}

#define ND_INSERT                                                                                  \
	"-I INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 133 -m hl --hl-eq 255 -j ACCEPT\nCOMMIT\n"

static void test_neighbours_in_front(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	const char *twin = twin_of(arena, "*filter\n-A INPUT -p tcp -j ACCEPT\n"
					  "-A INPUT -p udp -j DROP\n-R INPUT 2 -p tcp -j DROP\n"
					  "-I INPUT -p icmp -j DROP\nCOMMIT\n");

	(void)state;
	assert_null(strstr(twin, "-A INPUT -p ipv6-icmp"));
	assert_non_null(strstr(twin, "-R INPUT 2 -p tcp -j DROP\n-I INPUT -p ipv6-icmp -j DROP\n"
				     "-I INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 143"));
	assert_non_null(strstr(twin, ND_INSERT));
}

/* What was read stays as it was: both families are made from it. */
static void test_untouched(void **state)
{
	static const char text[] = "*filter\n:INPUT DROP [0:0]\n-A INPUT -i extinf -p icmp "
				   "--icmp-type 8 -j REJECT --reject-with icmp-host-prohibited\n"
				   "COMMIT\n";
	static const char *const names[] = {"eth0", "wg0"};
	auto_of(arena_free) struct arena *arena = arena_new();
	struct reading r = {0};

	(void)state;
	reading_of(&r, text, sizeof(text) - 1);
	assert_true(rules_has_placeholder(r.file));
	(void)rules_twin(r.arena, rules_expand(r.arena, r.file, names, 2, &r.diags), &r.diags);
	assert_string_equal(printed(arena, r.file), text);
	arena_free(r.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),	cmocka_unit_test(test_neighbours),
		cmocka_unit_test(test_numbers), cmocka_unit_test(test_neighbours_in_front),
		cmocka_unit_test(test_expand),	cmocka_unit_test(test_untouched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
