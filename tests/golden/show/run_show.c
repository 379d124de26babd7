/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a policy becomes on one host that is always the same: for each NAME.policy of a folder, and
 * for the README's, `show` must be NAME.nft.  With RENEW=1 NAME.nft is written anew.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/protocol.h"
#include "compile/compile.h"
#include "ir/print.h"
#include "lang/parse.h"
#include "report/policy.h"
#include "resolve/resolve.h"

#define README_NAME "readme"

static struct ip_addr addr_of(const char *text)
{
	struct ip_addr addr = {0};

	if (text && !ip_addr_parse(text, strlen(text), &addr))
		(void)fprintf(stderr, "no address: %s\n", text);
	return addr;
}

static void iface_add(struct arena *arena, struct facts *facts, const char *name, uint8_t kind,
		      const char *v4, const char *v6)
{
	struct iface *iface = vec_add(arena, &facts->ifaces);

	iface->name = name;
	iface->kind = kind;
	vec_add(arena, &iface->addrs)->addr = addr_of(v4);
	vec_add(arena, &iface->addrs)->addr = addr_of(v6);
}

static void network_add(struct arena *arena, struct facts *facts, const char *name,
			const char *bridge, const char *v4, const char *v6)
{
	struct network *network = vec_add(arena, &facts->engine.networks);
	bool host_bits;

	network->name = name;
	network->iface = bridge;
	(void)ip_prefix_parse(v4, strlen(v4), vec_add(arena, &network->subnets), &host_bits);
	(void)ip_prefix_parse(v6, strlen(v6), vec_add(arena, &network->subnets), &host_bits);
}

static struct container *container_add(struct arena *arena, struct facts *facts, const char *name,
				       const char *network, const char *v4, const char *v6)
{
	struct container *container = vec_add(arena, &facts->engine.containers);

	container->id = arena_printf(arena, "id-of-%s", name);
	container->name = name;
	if (network)
		*vec_add(arena, &container->endpoints) =
			(struct endpoint){.network = network, .v4 = addr_of(v4), .v6 = addr_of(v6)};
	return container;
}

static void publish(struct arena *arena, struct container *container, const char *addr,
		    uint8_t protocol, uint16_t port, uint16_t inside)
{
	*vec_add(arena, &container->ports) = (struct port_binding){.protocol = protocol,
								   .host_addr = addr_of(addr),
								   .host_port = port,
								   .container_port = inside};
}

static void services_add(struct arena *arena, struct facts *facts)
{
	static const struct service_entry services[] = {
		{"ssh", PROTOCOL_TCP, 22},    {"domain", PROTOCOL_TCP, 53},
		{"domain", PROTOCOL_UDP, 53}, {"http", PROTOCOL_TCP, 80},
		{"https", PROTOCOL_TCP, 443}, {"https", PROTOCOL_UDP, 443},
	};

	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		*vec_add(arena, &facts->services) = services[i];
}

/* A web server, a compose project "shop" with a database, and a proxy with host networking. */
static void engine_add(struct arena *arena, struct facts *facts)
{
	struct container *container;

	facts->engine.state = ENGINE_ANSWERED;
	network_add(arena, facts, "bridge", "docker0", "172.17.0.0/16", "2001:db8:17::/64");
	network_add(arena, facts, "shop_default", "br-shop", "172.18.0.0/16", "2001:db8:18::/64");
	container = container_add(arena, facts, "web", "bridge", "172.17.0.2", NULL);
	publish(arena, container, "0.0.0.0", PROTOCOL_TCP, 8080, 80);
	container = container_add(arena, facts, "shop-db-1", "shop_default", "172.18.0.2",
				  "2001:db8:18::2");
	container->project = "shop";
	container->service = "db";
	publish(arena, container, "0.0.0.0", PROTOCOL_TCP, 5432, 5432);
	publish(arena, container, "192.0.2.10", PROTOCOL_UDP, 514, 1514);
	container_add(arena, facts, "edge", NULL, NULL, NULL)->host_network = true;
}

static void facts_make(struct arena *arena, struct facts *facts)
{
	iface_add(arena, facts, "lo", IFACE_LOOPBACK, "127.0.0.1", "::1");
	iface_add(arena, facts, "eth0", IFACE_OTHER, "192.0.2.10", "2001:db8:2::10");
	iface_add(arena, facts, "eth1", IFACE_OTHER, "10.0.0.1", "fe80::1");
	iface_add(arena, facts, "docker0", IFACE_BRIDGE, "172.17.0.1", "2001:db8:17::1");
	iface_add(arena, facts, "br-shop", IFACE_BRIDGE, "172.18.0.1", "2001:db8:18::1");
	services_add(arena, facts);
	engine_add(arena, facts);
}

