/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is doubtful in a rules file: for each finding a file that shows it, at its line and column,
 * and a near miss that does not.  The host is the same in all cases:
 *
 *	eth0  external, 198.51.100.2, 2001:db8::2 where a case wants IPv6
 *	br0   a bridge with eth1 in it; br-1a2b and docker0 are container networks
 *	web   publishes 8080 -> 80 and 443 -> 443, all tcp; shut publishes 9000 -> 9000 on 127.0.0.1
 *
 * RULES_DOUBT_PRINT=1 prints each message whole.
 */
#include "analyse/rules_doubt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/protocol.h"
#include "base/str.h"
#include "rules/read.h"

enum {
	ALONE = 1 << 0,	   /* no facts: no interfaces, no engine */
	NFTABLES = 1 << 1, /* the engine keeps tables of its own */
	IPV6 = 1 << 2,	   /* the external interface has a public address */
	RULES6 = 1 << 3,   /* NAME.rules6 is there */
	SSH = 1 << 4,	   /* the administrator comes from 203.0.113.7 to port 22 */
	SHUT = 1 << 5,	   /* NAME.rules.empty sets no policy for FORWARD */
	OPENED = 1 << 6,   /* NAME.rules.empty sets FORWARD ACCEPT */
	CLEAN = 1 << 7,	   /* br0 has no port but containers' */
};

struct host {
	struct arena *arena;
	struct facts facts;
	const char *external[1];
	struct rules_doubt_ssh ssh;
	struct rules_doubt_scene scene;
};

static struct ip_addr addr_of(const char *text)
{
	struct ip_addr addr;

	assert_true(ip_addr_parse(text, strlen(text), &addr));
	return addr;
}

static struct iface *iface_put(struct host *host, const char *name, enum iface_kind kind)
{
	struct iface *iface = vec_add(host->arena, &host->facts.ifaces);

	*iface = (struct iface){.name = name, .kind = (uint8_t)kind, .up = true};
	return iface;
}

static void addr_put(struct host *host, struct iface *iface, const char *text)
{
	*vec_add(host->arena, &iface->addrs) = (struct iface_addr){addr_of(text), 24};
}

static void network_put(struct host *host, const char *name, const char *iface, const char *subnet)
{
	struct network *network = vec_add(host->arena, &host->facts.engine.networks);
	bool host_bits;

	*network = (struct network){.id = name, .name = name, .driver = "bridge", .iface = iface};
	assert_true(ip_prefix_parse(subnet, strlen(subnet), vec_add(host->arena, &network->subnets),
				    &host_bits));
}

static struct container *container_put(struct host *host, const char *name)
{
	struct container *container = vec_add(host->arena, &host->facts.engine.containers);

	*container = (struct container){.id = name, .name = name};
	return container;
}

static void port_put(struct host *host, struct container *container, const char *on, uint16_t port,
		     uint16_t inside)
{
	*vec_add(host->arena, &container->ports) = (struct port_binding){.protocol = PROTOCOL_TCP,
									 .host_addr = addr_of(on),
									 .host_port = port,
									 .container_port = inside};
}

static void engine_fill(struct host *host, unsigned flags)
{
	struct container *container;

	host->facts.engine.state = ENGINE_ANSWERED;
	host->facts.engine.firewall_backend = flags & NFTABLES ? "nftables" : "iptables";
	network_put(host, "bridge", "docker0", "172.17.0.0/16");
	network_put(host, "shop", "br-1a2b", "172.18.0.0/16");
	container = container_put(host, "web");
	port_put(host, container, "0.0.0.0", 8080, 80);
	port_put(host, container, "0.0.0.0", 443, 443);
	container = container_put(host, "shut");
	port_put(host, container, "127.0.0.1", 9000, 9000);
}

static void host_fill(struct host *host, unsigned flags)
{
	struct iface *iface;

	(void)iface_put(host, "lo", IFACE_LOOPBACK);
	iface = iface_put(host, "eth0", IFACE_OTHER);
	addr_put(host, iface, "198.51.100.2");
	if (flags & IPV6)
		addr_put(host, iface, "2001:db8::2");
	(void)iface_put(host, "docker0", IFACE_BRIDGE);
	(void)iface_put(host, "br-1a2b", IFACE_BRIDGE);
	iface_put(host, "br0", IFACE_BRIDGE)->physical_port = !(flags & CLEAN);
	*vec_add(host->arena, &host->facts.routes) =
		(struct route){.dest = {.family = IP_V4}, .iface = "eth0"};
	host->external[0] = "eth0";
	host->scene.external = host->external;
	host->scene.external_count = 1;
	engine_fill(host, flags);
}

