/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first policy: SSH stays, the rest is a comment, and what is routed keeps its sentences. */
#include "control/init.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/protocol.h"
#include "lang/parse.h"

struct host {
	struct arena *arena;
	struct facts facts;
};

static struct ip_addr addr(const char *text)
{
	struct ip_addr ret;

	assert_true(ip_addr_parse(text, strlen(text), &ret));
	return ret;
}

static void iface_add(struct host *host, const char *name, enum iface_kind kind)
{
	struct iface *iface = vec_add(host->arena, &host->facts.ifaces);

	iface->name = name;
	iface->kind = (uint8_t)kind;
	*vec_add(host->arena, &iface->addrs) = (struct iface_addr){addr("192.0.2.1"), 24};
}

static void listener_add(struct host *host, uint8_t protocol, const char *at, uint16_t port,
			 const char *program)
{
	*vec_add(host->arena, &host->facts.listeners) = (struct listener){
		.protocol = protocol, .addr = addr(at), .port = port, .program = program};
}

static void host_fill(struct host *host, struct arena *arena)
{
	*host = (struct host){.arena = arena};
	iface_add(host, "lo", IFACE_LOOPBACK);
	iface_add(host, "eth0", IFACE_OTHER);
	iface_add(host, "eth1", IFACE_OTHER);
	vec_add(arena, &host->facts.routes)->iface = "eth0";
	listener_add(host, PROTOCOL_TCP, "0.0.0.0", 2222, "sshd");
	listener_add(host, PROTOCOL_TCP, "::", 2222, "sshd");
	listener_add(host, PROTOCOL_TCP, "::", 22, "systemd");
	listener_add(host, PROTOCOL_TCP, "0.0.0.0", 25, "master");
	listener_add(host, PROTOCOL_TCP, "127.0.0.1", 631, "cupsd");
	host->facts.engine.state = ENGINE_ANSWERED;
}

/* Every first policy can be read; *out holds it. */
static void policy_make(struct host *host, uint16_t ssh_port, struct str_buf *out)
{
	struct source_set sources = {.arena = host->arena};
	struct diag_list diags = {.arena = host->arena};

	init_policy(&host->facts, ssh_port, out);
	(void)parse_file(host->arena, &sources,
			 source_set_add(&sources, "p", out->data, (uint32_t)out->len), &diags);
	if (diags.errors)
		fail_msg("%s in:\n%s", diags.items.items[0]->text, out->data);
}

static unsigned count(const struct str_buf *text, const char *part)
{
	unsigned found = 0;

	for (const char *at = text->data; (at = strstr(at, part)); at += strlen(part))
		found++;
	return found;
}

static void test_plain_host(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	auto_str struct str_buf text = {0};
	struct host host;

	(void)state;
	host_fill(&host, arena);
	policy_make(&host, 0, &text);
	assert_int_equal(count(&text, "zone internet = auto\n"), 1);
	assert_int_equal(count(&text, "\n    allow tcp 2222 # sshd\n"), 1);
	assert_int_equal(count(&text, "\n    allow tcp 22 # sshd\n"), 1);
	assert_int_equal(count(&text, "\n    # allow tcp 25 # master\n"), 1);
	assert_int_equal(count(&text, "631"), 0);
	assert_int_equal(count(&text, "# zone lan = eth1\n"), 1);
	assert_int_equal(count(&text, "routed"), 0);
}

static void test_own_port_is_kept(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	auto_str struct str_buf text = {0};
	struct host host;

	(void)state;
	host_fill(&host, arena);
	policy_make(&host, 2022, &text);
	assert_int_equal(count(&text, "\n    allow tcp 2022 "), 1);
}

static void test_published_ports(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	auto_str struct str_buf text = {0};
	struct container *web;
	struct host host;

	(void)state;
	host_fill(&host, arena);
	listener_add(&host, PROTOCOL_TCP, "0.0.0.0", 8080, "docker-proxy");
	web = vec_add(arena, &host.facts.engine.containers);
	web->id = "1";
	web->name = "web";
	*vec_add(arena, &web->ports) = (struct port_binding){.protocol = PROTOCOL_TCP,
							     .host_addr = addr("0.0.0.0"),
							     .host_port = 8080,
							     .container_port = 80};
	*vec_add(arena, &web->ports) = (struct port_binding){.protocol = PROTOCOL_TCP,
							     .host_addr = addr("::"),
							     .host_port = 8080,
							     .container_port = 80};
	policy_make(&host, 0, &text);
	assert_int_equal(count(&text, "8080"), 1);
	assert_int_equal(count(&text, "\n    # allow tcp 8080 to web\n"), 1);
}

static void test_routing_is_kept(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	auto_str struct str_buf text = {0};
	struct host host;

	(void)state;
	host_fill(&host, arena);
	host.facts.forwarding4 = true;
	iface_add(&host, "wg0", IFACE_TUNNEL);
	iface_add(&host, "virbr-x", IFACE_BRIDGE);
	iface_add(&host, "docker0", IFACE_BRIDGE);
	policy_make(&host, 0, &text);
	assert_int_equal(count(&text, "\nzone routed = wg0, \"virbr-x\"\n"), 1);
	assert_int_equal(count(&text, "\nrouted -> internet, routed {\n    allow\n}"), 1);
	assert_int_equal(count(&text, "\ninternet, routed -> host {\n    allow tcp 2222"), 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_host),
		cmocka_unit_test(test_own_port_is_kept),
		cmocka_unit_test(test_published_ports),
		cmocka_unit_test(test_routing_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
