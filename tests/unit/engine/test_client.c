/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the client knows, event by event. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "client_scene.h"

#define CLOSED ENGINE_CHANGE_CLOSED
#define OPENED ENGINE_CHANGE_OPENED

static void test_start(void **state)
{
	struct scene scene;
	char id[65];

	(void)state;
	scene_start(&scene);
	fake_engine_tell(&scene.fake, "container web 172.17.0.2 100 8080 80");
	fake_engine_tell(&scene.fake, "container db 172.17.0.3 101");
	scene_connect(&scene, SCENE_TIMEOUT_MS);
	assert_false(scene_look(&scene)); /* nothing is known while it is asked */
	scene_until(&scene, "web 172.17.0.2 100 8080:80; db 172.17.0.3 101");
	assert_int_equal(scene.facts.engine.state, ENGINE_ANSWERED);
	assert_string_equal(scene.facts.engine.version, "20.10.24");
	assert_string_equal(scene.facts.engine.api_version, "1.41");
	assert_string_equal(scene.facts.engine.name, "docker");
	assert_int_equal(scene.facts.engine.networks.len, 1);
	assert_true(loop_take_changes(&scene.loop) & ENGINE_CHANGE_STATE);
	fake_engine_id(1, id);
	assert_string_equal(scene_container(&scene, "db")->id, id);
	/* version, info, events, networks, list, two inspections */
	scene_settle(&scene);
	assert_int_equal(fake_engine_requests(&scene.fake), 7);
	/* and then it sleeps, when libcurl's own deadlines are over */
	for (int i = 0; scene.loop.due >= 0; i++) {
		assert_in_range(i, 0, 3);
		(void)loop_step(&scene.loop, 2 * SCENE_TIMEOUT_MS, -1);
	}
	scene_stop(&scene);
}

/* What the list says is known before each process is: that may take long. */
static void test_list_counts_at_once(void **state)
{
	struct scene scene;
	char id[65];

	(void)state;
	scene_start(&scene);
	fake_engine_tell(&scene.fake, "container web 172.17.0.2 100 8080 80");
	fake_engine_id(0, id);
	fake_engine_tell(&scene.fake, "fault /containers/%s/json silent", id);
	scene_connect(&scene, SCENE_TIMEOUT_MS);
	scene_until(&scene, "web 172.17.0.2 0 8080:80");
	/* it hangs in its start: the connection is not lost for that */
	while (scene.loop.due >= 0)
		(void)loop_step(&scene.loop, 100, -1);
	assert_string_equal(scene_text(&scene), "web 172.17.0.2 0 8080:80");
	assert_int_equal(scene.facts.engine.state, ENGINE_ANSWERED);
	/* it is asked for again by what happens, or by the next full check */
	fake_engine_tell(&scene.fake, "fault /containers/%s/json none", id);
	engine_client_resync(scene.loop.client);
	scene_until(&scene, "web 172.17.0.2 100 8080:80");
	scene_stop(&scene);
}

/* However many the engine does not answer for, listed or starting: others are known at once. */
static void test_hanging_containers_hold_nobody_up(void **state)
{
	struct scene scene;
	char id[65];
	int64_t begin;

	(void)state;
	scene_start(&scene);
	fake_engine_tell(&scene.fake, "many 20");
	for (unsigned i = 0; i < 20; i++) {
		fake_engine_id(i, id);
		fake_engine_tell(&scene.fake, "fault /containers/%s/json silent", id);
	}
	for (unsigned i = 10; i < 20; i++)
		fake_engine_tell(&scene.fake, "remove c%u", i);
	scene_connect(&scene, 30000);
	scene_until_state(&scene, ENGINE_ANSWERED);
	assert_int_equal(scene.facts.engine.containers.len, 10);
	begin = loop_now();
	for (unsigned i = 10; i < 20; i++)
		fake_engine_tell(&scene.fake, "connect c%u", i);
	scene_settle(&scene);
	fake_engine_tell(&scene.fake, "container new 172.17.0.4 102");
	fake_engine_tell(&scene.fake, "connect new");
	fake_engine_tell(&scene.fake, "emit new start");
	while (!scene_container(&scene, "new") && loop_now() < begin + 10000)
		(void)loop_step(&scene.loop, 100, -1);
	assert_non_null(scene_container(&scene, "new"));
	scene_stop(&scene);
}

