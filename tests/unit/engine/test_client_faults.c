/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Engines that die, lie, or answer by the byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "client_scene.h"

#define PATIENT_MS 15000u /* where a late answer is not what is meant */
#define WEB "web 172.17.0.2 100 8080:80"

static void scene_of_one(struct scene *scene)
{
	scene_start(scene);
	fake_engine_tell(&scene->fake, "container web 172.17.0.2 100 8080 80");
}

/* Fails the first connection for that reason, then comes up when the fault is taken away. */
static void expect_loss(struct scene *scene, unsigned timeout_ms, const char *reason)
{
	scene_connect(scene, timeout_ms);
	scene_until_state(scene, ENGINE_SILENT);
	scene_expect_reason(scene, reason);
	assert_string_equal(scene_text(scene), "");
	assert_int_equal(loop_take_changes(&scene->loop), ENGINE_CHANGE_STATE);
}

static void expect_fault_within(unsigned timeout_ms, const char *fault, const char *reason)
{
	struct scene scene;

	scene_of_one(&scene);
	fake_engine_tell(&scene.fake, "%s", fault);
	expect_loss(&scene, timeout_ms, reason);
	scene_stop(&scene);
}

static void expect_fault(const char *fault, const char *reason)
{
	expect_fault_within(PATIENT_MS, fault, reason);
}

static void test_wrong_answers(void **state)
{
	(void)state;
	expect_fault("status /info 500", "the engine answers GET /info with status 500");
	expect_fault("status /events 400", "the engine answers GET /events with status 400");
	expect_fault("status /containers/json 404", "with status 404");
	expect_fault("set /version x", "version is not JSON");
	expect_fault("set /version {}", "does not say which API");
	expect_fault("set /version {\"ApiVersion\":\"1.41/../x\"}", "does not say which API");
	expect_fault("set /info []", "another form");
	expect_fault("set /networks {}", "another form");
	expect_fault("set /networks [{\"Name\":5}]", "of another kind");
	expect_fault("set /containers/json {}", "is not JSON");
	expect_fault("set /containers/json [{}]", "no proper id");
	expect_fault("set /containers/json [{\"Id\":5}]", "of another kind");
	expect_fault("set /containers/json [", "ends in the middle");
}

static void test_long_answers(void **state)
{
	(void)state;
	expect_fault("fault /version huge 20000000", "more than 16777216 bytes");
	expect_fault("fault /containers/json huge 20000000", "more than 16777216 bytes");
	expect_fault("fault /info headers 70000", "more than 65536 bytes of headers");
}

static void test_slow_answers(void **state)
{
	(void)state;
	expect_fault_within(SCENE_TIMEOUT_MS, "fault /version slow 1000",
			    "did not answer GET /version in time");
	expect_fault_within(SCENE_TIMEOUT_MS, "fault /containers/json slow 50",
			    "did not answer GET /containers/json in time");
	expect_fault_within(SCENE_TIMEOUT_MS, "fault /info silent",
			    "did not answer GET /info in time");
	expect_fault_within(SCENE_TIMEOUT_MS, "fault /events silent",
			    "did not answer GET /events in time");
}

static void expect_inspection_fault(const char *verb, const char *what, const char *reason)
{
	struct scene scene;
	char id[65];
	struct engine_client_numbers numbers;

	scene_of_one(&scene);
	fake_engine_id(0, id);
	fake_engine_tell(&scene.fake, "%s /containers/%s/json %s", verb, id, what);
	scene_connect(&scene, strstr(what, "slow") ? SCENE_TIMEOUT_MS : PATIENT_MS);
	do {
		(void)loop_step(&scene.loop, 100, -1);
		engine_client_numbers(scene.loop.client, &numbers);
	} while (numbers.losses == 0);
	scene_expect_reason(&scene, reason);
	assert_string_equal(scene_text(&scene), ""); /* nobody could tell when it ends */
	scene_stop(&scene);
}

static void test_wrong_inspections(void **state)
{
	(void)state;
	expect_inspection_fault("set", "[]", "another form");
	expect_inspection_fault("set", "{}", "no proper id");
	expect_inspection_fault("fault", "slow 100", "in time");
	expect_inspection_fault("fault", "cut 100", "does not answer");
	expect_inspection_fault("fault", "huge 2000000", "more than 1048576 bytes");
}

