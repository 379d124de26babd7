/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text, numbers and nearly equal words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/protocol.h"
#include "base/str.h"

static void buffers_grow(void **state)
{
	auto_str struct str_buf buf = {0};

	(void)state;
	assert_string_equal(str_buf_text(&buf), "");
	for (unsigned i = 0; i < 10000; i++)
		str_buf_addf(&buf, "%04u", i);
	assert_int_equal(buf.len, 40000);
	assert_memory_equal(buf.data + 4 * 1234, "1234", 4);
	str_buf_addf(&buf, "%5000d", 7); /* longer than what is free */
	assert_int_equal(buf.len, 45000);
	assert_int_equal(strlen(buf.data), 45000);
	assert_int_equal(buf.data[44999], '7');
	str_buf_addc(&buf, 'x');
	str_buf_adds(&buf, "yz");
	str_buf_add(&buf, "abc", 1);
	assert_string_equal(buf.data + 45000, "xyza");
}

static void control_characters_are_visible(void **state)
{
	static const struct {
		const char *text;
		const char *want;
	} cases[] = {
		{"plain 'text'", "plain 'text'"},
		{"\x1b[31m", "\\x1b[31m"},
		{"a\nb\tc\x7f", "a\\x0ab\\x09c\\x7f"},
		{"\xc3\xa4\xe2\x86\x92\xf0\x9f\x94\xa5", "\xc3\xa4\xe2\x86\x92\xf0\x9f\x94\xa5"},
		{"\xc2\x9b", "\\xc2\\x9b"},		      /* CSI */
		{"\xc3", "\\xc3"},			      /* cut off */
		{"\xe2\x86", "\\xe2\\x86"},		      /* cut off */
		{"\xc0\xaf", "\\xc0\\xaf"},		      /* overlong */
		{"\xe0\x80\xaf", "\\xe0\\x80\\xaf"},	      /* overlong */
		{"\xed\xa0\x80", "\\xed\\xa0\\x80"},	      /* surrogate */
		{"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}, /* past U+10FFFF */
		{"\x80x", "\\x80x"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_str struct str_buf buf = {0};

		str_buf_add_visible(&buf, cases[i].text, strlen(cases[i].text));
		assert_string_equal(str_buf_text(&buf), cases[i].want);
	}
}

static void numbers_are_whole_and_in_range(void **state)
{
	static const struct {
		const char *text;
		bool good;
		uint32_t value;
	} cases[] = {
		{"1", true, 1},		  {"65535", true, 65535},
		{"0", false, 0},	  {"65536", false, 0},
		{"", false, 0},		  {"-1", false, 0},
		{"+1", false, 0},	  {" 1", false, 0},
		{"1 ", false, 0},	  {"1a", false, 0},
		{"4294967297", false, 0}, {"18446744073709551617", false, 0},
		{"007", true, 7},	  {"99999999999999999999999", false, 0},
	};
	uint64_t big = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t value = 4711;

		assert_int_equal(
			str_parse_u32(cases[i].text, strlen(cases[i].text), 1, 65535, &value),
			cases[i].good);
		assert_int_equal(value, cases[i].good ? cases[i].value : 4711);
	}
	assert_true(str_parse_u64("18446744073709551615", 20, 0, UINT64_MAX, &big));
	assert_true(big == UINT64_MAX);
	assert_false(str_parse_u64("18446744073709551616", 20, 0, UINT64_MAX, &big));
}

static void words_are_compared(void **state)
{
	char dest[4];

	(void)state;
	assert_true(str_eqn("lan", "lanx", 3));
	assert_false(str_eqn("lan", "la", 2));
	assert_false(str_eqn("la", "lan", 3));
	assert_true(str_eqn("", "x", 0));
	assert_true(str_starts("wharfwall", "wharf"));
	assert_false(str_starts("wh", "wharf"));
	assert_true(str_ends("a.policy", ".policy"));
	assert_false(str_ends("y", ".policy"));
	assert_true(str_copy(dest, sizeof(dest), "abc"));
	assert_string_equal(dest, "abc");
	assert_false(str_copy(dest, sizeof(dest), "wxyz"));
	assert_string_equal(dest, "wxy");
	assert_false(str_copy(dest, 0, "q"));
	assert_string_equal(dest, "wxy");
}

static unsigned distance(const char *a, const char *b, unsigned limit)
{
	return str_distance(a, strlen(a), b, strlen(b), limit);
}

static void distances(void **state)
{
	static const struct {
		const char *a;
		const char *b;
		unsigned want;
	} cases[] = {
		{"", "", 0},
		{"https", "https", 0},
		{"htps", "https", 1},
		{"httpss", "https", 1},
		{"httqs", "https", 1},
		{"htpts", "https", 1},
		{"thtps", "https", 1},
		{"ssh", "shs", 1},
		{"tpc", "tcp", 1},
		{"ca", "abc", 3},
		{"", "ab", 2},
		{"allow", "deny", 5},
		{"offcie", "office", 1},
		{"kitten", "sitting", 3},
	};
	char longer[201];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(distance(cases[i].a, cases[i].b, 10), cases[i].want);
		assert_int_equal(distance(cases[i].b, cases[i].a, 10), cases[i].want);
		assert_int_equal(distance(cases[i].a, cases[i].b, 2),
				 cases[i].want > 2 ? 3 : cases[i].want);
	}
	memset(longer, 'a', 200);
	longer[200] = '\0';
	assert_int_equal(distance(longer, "a", 2), 3);
	assert_int_equal(distance(longer, longer, 2), 3); /* no suggestion for such words */
}

static void protocols_have_names(void **state)
{
	uint8_t number = 0;

	(void)state;
	for (size_t i = 0; protocol_name_at(i); i++) {
		const char *name = protocol_name_at(i);

		assert_true(protocol_parse(name, strlen(name), &number));
		assert_string_equal(protocol_name(number), name);
	}
	assert_true(protocol_parse("tcpx", 3, &number));
	assert_int_equal(number, PROTOCOL_TCP);
	assert_false(protocol_parse("TCP", 3, &number));
	assert_false(protocol_parse("tc", 2, &number));
	assert_false(protocol_parse("", 0, &number));
	assert_null(protocol_name(250));
	assert_true(protocol_has_ports(PROTOCOL_SCTP));
	assert_false(protocol_has_ports(PROTOCOL_ICMP));
	assert_false(protocol_has_ports(250));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buffers_grow),
		cmocka_unit_test(control_characters_are_visible),
		cmocka_unit_test(numbers_are_whole_and_in_range),
		cmocka_unit_test(words_are_compared),
		cmocka_unit_test(distances),
		cmocka_unit_test(protocols_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
