/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What single answers and events mean, and what is refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "engine/pack.h"
#include "engine/reply.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct str_buf text_of(const char *text)
{
	struct str_buf buf = {0};

	str_buf_adds(&buf, text);
	return buf;
}

static struct engine bridge_engine(struct arena *arena)
{
	struct engine engine = {0};
	auto_str struct str_buf body = text_of(
		"[{\"Name\":\"bridge\",\"Id\":\"b\",\"Driver\":\"bridge\",\"IPAM\":"
		"{\"Config\":[{\"Subnet\":\"172.17.0.0/16\"},{\"Subnet\":\"fd00::/64\"}]}}]");
	struct err err = {0};

	assert_int_equal(reply_networks(arena, &body, &engine, &err), 0);
	return engine;
}

static const char inspected_text[] =
	"{\"Id\":\"" ID "\",\"Name\":\"/web\",\"State\":{\"Running\":true,\"Pid\":77},"
	"\"Config\":{\"Labels\":{\"z\":\"1\",\"com.docker.compose.project\":\"shop\"}},"
	"\"HostConfig\":{\"NetworkMode\":\"default\"},\"NetworkSettings\":{\"Ports\":{"
	"\"80/"
	"tcp\":[{\"HostIp\":\"::\",\"HostPort\":\"8080\"},{\"HostIp\":\"0.0.0.0\",\"HostPort\":"
	"\"8080\"}],\"53/udp\":null,\"54/udp\":[{\"HostIp\":\"\",\"HostPort\":\"5354\"}]},"
	"\"Networks\":{\"bridge\":{\"IPAddress\":\"172.17.0.2\",\"GlobalIPv6Address\":\"\"}}}}";
static const char listed_text[] =
	"{\"Id\":\"" ID "\",\"Names\":[\"/db/alias\",\"/web\"],"
	"\"Labels\":{\"com.docker.compose.project\":\"shop\",\"z\":\"1\"},"
	"\"HostConfig\":{\"NetworkMode\":\"default\"},\"Ports\":["
	"{\"PrivatePort\":53,\"Type\":\"udp\"},"
	"{\"PrivatePort\":54,\"PublicPort\":5354,\"Type\":\"udp\"},"
	"{\"IP\":\"0.0.0.0\",\"PrivatePort\":80,\"PublicPort\":8080,\"Type\":\"tcp\"},"
	"{\"IP\":\"::\",\"PrivatePort\":80,\"PublicPort\":8080,\"Type\":\"tcp\"}],"
	"\"NetworkSettings\":{\"Networks\":{\"bridge\":{\"IPAddress\":\"172.17.0.2\"}}}}";

/* The list and the inspection of one container read as the same facts. */
static void test_list_and_inspection_agree(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct engine engine = bridge_engine(arena);
	auto_str struct str_buf one = text_of(inspected_text), other = text_of(listed_text);
	struct inspected inspected;
	struct container listed = {0}, *a, *b;
	struct err err = {0};
	size_t size;

	(void)state;
	assert_int_equal(reply_inspect(arena, &one, &engine, &inspected, &err), 0);
	assert_true(inspected.running);
	assert_int_equal(inspected.container.pid, 77);
	assert_string_equal(inspected.container.project, "shop");
	assert_int_equal(reply_container(arena, &other, &engine, &listed, &err), 0);
	a = container_pack(&inspected.container, &size);
	b = container_pack(&listed, &size);
	assert_true(container_same(a, b));
	assert_string_equal(a->name, "web");
	assert_int_equal(a->ports.len, 3);
	assert_string_equal(b->labels.items[1].key, "z");
	b->ports.items[2].host_port++;
	assert_false(container_same(a, b));
	b->ports.items[2].host_port--;
	b->endpoints.items[0].v4.bytes[3]++;
	assert_false(container_same(a, b));
	b->endpoints.items[0].v4.bytes[3]--;
	b->labels.items[1].value = "2";
	assert_false(container_same(a, b));
	free(a);
	free(b);
}

/* Replaces the only `from` of the inspection by `to`. */
static int inspect_changed(const char *from, const char *to, struct inspected *ret)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct engine engine = bridge_engine(arena);
	auto_str struct str_buf body = {0};
	const char *at = strstr(inspected_text, from);
	struct err err = {0};

	assert_non_null(at);
	str_buf_add(&body, inspected_text, (size_t)(at - inspected_text));
	str_buf_adds(&body, to);
	str_buf_adds(&body, at + strlen(from));
	return reply_inspect(arena, &body, &engine, ret, &err);
}

