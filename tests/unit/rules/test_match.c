/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What rules say, as far as it is understood. */
#include "rules/match.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "unit/rules/reading.h"

static struct rules_match match_of(struct reading *r, const char *rule)
{
	struct rules_match match;

	rules_match_read(r->arena, r->file, reading_rule(r, rule), &match);
	return match;
}

static void test_all(void **state)
{
	struct reading r = {0};
	struct rules_match m = match_of(
		&r,
		"-A X -i br+ ! -o eth0 -s 10.0.0.0/255.0.0.0,192.0.2.1 ! -d 198.51.100.0/24 "
		"-p tcp -m multiport --dports 80,90:95 --sport :1024 -m conntrack --ctstate "
		"NEW,related --ctorigdstport 8080 --ctorigdst 192.0.2.9 -m comment --comment "
		"\"a b\" -m limit --limit 5/min --limit-burst 7 -j REJECT --reject-with tcp-reset");

	(void)state;
	assert_null(m.opaque);
	assert_int_equal(m.family, IP_V4);
	assert_int_equal(m.protocol, 6);
	assert_string_equal(m.in.name, "br");
	assert_true(m.in.wildcard && !m.in.negated);
	assert_string_equal(m.out.name, "eth0");
	assert_true(m.out.negated && !m.out.wildcard);
	assert_int_equal(m.from.prefixes.len, 2);
	assert_int_equal(m.from.prefixes.items[0].len, 8);
	assert_int_equal(m.from.prefixes.items[1].len, 32);
	assert_true(m.to.negated);
	assert_int_equal(m.dports.ranges.len, 2);
	assert_int_equal(m.dports.ranges.items[1].low, 90);
	assert_int_equal(m.dports.ranges.items[1].high, 95);
	assert_int_equal(m.sports.ranges.items[0].low, 0);
	assert_int_equal(m.sports.ranges.items[0].high, 1024);
	assert_int_equal(m.states, RULES_STATE_NEW | RULES_STATE_RELATED);
	assert_int_equal(m.dialled.ranges.items[0].low, 8080);
	assert_int_equal(m.dialled_addr.prefixes.len, 1);
	assert_string_equal(m.comment, "a b");
	assert_true(m.has_limit);
	assert_int_equal(m.limit, 5);
	assert_int_equal(m.limit_unit, 'm');
	assert_int_equal(m.burst, 7);
	assert_int_equal(m.target, RULES_TARGET_REJECT);
	assert_string_equal(m.reject_with, "tcp-reset");
	arena_free(r.arena);
}

