/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `extinf` stands for, on hosts of several kinds. */
#include "control/rules_external.h"

#include <errno.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct host_iface {
	const char *name;
	uint8_t kind;
	uint8_t master; /* number in the list, from 1 */
	bool physical_port;
};

#define IFACES_MAX 8

struct external_case {
	const char *name;
	struct host_iface ifaces[IFACES_MAX];
	const char *defaults;	/* interfaces with a default route */
	const char *networks;	/* bridges that the engine knows */
	const char *remembered; /* NULL: the host runs */
	const char *want;	/* NULL: refused */
};

static const struct external_case cases[] = {
	{"one card",
	 {{"lo", IFACE_LOOPBACK, 0, false}, {"eth0", IFACE_OTHER, 0, false}},
	 "eth0",
	 NULL,
	 NULL,
	 "eth0"},
	{"the default route first",
	 {{"lo", IFACE_LOOPBACK, 0, false},
	  {"eth0", IFACE_OTHER, 0, false},
	  {"eth1", IFACE_OTHER, 0, false},
	  {"wg0", IFACE_TUNNEL, 0, false}},
	 "eth1",
	 NULL,
	 NULL,
	 "eth1 eth0 wg0"},
	{"a default route for each family",
	 {{"eth0", IFACE_OTHER, 0, false}},
	 "eth0 eth0",
	 NULL,
	 NULL,
	 "eth0"},
	{"containers",
	 {{"eth0", IFACE_VETH, 0, false},
	  {"docker0", IFACE_BRIDGE, 0, false},
	  {"br-0123456789ab", IFACE_BRIDGE, 0, false},
	  {"veth1", IFACE_VETH, 3, false},
	  {"web", IFACE_BRIDGE, 0, false},
	  {"docker_gwbridge", IFACE_BRIDGE, 0, false}},
	 "eth0",
	 "docker0 web",
	 NULL,
	 "eth0"},
	{"a bridge is the uplink",
	 {{"br0", IFACE_BRIDGE, 0, true}, {"eth0", IFACE_OTHER, 1, false}},
	 "br0",
	 NULL,
	 NULL,
	 "br0"},
	{"bridges that only look like Docker's",
	 {{"eth0", IFACE_OTHER, 0, false},
	  {"br-lan", IFACE_BRIDGE, 0, false},
	  {"br-0123456789ag", IFACE_BRIDGE, 0, false},
	  {"br-0123456789abc", IFACE_BRIDGE, 0, false}},
	 "eth0",
	 NULL,
	 NULL,
	 "eth0 br-lan br-0123456789ag br-0123456789abc"},
	{"a container bridge with a card in it",
	 {{"eth0", IFACE_OTHER, 0, false},
	  {"docker0", IFACE_BRIDGE, 0, true},
	  {"eth1", IFACE_OTHER, 2, false}},
	 "eth0",
	 "docker0",
	 NULL,
	 "eth0 docker0"},
	{"no default route", {{"eth0", IFACE_OTHER, 0, false}}, NULL, NULL, NULL, NULL},
	{"a default route to loopback only",
	 {{"lo", IFACE_LOOPBACK, 0, false}, {"eth0", IFACE_OTHER, 0, false}},
	 "lo",
	 NULL,
	 NULL,
	 NULL},
	{"boot without routes",
	 {{"lo", IFACE_LOOPBACK, 0, false}, {"eth0", IFACE_OTHER, 0, false}},
	 NULL,
	 NULL,
	 "",
	 "eth0"},
	{"boot before the card is there",
	 {{"lo", IFACE_LOOPBACK, 0, false}},
	 NULL,
	 NULL,
	 "eth0 wg0",
	 "eth0 wg0"},
	{"boot with another card",
	 {{"eth0", IFACE_OTHER, 0, false}, {"eth1", IFACE_OTHER, 0, false}},
	 NULL,
	 NULL,
	 "wg0 eth1",
	 "wg0 eth1 eth0"},
	{"first boot without a card",
	 {{"lo", IFACE_LOOPBACK, 0, false}, {"docker0", IFACE_BRIDGE, 0, false}},
	 NULL,
	 NULL,
	 "",
	 NULL},
};

/* The next word of *at, NULL at the end. */
static const char *word_next(struct arena *arena, const char **at)
{
	size_t len;

	if (!*at)
		return NULL;
	*at += strspn(*at, " ");
	len = strcspn(*at, " ");
	*at += len;
	return len ? arena_strndup(arena, *at - len, len) : NULL;
}

static void facts_make(struct arena *arena, const struct external_case *c, struct facts *facts)
{
	const char *defaults = c->defaults;
	const char *networks = c->networks;
	const char *word;

	for (uint32_t i = 0; i < IFACES_MAX && c->ifaces[i].name; i++) {
		*vec_add(arena, &facts->ifaces) =
			(struct iface){.name = c->ifaces[i].name,
				       .index = i + 1,
				       .kind = c->ifaces[i].kind,
				       .master = c->ifaces[i].master,
				       .physical_port = c->ifaces[i].physical_port};
	}
	while ((word = word_next(arena, &defaults)))
		vec_add(arena, &facts->routes)->iface = word;
	/* A route to a place is no default route. */
	if (c->ifaces[0].name)
		*vec_add(arena, &facts->routes) =
			(struct route){.dest = {.family = IP_V4, .len = 8, .bytes = {10}},
				       .iface = c->ifaces[0].name};
	while ((word = word_next(arena, &networks)))
		vec_add(arena, &facts->engine.networks)->iface = word;
}

static void check_case(const struct external_case *c)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct facts facts = {0};
	struct rules_names remembered = {0}, names = {0};
	const char *words = c->remembered;
	const char *word;
	auto_str struct str_buf got = {0};
	struct err err = {0};
	int r;

	facts_make(arena, c, &facts);
	while ((word = word_next(arena, &words)))
		*vec_add(arena, &remembered.items) = word;
	r = c->remembered ? rules_external_boot(arena, &facts, &remembered, &names, &err)
			  : rules_external(arena, &facts, &names, &err);
	vec_each (&names.items, name)
		str_buf_addf(&got, "%s%s", got.len ? " " : "", *name);
	if (!c->want && (r != -ENODEV || !strstr(err.text, "'extinf'")))
		fail_msg("%s: gave %d '%s', '%s'", c->name, r, err.text, str_buf_text(&got));
	if (c->want && (r || !str_eq(str_buf_text(&got), c->want)))
		fail_msg("%s: gave %d '%s', not '%s'", c->name, r, str_buf_text(&got), c->want);
}

static void test_external(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check_case(&cases[i]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_external),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