static bool show(struct arena *arena, const char *name, const char *text, struct str_buf *out)
{
	struct source_set sources = {.arena = arena};
	struct diag_list diags = {.arena = arena};
	uint16_t source = source_set_add(&sources, name, text, (uint32_t)strlen(text));
	struct compile_marker marker = {.policy_hash = 0x123456789abcdef,
					.policy = name,
					.applied = "2026-11-23T12:00:00Z"};
	struct policy policy = {0};
	struct facts facts = {0};
	struct model *model;

	facts_make(arena, &facts);
	*vec_add(arena, &policy.files) = parse_file(arena, &sources, source, &diags);
	model = resolve_policy(arena, &policy, &facts, &diags);
	if (!model || diags.items.len > 0) {
		diag_list_format(&diags, &sources, out);
		return false;
	}
	report_always_allowed("# ", out);
	ir_print_table(compile_model(arena, model, &sources, &marker), out);
	return true;
}

/* What differs first, with a few lines around it; diff(1) of a renewed file says the rest. */
static bool compare(const char *name, const char *want, const char *is)
{
	size_t same = 0;

	while (want[same] && want[same] == is[same])
		same++;
	if (want[same] == is[same])
		return true;
	while (same > 0 && want[same - 1] != '\n')
		same--;
	(void)printf("not ok %s (RENEW=1 writes it anew)\n--- want\n%.400s\n--- is\n%.400s\n", name,
		     want + same, is + same);
	return false;
}

static bool run(const char *folder, const char *name, const char *text)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	const char *want_path = arena_printf(arena, "%s/%s.nft", folder, name);
	auto_str struct str_buf is = {0};
	struct err err = {0};
	char *want;
	uint32_t len;

	if (!show(arena, arena_printf(arena, "%s.policy", name), text, &is)) {
		(void)printf("not ok %s: must be a policy\n%s", name, str_buf_text(&is));
		return false;
	}
	if (getenv("RENEW") &&
	    file_write_atomic(want_path, str_buf_text(&is), is.len, 0644, &err) < 0) {
		(void)printf("not ok %s: %s\n", name, err.text);
		return false;
	}
	if (file_read(arena, want_path, FILE_ANY, LIMIT_POLICY_BYTES, &want, &len, &err) < 0) {
		(void)printf("not ok %s: %s\n", name, err.text);
		return false;
	}
	return compare(name, want, str_buf_text(&is));
}

static bool run_file(const char *folder, char *file)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	const char *path = arena_printf(arena, "%s/%s", folder, file);
	struct err err = {0};
	char *text;
	uint32_t len;

	if (file_read(arena, path, FILE_ANY, LIMIT_POLICY_BYTES, &text, &len, &err) < 0) {
		(void)printf("not ok %s: %s\n", path, err.text);
		return false;
	}
	*strrchr(file, '.') = '\0';
	return run(folder, file, text);
}

/* The policy of the README: the block that begins with the name of its file. */
static bool run_readme(const char *folder, const char *path)
{
	static const char begin[] = "```\n# /etc/wharfwall/wharfwall.policy\n";
	auto_of(arena_free) struct arena *arena = arena_new();
	struct err err = {0};
	char *text, *start, *end;
	uint32_t len;

	if (file_read(arena, path, FILE_ANY, LIMIT_POLICY_BYTES, &text, &len, &err) < 0) {
		(void)printf("not ok %s: %s\n", path, err.text);
		return false;
	}
	start = strstr(text, begin);
	end = start ? strstr(start + 4, "```") : NULL;
	if (!end) {
		(void)printf("not ok %s: there is no policy in it\n", path);
		return false;
	}
	*end = '\0';
	return run(folder, README_NAME, start + 4);
}

int main(int argc, char **argv)
{
	struct dirent **names = NULL;
	int failed, count, done = 1;

	if (argc != 3)
		return 2;
	failed = !run_readme(argv[1], argv[2]);
	count = scandir(argv[1], &names, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		if (str_ends(names[i]->d_name, ".policy")) {
			failed += !run_file(argv[1], names[i]->d_name);
			done++;
		}
		free(names[i]);
	}
	free((void *)names);
	(void)printf("%d policies, %d failed\n", done, failed);
	return failed > 0 || done < 2;
}
