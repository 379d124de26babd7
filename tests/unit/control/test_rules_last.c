/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is kept of the rules that were loaded last: written, read back, cut off anywhere. */
#include "control/rules_last.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static char folder[] = "/tmp/wharfwall-last-XXXXXX";

static int folder_make(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int folder_remove(void **state)
{
	char path[128];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/rules/base.good", folder);
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%s/rules", folder);
	(void)rmdir(path);
	return rmdir(folder);
}

static void test_round_trip(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	static const char tricky[] = "text 3 4\nexternal x\n# no newline at the end";
	struct rules_last last = {.applied = "2026-11-23T06:20:43Z",
				  .source = "/etc/iptables/base.rules",
				  .text = {tricky, ""},
				  .len = {sizeof(tricky) - 1, 0}};
	struct rules_last got = {0};
	struct err err = {0};

	(void)state;
	assert_int_equal(rules_last_read(arena, folder, "base", &got, &err), -ENOENT);
	*vec_add(arena, &last.added[RULES_V6].items) =
		(struct rules_added){"filter", "-A FORWARD -i wg0 -j ACCEPT"};
	*vec_add(arena, &last.external.items) = "eth0";
	*vec_add(arena, &last.external.items) = "wg0";
	assert_int_equal(rules_last_write(folder, "base", &last, &err), 0);
	assert_int_equal(rules_last_read(arena, folder, "base", &got, &err), 0);
	assert_string_equal(got.applied, last.applied);
	assert_string_equal(got.source, last.source);
	assert_int_equal(got.external.items.len, 2);
	assert_string_equal(got.external.items.items[1], "wg0");
	assert_string_equal(got.text[RULES_V4], tricky);
	assert_int_equal(got.len[RULES_V4], last.len[RULES_V4]);
	assert_string_equal(got.text[RULES_V6], "");
	assert_null(got.backend);
	assert_int_equal(got.added[RULES_V4].items.len, 0);
	assert_int_equal(got.added[RULES_V6].items.len, 1);
	assert_string_equal(got.added[RULES_V6].items.items[0].table, "filter");
	assert_string_equal(got.added[RULES_V6].items.items[0].line, "-A FORWARD -i wg0 -j ACCEPT");
}

static const char whole[] =
	"wharfwall-rules 1\napplied t\nsource /s\nbackend nftables\nexternal eth0\n"
	"added 4 filter -A FORWARD -j ACCEPT\n"
	"text 8 4\n*filter\n\ntext 7 6\nCOMMIT\n\nend\n";

static int parse(const char *text, uint32_t len, struct rules_last *ret)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	char *copy = malloc(len + 1);
	int r;

	assert_non_null(copy);
	memcpy(copy, text, len);
	copy[len] = '\0';
	r = rules_last_parse(arena, copy, len, ret, NULL);
	free(copy);
	return r;
}

/* Cut off anywhere: never half a text, never one family of two. */
static void test_cut_off(void **state)
{
	(void)state;
	for (uint32_t len = 0; len < sizeof(whole) - 1; len++) {
		struct rules_last got = {0};
		int r = parse(whole, len, &got);

		assert_int_equal(r, -EBADMSG);
	}
	assert_int_equal(parse(whole, sizeof(whole) - 1, &(struct rules_last){0}), 0);
}

static void test_strange(void **state)
{
	static const char *const texts[] = {
		"wharfwall-rules 2\napplied t\nsource s\ntext 1 4\nx\nend\n",
		"wharfwall-rules 1\napplied t\nsource s\ntext 99999999999 4\nx\nend\n",
		"wharfwall-rules 1\napplied t\nsource s\ntext -1 4\nx\nend\n",
		"wharfwall-rules 1\napplied t\nsource s\ntext 1 5\nx\nend\n",
		"wharfwall-rules 1\napplied t\nsource s\ntext 1 4\nx\ntext 1 4\nx\nend\n",
		"wharfwall-rules 1\napplied t\nsource s\ntext 1 6\nx\nend\n",
		"wharfwall-rules 1\nsource s\ntext 1 4\nx\nend\n",
		"wharfwall-rules 1\napplied t\nsource s\nend\ntext 1 4\nx\nend\n",
		"wharfwall-rules 1\napplied t\nsource s\nadded 4\ntext 1 4\nx\nend\n",
		"wharfwall-rules 1\napplied t\nsource s\nadded 4 filter\ntext 1 4\nx\nend\n",
		"wharfwall-rules 1\napplied t\nsource s\nwhat\ntext 1 4\nx\nend\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_int_equal(
			parse(texts[i], (uint32_t)strlen(texts[i]), &(struct rules_last){0}),
			-EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_cut_off),
		cmocka_unit_test(test_strange),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
