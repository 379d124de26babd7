/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One snapshot of the engine; whatever goes wrong becomes a fact. */
#include "engine/engine.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/str.h"
#include "engine/http.h"
#include "engine/reply.h"

int engine_socket_path(const char *url, const char **ret, struct err *err)
{
	const char *path = url;

	if (str_starts(url, "unix://"))
		path = url + strlen("unix://");
	else if (strstr(url, "://"))
		return err_set(err, -EPROTONOSUPPORT,
			       "'%s' is not a unix socket: give --docker-host unix:///path", url);
	if (path[0] != '/')
		return err_set(err, -EINVAL, "'%s' is not an absolute path of a socket", url);
	if (strlen(path) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return err_set(err, -ENAMETOOLONG, "'%s' is too long for a socket", url);
	*ret = path;
	return 0;
}

/* What is there to be asked?  The answer decides between "absent" and "silent". */
bool engine_is_absent(const char *path)
{
	struct stat info;

	return stat(path, &info) < 0 && (errno == ENOENT || errno == ENOTDIR);
}

struct request {
	const char *path; /* behind /vX.Y */
	int (*read)(struct arena *arena, const struct str_buf *body, struct engine *engine,
		    struct err *err);
};

/*
 * Podman's list shows one port of a range, and no mode of the network: each container is asked for.
 * One that is gone meanwhile is left out.
 */
static int ask_each(struct arena *arena, struct http *http, struct engine *engine, struct err *err)
{
	auto_str struct str_buf body = {0};
	uint32_t kept = 0;

	vec_each (&engine->containers, container) {
		const char *path = arena_printf(arena, "/v%s/containers/%s/json",
						engine->api_version, container->id);
		struct inspected found = {0};
		struct err status = {0};
		int r = http_get(http, path, &body, &status);

		if (r == -EPROTO)
			continue;
		if (r == 0)
			r = reply_inspect(arena, &body, engine, &found, &status);
		if (r < 0) {
			*err = status;
			return r;
		}
		if (found.running)
			engine->containers.items[kept++] = found.container;
	}
	engine->containers.len = kept;
	return 0;
}

static int ask(struct arena *arena, const char *path, unsigned timeout_ms, struct engine *engine,
	       struct err *err)
{
	static const struct request requests[] = {
		{"/info", reply_info},
		{"/networks", reply_networks},
		{"/containers/json", reply_containers},
	};
	auto_of(http_free) struct http *http = NULL;
	auto_str struct str_buf body = {0};
	int r = http_open(path, timeout_ms, &http, err);

	if (r == 0)
		r = http_get(http, "/version", &body, err);
	if (r == 0)
		r = reply_version(arena, &body, engine, err);
	for (size_t i = 0; r == 0 && i < sizeof(requests) / sizeof(requests[0]); i++) {
		char versioned[64] = "/v";
		size_t room = sizeof(versioned);

		/* "/v1.41/info": the version was read as a number, the rest is fixed */
		(void)str_copy(versioned + 2, room - 2, engine->api_version);
		(void)str_copy(versioned + strlen(versioned), room - strlen(versioned),
			       requests[i].path);
		r = http_get(http, versioned, &body, err);
		if (r == 0)
			r = requests[i].read(arena, &body, engine, err);
	}
	if (r == 0 && engine->name && str_eq(engine->name, "podman"))
		r = ask_each(arena, http, engine, err);
	return r;
}

static bool is_any(const struct ip_addr *addr)
{
	static const uint8_t zero[16];

	return memcmp(addr->bytes, zero, sizeof(zero)) == 0;
}

/* Somebody on this host listens where the port is published: a proxy, or the engine itself. */
static bool is_listened(const struct facts *facts, const struct port_binding *port)
{
	vec_each (&facts->listeners, listener) {
		if (listener->protocol == port->protocol && listener->port == port->host_port &&
		    (is_any(&listener->addr) || ip_addr_eq(&listener->addr, &port->host_addr)))
			return true;
	}
	return false;
}

void engine_mark_proxied(struct facts *facts)
{
	vec_each (&facts->engine.containers, container) {
		vec_each (&container->ports, port)
			port->proxied = is_listened(facts, port);
	}
}

void engine_read(struct arena *arena, const char *url, unsigned timeout_ms, struct facts *facts)
{
	struct engine engine = {.state = ENGINE_SILENT, .url = arena_strdup(arena, url)};
	struct err err = {0};
	const char *path = NULL;
	int r = engine_socket_path(url, &path, &err);

	if (r == 0 && path && engine_is_absent(path)) {
		engine.state = ENGINE_ABSENT;
		engine.reason = arena_printf(arena, "there is no socket '%s'", path);
		facts->engine = engine;
		return;
	}
	if (r == 0)
		r = ask(arena, path, timeout_ms, &engine, &err);
	if (r < 0) {
		/* nothing of a half-read snapshot is kept */
		facts->engine = (struct engine){.state = ENGINE_SILENT,
						.url = engine.url,
						.reason = arena_strdup(arena, err.text)};
		return;
	}
	engine.state = ENGINE_ANSWERED;
	facts->engine = engine;
	engine_mark_proxied(facts);
}
