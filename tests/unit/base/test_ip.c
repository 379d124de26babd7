/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses, prefixes and ranges; ranges against brute force. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/ip.h"

static struct ip_addr addr_of(const char *text)
{
	struct ip_addr addr;

	assert_true(ip_addr_parse(text, strlen(text), &addr));
	return addr;
}

static void addresses_are_read_and_written(void **state)
{
	static const struct {
		const char *text;
		const char *want; /* NULL: refused */
	} cases[] = {
		{"0.0.0.0", "0.0.0.0"},
		{"255.255.255.255", "255.255.255.255"},
		{"192.0.2.66", "192.0.2.66"},
		{"2001:DB8::0:1", "2001:db8::1"},
		{"::", "::"},
		{"::ffff:1.2.3.4", "::ffff:1.2.3.4"},
		{"1111:2222:3333:4444:5555:6666:123.123.123.123",
		 "1111:2222:3333:4444:5555:6666:7b7b:7b7b"},
		{"", NULL},
		{"1", NULL},
		{"1.2.3", NULL},
		{"1.2.3.", NULL},
		{".1.2.3", NULL},
		{"1..2.3", NULL},
		{"1.2.3.4.", NULL},
		{"1.2.3.4.5", NULL},
		{"1.2.3.256", NULL},
		{"1.2.3.1000", NULL},
		{"1.2.3.04", NULL},
		{"00.2.3.4", NULL},
		{"0x1.2.3.4", NULL},
		{" 1.2.3.4", NULL},
		{"1.2.3.4 ", NULL},
		{"1.2.3.-4", NULL},
		{"99999999999.1.1.1", NULL},
		{":::", NULL},
		{"1::2::3", NULL},
		{"12345::", NULL},
		{"fe80::1%eth0", NULL},
		{"g::", NULL},
		{"::1.2.3", NULL},
		{"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ip_addr addr;
		char text[IP_TEXT_MAX];
		bool good = ip_addr_parse(cases[i].text, strlen(cases[i].text), &addr);

		if (good != !!cases[i].want)
			fail_msg("'%s'", cases[i].text);
		if (good)
			assert_string_equal(ip_addr_format(&addr, text), cases[i].want);
	}
}

static void only_len_bytes_are_read(void **state)
{
	struct ip_addr addr;
	char text[IP_TEXT_MAX];

	(void)state;
	assert_true(ip_addr_parse("1.2.3.45", 7, &addr));
	assert_string_equal(ip_addr_format(&addr, text), "1.2.3.4");
	assert_true(ip_addr_parse("::12", 3, &addr));
	assert_string_equal(ip_addr_format(&addr, text), "::1");
	assert_false(ip_addr_parse("::1\0x", 5, &addr));
	assert_false(ip_addr_parse("1.2.3.4\0", 8, &addr));
}

static void v4_agrees_with_the_c_library(void **state)
{
	static const char alphabet[] = "0123456789.";
	unsigned seed = (unsigned)time(NULL);
	unsigned good = 0;

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	for (int i = 0; i < 200000; i++) {
		char text[20];
		struct in_addr want;
		struct ip_addr is;
		int len = snprintf(text, sizeof(text), "%d.%d.%d.%d", rand() % 300, rand() % 260,
				   rand() % 260, rand() % 260);

		if (rand() % 4 == 0)
			text[rand() % len] = alphabet[(size_t)rand() % (sizeof(alphabet) - 1)];
		if (inet_pton(AF_INET, text, &want) != (int)ip_addr_parse(text, strlen(text), &is))
			fail_msg("'%s'", text);
		if (inet_pton(AF_INET, text, &want) == 1) {
			assert_memory_equal(is.bytes, &want, 4);
			good++;
		}
	}
	assert_true(good > 1000);
}

static void prefixes_are_read_and_written(void **state)
{
	static const struct {
		const char *text;
		const char *want;
		bool host_bits;
	} cases[] = {
		{"192.0.2.0/24", "192.0.2.0/24", false},
		{"192.0.2.1/24", "192.0.2.0/24", true},
		{"192.0.2.1", "192.0.2.1", false},
		{"192.0.2.1/32", "192.0.2.1", false},
		{"0.0.0.0/0", "0.0.0.0/0", false},
		{"1.2.3.4/0", "0.0.0.0/0", true},
		{"10.255.0.0/9", "10.128.0.0/9", true},
		{"2001:db8::/48", "2001:db8::/48", false},
		{"2001:db8:0:ff::/57", "2001:db8:0:80::/57", true},
		{"2001:db8::1/128", "2001:db8::1", false},
		{"::/0", "::/0", false},
		{"192.0.2.0/33", NULL, false},
		{"2001:db8::/129", NULL, false},
		{"192.0.2.0/", NULL, false},
		{"192.0.2.0/-1", NULL, false},
		{"192.0.2.0/24/8", NULL, false},
		{"192.0.2/24", NULL, false},
		{"/24", NULL, false},
		{"192.0.2.0/255.255.255.0", NULL, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ip_prefix prefix;
		char text[IP_TEXT_MAX];
		bool host_bits = false;
		bool good =
			ip_prefix_parse(cases[i].text, strlen(cases[i].text), &prefix, &host_bits);

		if (good != !!cases[i].want)
			fail_msg("'%s'", cases[i].text);
		if (!good)
			continue;
		assert_string_equal(ip_prefix_format(&prefix, text), cases[i].want);
		assert_int_equal(host_bits, cases[i].host_bits);
	}
}

static struct ip_prefix prefix_of(const char *text)
{
	struct ip_prefix prefix;
	bool host_bits;

	assert_true(ip_prefix_parse(text, strlen(text), &prefix, &host_bits));
	return prefix;
}

static void prefixes_contain(void **state)
{
	static const struct {
		const char *outer;
		const char *inner;
		bool want;
	} cases[] = {
		{"10.0.0.0/8", "10.1.2.3", true},
		{"10.0.0.0/8", "11.0.0.0", false},
		{"10.0.0.0/8", "10.0.0.0/8", true},
		{"10.0.0.0/8", "10.0.0.0/7", false},
		{"0.0.0.0/0", "255.0.0.1", true},
		{"0.0.0.0/0", "::", false},
		{"::/0", "2001:db8::1", true},
		{"::/0", "0.0.0.0", false},
		{"10.0.0.128/25", "10.0.0.127", false},
		{"10.0.0.128/25", "10.0.0.128", true},
		{"2001:db8::/33", "2001:db8:8000::", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ip_prefix outer = prefix_of(cases[i].outer),
				 inner = prefix_of(cases[i].inner);

		assert_int_equal(ip_prefix_contains(&outer, &inner), cases[i].want);
		if (inner.len == ip_family_bits(inner.family)) {
			struct ip_addr addr = addr_of(cases[i].inner);

			assert_int_equal(ip_prefix_contains_addr(&outer, &addr), cases[i].want);
		}
	}
}

static void order_is_family_bytes_length(void **state)
{
	static const char *const sorted[] = {"0.0.0.0/0", "10.0.0.0/8",	  "10.0.0.0/9",
					     "10.0.0.0",  "10.0.0.1",	  "::/0",
					     "::",	  "2001:db8::/32"};

	(void)state;
	for (int i = 0; i < 8; i++) {
		for (int j = 0; j < 8; j++) {
			struct ip_prefix a = prefix_of(sorted[i]), b = prefix_of(sorted[j]);
			int order = ip_prefix_compare(&a, &b);

			assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
		}
	}
}

static void range_texts(const char *low, const char *high, char *out, size_t size)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct ip_addr a = addr_of(low), b = addr_of(high);
	struct ip_prefix_vec prefixes = {0};
	size_t used = 0;

	ip_range_to_prefixes(arena, &a, &b, &prefixes);
	*out = '\0';
	vec_each (&prefixes, prefix) {
		char text[IP_TEXT_MAX];

		used += (size_t)snprintf(out + used, size - used, "%s ",
					 ip_prefix_format(prefix, text));
	}
}

static void ranges_have_known_prefixes(void **state)
{
	static const char *const cases[][3] = {
		{"0.0.0.0", "255.255.255.255", "0.0.0.0/0 "},
		{"::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::/0 "},
		{"10.0.0.5", "10.0.0.5", "10.0.0.5 "},
		{"255.255.255.255", "255.255.255.255", "255.255.255.255 "},
		{"192.0.2.0", "192.0.2.255", "192.0.2.0/24 "},
		{"10.0.0.1", "10.0.0.6", "10.0.0.1 10.0.0.2/31 10.0.0.4/31 10.0.0.6 "},
		{"2001:db8::ff", "2001:db8::101", "2001:db8::ff 2001:db8::100/127 "},
		{"ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe",
		 "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		 "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127 "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[512];

		range_texts(cases[i][0], cases[i][1], text, sizeof(text));
		assert_string_equal(text, cases[i][2]);
	}
}

/* All ranges within the last six bits, at both ends of a family's space. */
static void check_range(struct arena *arena, uint8_t family, uint8_t fill, unsigned low,
			unsigned high)
{
	struct ip_addr a = {.family = family}, b;
	struct ip_prefix_vec prefixes = {0};
	unsigned last = ip_family_bytes(family) - 1;

	memset(a.bytes, fill, last);
	b = a;
	a.bytes[last] = (uint8_t)((fill & 0xc0) | low);
	b.bytes[last] = (uint8_t)((fill & 0xc0) | high);
	ip_range_to_prefixes(arena, &a, &b, &prefixes);
	for (unsigned i = 0; i < 64; i++) {
		struct ip_addr at = a;
		unsigned found = 0;

		at.bytes[last] = (uint8_t)((fill & 0xc0) | i);
		vec_each (&prefixes, prefix)
			found += ip_prefix_contains_addr(prefix, &at);
		/* covered once inside, not at all outside */
		assert_int_equal(found, i >= low && i <= high);
	}
	/* and none could be joined with its neighbour */
	for (uint32_t i = 1; i < prefixes.len; i++) {
		struct ip_addr at = {.family = family};
		struct ip_prefix wider;

		memcpy(at.bytes, prefixes.items[i - 1].bytes, sizeof(at.bytes));
		wider = ip_prefix_of(&at, prefixes.items[i - 1].len - 1u);
		assert_false(prefixes.items[i].len == prefixes.items[i - 1].len &&
			     ip_prefix_contains(&wider, &prefixes.items[i]));
	}
}

static void ranges_agree_with_brute_force(void **state)
{
	(void)state;
	for (unsigned low = 0; low < 64; low++) {
		for (unsigned high = low; high < 64; high++) {
			auto_of(arena_free) struct arena *arena = arena_new();

			check_range(arena, IP_V4, 0, low, high);
			check_range(arena, IP_V4, 0xff, low, high);
			check_range(arena, IP_V6, 0, low, high);
			check_range(arena, IP_V6, 0xff, low, high);
		}
	}
}

static void loopback_is_known(void **state)
{
	static const struct {
		const char *text;
		bool want;
	} cases[] = {{"127.0.0.1", true}, {"127.255.0.9", true}, {"128.0.0.1", false},
		     {"::1", true},	  {"::", false},	 {"7f00::1", false}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ip_addr addr = addr_of(cases[i].text);

		assert_int_equal(ip_addr_is_loopback(&addr), cases[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read_and_written),
		cmocka_unit_test(only_len_bytes_are_read),
		cmocka_unit_test(v4_agrees_with_the_c_library),
		cmocka_unit_test(prefixes_are_read_and_written),
		cmocka_unit_test(prefixes_contain),
		cmocka_unit_test(order_is_family_bytes_length),
		cmocka_unit_test(ranges_have_known_prefixes),
		cmocka_unit_test(ranges_agree_with_brute_force),
		cmocka_unit_test(loopback_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