static struct scene *scene_of_two(struct scene *scene)
{
	scene_start(scene);
	fake_engine_tell(&scene->fake, "container web 172.17.0.2 100 8080 80");
	fake_engine_tell(&scene->fake, "container db 172.17.0.3 101");
	scene_ready(scene);
	return scene;
}

static void test_events_that_open(void **state)
{
	struct scene scene;

	(void)state;
	(void)scene_of_two(&scene);
	fake_engine_tell(&scene.fake, "container new 172.17.0.4 102 81 80");
	fake_engine_tell(&scene.fake, "emit new start");
	scene_until(&scene,
		    "web 172.17.0.2 100 8080:80; db 172.17.0.3 101; new 172.17.0.4 102 81:80");
	assert_int_equal(loop_take_changes(&scene.loop), OPENED);
	/* the same again is no change */
	fake_engine_tell(&scene.fake, "emit new update");
	scene_settle(&scene);
	assert_int_equal(loop_take_changes(&scene.loop), 0);
	fake_engine_tell(&scene.fake, "container db 172.17.0.9 101");
	fake_engine_tell(&scene.fake, "connect db");
	scene_until(&scene,
		    "web 172.17.0.2 100 8080:80; db 172.17.0.9 101; new 172.17.0.4 102 81:80");
	assert_int_equal(loop_take_changes(&scene.loop), OPENED | CLOSED);
	scene_stop(&scene);
}

/* One turn of the loop is enough to close; nothing is asked for it. */
static void expect_closed(struct scene *scene, const char *action, const char *left)
{
	unsigned long requests = fake_engine_requests(&scene->fake);

	fake_engine_tell(&scene->fake, "emit web %s", action);
	(void)loop_step(&scene->loop, 5000, -1);
	assert_string_equal(scene_text(scene), left);
	assert_int_equal(loop_take_changes(&scene->loop), CLOSED);
	scene_settle(scene);
	assert_int_equal(fake_engine_requests(&scene->fake), requests);
}

static void test_events_that_close(void **state)
{
	static const char *const actions[] = {"die", "destroy", "died", "remove"};

	(void)state;
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		struct scene scene;

		(void)scene_of_two(&scene);
		expect_closed(&scene, actions[i], "db 172.17.0.3 101");
		scene_stop(&scene);
	}
}

static void test_disconnect(void **state)
{
	struct scene scene;

	(void)state;
	(void)scene_of_two(&scene);
	fake_engine_tell(&scene.fake, "container web - 100 8080 80");
	fake_engine_tell(&scene.fake, "disconnect web");
	(void)loop_step(&scene.loop, 5000, -1);
	assert_null(strstr(scene_text(&scene), "172.17.0.2"));
	assert_true(loop_take_changes(&scene.loop) & CLOSED);
	scene_until(&scene, "web - 100 8080:80; db 172.17.0.3 101");
	scene_stop(&scene);
}