static const struct rules_file *read_of(struct host *host, struct source_set *sources,
					const char *name, const char *text, struct diag_list *diags)
{
	uint16_t source = source_set_add(sources, name, text, (uint32_t)strlen(text));

	return rules_read(host->arena, sources, source, diags);
}

/* "3:20 W0908, 5:1 W0910": what is found in the text on that host. */
static const char *found_in(struct host *host, const char *text, unsigned flags)
{
	struct source_set sources = {.arena = host->arena};
	struct diag_list diags = {.arena = host->arena};
	auto_str struct str_buf out = {0};
	auto_str struct str_buf whole = {0};
	const struct rules_file *file = read_of(host, &sources, "file", text, &diags);

	assert_int_equal(diags.items.len, 0);
	if (!(flags & ALONE))
		host_fill(host, flags);
	host->scene.facts = &host->facts;
	host->scene.has_rules6 = flags & RULES6;
	if (flags & (SHUT | OPENED))
		host->scene.empty = read_of(host, &sources, "empty",
					    flags & SHUT ? "*filter\n-F INPUT\nCOMMIT\n"
							 : "*filter\n:FORWARD ACCEPT\nCOMMIT\n",
					    &diags);
	if (flags & SSH) {
		host->ssh = (struct rules_doubt_ssh){addr_of("203.0.113.7"),
						     addr_of("198.51.100.2"), 50000, 22};
		host->scene.ssh = &host->ssh;
	}
	rules_doubt(file, &host->scene, &diags);
	if (getenv("RULES_DOUBT_PRINT")) {
		diag_list_format(&diags, &sources, &whole);
		(void)fputs(str_buf_text(&whole), stderr);
	}
	vec_each (&diags.items, diag) {
		struct source_place place;

		assert_true(source_place_of(&sources, (*diag)->at, &place));
		assert_true((*diag)->notes.len > 0);
		str_buf_addf(&out, "%s%u:%u %s", out.len ? ", " : "", place.line, place.column,
			     diag_code_text((*diag)->code));
	}
	return arena_strdup(host->arena, str_buf_text(&out));
}

#define FILTER "*filter\n"
#define END "COMMIT\n"

