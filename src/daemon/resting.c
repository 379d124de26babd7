/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which states of systemd's units mean that a connection would start the engine. */
#include "base/str.h"
#include "daemon/activation.h"

bool activation_concerns(const char *url)
{
	return str_eq(url, "unix:///var/run/docker.sock") || str_eq(url, "unix:///run/docker.sock");
}

/* While the service stops the socket still takes connections: they start it again afterwards. */
bool activation_is_resting(const char *socket_state, const char *service_state)
{
	if (!str_eq(socket_state, "active"))
		return false;
	return !str_eq(service_state, "active") && !str_eq(service_state, "activating") &&
	       !str_eq(service_state, "reloading");
}
