/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections of administrators. */
#include "control/own.h"

#include "control/init.h"
#include "host/host.h"
#include "host/session.h"

static struct ssh_connection connection_of(const struct tcp_session *session)
{
	return (struct ssh_connection){.client = session->remote,
				       .server = session->local,
				       .client_port = session->remote_port,
				       .server_port = session->local_port};
}

static bool find(const char *environment, const struct tcp_sessions *sessions,
		 struct ssh_connection *ret)
{
	const struct tcp_session *session;

	if (environment && ssh_connection_parse(environment, ret))
		return true;
	session = host_own_session(sessions);
	if (session)
		*ret = connection_of(session);
	return session != NULL;
}

bool own_connection_find(const char *environment, struct ssh_connection *ret)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct tcp_sessions sessions = {0};

	if (!environment)
		(void)host_read_sessions(arena, &sessions, NULL);
	return find(environment, &sessions, ret);
}

/* Somebody listens on its port: it came in. */
static const struct listener *listener_of(const struct facts *facts,
					  const struct tcp_session *session)
{
	vec_each (&facts->listeners, listener) {
		if (listener->port == session->local_port && !listener->container)
			return listener;
	}
	return NULL;
}

static bool is_same(const struct ssh_connection *a, const struct ssh_connection *b)
{
	return ip_addr_eq(&a->client, &b->client) && a->client_port == b->client_port &&
	       a->server_port == b->server_port;
}

static bool owners_are_read(const struct facts *facts)
{
	vec_each (&facts->listeners, listener) {
		if (listener->pid)
			return true;
	}
	return false;
}

static bool is_ssh(struct control_load *load, const struct tcp_session *session)
{
	const struct listener *listener = listener_of(&load->facts, session);

	if (!listener)
		return false;
	if (!listener->program && !owners_are_read(&load->facts))
		host_read_owners(load->arena, &load->facts);
	return init_is_ssh(listener);
}

void own_connections_read(const char *environment, struct control_load *load,
			  struct own_connections *ret)
{
	struct tcp_sessions sessions = {0};
	struct ssh_connection own = {0};
	bool found;

	(void)host_read_sessions(load->arena, &sessions, NULL);
	found = find(environment, &sessions, &own);
	if (found)
		*vec_add(load->arena, &ret->items) =
			(struct own_connection){.ssh = own, .own = true};
	vec_each (&sessions.items, session) {
		struct ssh_connection ssh = connection_of(session);

		if ((!found || !is_same(&ssh, &own)) && is_ssh(load, session))
			*vec_add(load->arena, &ret->items) = (struct own_connection){.ssh = ssh};
	}
}
