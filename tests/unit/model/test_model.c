/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Zones of interfaces, and membership in lists. */
#include "model/model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { HOST, CONTAINERS, INTERNET, LAN, VPN, ZONES };

static void pattern_add(struct arena *arena, struct model *model, uint32_t zone, const char *name,
			bool wildcard)
{
	*vec_add(arena, &model->zones.items[zone].ifaces) =
		(struct iface_pattern){.name = name, .wildcard = wildcard};
}

static void test_zone_of_iface(void **state)
{
	static const struct {
		const char *iface;
		uint32_t zone;
	} cases[] = {
		{"docker0", CONTAINERS}, {"docker1", INTERNET}, {"eth1", LAN},
		{"eth10", INTERNET},	 {"wg0", LAN},		{"wg", LAN},
		{"wgvpn1", VPN},	 {"wg7", VPN},		{"br-0123456789ab", VPN},
		{"br-web", CONTAINERS},
	};
	auto_of(arena_free) struct arena *arena = arena_new();
	struct model model = {.auto_zone = INTERNET};

	(void)state;
	for (int i = 0; i < ZONES; i++)
		(void)vec_add(arena, &model.zones);
	pattern_add(arena, &model, CONTAINERS, "docker0", false);
	pattern_add(arena, &model, CONTAINERS, "br-web", false);
	pattern_add(arena, &model, LAN, "eth1", false);
	pattern_add(arena, &model, LAN, "wg", true);
	pattern_add(arena, &model, VPN, "wgvpn", true);
	pattern_add(arena, &model, VPN, "wg7", false);
	pattern_add(arena, &model, VPN, "br-", true);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(model_zone_of_iface(&model, cases[i].iface), cases[i].zone);
	assert_true(model_iface_is_container(&model, "docker0"));
	assert_false(model_iface_is_container(&model, "docker"));
}

static struct ip_prefix prefix(const char *text)
{
	struct ip_prefix parsed;
	bool host_bits;

	assert_true(ip_prefix_parse(text, strlen(text), &parsed, &host_bits));
	return parsed;
}

static void test_source_list_contains(void **state)
{
	static const struct {
		const char *addr;
		bool inside;
	} cases[] = {
		{"10.0.0.0", true},	    {"10.255.255.255", true},
		{"11.0.0.0", false},	    {"9.255.255.255", false},
		{"192.0.2.7", true},	    {"192.0.2.8", false},
		{"192.0.2.6", false},	    {"2001:db8::", true},
		{"2001:db9::", false},	    {"::", false},
		{"255.255.255.255", false},
	};
	struct ip_prefix items[] = {prefix("10.0.0.0/8"), prefix("192.0.2.7"),
				    prefix("2001:db8::/32")};
	struct source_list list = {.len = 3, .items = items};
	struct source_list nobody = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ip_addr addr;

		assert_true(ip_addr_parse(cases[i].addr, strlen(cases[i].addr), &addr));
		assert_int_equal(source_list_contains(&list, &addr), cases[i].inside);
		assert_false(source_list_contains(&nobody, &addr));
	}
}

static void test_target_list_contains(void **state)
{
	uint32_t numbers[] = {2, 5, 9};
	struct target_list list = {.len = 3, .containers = numbers};

	(void)state;
	for (uint32_t i = 0; i < 12; i++)
		assert_int_equal(target_list_contains(&list, i), i == 2 || i == 5 || i == 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zone_of_iface),
		cmocka_unit_test(test_source_list_contains),
		cmocka_unit_test(test_target_list_contains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