static const struct {
	const char *name;
	const char *text;
	const char *want;
	unsigned flags;
} cases[] = {
	/* nothing to say */
	{"good file",
	 FILTER ":INPUT ACCEPT [0:0]\n:DOCKER-USER - [0:0]\n-F INPUT\n-F DOCKER-USER\n"
		"-A INPUT -i lo -j ACCEPT\n"
		"-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
		"-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n"
		"-A INPUT -m limit --limit 10/minute -j LOG --log-prefix \"input: \"\n"
		"-A INPUT -j REJECT\n"
		"-A DOCKER-USER -i extinf -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN\n"
		"-A DOCKER-USER -i extinf -p tcp -m conntrack --ctorigdstport 8080 -j RETURN\n"
		"-A DOCKER-USER -i extinf -j DROP\n" END,
	 "", IPV6 | SSH | OPENED},
	{"empty file", FILTER END, "", 0},
	{"no facts", FILTER "-A INPUT -i ens192 -p tcp --dport 8080 -j ACCEPT\n" END, "", ALONE},

	/* E0851, E0852 */
	{"dump with Docker's chains",
	 "# Generated by iptables-save v1.8.9\n" FILTER ":DOCKER - [0:0]\n"
	 "-A DOCKER -d 172.17.0.2/32 -j ACCEPT\n" END,
	 "3:2 E0851", 0},
	{"counters show a dump too", FILTER ":INPUT ACCEPT [7:420]\n:DOCKER - [0:0]\n" END,
	 "3:2 E0851", 0},
	{"Docker's redirects show a dump too",
	 "*nat\n-A DOCKER -p tcp -j DNAT --to-destination 172.17.0.2:80\n" END, "2:4 E0851", 0},
	{"dump without Docker",
	 "# Generated by iptables-save v1.8.9\n" FILTER "-A INPUT -i lo -j ACCEPT\n" END, "", 0},
	{"dump with redirects",
	 "# Generated by iptables-save v1.8.9\n*nat\n"
	 "-A PREROUTING -p tcp --dport 80 -j DNAT --to-destination 172.17.0.2:80\n" END,
	 "3:36 E0852", 0},
	{"redirects by hand",
	 "*nat\n-A PREROUTING -p tcp --dport 81 -j DNAT --to-destination 10.0.0.9:80\n" END, "", 0},

	/* W0901 */
	{"rules in Docker's chain",
	 FILTER "-A INPUT -i lo -j ACCEPT\n-A DOCKER -s 10.0.0.1 -j DROP\n"
		"-I DOCKER -s 10.0.0.2 -j DROP\n" END,
	 "3:4 W0901", 0},
	{"Docker's chain emptied", FILTER "-F DOCKER-ISOLATION-STAGE-1\n" END, "2:4 W0901", 0},
	{"chain with a name like Docker's", FILTER ":DOCKERS - [0:0]\n-A DOCKERS -j DROP\n" END, "",
	 0},

	/* W0902 */
	{"FORWARD emptied", FILTER "-F FORWARD\n" END, "2:4 W0902", 0},
	{"all of a table emptied", "*nat\n-A PREROUTING -i eth0 -j RETURN\n-F\n" END, "3:1 W0902",
	 0},
	{"FORWARD of a host without Docker emptied", FILTER "-F FORWARD\n" END, "", ALONE},
	{"FORWARD beside tables of Docker's own emptied", FILTER "-F FORWARD\n" END, "", NFTABLES},
	{"INPUT emptied", FILTER "-F INPUT\n" END, "", 0},

	/* W0903 */
	{"published port in INPUT",
	 FILTER "-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 8080 -j ACCEPT\n" END, "2:46 W0903",
	 0},
	{"published port in a list",
	 FILTER "-A INPUT -p tcp -m multiport --dports 22,443 -j DROP\n" END, "2:39 W0903", 0},
	{"published port in a chain of INPUT",
	 FILTER ":WEB - [0:0]\n-A INPUT -j WEB\n-A WEB -p tcp --dport 8080 -j ACCEPT\n" END,
	 "4:23 W0903", 0},
	{"port of the other protocol", FILTER "-A INPUT -p udp --dport 8080 -j ACCEPT\n" END, "",
	 0},
	{"port that is published on loopback",
	 FILTER "-A INPUT -p tcp --dport 9000 -j ACCEPT\n" END, "", 0},
	{"port of many", FILTER "-A INPUT -p tcp --dport 1024:65535 -j ACCEPT\n" END, "", 0},
	{"from containers", FILTER "-A INPUT -i docker0 -p tcp --dport 8080 -j ACCEPT\n" END, "",
	 0},
	{"told in DOCKER-USER too",
	 FILTER "-A INPUT -p tcp --dport 8080 -j ACCEPT\n"
		"-A DOCKER-USER -p tcp -m conntrack --ctorigdstport 8080 -j RETURN\n" END,
	 "", 0},

	/* W0904 */
	{"port as dialled in DOCKER-USER",
	 FILTER "-A DOCKER-USER -i extinf -p tcp --dport 8080 -j RETURN\n" END, "2:41 W0904", 0},
	{"port inside in DOCKER-USER",
	 FILTER "-A DOCKER-USER -i eth0 -p tcp --dport 80 -j DROP\n" END, "2:39 W0904", 0},
	{"port that is not translated",
	 FILTER "-A DOCKER-USER -i extinf -p tcp --dport 443 -j RETURN\n" END, "", 0},
	{"port 80 of somebody outside",
	 FILTER "-A DOCKER-USER -o extinf -p tcp --dport 80 -j RETURN\n" END, "", 0},

	/* W0905 */
	{"ACCEPT in DOCKER-USER", FILTER "-A DOCKER-USER -s 10.0.0.1 -j ACCEPT\n" END, "2:31 W0905",
	 0},
	{"ACCEPT in a chain of DOCKER-USER",
	 FILTER ":OFFICE - [0:0]\n-A DOCKER-USER -j OFFICE\n-A OFFICE -s 10.0.0.1 -j ACCEPT\n" END,
	 "4:26 W0905", 0},
	{"ACCEPT of what is established: once",
	 FILTER "-A DOCKER-USER -i eth0 -m conntrack --ctstate ESTABLISHED -j ACCEPT\n"
		"-A DOCKER-USER -o eth0 -m conntrack --ctstate ESTABLISHED -j ACCEPT\n" END,
	 "2:62 W0905", 0},
	{"ACCEPT elsewhere", FILTER "-A INPUT -s 10.0.0.1 -j ACCEPT\n" END, "", 0},

	/* W0906 */
	{"wildcard takes an uplink", FILTER "-A INPUT -i br+ -j ACCEPT\n" END, "2:13 W0906", 0},
	{"wildcard out", FILTER "-A OUTPUT -o br+ -j ACCEPT\n" END, "2:14 W0906", 0},
	{"wildcard of Docker's bridges", FILTER "-A INPUT -i br-+ -j ACCEPT\n" END, "", 0},
	{"wildcard without an uplink", FILTER "-A INPUT -i br+ -j ACCEPT\n" END, "", CLEAN},
	{"wildcard that closes", FILTER "-A INPUT -i br+ -j DROP\n" END, "", 0},
	{"wildcard for what is established",
	 FILTER "-A INPUT -i br+ -m state --state ESTABLISHED -j ACCEPT\n" END, "", 0},

	/* W0907 */
	{"closed for IPv4 only", FILTER "-A INPUT ! -s 10.0.0.0/8 -j DROP\n" END, "2:15 W0907", 0},
	{"DOCKER-USER closed for IPv4 only",
	 FILTER "-A DOCKER-USER -i extinf -s 128.0.0.0/1 -j DROP\n"
		"-A DOCKER-USER -i extinf -s 0.0.0.0/1 -j DROP\n" END,
	 "3:29 W0907", 0},
	{"0.0.0.0/0 is everybody in the twin", FILTER "-A INPUT -s 0.0.0.0/0 -j DROP\n" END, "", 0},
	{"closed below for both families",
	 FILTER "-A INPUT ! -s 10.0.0.0/8 -j DROP\n-A INPUT -i eth0 -j DROP\n" END, "", 0},
	{"one is shut out, not all", FILTER "-A INPUT -s 193.0.0.0/16 -j DROP\n" END, "", 0},
	{"closed for IPv4, and a file for IPv6", FILTER "-A INPUT ! -s 10.0.0.0/8 -j DROP\n" END,
	 "", RULES6},
	{"IPv4 addresses beside public IPv6",
	 FILTER "-A INPUT -s 192.0.2.1 -p tcp --dport 22 -j ACCEPT\n"
		"-A INPUT -s 192.0.2.2 -p tcp --dport 22 -j ACCEPT\n" END,
	 "2:13 W0907", IPV6},
	{"IPv4 addresses without public IPv6",
	 FILTER "-A INPUT -s 192.0.2.1 -p tcp --dport 22 -j ACCEPT\n" END, "", 0},
	{"IPv4 addresses, and a file for IPv6",
	 FILTER "-A INPUT -s 192.0.2.1 -p tcp --dport 22 -j ACCEPT\n" END, "", IPV6 | RULES6},

	/* W0908 */
	{"LOG without a limit", FILTER "-A INPUT -i extinf -j LOG\n" END, "2:23 W0908", 0},
	{"LOG with a limit", FILTER "-A INPUT -m limit --limit 5/minute -j LOG\n" END, "", 0},
	{"LOG in a chain that is limited",
	 FILTER ":LOGS - [0:0]\n-A INPUT -m limit --limit 5/minute -j LOGS\n-A LOGS -j LOG\n" END,
	 "", 0},
	{"LOG in a chain that is limited once of twice",
	 FILTER ":LOGS - [0:0]\n-A INPUT -m limit --limit 5/minute -j LOGS\n"
		"-A INPUT -p udp -j LOGS\n-A LOGS -j LOG\n" END,
	 "5:12 W0908", 0},

	/* W0909 */
	{"OUTPUT closed by its policy",
	 FILTER ":OUTPUT DROP [0:0]\n-A OUTPUT -o lo -j ACCEPT\n" END, "2:2 W0909", 0},
	{"OUTPUT closed by a rule",
	 FILTER "-A OUTPUT -o lo -j ACCEPT\n-A OUTPUT -p tcp --dport 443 -j ACCEPT\n"
		"-A OUTPUT -j REJECT\n" END,
	 "4:14 W0909", 0},
	{"OUTPUT closed but for DNS",
	 FILTER ":OUTPUT DROP [0:0]\n-A OUTPUT -p udp --dport 53 -j ACCEPT\n" END, "", 0},
	{"OUTPUT closed but for DNS over TLS",
	 FILTER ":OUTPUT DROP [0:0]\n-A OUTPUT -p tcp --dport 853 -j ACCEPT\n" END, "", 0},

	/* W0910 */
	{"rule behind the last one",
	 FILTER "-A INPUT -j DROP\n-A INPUT -p tcp --dport 22 -j ACCEPT\n" END, "3:1 W0910", 0},
	{"rules behind the last one: once",
	 FILTER
	 "-A INPUT -j REJECT\n-A INPUT -p tcp --dport 22 -j ACCEPT\n-A INPUT -p udp -j DROP\n" END,
	 "3:1 W0910", 0},
	{"rule behind a chain that takes all",
	 FILTER ":ALL - [0:0]\n-A ALL -j DROP\n-A INPUT -j ALL\n-A INPUT -p tcp --dport 22 -j "
		"ACCEPT\n" END,
	 "5:1 W0910", 0},
	{"rule in front of it",
	 FILTER "-A INPUT -j DROP\n-I INPUT -p tcp --dport 22 -j ACCEPT\n" END, "", 0},
	{"rule behind a chain that may come back",
	 FILTER ":SOME - [0:0]\n-A SOME -p udp -j DROP\n-A INPUT -j SOME\n"
		"-A INPUT -p tcp --dport 22 -j ACCEPT\n" END,
	 "", 0},

	/* W0911 */
	{"rule twice",
	 FILTER "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n-A INPUT -i lo -j ACCEPT\n"
		"-A INPUT -p tcp --dport 22 -j ACCEPT\n" END,
	 "4:1 W0911", 0},
	{"state twice, in both ways",
	 FILTER "-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT\n"
		"-A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\n" END,
	 "3:1 W0911", 0},
	{"rule twice in two chains",
	 FILTER "-A INPUT -p udp -j ACCEPT\n-A OUTPUT -p udp -j ACCEPT\n" END, "", 0},
	{"rule that remembers, twice",
	 FILTER "-A INPUT -p tcp -m recent --set --name a -j ACCEPT\n"
		"-A INPUT -p tcp -m recent --set --name a -j ACCEPT\n" END,
	 "", 0},

	/* W0912 */
	{"own SSH refused", FILTER "-A INPUT -p tcp --dport 80 -j ACCEPT\n-A INPUT -j DROP\n" END,
	 "3:13 W0912", SSH},
	{"own SSH refused by the policy", FILTER ":INPUT DROP [0:0]\n" END, "2:2 W0912", SSH},
	{"own SSH let in from there",
	 FILTER "-A INPUT -s 203.0.113.0/24 -p tcp --dport 22 -j ACCEPT\n-A INPUT -j DROP\n" END,
	 "", SSH},
	{"nobody is on SSH", FILTER "-A INPUT -p tcp --dport 80 -j ACCEPT\n-A INPUT -j DROP\n" END,
	 "", 0},

	/* W0913 */
	{"interface that is not there",
	 FILTER "-A INPUT -i ens192 -j ACCEPT\n-A INPUT -i ens192 -j DROP\n" END, "2:13 W0913", 0},
	{"interface out that is not there", FILTER "-A FORWARD ! -o eht0 -j DROP\n" END,
	 "2:17 W0913", 0},
	{"bridge that Docker will make", FILTER "-A INPUT -i br-9999 -j ACCEPT\n" END, "", 0},
	{"wildcard that takes none yet", FILTER "-A INPUT -i wg+ -j ACCEPT\n" END, "", 0},

	/* W0914 */
	{"log prefix of 30 bytes",
	 FILTER "-A INPUT -m limit --limit 5/minute -j LOG --log-prefix "
		"123456789012345678901234567890\n" END,
	 "2:56 W0914", 0},
	{"log prefix of 29 bytes",
	 FILTER "-A INPUT -m limit --limit 5/minute -j LOG --log-prefix "
		"12345678901234567890123456789\n" END,
	 "", 0},

	/* W0915 */
	{"policy of FORWARD that stays", FILTER ":INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n" END,
	 "3:2 W0915", SHUT},
	{"policy of FORWARD that is taken back", FILTER ":FORWARD DROP [0:0]\n" END, "", OPENED},
	{"policy of FORWARD, no file for stop", FILTER ":FORWARD DROP [0:0]\n" END, "", 0},
};