/* It has an address before its process runs; and if that never comes, not any more. */
static void test_connect_comes_before_the_process(void **state)
{
	static const char early[] =
		"{\"Id\":\"%s\",\"Name\":\"/new\",\"State\":{\"Running\":false,\"Pid\":0},"
		"\"NetworkSettings\":{\"Networks\":{\"bridge\":{\"IPAddress\":\"%s\"}}}}";
	struct scene scene;
	char id[65], json[512];

	(void)state;
	(void)scene_of_two(&scene);
	fake_engine_tell(&scene.fake, "container new 172.17.0.4 102");
	fake_engine_tell(&scene.fake, "remove new");
	fake_engine_id(2, id);
	(void)snprintf(json, sizeof(json), early, id, "172.17.0.4");
	fake_engine_tell(&scene.fake, "set /containers/%s/json %s", id, json);
	/* a stopped one that has an address is nothing, unless it was given just now */
	fake_engine_tell(&scene.fake, "emit new update");
	scene_settle(&scene);
	assert_string_equal(scene_text(&scene), "web 172.17.0.2 100 8080:80; db 172.17.0.3 101");
	fake_engine_tell(&scene.fake, "connect new");
	scene_until(&scene, "web 172.17.0.2 100 8080:80; db 172.17.0.3 101; new 172.17.0.4 0");
	fake_engine_tell(&scene.fake, "disconnect new");
	scene_settle(&scene);
	assert_string_equal(scene_text(&scene), "web 172.17.0.2 100 8080:80; db 172.17.0.3 101");
	fake_engine_tell(&scene.fake, "connect new");
	scene_until(&scene, "web 172.17.0.2 100 8080:80; db 172.17.0.3 101; new 172.17.0.4 0");
	fake_engine_tell(&scene.fake, "set /containers/%s/json", id);
	fake_engine_tell(&scene.fake, "container new 172.17.0.4 102");
	fake_engine_tell(&scene.fake, "emit new start");
	scene_until(&scene, "web 172.17.0.2 100 8080:80; db 172.17.0.3 101; new 172.17.0.4 102");
	scene_stop(&scene);
}

/* An inspection of web that was answered, but comes by the byte. */
static void begin_inspection(struct scene *scene)
{
	char id[65];

	(void)scene_of_two(scene);
	fake_engine_id(0, id);
	fake_engine_tell(&scene->fake, "fault /containers/%s/json slow 1", id);
	fake_engine_tell(&scene->fake, "emit web update");
	while (fake_engine_requests(&scene->fake) == 7)
		(void)loop_step(&scene->loop, 1, -1);
}

/* Until it has come, and the one that follows: `never` is not known at any moment. */
static void end_inspections(struct scene *scene, const char *never)
{
	while (scene->loop.due >= 0) {
		(void)loop_step(&scene->loop, 100, -1);
		if (strstr(scene_text(scene), never))
			fail_msg("'%s' is known: %s", never, scene_text(scene));
	}
	assert_int_equal(fake_engine_requests(&scene->fake), 9);
}

/* What the stream says is newer than an answer that is under way. */
static void test_old_answers_open_nothing(void **state)
{
	struct scene scene;

	(void)state;
	begin_inspection(&scene);
	fake_engine_tell(&scene.fake, "remove web");
	fake_engine_tell(&scene.fake, "emit web die");
	scene_until(&scene, "db 172.17.0.3 101");
	end_inspections(&scene, "web");
	scene_stop(&scene);

	begin_inspection(&scene);
	fake_engine_tell(&scene.fake, "container web - 100 8080 80");
	fake_engine_tell(&scene.fake, "disconnect web");
	scene_until(&scene, "web 100 8080:80; db 172.17.0.3 101");
	end_inspections(&scene, "172.17.0.2");
	scene_stop(&scene);

	begin_inspection(&scene);
	fake_engine_tell(&scene.fake, "rename web www");
	fake_engine_tell(&scene.fake, "emit www rename");
	scene_until(&scene, "000000000000 172.17.0.2 100 8080:80; db 172.17.0.3 101");
	end_inspections(&scene, "web ");
	assert_string_equal(scene_text(&scene), "www 172.17.0.2 100 8080:80; db 172.17.0.3 101");
	scene_stop(&scene);
}

/* The same for a list. */
static void test_old_lists_open_nothing(void **state)
{
	struct scene scene;
	struct engine_client_numbers numbers;
	uint64_t before;

	(void)state;
	(void)scene_of_two(&scene);
	fake_engine_tell(&scene.fake, "fault /containers/json slow 1");
	engine_client_numbers(scene.loop.client, &numbers);
	before = numbers.requests;
	engine_client_resync(scene.loop.client);
	while (fake_engine_requests(&scene.fake) < before + 2)
		(void)loop_step(&scene.loop, 1, -1);
	fake_engine_tell(&scene.fake, "remove web");
	fake_engine_tell(&scene.fake, "emit web die");
	scene_until(&scene, "db 172.17.0.3 101");
	while (scene.loop.due >= 0) {
		(void)loop_step(&scene.loop, 100, -1);
		assert_string_equal(scene_text(&scene), "db 172.17.0.3 101");
	}
	assert_int_equal(scene.facts.engine.state, ENGINE_ANSWERED);
	scene_stop(&scene);
}