/* An error for one container says nothing of the others, nor of itself. */
static void test_refused_inspection(void **state)
{
	struct scene scene;
	char id[65];

	(void)state;
	scene_of_one(&scene);
	fake_engine_id(0, id);
	fake_engine_tell(&scene.fake, "status /containers/%s/json 500", id);
	scene_ready(&scene);
	assert_string_equal(scene_text(&scene), "web 172.17.0.2 0 8080:80");
	fake_engine_tell(&scene.fake, "status /containers/%s/json 404", id);
	fake_engine_tell(&scene.fake, "emit web update");
	scene_until(&scene, "");
	scene_stop(&scene);
}

static void expect_stream_fault(const char *command, const char *reason)
{
	struct scene scene;
	struct engine_client_numbers numbers;

	scene_of_one(&scene);
	scene_connect(&scene, strstr(reason, "middle") ? SCENE_TIMEOUT_MS : PATIENT_MS);
	scene_until(&scene, WEB);
	fake_engine_tell(&scene.fake, "%s", command);
	do {
		(void)loop_step(&scene.loop, 100, -1);
		engine_client_numbers(scene.loop.client, &numbers);
	} while (numbers.losses == 0);
	scene_expect_reason(&scene, reason);
	/* its process is still there to be watched */
	assert_string_equal(scene_text(&scene), WEB);
	/* and the next connection is as good as the first */
	scene_until_state(&scene, ENGINE_ANSWERED);
	scene_settle(&scene);
	fake_engine_tell(&scene.fake, "emit web die");
	scene_until(&scene, "");
	scene_stop(&scene);
}

static void test_wrong_streams(void **state)
{
	auto_str struct str_buf deep = {0}, longer = {0};

	(void)state;
	expect_stream_fault("event x", "stream of events is not JSON");
	expect_stream_fault("event []", "stream of events is not JSON");
	expect_stream_fault("event {\"Type\":{}}", "of another kind");
	expect_stream_fault("event {,}", "event is not JSON");
	expect_stream_fault("part {\"Type\":", "in the middle of an event");
	expect_stream_fault("drop", "the engine");
	str_buf_adds(&deep, "event ");
	str_buf_adds(&longer, "part {\"");
	for (int i = 0; i < 40; i++)
		str_buf_adds(&deep, "{\"a\":");
	for (int i = 0; i < 1100; i++)
		str_buf_addf(&longer, "%01000d", 5);
	expect_stream_fault(deep.data, "nested more than 32 levels");
	expect_stream_fault(longer.data, "more than 1048576 bytes");
}

/* Cut at each byte it is lost, and nothing that was half told is known. */
static void expect_cuts(const char *path)
{
	struct scene scene;
	unsigned cut = 0;

	scene_of_one(&scene);
	for (;; cut++) {
		fake_engine_tell(&scene.fake, "fault %s cut %u", path, cut);
		scene_connect(&scene, PATIENT_MS);
		do {
			(void)loop_step(&scene.loop, 5000, -1);
		} while (!scene_look(&scene));
		if (scene.facts.engine.state == ENGINE_ANSWERED)
			break;
		assert_int_equal(scene.facts.engine.state, ENGINE_SILENT);
		assert_int_equal(scene.facts.engine.containers.len, 0);
		assert_true(scene.facts.engine.reason[0] != '\0');
		if (strstr(scene.facts.engine.reason, "in time"))
			fail_msg("%s cut at %u: %s", path, cut, scene.facts.engine.reason);
		loop_stop(&scene.loop);
	}
	print_message("%s: lost at each of %u bytes\n", path, cut);
	assert_in_range(cut, 60, 5000);
	scene_stop(&scene);
}

static void test_cut_at_every_byte(void **state)
{
	(void)state;
	expect_cuts("/version");
	expect_cuts("/info");
	expect_cuts("/networks");
	expect_cuts("/containers/json");
}

/* Events that come in two pieces, wherever they are cut. */
static void test_stream_in_pieces(void **state)
{
	static const char event[] =
		"{\"Type\":\"container\",\"Action\":\"update\",\"Actor\":{\"ID\":\""
		"0000000000000000000000000000000000000000000000000000000000000000\"}}\n";
	struct scene scene;
	struct engine_client_numbers before, after;

	(void)state;
	scene_of_one(&scene);
	scene_ready(&scene);
	engine_client_numbers(scene.loop.client, &before);
	for (size_t cut = 1; cut < strlen(event) - 1; cut++) {
		fake_engine_tell(&scene.fake, "part %.*s", (int)cut, event);
		(void)loop_step(&scene.loop, 0, -1);
		fake_engine_tell(&scene.fake, "part %.*s", (int)(strlen(event) - 1 - cut),
				 event + cut);
		(void)loop_step(&scene.loop, 0, -1);
	}
	scene_settle(&scene);
	engine_client_numbers(scene.loop.client, &after);
	assert_int_equal(after.events - before.events, strlen(event) - 2);
	assert_int_equal(after.losses, 0);
	assert_string_equal(scene_text(&scene), WEB);
	scene_stop(&scene);
}