static void test_cases(void **state)
{
	bool failed = false;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct host host = {.arena = arena_new()};
		const char *got = found_in(&host, cases[i].text, cases[i].flags);

		if (!str_eq(got, cases[i].want)) {
			print_error("%s: '%s', not '%s'\n", cases[i].name, got, cases[i].want);
			failed = true;
		}
		arena_free(host.arena);
	}
	assert_false(failed);
}

/* A code that no case shows would never be missed. */
static void test_every_code_is_shown(void **state)
{
	static const enum diag_code codes[] = {
		DIAG_RULES_DUMP,	 DIAG_RULES_DUMP_DNAT,	DIAG_RULES_DOCKER_CHAIN,
		DIAG_RULES_SHARED_CHAIN, DIAG_RULES_INPUT_PORT, DIAG_RULES_TRANSLATED,
		DIAG_RULES_ACCEPT,	 DIAG_RULES_WILDCARD,	DIAG_RULES_NO_TWIN,
		DIAG_RULES_LOG,		 DIAG_RULES_DNS,	DIAG_RULES_UNREACHED,
		DIAG_RULES_DOUBLED,	 DIAG_RULES_SSH,	DIAG_RULES_NO_INTERFACE,
		DIAG_RULES_PREFIX,	 DIAG_RULES_FORWARD,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
		bool shown = false;

		for (size_t k = 0; k < sizeof(cases) / sizeof(*cases); k++)
			shown = shown || strstr(cases[k].want, diag_code_text(codes[i]));
		if (!shown)
			print_error("no case shows %s\n", diag_code_text(codes[i]));
		assert_true(shown);
	}
}

