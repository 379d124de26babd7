/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the daemon says of itself: written, read back, as metrics. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "facts/facts.h"
#include "report/json.h"
#include "report/watch.h"

static void fill(struct arena *arena, struct report_watch *ret)
{
	*ret = (struct report_watch){
		.pid = 77,
		.since = "2026-11-23T06:20:43Z",
		.mode = WATCH_POLICY,
		.foreign = WATCH_FOREIGN_MISSING,
		.engine = ENGINE_ANSWERED,
		.containers = 3,
		.passes = 10,
		.commits = 4,
		.repairs = 1,
		.failures = 2,
		.events = UINT32_MAX + 1ull,
		.losses = 5,
		.flows_cut = 6,
		.lag_us = 1250,
		.lag_max_us = 2000001,
		.policy_error = "p.policy:1:1: \"quoted\" [E0101]",
		.repair = {.at = "2026-11-23T06:21:00Z", .program = "nft", .pid = 99, .changes = 2},
	};
	*vec_add(arena, &ret->repair.lines) = "chain input has other rules";
}

static void what_was_written_is_read(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	auto_str struct str_buf first = {0}, second = {0};
	struct report_watch watch, back = {0};
	json_t *object;

	(void)state;
	fill(arena, &watch);
	object = report_watch_json(&watch);
	report_json_print(object, &first);
	assert_true(report_watch_read(arena, object, &back));
	json_decref(object);
	object = report_watch_json(&back);
	report_json_print(object, &second);
	json_decref(object);
	assert_string_equal(str_buf_text(&first), str_buf_text(&second));
	assert_true(back.events == UINT32_MAX + 1ull);
	assert_null(back.error);
	assert_int_equal(back.repair.lines.len, 1);
}

static void nonsense_is_none(void **state)
{
	static const char *const texts[] = {
		"[]",
		"{}",
		"{\"mode\": \"policy\"}",
		"{\"mode\": \"nothing\", \"engine\": \"absent\", \"engine_rules\": \"unknown\"}",
		"{\"mode\": 1, \"engine\": \"absent\", \"engine_rules\": \"unknown\"}",
	};
	auto_of(arena_free) struct arena *arena = arena_new();
	struct report_watch back;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		json_t *object = json_loads(texts[i], 0, NULL);

		assert_non_null(object);
		assert_false(report_watch_read(arena, object, &back));
		json_decref(object);
	}
}

static void every_mode_has_a_name(void **state)
{
	(void)state;
	for (unsigned mode = WATCH_STARTING; mode <= WATCH_TRIAL; mode++) {
		auto_of(arena_free) struct arena *arena = arena_new();
		struct report_watch watch = {.mode = (uint8_t)mode}, back;
		json_t *object = report_watch_json(&watch);

		assert_true(report_watch_read(arena, object, &back));
		json_decref(object);
		assert_int_equal(back.mode, mode);
		assert_true(*watch_mode_text((enum watch_mode)mode));
	}
}

static void text_says_what_is_wrong(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	auto_str struct str_buf text = {0};
	struct report_watch watch;

	(void)state;
	fill(arena, &watch);
	report_watch_text(&watch, &text);
	assert_non_null(strstr(text.data, "the last pass took 1.250 ms"));
	assert_non_null(strstr(text.data, "the policy on disk is not loaded"));
	assert_non_null(strstr(text.data, "systemctl restart docker"));
	assert_non_null(strstr(text.data, "after nft (process 99): 2 changes"));
}

static void metrics_are_as_prometheus_wants(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	auto_str struct str_buf text = {0};
	struct report_watch watch;
	struct report_metrics metrics = {.watch = &watch};

	(void)state;
	fill(arena, &watch);
	*vec_add(arena, &metrics.counters) =
		(struct report_metric_counter){.name = "refused_in", .packets = 7, .bytes = 420};
	report_watch_metrics(&metrics, &text);
	assert_non_null(strstr(text.data, "\nwharfwall_enforcing 1\n"));
	assert_non_null(strstr(text.data, "\nwharfwall_policy_error 1\n"));
	assert_non_null(strstr(text.data, "\nwharfwall_lag_seconds 0.001250\n"));
	assert_non_null(strstr(text.data, "\nwharfwall_lag_max_seconds 2.000001\n"));
	assert_non_null(
		strstr(text.data, "\nwharfwall_refused_packets_total{counter=\"refused_in\"} 7\n"));
	watch.error = "no";
	str_buf_done(&text);
	text = (struct str_buf){0};
	report_watch_metrics(&metrics, &text);
	assert_non_null(strstr(text.data, "\nwharfwall_enforcing 0\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(nonsense_is_none),
		cmocka_unit_test(every_mode_has_a_name),
		cmocka_unit_test(text_says_what_is_wrong),
		cmocka_unit_test(metrics_are_as_prometheus_wants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
