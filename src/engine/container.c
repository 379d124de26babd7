/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the engine says of its running containers. */
#include "engine/container.h"

#include <errno.h>
#include <string.h>

#include "base/limits.h"
#include "base/protocol.h"
#include "engine/json.h"
#include "engine/reply.h"

bool container_id_is_proper(const char *id)
{
	return id && strlen(id) == CONTAINER_ID_LEN &&
	       strspn(id, "0123456789abcdef") == CONTAINER_ID_LEN;
}

int container_set_name(struct arena *arena, const char *id, const char *name,
		       struct container *container, struct err *err)
{
	if (!container_id_is_proper(id))
		return err_set(err, -EPROTO, "a container of the engine has no proper id");
	container->id = arena_strdup(arena, id);
	if (name && name[0] == '/')
		name++;
	container->name =
		name && name[0] ? arena_strdup(arena, name) : arena_strndup(arena, id, 12);
	return 0;
}

/* A container that others link to has a second name below each of theirs: /other/alias. */
static const char *own_name(const json_t *names)
{
	const json_t *item;
	size_t i;

	json_array_foreach(names, i, item)
	{
		const char *name = json_string_value(item);

		if (name && name[0] && !strchr(name + 1, '/'))
			return name;
	}
	return NULL;
}

static int read_name(struct arena *arena, const json_t *json, struct container *container,
		     struct err *err)
{
	const char *id = NULL;
	json_t *names = NULL;
	int r = json_member_text(json, "Id", &id, err);

	if (r == 0)
		r = json_member(json, "Names", JSON_ARRAY, &names, err);
	return r < 0 ? r
		     : container_set_name(arena, id, names ? own_name(names) : NULL, container,
					  err);
}

int container_read_labels(struct arena *arena, const json_t *json, struct container *container,
			  struct err *err)
{
	json_t *labels, *value;
	const char *key;
	int r = json_member(json, "Labels", JSON_OBJECT, &labels, err);

	if (r < 0 || !labels)
		return r;
	json_object_foreach(labels, key, value)
	{
		struct label *label;

		if (!json_is_string(value))
			return err_set(err, -EPROTO, "a label of container '%s' is not text",
				       container->name);
		label = vec_add(arena, &container->labels);
		label->key = arena_strdup(arena, key);
		label->value = arena_strdup(arena, json_string_value(value));
		if (str_eq(key, "com.docker.compose.project"))
			container->project = label->value;
		else if (str_eq(key, "com.docker.compose.service"))
			container->service = label->value;
	}
	return 0;
}

int container_read_addr(const json_t *json, const char *key, struct ip_addr *ret, struct err *err)
{
	const char *text;
	int r = json_member_text(json, key, &text, err);

	if (r < 0 || !text)
		return r;
	if (!ip_addr_parse(text, strlen(text), ret))
		return err_set(err, -EPROTO, "'%s' in the engine's reply is not an address: '%s'",
			       key, text);
	return 0;
}

const struct network *container_network(const struct engine *engine, const char *name)
{
	vec_each (&engine->networks, network) {
		if (str_eq(network->name, name))
			return network;
	}
	return NULL;
}

/* A container's address lies inside its network, or the engine talks nonsense. */
static bool is_inside(const struct network *network, const struct ip_addr *addr)
{
	if (addr->family == IP_NONE || !network || network->subnets.len == 0)
		return true;
	vec_each (&network->subnets, subnet) {
		if (ip_prefix_contains_addr(subnet, addr))
			return true;
	}
	return false;
}

int container_read_endpoints(struct arena *arena, const json_t *json, const struct engine *engine,
			     struct container *container, struct err *err)
{
	json_t *settings, *networks = NULL, *value;
	const char *name;
	int r = json_member(json, "NetworkSettings", JSON_OBJECT, &settings, err);