static void test_inspections(void **state)
{
	struct inspected found;

	(void)state;
	assert_int_equal(inspect_changed("\"Running\":true", "\"Running\":false", &found), 0);
	assert_false(found.running);
	assert_int_equal(found.container.pid, 0);
	assert_int_equal(inspect_changed("\"default\"", "\"host\"", &found), 0);
	assert_true(found.container.host_network);
	assert_int_equal(inspect_changed("172.17.0.2", "172.18.0.2", &found), -ERANGE);
	assert_int_equal(inspect_changed("172.17.0.2", "nonsense", &found), -EPROTO);
	assert_int_equal(inspect_changed("\"Pid\":77", "\"Pid\":-1", &found), -EPROTO);
	assert_int_equal(inspect_changed("\"Pid\":77", "\"Pid\":4294967296", &found), -EPROTO);
	assert_int_equal(inspect_changed("\"Pid\":77", "\"Pid\":\"77\"", &found), -EPROTO);
	assert_int_equal(inspect_changed("80/tcp", "65536/tcp", &found), -EPROTO);
	assert_int_equal(inspect_changed("80/tcp", "80", &found), -EPROTO);
	assert_int_equal(inspect_changed("\"HostPort\":\"5354\"", "\"HostPort\":5354", &found),
			 -EPROTO);
	assert_int_equal(inspect_changed("\"5354\"", "\"70000\"", &found), -EPROTO);
	assert_int_equal(inspect_changed("\"z\":\"1\"", "\"z\":[]", &found), -EPROTO);
	assert_int_equal(inspect_changed("\"State\":{", "\"Stat\":{", &found), -EPROTO);
	assert_int_equal(inspect_changed("{\"Id\":\"0", "{\"Id\":\"X", &found), -EPROTO);
	assert_int_equal(inspect_changed("\"z\":\"1\"", "\"z\":\"1\",\"z\":\"2\"", &found),
			 -EPROTO);
}

struct event_case {
	const char *text;
	enum event_kind kind;
	const char *network;
};

static void test_events(void **state)
{
#define ACTOR "\"Actor\":{\"ID\":\"" ID "\",\"Attributes\":{\"name\":\"web\"}}"
#define NET "\"Actor\":{\"ID\":\"b\",\"Attributes\":{\"container\":\"" ID "\",\"name\":\"back\"}}"
	static const struct event_case cases[] = {
		{"{\"Type\":\"container\",\"Action\":\"die\"," ACTOR "}", EVENT_GONE, NULL},
		{"{\"Type\":\"container\",\"Action\":\"destroy\"," ACTOR "}", EVENT_GONE, NULL},
		{"{\"Type\":\"container\",\"Action\":\"start\"," ACTOR "}", EVENT_CHANGED, NULL},
		{"{\"Type\":\"container\",\"Action\":\"rename\"," ACTOR "}", EVENT_RENAMED, NULL},
		{"{\"Type\":\"container\",\"Action\":\"exec_start: sh\"," ACTOR "}", EVENT_NOTHING,
		 NULL},
		{"{\"Type\":\"network\",\"Action\":\"connect\"," NET "}", EVENT_CONNECTED, "back"},
		{"{\"Type\":\"network\",\"Action\":\"disconnect\"," NET "}", EVENT_LEFT, "back"},
		{"{\"Type\":\"service\",\"Action\":\"update\",\"Actor\":{\"ID\":\"s1\"}}",
		 EVENT_UNCLEAR, NULL},
		{"{\"Type\":\"service\",\"Action\":\"inspect\"}", EVENT_NOTHING, NULL},
		{"{\"Type\":\"network\",\"Action\":\"create\"," NET "}", EVENT_NETWORKS, NULL},
		{"{\"Type\":\"network\",\"Action\":\"destroy\"," NET "}", EVENT_NETWORK_GONE, "b"},
		{"{\"Type\":\"network\",\"Action\":\"connect\"}", EVENT_UNCLEAR, NULL},
		{"{\"Type\":\"container\",\"Action\":\"die\",\"Actor\":{\"ID\":\"12\"}}",
		 EVENT_UNCLEAR, NULL},
		{"{\"Type\":\"image\",\"Action\":\"pull\"}", EVENT_NOTHING, NULL},
		{"{}", EVENT_NOTHING, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_of(arena_free) struct arena *arena = arena_new();
		auto_str struct str_buf text = text_of(cases[i].text);
		struct engine_event event;
		struct err err = {0};

		if (reply_event(arena, &text, &event, &err) < 0)
			fail_msg("%s: %s", cases[i].text, err.text);
		if (event.kind != cases[i].kind)
			fail_msg("%s: kind %u", cases[i].text, event.kind);
		if (cases[i].network)
			assert_string_equal(event.network, cases[i].network);
		if (event.kind == EVENT_GONE || event.kind == EVENT_CONNECTED)
			assert_string_equal(event.id, ID);
	}
}

static void test_wrong_events(void **state)
{
	static const char *const texts[] = {
		"{",
		"{\"Type\":1}",
		"{\"Type\":\"container\",\"Action\":[]}",
		"{\"Type\":\"container\",\"Action\":\"die\",\"Actor\":[]}",
		"{\"Type\":\"container\",\"Action\":\"die\",\"Actor\":{\"ID\":5}}",
		"{\"Type\":\"container\",\"Type\":\"network\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		auto_of(arena_free) struct arena *arena = arena_new();
		auto_str struct str_buf text = text_of(texts[i]);
		struct engine_event event;
		struct err err = {0};

		assert_int_equal(reply_event(arena, &text, &event, &err), -EPROTO);
		assert_true(err.text[0] != '\0');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list_and_inspection_agree),
		cmocka_unit_test(test_inspections),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_wrong_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