/* Something unclear happens while a list comes: that list may not have it. */
static void test_another_list_if_something_is_unclear(void **state)
{
	struct scene scene;

	(void)state;
	(void)scene_of_two(&scene);
	fake_engine_tell(&scene.fake, "fault /containers/json slow 1");
	engine_client_resync(scene.loop.client);
	while (fake_engine_requests(&scene.fake) < 9) /* networks, list */
		(void)loop_step(&scene.loop, 1, -1);
	fake_engine_tell(&scene.fake, "container new 172.17.0.4 102");
	fake_engine_tell(&scene.fake, "event {\"Type\":\"network\",\"Action\":\"connect\"}");
	scene_until(&scene, "web 172.17.0.2 100 8080:80; db 172.17.0.3 101; new 172.17.0.4 102");
	scene_stop(&scene);
}

static void test_another_gets_the_address(void **state)
{
	struct scene scene;

	(void)state;
	(void)scene_of_two(&scene);
	/* even if it is never told that the first one died */
	fake_engine_tell(&scene.fake, "remove web");
	fake_engine_tell(&scene.fake, "container thief 172.17.0.2 300 8080 80");
	fake_engine_tell(&scene.fake, "emit thief start");
	scene_until(&scene, "db 172.17.0.3 101; thief 172.17.0.2 300 8080:80");
	assert_int_equal(loop_take_changes(&scene.loop), OPENED | CLOSED);
	scene_settle(&scene);
	assert_string_equal(scene_text(&scene), "db 172.17.0.3 101; thief 172.17.0.2 300 8080:80");
	scene_stop(&scene);
}

static void test_names_change_hands(void **state)
{
	struct scene scene;
	char id[65];

	(void)state;
	(void)scene_of_two(&scene);
	fake_engine_tell(&scene.fake, "rename web tmp");
	fake_engine_tell(&scene.fake, "rename db web");
	fake_engine_tell(&scene.fake, "rename tmp db");
	fake_engine_tell(&scene.fake, "emit db rename");
	(void)loop_step(&scene.loop, 5000, -1);
	assert_null(scene_container(&scene, "web")); /* nobody has it for the moment */
	assert_true(loop_take_changes(&scene.loop) & CLOSED);
	fake_engine_tell(&scene.fake, "emit web rename");
	fake_engine_tell(&scene.fake, "emit db rename");
	scene_until(&scene, "db 172.17.0.2 100 8080:80; web 172.17.0.3 101");
	fake_engine_id(1, id);
	assert_string_equal(scene_container(&scene, "web")->id, id);
	scene_stop(&scene);
}

static void test_process_that_ended(void **state)
{
	struct scene scene;
	char id[65];

	(void)state;
	(void)scene_of_two(&scene);
	fake_engine_id(0, id);
	engine_client_gone(scene.loop.client, id);
	assert_string_equal(scene_text(&scene), "db 172.17.0.3 101");
	assert_int_equal(loop_take_changes(&scene.loop), CLOSED);
	/* the engine says for a while that it runs */
	fake_engine_tell(&scene.fake, "emit web update");
	scene_settle(&scene);
	engine_client_resync(scene.loop.client);
	scene_settle(&scene);
	assert_string_equal(scene_text(&scene), "db 172.17.0.3 101");
	/* another process of it */
	fake_engine_tell(&scene.fake, "container web 172.17.0.2 200 8080 80");
	fake_engine_tell(&scene.fake, "emit web start");
	scene_until(&scene, "web 172.17.0.2 200 8080:80; db 172.17.0.3 101");
	engine_client_gone(scene.loop.client, "nonsense");
	scene_stop(&scene);
}

