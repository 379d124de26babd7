/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sentences that can never match: a table of sections, and random ones against brute force.
 * Each rule has its own line as origin; the model is made by hand.
 */
#include "analyse/doubt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/protocol.h"
#include "model/eval.h"

#define RULES_MAX 8

struct fixture {
	struct arena *arena;
	struct source_set sources;
	struct diag_list diags;
	struct model model;
	struct target_list targets[2];
	uint32_t numbers[2];
	struct source_list big; /* longer than what is taken apart */
};

/* Zones host, containers, internet, lan. */
static void fixture_init(struct fixture *fixture)
{
	memset(fixture, 0, sizeof(*fixture));
	fixture->arena = arena_new();
	fixture->sources.arena = fixture->arena;
	fixture->diags.arena = fixture->arena;
	for (int i = 0; i < 4; i++)
		(void)vec_add(fixture->arena, &fixture->model.zones);
	fixture->model.pairs = arena_new_array(fixture->arena, struct pair, 16);
	for (uint32_t i = 0; i < 2; i++) {
		fixture->numbers[i] = i;
		fixture->targets[i].len = 1;
		fixture->targets[i].containers = &fixture->numbers[i];
	}
	fixture->big.len = 100;
	fixture->big.items = arena_new_array(fixture->arena, struct ip_prefix, 100);
	for (uint8_t i = 0; i < 100; i++)
		fixture->big.items[i] =
			(struct ip_prefix){.family = IP_V4, .len = 24, .bytes = {10, 0, i}};
}

static void fixture_done(struct fixture *fixture)
{
	arena_free(fixture->arena);
}

/*
 * "tcp:80,udp:1-9,esp:,ping:|192.0.2.0/24 10.0.0.1|0": services, sources ("@" is the long list),
 * container.  Parts may be empty.
 */
static void services_read(struct fixture *fixture, struct rule *rule, char *text)
{
	struct service *services = arena_new_array(fixture->arena, struct service, 8);

	rule->any_service = !*text;
	rule->services = services;
	while (text && *text) {
		const char *word = strsep(&text, ",");
		struct service *service = &services[rule->service_count++];
		char *ports = strchr(word, ':');
		char *dash = strchr(ports, '-');
		uint32_t low = 0, high = 0;

		if (str_starts(word, "ping")) {
			service->kind = SERVICE_PING;
			continue;
		}
		assert_true(protocol_parse(word, (size_t)(ports - word), &service->protocol));
		ports++;
		service->inside = str_ends(ports, "i");
		if (service->inside)
			ports[strlen(ports) - 1] = '\0';
		if (!*ports)
			continue;
		service->kind = SERVICE_PORTS;
		assert_true(str_parse_u32(ports, dash ? (size_t)(dash - ports) : strlen(ports), 0,
					  65535, &low));
		high = low;
		if (dash)
			assert_true(str_parse_u32(dash + 1, strlen(dash + 1), 0, 65535, &high));
		service->low = (uint16_t)low;
		service->high = (uint16_t)high;
	}
}

static void sources_read(struct fixture *fixture, struct rule *rule, char *text)
{
	struct source_list *list;
	bool host_bits;

	if (!*text)
		return;
	if (*text == '@') {
		rule->from = &fixture->big;
		return;
	}
	list = arena_new_object(fixture->arena, struct source_list);
	list->items = arena_new_array(fixture->arena, struct ip_prefix, 8);
	rule->from = list;
	while (text) {
		const char *word = strsep(&text, " ");

		if (str_eq(word, "nobody"))
			continue;
		assert_true(
			ip_prefix_parse(word, strlen(word), &list->items[list->len++], &host_bits));
	}
}

static void rule_read(struct fixture *fixture, struct rule *rule, const char *text, uint32_t line)
{
	char *services = arena_strdup(fixture->arena, text);
	char *sources = strchr(services, '|');
	char *target = strrchr(services, '|');

	*sources++ = '\0';
	*target++ = '\0';
	rule->origin = (struct origin){.start = line, .len = 1, .source = 1};
	services_read(fixture, rule, services);
	sources_read(fixture, rule, sources);
	if (*target)
		rule->to = &fixture->targets[*target - '0'];
}

static void pair_read(struct fixture *fixture, uint32_t pair, const char *const *rules)
{
	fixture->model.pairs[pair].named = true;
	for (uint32_t i = 0; i < RULES_MAX && rules[i]; i++)
		rule_read(fixture, vec_add(fixture->arena, &fixture->model.pairs[pair].rules),
			  rules[i], i + 1);
}

