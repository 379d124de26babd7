/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file of bans: what it says, at which time, and what it must not say. */
#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "control/bans.h"

#define HEAD "wharfwall-bans 1\n"
#define NOW 1795430000u

static int parse(struct arena *arena, const char *text, uint64_t now, struct ban_entries *ret)
{
	struct err err = {0};

	return bans_parse(arena, text, (uint32_t)strlen(text), now, ret, &err);
}

/* What is left of one line at `now`. */
static struct ban left_of(const char *line, uint64_t now, uint32_t *ret_count)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	auto_str struct str_buf text = {0};
	struct ban_entries entries;
	struct ban_list left = {0};

	str_buf_addf(&text, HEAD "%s\n", line);
	assert_int_equal(parse(arena, str_buf_text(&text), now, &entries), 0);
	bans_left(arena, &entries, now, &left);
	*ret_count = left.items.len;
	return left.items.len ? left.items.items[0] : (struct ban){0};
}

static void time_runs_off(void **state)
{
	uint32_t count;

	(void)state;
	assert_int_equal(left_of("203.0.113.7 1795430400 600", NOW, &count).timeout_s, 400);
	assert_int_equal(count, 1);
	(void)left_of("203.0.113.7 1795430400 600", 1795430400, &count);
	assert_int_equal(count, 0);
	assert_int_equal(left_of("203.0.113.7 0 0", NOW, &count).timeout_s, 0);
	assert_int_equal(count, 1);
}

/* The clock was wrong when it was written, or is now. */
static void no_clock_makes_a_ban_longer(void **state)
{
	uint32_t count;

	(void)state;
	assert_int_equal(left_of("203.0.113.7 1795430400 600", NOW - 86400, &count).timeout_s, 600);
	assert_int_equal(left_of("203.0.113.7 9999999999 60", NOW, &count).timeout_s, 60);
}

static void the_length_of_a_prefix_is_kept(void **state)
{
	uint32_t count;

	(void)state;
	assert_true(left_of("203.0.113.0/24 1795430400 600", NOW + 1000, &count).over);
	assert_int_equal(count, 1);
	assert_false(left_of("203.0.113.0/24 1795430400 600", NOW, &count).over);
	(void)left_of("203.0.113.0/24 1795430400 600", NOW + 31 * 86400, &count);
	assert_int_equal(count, 0);
}

static void what_is_wrong_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"wharfwall-bans 2\n",
		HEAD "203.0.113.7\n",
		HEAD "203.0.113.7 1795430400\n",
		HEAD "203.0.113.7 1795430400 600",
		HEAD "203.0.113.7 1795430400 600 \n",
		HEAD "203.0.113.7 0 600\n",
		HEAD "203.0.113.7 1795430400 0\n",
		HEAD "203.0.113.7 -1 600\n",
		HEAD "203.0.113.7 1795430400 99999999999\n",
		HEAD "203.0.113.7/24 1795430400 600\n",
		HEAD "0.0.0.0/0 0 0\n",
		HEAD "example.org 0 0\n",
		HEAD "\n",
	};
	auto_of(arena_free) struct arena *arena = arena_new();
	struct ban_entries entries;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (parse(arena, wrong[i], NOW, &entries) != -EBADMSG)
			fail_msg("taken: %s", wrong[i]);
	}
	assert_int_equal(parse(arena, HEAD, NOW, &entries), 0);
	assert_int_equal(entries.items.len, 0);
}

/* Cut off anywhere but behind a line, it is not understood. */
static void a_cut_file_is_not_half_read(void **state)
{
	static const char text[] = HEAD "203.0.113.7 1795430400 600\n2001:db8::/64 0 0\n";
	auto_of(arena_free) struct arena *arena = arena_new();
	struct ban_entries entries;
	struct err err = {0};

	(void)state;
	for (uint32_t len = 0; len < sizeof(text); len++) {
		bool whole = len >= strlen(HEAD) && text[len - 1] == '\n';
		int r = bans_parse(arena, text, len, NOW, &entries, &err);

		assert_int_equal(r, whole ? 0 : -EBADMSG);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_runs_off),
		cmocka_unit_test(no_clock_makes_a_ban_longer),
		cmocka_unit_test(the_length_of_a_prefix_is_kept),
		cmocka_unit_test(what_is_wrong_is_refused),
		cmocka_unit_test(a_cut_file_is_not_half_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
