/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ports that open and close between two models whose zones are numbered differently. */
#include "report/changes.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/protocol.h"

struct side {
	struct model model;
	struct exposure_list list;
};

static void side_fill(struct side *side, struct arena *arena, const char *zone, uint16_t port,
		      uint8_t verdict)
{
	struct exposure *exposure = vec_add(arena, &side->list.items);

	vec_add(arena, &side->model.zones)->name = zone;
	exposure->protocol = PROTOCOL_TCP;
	exposure->port = port;
	exposure->holder = "web";
	*vec_add(arena, &exposure->access) =
		(struct exposure_access){.zone = side->model.zones.len - 1, .verdict = verdict};
}

static void test_opens_and_closes(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	auto_str struct str_buf text = {0};
	struct report_changes changes = {0};
	struct side before = {0};
	struct side after = {0};

	(void)state;
	side_fill(&before, arena, "lan", 80, VERDICT_ALLOW);
	side_fill(&before, arena, "internet", 22, VERDICT_ALLOW);
	side_fill(&after, arena, "internet", 443, VERDICT_ALLOW);
	side_fill(&after, arena, "lan", 80, VERDICT_ALLOW);
	report_changes_of(arena, &before.model, &before.list, &after.model, &after.list, &changes);
	report_changes_text(&changes, NULL, &text);
	assert_int_equal(changes.items.len, 2);
	assert_non_null(strstr(text.data, "+ tcp 443 (web) becomes reachable from internet for "
					  "everybody: "));
	assert_non_null(strstr(text.data, "- tcp 22 (web) closes from internet\n"));
}

static void test_same_is_empty(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct report_changes changes = {0};
	struct side side = {0};

	(void)state;
	side_fill(&side, arena, "lan", 80, VERDICT_ALLOW);
	report_changes_of(arena, &side.model, &side.list, &side.model, &side.list, &changes);
	assert_int_equal(changes.items.len, 0);
	report_changes_of(arena, NULL, NULL, &side.model, &side.list, &changes);
	assert_int_equal(changes.items.len, 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_opens_and_closes),
		cmocka_unit_test(test_same_is_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