/* The template that people start from, as it came. */
static void test_template(void **state)
{
	struct host host = {.arena = arena_new()};
	char *text = arena_alloc(host.arena, 64 * 1024);
	FILE *file = fopen(SEED "/base.rules", "re");

	(void)state;
	assert_non_null(file);
	assert_true(fread(text, 1, 64 * 1024 - 1, file) > 0);
	(void)fclose(file);
	assert_string_equal(found_in(&host, text, IPV6 | SSH | SHUT),
			    "56:138 W0905, 19:13 W0906, 40:14 W0906, 31:71 W0908, 48:73 W0908, "
			    "68:118 W0908, 68:135 W0914, 70:119 W0908, 70:136 W0914, 49:14 W0909, "
			    "32:13 W0912, 57:1 W0911, 59:1 W0911, 4:2 W0915");
	arena_free(host.arena);
}

/* Many rules of the kinds that are compared with others. */
static void test_many_rules(void **state)
{
	struct host host = {.arena = arena_new()};
	auto_str struct str_buf text = {0};

	(void)state;
	str_buf_addf(&text, FILTER);
	for (unsigned i = 0; i < 100000; i++)
		str_buf_addf(&text, "-A %s -s 10.%u.%u.%u -p tcp -m tcp --dport 22 -j RETURN\n",
			     i % 2 ? "INPUT" : "DOCKER-USER", i >> 16, (i >> 8) & 255, i & 255);
	str_buf_addf(&text, "-A INPUT -s 10.0.0.1/32 -p tcp --dport 22 -j RETURN\n" END);
	assert_string_equal(found_in(&host, str_buf_text(&text), 0), "100002:1 W0911");
	arena_free(host.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_every_code_is_shown),
		cmocka_unit_test(test_template),
		cmocka_unit_test(test_many_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
