/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the engine says of one container that it is asked for. */
#include <errno.h>
#include <string.h>

#include "base/limits.h"
#include "base/protocol.h"
#include "engine/container.h"
#include "engine/json.h"

/* "80/tcp" */
static bool parse_exposed(const char *key, struct port_binding *port)
{
	const char *slash = strchr(key, '/');
	uint32_t number;

	if (!slash || !str_parse_u32(key, (size_t)(slash - key), 0, 65535, &number) ||
	    !protocol_parse(slash + 1, strlen(slash + 1), &port->protocol))
		return false;
	port->container_port = (uint16_t)number;
	return true;
}

/* One host port of an exposed one; here numbers are texts. */
static int read_binding(struct arena *arena, const json_t *json, struct port_binding port,
			struct container *container, struct err *err)
{
	const char *text = NULL;
	uint32_t number = 0;
	int r = json_is_object(json)
			? json_member_text(json, "HostPort", &text, err)
			: err_set(err, -EPROTO, "a port of container '%s' is not an object",
				  container->name);

	if (r == 0)
		r = container_read_addr(json, "HostIp", &port.host_addr, err);
	if (r < 0)
		return r;
	if (text && !str_parse_u32(text, strlen(text), 0, 65535, &number))
		return err_set(err, -EPROTO, "a port of container '%s' is '%s'", container->name,
			       text);
	if (number == 0)
		return 0; /* not published (yet) */
	port.host_port = (uint16_t)number;
	return container_add_port(arena, &port, container, err);
}

static int read_bindings(struct arena *arena, const char *key, const json_t *bindings,
			 struct container *container, struct err *err)
{
	struct port_binding port = {0};
	const json_t *binding;
	size_t i;

	if (json_is_null(bindings))
		return 0; /* exposed, not published */
	if (!json_is_array(bindings))
		return err_set(err, -EPROTO, "the ports of container '%s' are not a list",
			       container->name);
	if (!parse_exposed(key, &port))
		return err_set(err, -EPROTO, "container '%s' exposes '%s', which is no port",
			       container->name, key);
	json_array_foreach(bindings, i, binding)
	{
		int r = read_binding(arena, binding, port, container, err);

		if (r < 0)
			return r;
	}
	return 0;
}

static int read_ports(struct arena *arena, const json_t *json, struct container *container,
		      struct err *err)
{
	json_t *settings, *ports = NULL, *bindings;
	const char *key;
	int r = json_member(json, "NetworkSettings", JSON_OBJECT, &settings, err);

	if (r == 0 && settings)
		r = json_member(settings, "Ports", JSON_OBJECT, &ports, err);
	if (r < 0 || !ports)
		return r;
	json_object_foreach(ports, key, bindings)
	{
		r = read_bindings(arena, key, bindings, container, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_state(const json_t *json, struct inspected *ret, struct err *err)
{
	json_t *state, *pid = NULL;
	json_int_t number = 0;
	int r = json_member(json, "State", JSON_OBJECT, &state, err);

	if (r == 0 && !state)
		r = err_set(err, -EPROTO, "container '%s' has no state", ret->container.name);
	if (r == 0)
		r = json_member(state, "Pid", JSON_INTEGER, &pid, err);
	if (r < 0)
		return r;
	if (pid)
		number = json_integer_value(pid);
	if (number < 0 || number > INT32_MAX)
		return err_set(err, -EPROTO, "container '%s' has a process of no possible number",
			       ret->container.name);
	ret->running = json_is_true(json_object_get(state, "Running"));
	ret->container.pid = ret->running ? (uint32_t)number : 0;
	return 0;
}

int reply_inspect(struct arena *arena, const struct str_buf *body, const struct engine *engine,
		  struct inspected *ret, struct err *err)
{
	auto_of(json_release) json_t *json = json_read(body, JSON_OBJECT, "container", err);
	struct container *container = &ret->container;
	const char *id = NULL, *name = NULL;
	json_t *config = NULL;
	int r;

	*ret = (struct inspected){0};
	if (!json)
		return -EPROTO;
	r = json_member_text(json, "Id", &id, err);
	if (r == 0)
		r = json_member_text(json, "Name", &name, err);
	if (r == 0)
		r = container_set_name(arena, id, name, container, err);
	if (r == 0)
		r = read_state(json, ret, err);
	if (r == 0)
		r = json_member(json, "Config", JSON_OBJECT, &config, err);
	if (r == 0 && config)
		r = container_read_labels(arena, config, container, err);
	if (r == 0)
		r = container_read_mode(json, container, err);
	if (r == 0)
		r = container_read_endpoints(arena, json, engine, container, err);
	return r < 0 ? r : read_ports(arena, json, container, err);
}
