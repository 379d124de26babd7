/* A host with containers, and policy text resolved against it: what the tests of resolve share. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lang/parse.h"
#include "resolve/resolve.h"

struct scene {
	struct arena *arena;
	struct source_set sources;
	struct diag_list diags;
	struct facts facts;
	struct policy policy;
	struct model *model;
};

static inline struct ip_addr scene_addr(const char *text)
{
	struct ip_addr parsed;

	assert_true(ip_addr_parse(text, strlen(text), &parsed));
	return parsed;
}

static inline struct ip_prefix scene_prefix(const char *text)
{
	struct ip_prefix parsed;
	bool host_bits;

	assert_true(ip_prefix_parse(text, strlen(text), &parsed, &host_bits));
	return parsed;
}

static inline struct iface *scene_iface(struct scene *scene, const char *name, enum iface_kind kind,
					const char *addr)
{
	struct iface *iface = vec_add(scene->arena, &scene->facts.ifaces);

	iface->name = name;
	iface->kind = (uint8_t)kind;
	vec_add(scene->arena, &iface->addrs)->addr = scene_addr(addr);
	return iface;
}

static inline struct container *scene_container(struct scene *scene, const char *name,
						const char *network, const char *v4)
{
	struct container *container = vec_add(scene->arena, &scene->facts.engine.containers);
	struct endpoint *endpoint;

	container->id = arena_printf(scene->arena, "id-of-%s", name);
	container->name = name;
	if (network) {
		endpoint = vec_add(scene->arena, &container->endpoints);
		endpoint->network = network;
		endpoint->v4 = scene_addr(v4);
	}
	return container;
}

static inline void scene_publish(struct scene *scene, struct container *container, uint16_t port,
				 uint16_t container_port, const char *addr)
{
	struct port_binding *binding = vec_add(scene->arena, &container->ports);

	binding->protocol = 6;
	binding->host_addr = scene_addr(addr);
	binding->host_port = port;
	binding->container_port = container_port;
}

static inline void scene_service(struct scene *scene, const char *name, uint8_t protocol,
				 uint16_t port)
{
	*vec_add(scene->arena, &scene->facts.services) =
		(struct service_entry){.name = name, .protocol = protocol, .port = port};
}

/* Containers 0 web, 1 shop-db-1 (shop/db, vpn=true), 2 edge (host network). */
static inline void scene_engine(struct scene *scene)
{
	struct engine *engine = &scene->facts.engine;
	struct network *network;
	struct container *container;

	engine->state = ENGINE_ANSWERED;
	network = vec_add(scene->arena, &engine->networks);
	network->name = "bridge";
	network->iface = "docker0";
	*vec_add(scene->arena, &network->subnets) = scene_prefix("172.17.0.0/16");
	network = vec_add(scene->arena, &engine->networks);
	network->name = "lanvlan";
	*vec_add(scene->arena, &network->subnets) = scene_prefix("192.168.7.0/24");
	container = scene_container(scene, "web", "bridge", "172.17.0.2");
	container->endpoints.items[0].v6 = scene_addr("2001:db8:c::2");
	scene_publish(scene, container, 80, 8080, "0.0.0.0");
	scene_publish(scene, container, 80, 8080, "::");
	scene_publish(scene, container, 81, 8081, "192.0.2.1");
	container = scene_container(scene, "shop-db-1", "bridge", "172.17.0.3");
	container->project = "shop";
	container->service = "db";
	*vec_add(scene->arena, &container->labels) = (struct label){"vpn", "true"};
	scene_container(scene, "edge", NULL, NULL)->host_network = true;
	*vec_add(scene->arena, &scene->facts.listeners) =
		(struct listener){.protocol = 6,
				  .addr = scene_addr("0.0.0.0"),
				  .port = 443,
				  .container = "id-of-edge"};
	*vec_add(scene->arena, &scene->facts.listeners) =
		(struct listener){.protocol = 6,
				  .addr = scene_addr("127.0.0.1"),
				  .port = 9,
				  .container = "id-of-edge"};
	*vec_add(scene->arena, &scene->facts.listeners) =
		(struct listener){.protocol = 6, .addr = scene_addr("0.0.0.0"), .port = 22};
}

static inline void scene_init(struct scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	scene->arena = arena_new();
	scene->sources.arena = scene->arena;
	scene->diags.arena = scene->arena;
	scene_iface(scene, "lo", IFACE_LOOPBACK, "127.0.0.1");
	scene_iface(scene, "eth0", IFACE_OTHER, "192.0.2.1");
	scene_iface(scene, "eth1", IFACE_OTHER, "fe80::1");
	scene_iface(scene, "docker0", IFACE_BRIDGE, "172.17.0.1");
	scene_service(scene, "ssh", 6, 22);
	scene_service(scene, "domain", 6, 53);
	scene_service(scene, "domain", 17, 53);
	scene_service(scene, "https", 6, 443);
	scene_engine(scene);
}

static inline void scene_done(struct scene *scene)
{
	arena_free(scene->arena);
}

/* May be called once for each file of the policy, before scene_resolve(). */
static inline void scene_parse(struct scene *scene, const char *text)
{
	uint16_t source =
		source_set_add(&scene->sources, "test.policy", text, (uint32_t)strlen(text));

	*vec_add(scene->arena, &scene->policy.files) =
		parse_file(scene->arena, &scene->sources, source, &scene->diags);
}

static inline struct model *scene_resolve(struct scene *scene)
{
	scene->model = resolve_policy(scene->arena, &scene->policy, &scene->facts, &scene->diags);
	return scene->model;
}

static inline void scene_print_diags(struct scene *scene)
{
	struct str_buf out auto_str = {0};

	diag_list_format(&scene->diags, &scene->sources, &out);
	print_message("%s", str_buf_text(&out));
}

/* Without any error or warning. */
static inline struct model *scene_model(struct scene *scene, const char *text)
{
	scene_parse(scene, text);
	scene_resolve(scene);
	if (!scene->model || scene->diags.items.len) {
		scene_print_diags(scene);
		fail_msg("not clean: %s", text);
	}
	return scene->model;
}