static void test_resync(void **state)
{
	struct scene scene;
	struct engine_client_numbers before, after;

	(void)state;
	(void)scene_of_two(&scene);
	engine_client_numbers(scene.loop.client, &before);
	engine_client_resync(scene.loop.client);
	scene_settle(&scene);
	engine_client_numbers(scene.loop.client, &after);
	assert_int_equal(after.requests, before.requests + 2); /* networks, list; nothing else */
	assert_int_equal(loop_take_changes(&scene.loop), 0);
	/* what no event told */
	fake_engine_tell(&scene.fake, "remove web");
	fake_engine_tell(&scene.fake, "container db 172.17.0.8 101");
	fake_engine_tell(&scene.fake, "container late 172.17.0.4 105");
	engine_client_resync(scene.loop.client);
	scene_until(&scene, "db 172.17.0.8 101; late 172.17.0.4 105");
	scene_stop(&scene);
}

static void test_networks(void **state)
{
	static const char two[] =
		"[{\"Name\":\"bridge\",\"Id\":\"b1\",\"Driver\":\"bridge\"},"
		"{\"Name\":\"back\",\"Id\":\"b2\",\"Driver\":\"bridge\",\"IPAM\":{\"Config\":"
		"[{\"Subnet\":\"10.1.0.0/16\"}]}}]";
	static const char inside[] =
		"{\"Id\":\"%s\",\"Name\":\"/web\",\"State\":{\"Running\":true,\"Pid\":100},"
		"\"NetworkSettings\":{\"Networks\":{\"back\":{\"IPAddress\":\"10.1.0.2\"}}}}";
	struct scene scene;
	char id[65], json[512];

	(void)state;
	(void)scene_of_two(&scene);
	fake_engine_tell(&scene.fake, "set /networks %s", two);
	fake_engine_id(0, id);
	(void)snprintf(json, sizeof(json), inside, id);
	fake_engine_tell(&scene.fake, "set /containers/%s/json %s", id, json);
	/* no event told of the network: it is looked for when a container is in it */
	fake_engine_tell(&scene.fake, "emit web update");
	scene_until(&scene, "web 10.1.0.2 100; db 172.17.0.3 101");
	assert_int_equal(scene.facts.engine.networks.len, 2);
	(void)loop_take_changes(&scene.loop);
	fake_engine_tell(&scene.fake, "set /networks");
	fake_engine_tell(&scene.fake, "event {\"Type\":\"network\",\"Action\":\"destroy\","
				      "\"Actor\":{\"ID\":\"b2\"}}");
	(void)loop_step(&scene.loop, 5000, -1);
	(void)scene_look(&scene);
	assert_int_equal(scene.facts.engine.networks.len, 1);
	assert_true(loop_take_changes(&scene.loop) & CLOSED);
	scene_settle(&scene);
	fake_engine_tell(&scene.fake, "set /networks %s", two);
	fake_engine_tell(&scene.fake, "event {\"Type\":\"network\",\"Action\":\"create\"}");
	scene_settle(&scene);
	(void)scene_look(&scene);
	assert_int_equal(scene.facts.engine.networks.len, 2);
	scene_stop(&scene);
}

static void expect_burst(unsigned of, unsigned most)
{
	struct scene scene;
	struct engine_client_numbers before, after;

	scene_start(&scene);
	fake_engine_tell(&scene.fake, "many %u", of);
	scene_ready(&scene);
	engine_client_numbers(scene.loop.client, &before);
	fake_engine_tell(&scene.fake, "burst 10000 %u", of);
	do {
		(void)loop_step(&scene.loop, 100, -1);
		engine_client_numbers(scene.loop.client, &after);
	} while (after.events < before.events + 10000);
	scene_settle(&scene);
	engine_client_numbers(scene.loop.client, &after);
	print_message("10,000 events of %u containers: %u requests, %u turns\n", of,
		      (unsigned)(after.requests - before.requests), scene.loop.wakes);
	assert_in_range(after.requests - before.requests, 1, most);
	assert_int_equal(loop_take_changes(&scene.loop), 0);
	(void)scene_look(&scene);
	assert_int_equal(scene.facts.engine.containers.len, of);
	assert_int_equal(scene.facts.engine.containers.items[of - 1].pid, 1000 + of - 1);
	scene_stop(&scene);
}

