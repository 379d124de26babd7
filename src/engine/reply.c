/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the engine says of itself and of its networks. */
#include "engine/reply.h"

#include <errno.h>
#include <string.h>

#include "base/limits.h"
#include "engine/json.h"

/*
 * The newest API version that these replies were read of (Docker 29.7); older engines are asked in
 * theirs.  FirewallBackend is told from 1.49 on.
 */
#define API_NEWEST_MINOR 55u

static int api_minor(const char *version, uint32_t *ret)
{
	const char *dot = strchr(version, '.');

	if (!dot || dot != version + 1 || version[0] != '1' ||
	    !str_parse_u32(dot + 1, strlen(dot + 1), 0, 999, ret))
		return -EPROTO;
	return 0;
}

static const char *keep(struct arena *arena, const char *text)
{
	return text ? arena_strdup(arena, text) : NULL;
}

/* "podman" when one of the components is Podman's engine. */
static const char *engine_name(const json_t *version)
{
	const json_t *components = json_object_get(version, "Components");
	const json_t *component;
	size_t i;

	json_array_foreach(components, i, component)
	{
		const char *name = json_string_value(json_object_get(component, "Name"));

		if (name && strstr(name, "Podman"))
			return "podman";
	}
	return "docker";
}

int reply_version(struct arena *arena, const struct str_buf *body, struct engine *engine,
		  struct err *err)
{
	auto_of(json_release) json_t *json = json_read(body, JSON_OBJECT, "version", err);
	const char *version = NULL, *api = NULL;
	uint32_t minor;
	int r;

	if (!json)
		return -EPROTO;
	r = json_member_text(json, "Version", &version, err);
	if (r == 0)
		r = json_member_text(json, "ApiVersion", &api, err);
	if (r < 0)
		return r;
	if (!api || api_minor(api, &minor) < 0)
		return err_set(err, -EPROTO, "the engine does not say which API it speaks");
	if (minor > API_NEWEST_MINOR)
		minor = API_NEWEST_MINOR;
	/* an engine whose oldest version is newer than what we know is asked in its oldest */
	r = json_member_text(json, "MinAPIVersion", &api, err);
	if (r < 0)
		return r;
	if (api) {
		uint32_t oldest;

		if (api_minor(api, &oldest) == 0 && oldest > minor)
			minor = oldest;
	}
	engine->name = engine_name(json);
	engine->version = keep(arena, version);
	engine->api_version = arena_printf(arena, "1.%u", minor);
	return 0;
}

int reply_info(struct arena *arena, const struct str_buf *body, struct engine *engine,
	       struct err *err)
{
	auto_of(json_release) json_t *json = json_read(body, JSON_OBJECT, "info", err);
	const char *driver = NULL, *state = NULL;
	json_t *backend, *swarm;
	int r;

	if (!json)
		return -EPROTO;
	r = json_member(json, "FirewallBackend", JSON_OBJECT, &backend, err);
	if (r == 0 && backend)
		r = json_member_text(backend, "Driver", &driver, err);
	if (r == 0)
		r = json_member(json, "Swarm", JSON_OBJECT, &swarm, err);
	if (r == 0 && swarm)
		r = json_member_text(swarm, "LocalNodeState", &state, err);
	if (r < 0)
		return r;
	engine->firewall_backend = keep(arena, driver);
	engine->swarm = state && str_eq(state, "active");
	return 0;
}

static int read_subnets(struct arena *arena, const json_t *json, struct network *network,
			struct err *err)
{
	json_t *ipam, *configs, *config;
	size_t i;
	int r = json_member(json, "IPAM", JSON_OBJECT, &ipam, err);

	if (r < 0 || !ipam)
		return r;
	r = json_member(ipam, "Config", JSON_ARRAY, &configs, err);
	if (r < 0 || !configs)
		return r;
	json_array_foreach(configs, i, config)
	{
		const char *subnet, *gateway = NULL;
		struct ip_prefix prefix;
		struct ip_addr addr;
		bool host_bits;

		r = json_member_text(config, "Subnet", &subnet, err);
		if (r == 0)
			r = json_member_text(config, "Gateway", &gateway, err);
		if (r < 0)
			return r;
		if (gateway && str_eq(network->driver, "bridge") &&
		    ip_addr_parse(gateway, strlen(gateway), &addr))
			*vec_add(arena, &network->gateways) = addr;
		if (!subnet)
			continue;
		if (!ip_prefix_parse(subnet, strlen(subnet), &prefix, &host_bits))
			return err_set(err, -EPROTO, "a network of the engine has the subnet '%s'",
				       subnet);
		*vec_add(arena, &network->subnets) = prefix;
	}
	return 0;
}

/* Podman shows its network "podman", whose id is the hash of that name, as Docker's "bridge". */
#define PODMAN_NETWORK "podman"
#define PODMAN_NETWORK_ID "2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9"

/*
 * The bridge on this host: named by an option; Docker's without are docker0, or br- and the id's
 * first 12 digits.
 */
static int find_iface(struct arena *arena, const json_t *json, bool is_docker,
		      struct network *network, struct err *err)
{
	const char *name = NULL;
	json_t *options;
	int r = json_member_text(json, "network_interface", &name, err);

	if (r < 0)
		return r;
	if (!str_eq(network->driver, "bridge"))
		return 0;
	r = json_member(json, "Options", JSON_OBJECT, &options, err);
	if (r == 0 && options && !name)
		r = json_member_text(options, "com.docker.network.bridge.name", &name, err);
	if (r < 0)
		return r;
	if (name && strlen(name) > 15)
		return err_set(err, -EPROTO, "a network of the engine has the bridge '%s'", name);
	if (name)
		network->iface = arena_strdup(arena, name);
	else if (!is_docker)
		return 0;
	else if (str_eq(network->name, "bridge"))
		network->iface = "docker0";
	else if (strlen(network->id) >= 12)
		network->iface = arena_printf(arena, "br-%.12s", network->id);
	return 0;
}

int reply_networks(struct arena *arena, const struct str_buf *body, struct engine *engine,
		   struct err *err)
{
	bool is_docker = !engine->name || !str_eq(engine->name, "podman");
	auto_of(json_release) json_t *json = json_read(body, JSON_ARRAY, "list of networks", err);
	json_t *item, *internal;
	size_t i;

	if (!json)
		return -EPROTO;
	if (json_array_size(json) > LIMIT_NETWORKS)
		return err_set(err, -EFBIG, "the engine has more than %u networks", LIMIT_NETWORKS);
	json_array_foreach(json, i, item)
	{
		struct network network = {0};
		const char *id = NULL, *name = NULL, *driver = NULL;
		int r = json_member_text(item, "Id", &id, err);

		if (r == 0)
			r = json_member_text(item, "Name", &name, err);
		if (r == 0)
			r = json_member_text(item, "Driver", &driver, err);
		if (r < 0)
			return r;
		if (!id || !name)
			return err_set(err, -EPROTO, "a network of the engine has no name");
		network.id = arena_strdup(arena, id);
		network.name =
			str_eq(id, PODMAN_NETWORK_ID) ? PODMAN_NETWORK : arena_strdup(arena, name);
		network.driver = driver ? arena_strdup(arena, driver) : "";
		internal = json_object_get(item, "Internal");
		network.internal = json_is_true(internal);
		r = read_subnets(arena, item, &network, err);
		if (r == 0)
			r = find_iface(arena, item, is_docker, &network, err);
		if (r < 0)
			return r;
		*vec_add(arena, &engine->networks) = network;
	}
	return 0;
}
