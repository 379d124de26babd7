/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ways that administrators are in by: the connection that this program was called from, and
 * every other one to an SSH server of this host.
 */
#pragma once

#include "control/control.h"
#include "control/ssh.h"

struct own_connection {
	struct ssh_connection ssh;
	bool own; /* this program was called from it */
};

struct own_connections {
	VEC(struct own_connection) items;
};

/*
 * The connection that this program was called from: `environment` is SSH_CONNECTION or NULL, which
 * sudo drops; then the SSH server is looked for among our ancestors.
 */
bool own_connection_find(const char *environment, struct ssh_connection *ret);
/* All of them, the own one first.  Owners of listening sockets are looked for where needed. */
void own_connections_read(const char *environment, struct control_load *load,
			  struct own_connections *ret);