static void test_bursts(void **state)
{
	(void)state;
	expect_burst(1, 2000);
	expect_burst(1000, 4000);
	expect_burst(5000, 4000);
}

static void test_podman(void **state)
{
	struct scene scene;
	char id[65];

	(void)state;
	scene_start(&scene);
	fake_engine_tell(&scene.fake, "container web 172.17.0.2 100 8080 80");
	fake_engine_tell(&scene.fake, "container new 172.17.0.4 102");
	fake_engine_tell(&scene.fake, "remove new");
	fake_engine_tell(
		&scene.fake,
		"set /version {\"Version\":\"5.8.6\",\"ApiVersion\":\"1.41\",\"MinAPIVersion\":"
		"\"1.24\",\"Components\":[{\"Name\":\"Podman Engine\"}]}");
	scene_ready(&scene);
	assert_string_equal(scene_text(&scene), "web 172.17.0.2 100 8080:80");
	assert_string_equal(scene.facts.engine.name, "podman");
	/* it does not say which container is connected: all are listed */
	fake_engine_tell(&scene.fake, "container new 172.17.0.4 102");
	fake_engine_tell(&scene.fake,
			 "event {\"Type\":\"network\",\"Action\":\"connect\",\"status\":"
			 "\"connect\",\"Actor\":{\"ID\":\"\",\"Attributes\":{}}}");
	scene_until(&scene, "web 172.17.0.2 100 8080:80; new 172.17.0.4 102");
	/* nor has it always an Action of Docker's words */
	fake_engine_id(1, id);
	fake_engine_tell(&scene.fake,
			 "event {\"Type\":\"container\",\"Action\":\"died\",\"status\":"
			 "\"died\",\"id\":\"%s\",\"Actor\":{\"ID\":\"%s\"}}",
			 id, id);
	scene_until(&scene, "web 172.17.0.2 100 8080:80");
	scene_stop(&scene);
}

/* Docker 29 tells of its backend from API 1.49 on: it must be asked in one that we know. */
static void test_the_newest_version_that_both_know(void **state)
{
	static const struct {
		const char *speaks, *oldest, *asked;
	} cases[] = {{"1.55", "1.44", "1.55"}, {"1.60", "1.44", "1.55"}, {"1.49", "1.24", "1.49"}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct scene scene;

		scene_start(&scene);
		fake_engine_tell(&scene.fake,
				 "set /version {\"Version\":\"29.7.2\",\"ApiVersion\":\"%s\","
				 "\"MinAPIVersion\":\"%s\"}",
				 cases[i].speaks, cases[i].oldest);
		fake_engine_tell(&scene.fake,
				 "set /info {\"FirewallBackend\":{\"Driver\":\"nftables\"}}");
		scene_ready(&scene);
		assert_string_equal(scene.facts.engine.api_version, cases[i].asked);
		assert_string_equal(scene.facts.engine.firewall_backend, "nftables");
		scene_stop(&scene);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_start),
		cmocka_unit_test(test_list_counts_at_once),
		cmocka_unit_test(test_hanging_containers_hold_nobody_up),
		cmocka_unit_test(test_events_that_open),
		cmocka_unit_test(test_events_that_close),
		cmocka_unit_test(test_disconnect),
		cmocka_unit_test(test_connect_comes_before_the_process),
		cmocka_unit_test(test_old_answers_open_nothing),
		cmocka_unit_test(test_old_lists_open_nothing),
		cmocka_unit_test(test_another_list_if_something_is_unclear),
		cmocka_unit_test(test_another_gets_the_address),
		cmocka_unit_test(test_names_change_hands),
		cmocka_unit_test(test_process_that_ended),
		cmocka_unit_test(test_resync),
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_bursts),
		cmocka_unit_test(test_podman),
		cmocka_unit_test(test_the_newest_version_that_both_know),
	};

	if (argc != 2)
		return 2;
	scene_program = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