	if (r == 0 && settings)
		r = json_member(settings, "Networks", JSON_OBJECT, &networks, err);
	if (r < 0 || !networks)
		return r;
	json_object_foreach(networks, name, value)
	{
		const struct network *network = container_network(engine, name);
		struct endpoint endpoint = {.network = arena_strdup(arena, name)};

		if (!json_is_object(value))
			return err_set(err, -EPROTO,
				       "network '%s' of container '%s' is not an object", name,
				       container->name);
		r = container_read_addr(value, "IPAddress", &endpoint.v4, err);
		if (r == 0)
			r = container_read_addr(value, "GlobalIPv6Address", &endpoint.v6, err);
		if (r < 0)
			return r;
		if (!is_inside(network, &endpoint.v4) || !is_inside(network, &endpoint.v6))
			return err_set(err, -ERANGE,
				       "container '%s' has an address outside its network '%s'",
				       container->name, name);
		if (network && str_eq(network->driver, "host"))
			container->host_network = true;
		*vec_add(arena, &container->endpoints) = endpoint;
	}
	return 0;
}

int container_add_port(struct arena *arena, const struct port_binding *port,
		       struct container *container, struct err *err)
{
	struct port_binding *added;

	if (container->ports.len >= LIMIT_PORTS_PER_CONTAINER)
		return err_set(err, -EFBIG, "container '%s' publishes too many ports",
			       container->name);
	added = vec_add(arena, &container->ports);
	*added = *port;
	if (added->host_addr.family == IP_NONE)
		added->host_addr.family = IP_V4; /* 0.0.0.0 */
	return 0;
}

static int read_port(struct arena *arena, const json_t *json, struct container *container,
		     struct err *err)
{
	struct port_binding port = {0};
	const char *type = NULL;
	int r = json_is_object(json)
			? json_member_text(json, "Type", &type, err)
			: err_set(err, -EPROTO, "a port of the engine is not an object");

	if (r == 0)
		r = json_member_port(json, "PrivatePort", &port.container_port, err);
	if (r == 0)
		r = json_member_port(json, "PublicPort", &port.host_port, err);
	if (r == 0)
		r = container_read_addr(json, "IP", &port.host_addr, err);
	if (r < 0)
		return r;
	if (port.host_port == 0)
		return 0; /* exposed, not published */
	if (!type || !protocol_parse(type, strlen(type), &port.protocol))
		return err_set(err, -EPROTO, "a port of container '%s' has no protocol",
			       container->name);
	return container_add_port(arena, &port, container, err);
}

static int read_ports(struct arena *arena, const json_t *json, struct container *container,
		      struct err *err)
{
	json_t *ports, *item;
	size_t i;
	int r = json_member(json, "Ports", JSON_ARRAY, &ports, err);

	if (r < 0 || !ports)
		return r;
	json_array_foreach(ports, i, item)
	{
		r = read_port(arena, item, container, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int container_read_mode(const json_t *json, struct container *container, struct err *err)
{
	const char *mode = NULL;
	json_t *config;
	int r = json_member(json, "HostConfig", JSON_OBJECT, &config, err);

	if (r == 0 && config)
		r = json_member_text(config, "NetworkMode", &mode, err);
	container->host_network = mode && str_eq(mode, "host");
	return r;
}

static int read_container(struct arena *arena, const json_t *json, const struct engine *engine,
			  struct container *container, struct err *err)
{
	int r;

	if (!json_is_object(json))
		return err_set(err, -EPROTO, "a container of the engine is not an object");
	r = read_name(arena, json, container, err);
	if (r == 0)
		r = container_read_labels(arena, json, container, err);
	if (r == 0)
		r = container_read_mode(json, container, err);
	if (r == 0)
		r = container_read_endpoints(arena, json, engine, container, err);
	return r < 0 ? r : read_ports(arena, json, container, err);
}

int reply_container(struct arena *arena, const struct str_buf *item, const struct engine *engine,
		    struct container *ret, struct err *err)
{
	auto_of(json_release) json_t *json = json_read(item, JSON_OBJECT, "container", err);

	return json ? read_container(arena, json, engine, ret, err) : -EPROTO;
}

int reply_containers(struct arena *arena, const struct str_buf *body, struct engine *engine,
		     struct err *err)
{
	auto_of(json_release) json_t *json = json_read(body, JSON_ARRAY, "list of containers", err);
	json_t *item;
	size_t i;

	if (!json)
		return -EPROTO;
	if (json_array_size(json) > LIMIT_CONTAINERS)
		return err_set(err, -EFBIG, "the engine has more than %u containers",
			       LIMIT_CONTAINERS);
	json_array_foreach(json, i, item)
	{
		struct container container = {0};
		int r = read_container(arena, item, engine, &container, err);

		if (r < 0)
			return r;
		*vec_add(arena, &engine->containers) = container;
	}
	return 0;
}