/* "2<1 3<1": rule 2 is shadowed, the note points to rule 1. */
static void assert_shadowed(struct fixture *fixture, const char *want)
{
	struct str_buf got auto_str = {0};

	doubt_shadowed(&fixture->model, &fixture->sources, &fixture->diags);
	vec_each (&fixture->diags.items, diag) {
		assert_int_equal((*diag)->code, DIAG_NEVER_MATCHES);
		assert_int_equal((*diag)->level, DIAG_LEVEL_WARNING);
		str_buf_addf(&got, "%s%u<%u", got.len ? " " : "", (*diag)->at.start,
			     (*diag)->notes.items[0].at.start);
	}
	assert_string_equal(str_buf_text(&got), want);
}

static void test_shadowed(void **state)
{
	static const struct {
		const char *rules[RULES_MAX];
		const char *want;
	} cases[] = {
		{{"tcp:80||", "tcp:81||"}, ""},
		{{"tcp:80||", "tcp:80||"}, "2<1"},
		{{"tcp:80||", "udp:80||"}, ""},
		{{"||", "tcp:80||", "ping:|10.0.0.1|", "||"}, "2<1 3<1 4<1"},
		{{"tcp:80||", "||"}, ""},
		{{"tcp:||", "tcp:80||", "tcp:1-9||", "tcp:||", "udp:1||"}, "2<1 3<1 4<1"},
		{{"tcp:1-100||", "tcp:80||", "tcp:5-9||", "tcp:100-101||"}, "2<1 3<1"},
		{{"tcp:1-9||", "tcp:11-19||", "tcp:12-14||", "tcp:9-11||"}, "3<2"},
		{{"ping:||", "ping:|192.0.2.1|", "icmp:||"}, "2<1"},
		{{"esp:||", "esp:|2001:db8::1|"}, "2<1"},
		/* sources */
		{{"tcp:80|192.0.2.0/24|", "tcp:80|192.0.2.7|", "tcp:80|192.0.3.7|"}, "2<1"},
		{{"tcp:80|192.0.2.7|", "tcp:80|192.0.2.0/24|"}, ""},
		{{"|10.0.0.0/8|", "tcp:80|10.1.0.0/16 10.2.0.0/16|"}, "2<1"},
		{{"|10.0.0.0/8|", "tcp:80|10.1.0.0/16 11.2.0.0/16|"}, ""},
		{{"tcp:80|0.0.0.0/0|", "tcp:80|::1|", "tcp:80|1.2.3.4|"}, "3<1"},
		{{"tcp:80|2001:db8::/33|", "tcp:80|2001:db8:7000::/48|",
		  "tcp:80|2001:db8:8000::/48|"},
		 "2<1"},
		{{"||", "tcp:80|nobody|"}, ""},
		{{"|nobody|", "tcp:80||"}, ""},
		/* long lists */
		{{"tcp:80|@|", "tcp:80|@|", "tcp:80|10.0.5.9|", "tcp:80|10.0.101.1|"}, "2<1 3<1"},
		{{"tcp:80||", "tcp:80|@|"}, "2<1"},
		{{"tcp:80|10.0.5.0/24|", "tcp:80|@|"}, ""},
		/* several sentences together, each holding a whole atom */
		{{"tcp:80||", "tcp:81||", "tcp:80,tcp:81||"}, "3<1"},
		{{"tcp:80|10.0.0.1|", "|10.0.0.2|", "tcp:80|10.0.0.1 10.0.0.2|"}, "3<1"},
		{{"tcp:80||", "tcp:80,tcp:82||"}, ""},
		/* containers */
		{{"tcp:80||0", "tcp:80||0", "tcp:80||1", "tcp:80||"}, "2<1"},
		{{"tcp:80||", "tcp:80||0"}, "2<1"},
		/* the container's own ports */
		{{"tcp:80||", "tcp:80i||"}, ""},
		{{"tcp:80i||", "tcp:80||"}, ""},
		{{"tcp:80i||", "tcp:80i||"}, "2<1"},
		{{"tcp:||", "tcp:80i||", "tcp:1-2i||"}, "2<1 3<1"},
		{{"tcp:i||", "tcp:80i||", "tcp:80||"}, "2<1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture fixture;

		fixture_init(&fixture);
		pair_read(&fixture, 2 * 4 + 0, cases[i].rules);
		assert_shadowed(&fixture, cases[i].want);
		fixture_done(&fixture);
	}
}

static void test_rate_decides_too(void **state)
{
	static const char *const rules[] = {"tcp:22||", "tcp:22|10.0.0.1|", NULL};
	static const struct rate rate = {.count = 1, .burst = 1};
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	pair_read(&fixture, 8, rules);
	/* What exceeds it is dropped, so nothing is left for later ones. */
	fixture.model.pairs[8].rules.items[0].rate = &rate;
	assert_shadowed(&fixture, "2<1");
	fixture_done(&fixture);
}

static void test_several_pairs(void **state)
{
	static const char *const both[] = {"||", "tcp:80||", NULL};
	static const char *const second_only[] = {"udp:1||", "tcp:80||", NULL};
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	pair_read(&fixture, 8, both);
	pair_read(&fixture, 12, both);
	assert_shadowed(&fixture, "2<1");
	fixture_done(&fixture);
	/* Of use in one pair: no doubt. */
	fixture_init(&fixture);
	pair_read(&fixture, 8, both);
	pair_read(&fixture, 12, second_only);
	assert_shadowed(&fixture, "");
	fixture_done(&fixture);
}

/* A small universe: 4 ports of 2 protocols, 8 sources. */
static void rule_random(struct fixture *fixture, unsigned *seed, struct rule *rule, uint32_t line)
{
	struct service *service = arena_new_object(fixture->arena, struct service);
	struct source_list *list = arena_new_object(fixture->arena, struct source_list);
	unsigned bits = (unsigned)rand_r(seed) >> 4;

	rule->origin = (struct origin){.start = line, .len = 1, .source = 1};
	service->protocol = bits & 1 ? PROTOCOL_TCP : PROTOCOL_UDP;
	service->kind = bits & 6 ? SERVICE_PORTS : SERVICE_PROTOCOL;
	service->low = (uint16_t)(bits >> 3 & 3);
	service->high = (uint16_t)(bits & 4 ? service->low : 3);
	rule->any_service = (bits >> 5 & 7) == 0;
	rule->services = service;
	rule->service_count = rule->any_service ? 0 : 1;
	if ((bits >> 8 & 3) == 0)
		return;
	list->len = 1;
	list->items = arena_new_object(fixture->arena, struct ip_prefix);
	list->items->family = IP_V4;
	list->items->len = (uint8_t)(29 + (bits >> 10 & 3));
	list->items->bytes[3] = (uint8_t)((bits >> 12 & 7) & (0xffu << (32 - list->items->len)));
	rule->from = list;
}

static bool rule_takes(const struct rule *rule, uint8_t protocol, uint16_t port, uint8_t source)
{
	struct ip_addr addr = {.family = IP_V4, .bytes = {0, 0, 0, source}};

	if (rule->from && !source_list_contains(rule->from, &addr))
		return false;
	if (rule->any_service)
		return true;
	return rule->services->protocol == protocol &&
	       (rule->services->kind == SERVICE_PROTOCOL ||
		(port >= rule->services->low && port <= rule->services->high));
}

/* Some packet of the universe reaches rule `number`. */
static bool rule_has_witness(const struct pair *pair, uint32_t number)
{
	for (unsigned packet = 0; packet < 2 * 8 * 8; packet++) {
		uint8_t protocol = packet & 1 ? PROTOCOL_TCP : PROTOCOL_UDP;
		uint16_t port = (uint16_t)(packet >> 1 & 7);
		uint8_t source = (uint8_t)(packet >> 4 & 7);
		uint32_t first = 0;

		while (first < number &&
		       !rule_takes(&pair->rules.items[first], protocol, port, source))
			first++;
		if (first == number &&
		    rule_takes(&pair->rules.items[number], protocol, port, source))
			return true;
	}
	return false;
}

static void test_against_brute_force(void **state)
{
	unsigned seed = 20261123;
	uint32_t found = 0;

	(void)state;
	print_message("seed %u\n", seed);
	for (int round = 0; round < 2000; round++) {
		struct fixture fixture;
		struct pair *pair;

		fixture_init(&fixture);
		pair = &fixture.model.pairs[8];
		for (uint32_t i = 0; i < RULES_MAX; i++)
			rule_random(&fixture, &seed, vec_add(fixture.arena, &pair->rules), i);
		doubt_shadowed(&fixture.model, &fixture.sources, &fixture.diags);
		vec_each (&fixture.diags.items, diag)
			assert_false(rule_has_witness(pair, (*diag)->at.start));
		found += fixture.diags.items.len;
		fixture_done(&fixture);
	}
	assert_true(found > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shadowed),
		cmocka_unit_test(test_rate_decides_too),
		cmocka_unit_test(test_several_pairs),
		cmocka_unit_test(test_against_brute_force),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