static void test_icmp(void **state)
{
	static const struct {
		const char *rule;
		uint8_t family;
		int type; /* -1: any */
		int code;
	} cases[] = {
		{"-A X -p icmp -j DROP", IP_V4, -1, -1},
		{"-A X -p icmp --icmp-type 8 -j DROP", IP_V4, 8, -1},
		{"-A X -p icmp --icmp-type 3/4 -j DROP", IP_V4, 3, 4},
		{"-A X -p icmp --icmp-type echo-request -j DROP", IP_V4, 8, -1},
		{"-A X -p icmp --icmp-type any -j DROP", IP_V4, -1, -1},
		{"-A X -p ipv6-icmp --icmpv6-type echo-request -j DROP", IP_V6, 128, -1},
		{"-A X -p icmpv6 --icmpv6-type 1/1 -j DROP", IP_V6, 1, 1},
		{"-A X -p ICMP --icmp-type Host-Unknown -j DROP", IP_V4, 3, 7},
		{"-A X -p icmp --icmp-type ttl-zero-during-transit -j DROP", IP_V4, 11, 0},
		{"-A X -p icmp --icmp-type redirect -j DROP", IP_V4, 5, -1},
		{"-A X -p icmp6 --icmpv6-type redirect -j DROP", IP_V6, 137, -1},
		{"-A X -p icmp6 --icmpv6-type bad-header -j DROP", IP_V6, 4, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct reading r = {0};
		struct rules_match m = match_of(&r, cases[i].rule);

		assert_null(m.opaque);
		assert_int_equal(m.family, cases[i].family);
		assert_int_equal(m.has_icmp_type, cases[i].type >= 0);
		assert_int_equal(m.has_icmp_type ? m.icmp_type : -1, cases[i].type);
		assert_int_equal(m.has_icmp_code ? m.icmp_code : -1, cases[i].code);
		arena_free(r.arena);
	}
}

static void test_opaque(void **state)
{
	static const struct {
		const char *rule;
		const char *option; /* NULL: understood */
	} cases[] = {
		{"-A X -j DROP", NULL},
		{"-A X -p all -j DROP", NULL},
		{"-A X -p 6 -j DROP", NULL},
		{"-A X --syn -p tcp -j DROP", NULL},
		{"-A X -p tcp --tcp-flags FIN,SYN,RST,ACK SYN -j DROP", NULL},
		{"-A X -m iprange --src-range 10.0.0.1-10.0.0.9 -j DROP", NULL},
		{"-A X -j MARK --set-mark 7", NULL},
		{"-A X -j DNAT --to-destination 10.0.0.1:80", NULL},
		{"-A X -p tcp --tcp-flags ALL NONE -j DROP", "--tcp-flags"},
		{"-A X -p tcp ! --syn -j DROP", "--syn"},
		{"-A X -p TCP --dport 80 -j DROP", NULL},
		{"-A X -p ip -j DROP", NULL},
		{"-A X -m hashlimit --hashlimit-upto 5/sec --hashlimit-name x -j DROP", NULL},
		{"-A X -m hashlimit --hashlimit-upto 5/sec --hashlimit-name x -m limit --limit "
		 "5/min -j DROP",
		 "--limit"},
		{"-A X -m limit --limit 5/min -m hashlimit --hashlimit-upto 5/sec "
		 "--hashlimit-name x -j DROP",
		 "-m"},
		{"-A X -m multiport --ports 80 -p tcp -j DROP", "--ports"},
		{"-A X -p icmp --icmp-type source-quench -j DROP", NULL},
		{"-A X -p icmp --icmp-type no-route -j DROP", "--icmp-type"},
		{"-A X -p tcp --dport http -j DROP", "--dport"},
		{"-A X -s www.example.com -j DROP", "-s"},
		{"-A X -s 10.0.0.0/255.0.255.0 -j DROP", "-s"},
		{"-A X -s 10.0.0.1 -d 2001:db8::1 -j DROP", "-d"},
		{"-A X -m mark --mark 7 -j DROP", "-m"},
		{"-A X -m state --state NEW,WHAT -j DROP", "--state"},
		{"-A X -f -j DROP", "-f"},
		{"-A X --whatever 1 -j DROP", "--whatever"},
		{"-A X -m addrtype --dst-type LOCAL -j DROP", "-m"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct reading r = {0};
		struct rules_match m = match_of(&r, cases[i].rule);

		if (cases[i].option) {
			assert_non_null(m.opaque);
			assert_string_equal(m.opaque->name, cases[i].option);
		} else {
			assert_null(m.opaque);
		}
		arena_free(r.arena);
	}
}

static void test_targets(void **state)
{
	static const struct {
		const char *rule;
		enum rules_target target;
	} cases[] = {
		{"-A X -i lo", RULES_TARGET_NONE},
		{"-A X -j ACCEPT", RULES_TARGET_ACCEPT},
		{"-A X -j RETURN", RULES_TARGET_RETURN},
		{"-A X -j LOG --log-prefix x", RULES_TARGET_LOG},
		{"-A X -j NFLOG --nflog-group 3", RULES_TARGET_LOG},
		{"-A X -j MINE", RULES_TARGET_JUMP},
		{"-A X -g MINE", RULES_TARGET_GOTO},
		{"-A X -j DOCKER", RULES_TARGET_JUMP},
		{"-A X -j NOTHERE", RULES_TARGET_OTHER},
		{"-A X -j MASQUERADE", RULES_TARGET_OTHER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		auto_of(arena_free) struct arena *arena = arena_new();

		for (size_t k = 0; k < 2; k++) {
			const char *text =
				k ? arena_printf(arena, "*filter\n-N MINE\n%s\nCOMMIT\n",
						 cases[i].rule)
				  : arena_printf(arena, "*filter\n:MINE - [0:0]\n%s\nCOMMIT\n",
						 cases[i].rule);
			struct reading r = {0};
			struct rules_match m;

			reading_of(&r, text, (uint32_t)strlen(text));
			rules_match_read(r.arena, r.file, &r.file->lines.items[2], &m);
			assert_int_equal(m.target, cases[i].target);
			arena_free(r.arena);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_icmp),
		cmocka_unit_test(test_opaque),
		cmocka_unit_test(test_targets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
