/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions to facts: interfaces, networks, own addresses, routes. */
#include "facts/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct ip_addr addr(const char *text)
{
	struct ip_addr parsed;

	assert_true(ip_addr_parse(text, strlen(text), &parsed));
	return parsed;
}

static struct ip_prefix prefix(const char *text)
{
	struct ip_prefix parsed;
	bool host_bits;

	assert_true(ip_prefix_parse(text, strlen(text), &parsed, &host_bits));
	return parsed;
}

static struct arena *arena;

static int facts_set_up(void **state)
{
	static struct facts facts;
	struct iface *iface;

	arena = arena_new();
	memset(&facts, 0, sizeof(facts));
	iface = vec_add(arena, &facts.ifaces);
	iface->name = "eth0";
	vec_add(arena, &iface->addrs)->addr = addr("192.0.2.1");
	iface = vec_add(arena, &facts.ifaces);
	iface->name = "docker0";
	vec_add(arena, &iface->addrs)->addr = addr("fe80::1");
	*vec_add(arena, &facts.routes) = (struct route){prefix("0.0.0.0/0"), "eth0"};
	*vec_add(arena, &facts.routes) = (struct route){prefix("172.17.0.0/16"), "docker0"};
	*vec_add(arena, &facts.routes) = (struct route){prefix("172.16.0.0/12"), "wg0"};
	vec_add(arena, &facts.engine.networks)->name = "macvlan";
	*vec_add(arena, &facts.engine.networks) =
		(struct network){.name = "bridge", .iface = "docker0"};
	*state = &facts;
	return 0;
}

static int facts_drop(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void test_iface(void **state)
{
	const struct facts *facts = *state;

	assert_string_equal(facts_iface(facts, "eth0")->name, "eth0");
	assert_null(facts_iface(facts, "eth"));
	assert_null(facts_iface(facts, "eth00"));
}

static void test_network_of_iface(void **state)
{
	const struct facts *facts = *state;

	assert_string_equal(facts_network_of_iface(facts, "docker0")->name, "bridge");
	assert_null(facts_network_of_iface(facts, "eth0"));
}

static void test_own_address(void **state)
{
	static const struct {
		const char *addr;
		bool own;
	} cases[] = {
		{"192.0.2.1", true},   {"192.0.2.2", false}, {"fe80::1", true},
		{"fe80::2", false},    {"127.0.0.53", true}, {"::1", true},
		{"172.17.0.2", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ip_addr own = addr(cases[i].addr);

		assert_int_equal(facts_is_own_address(*state, &own), cases[i].own);
	}
}

static void test_route_to(void **state)
{
	static const struct {
		const char *dest;
		const char *iface; /* NULL: none */
	} cases[] = {
		{"172.17.0.2", "docker0"},
		{"172.18.0.2", "wg0"},
		{"198.51.100.1", "eth0"},
		{"2001:db8::1", NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ip_addr dest = addr(cases[i].dest);
		const struct route *route = facts_route_to(*state, &dest);

		if (!cases[i].iface)
			assert_null(route);
		else
			assert_string_equal(route->iface, cases[i].iface);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_iface),
		cmocka_unit_test(test_network_of_iface),
		cmocka_unit_test(test_own_address),
		cmocka_unit_test(test_route_to),
	};

	return cmocka_run_group_tests(tests, facts_set_up, facts_drop);
}
