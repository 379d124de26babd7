/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of ports, for people and machines. */
#include "report/ports.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/protocol.h"
#include "report/json.h"

struct fixture {
	struct arena *arena;
	struct model model;
	struct exposure_list list;
	struct report_ports ports;
};

static struct rule rule = {.verdict = VERDICT_ALLOW, .text = "allow tcp 443"};

static void fixture_fill(struct fixture *f, struct arena *arena)
{
	static const char *const names[] = {"host", "containers", "internet"};
	struct exposure *web;
	struct exposure *db;

	*f = (struct fixture){.arena = arena};
	for (size_t i = 0; i < 3; i++)
		vec_add(arena, &f->model.zones)->name = names[i];
	web = vec_add(arena, &f->list.items);
	*web = (struct exposure){.kind = EXPOSURE_PUBLISHED,
				 .protocol = PROTOCOL_TCP,
				 .port = 443,
				 .container_port = 8443,
				 .holder = "web"};
	*vec_add(arena, &web->access) =
		(struct exposure_access){.zone = 2, .verdict = VERDICT_ALLOW, .rule = &rule};
	db = vec_add(arena, &f->list.items);
	*db = (struct exposure){
		.kind = EXPOSURE_LISTENER, .protocol = PROTOCOL_TCP, .port = 5432, .holder = "db"};
	*vec_add(arena, &db->access) = (struct exposure_access){.zone = 2, .verdict = VERDICT_DENY};
	f->ports = (struct report_ports){.model = &f->model, .list = &f->list};
}

static void test_text(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	auto_str struct str_buf text = {0};
	struct fixture f;

	(void)state;
	fixture_fill(&f, arena);
	report_ports_text(&f.ports, &text);
	assert_non_null(strstr(text.data, "443    tcp   any              web:8443"));
	assert_non_null(strstr(text.data, "internet: everybody (allow tcp 443)\n"));
	assert_non_null(strstr(text.data, "db                   closed\n"));
	assert_null(strchr(text.data, '\033'));
}

static void test_json(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	const char *open_zone;
	struct fixture f;
	json_t *array;

	(void)state;
	fixture_fill(&f, arena);
	array = report_ports_json(&f.ports);
	assert_int_equal(json_array_size(array), 2);
	open_zone = json_string_value(
		json_array_get(json_object_get(json_array_get(array, 0), "reachable_from"), 0));
	assert_string_equal(open_zone, "internet");
	assert_int_equal(
		json_array_size(json_object_get(json_array_get(array, 1), "reachable_from")), 0);
	json_decref(array);
}

static void test_clients(void **state)
{
	struct ip_prefix items[5] = {0};
	struct source_list list = {5, items};
	auto_str struct str_buf text = {0};

	(void)state;
	for (uint8_t i = 0; i < 5; i++) {
		items[i].family = IP_V4;
		items[i].len = 32;
		items[i].bytes[3] = i;
	}
	report_clients(&list, &text);
	assert_string_equal(text.data, "0.0.0.0, 0.0.0.1, 0.0.0.2 and 2 more");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_clients),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