static void test_other_forms_of_answers(void **state)
{
	static const char *const faults[] = {"chunked 1", "chunked 7", "bare"};
	static const char *const paths[] = {"/version", "/info", "/networks", "/containers/json"};

	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct scene scene;

		scene_of_one(&scene);
		for (size_t k = 0; k < sizeof(paths) / sizeof(paths[0]); k++)
			fake_engine_tell(&scene.fake, "fault %s %s", paths[k], faults[i]);
		scene_ready(&scene);
		assert_string_equal(scene_text(&scene), WEB);
		scene_stop(&scene);
	}
}

/* 10 ms, doubled up to 5 s; the clock is the test's. */
static void test_pauses(void **state)
{
	static const long want[] = {10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5000, 5000, 5000};
	struct scene scene;

	(void)state;
	scene_of_one(&scene);
	fake_engine_tell(&scene.fake, "deaf");
	scene_connect(&scene, 5000);
	while (scene.loop.pause_count < sizeof(want) / sizeof(want[0]))
		(void)loop_step(&scene.loop, 100, -1);
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		assert_in_range(scene.loop.pauses[i], want[i] - 2, want[i]);
	assert_true(scene_look(&scene));
	assert_int_equal(scene.facts.engine.state, ENGINE_ABSENT);
	scene_expect_reason(&scene, "there is no socket");
	/* it is said once */
	assert_int_equal(scene.loop.calls, 1);
	fake_engine_tell(&scene.fake, "listen");
	scene_until(&scene, WEB);
	scene_stop(&scene);
}

/* Dead and back, at another socket: what it says then replaces what was known. */
static void test_engine_comes_back(void **state)
{
	struct scene scene;

	(void)state;
	scene_of_one(&scene);
	fake_engine_tell(&scene.fake, "container db 172.17.0.3 101");
	scene_ready(&scene);
	fake_engine_tell(&scene.fake, "deaf");
	fake_engine_tell(&scene.fake, "drop");
	scene_until_state(&scene, ENGINE_ABSENT);
	assert_int_equal(loop_take_changes(&scene.loop), ENGINE_CHANGE_STATE);
	assert_string_equal(scene_text(&scene), WEB "; db 172.17.0.3 101");
	fake_engine_tell(&scene.fake, "remove web");
	fake_engine_tell(&scene.fake, "container db 172.17.0.7 200");
	fake_engine_tell(&scene.fake, "container new 172.17.0.4 201");
	fake_engine_tell(&scene.fake, "listen");
	scene_until(&scene, "db 172.17.0.7 200; new 172.17.0.4 201");
	assert_int_equal(loop_take_changes(&scene.loop),
			 ENGINE_CHANGE_STATE | ENGINE_CHANGE_OPENED | ENGINE_CHANGE_CLOSED);
	/* twenty times */
	for (int i = 0; i < 20; i++) {
		scene_settle(&scene);
		fake_engine_tell(&scene.fake, "deaf");
		fake_engine_tell(&scene.fake, "drop");
		scene_until_state(&scene, ENGINE_ABSENT);
		fake_engine_tell(&scene.fake, "listen");
		scene_until_state(&scene, ENGINE_ANSWERED);
	}
	scene_until(&scene, "db 172.17.0.7 200; new 172.17.0.4 201");
	scene_stop(&scene);
}

static void test_urls(void **state)
{
	struct client_loop loop;
	struct err err = {0};

	(void)state;
	assert_true(loop_start(&loop, "tcp://127.0.0.1:2375", 100, &err) < 0);
	assert_true(loop_start(&loop, "relative", 100, &err) < 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrong_answers),
		cmocka_unit_test(test_long_answers),
		cmocka_unit_test(test_slow_answers),
		cmocka_unit_test(test_wrong_inspections),
		cmocka_unit_test(test_refused_inspection),
		cmocka_unit_test(test_wrong_streams),
		cmocka_unit_test(test_cut_at_every_byte),
		cmocka_unit_test(test_stream_in_pieces),
		cmocka_unit_test(test_other_forms_of_answers),
		cmocka_unit_test(test_pauses),
		cmocka_unit_test(test_engine_comes_back),
		cmocka_unit_test(test_urls),
	};

	if (argc != 2)
		return 2;
	scene_program = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
