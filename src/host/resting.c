/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which states of systemd's units mean that a connection would start the engine. */
#include "host/resting.h"

#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "host/program.h"

#define SYSTEMCTL_TIMEOUT_MS 3000u
#define SOCKET "docker.socket"
#define SERVICE "docker.service"
#define URL_PREFIX "unix://"

bool resting_concerns(const char *url)
{
	return str_eq(url, URL_PREFIX "/var/run/docker.sock") ||
	       str_eq(url, URL_PREFIX "/run/docker.sock");
}

/* While the service stops the socket still takes connections: they start it again afterwards. */
bool resting_by_states(const char *socket_state, const char *service_state)
{
	if (!str_eq(socket_state, "active"))
		return false;
	return !str_eq(service_state, "active") && !str_eq(service_state, "activating") &&
	       !str_eq(service_state, "reloading");
}

/* Copies a line without its end; false: there is none, or it is longer than any state. */
static bool state_take(const char **text, char state[32])
{
	size_t len = strcspn(*text, "\n");

	if (!len || (*text)[len] != '\n' || len >= 32)
		return false;
	memcpy(state, *text, len);
	state[len] = '\0';
	*text += len + 1;
	return true;
}

enum resting resting_read(const char *text)
{
	char socket_state[32], service_state[32];

	if (!state_take(&text, socket_state) || !state_take(&text, service_state))
		return RESTING_UNKNOWN;
	return resting_by_states(socket_state, service_state) ? RESTING_YES : RESTING_NO;
}

enum resting resting_ask(struct arena *arena, const char *url)
{
	const char *systemctl = program_find(arena, "systemctl");
	const char *argv[] = {systemctl, "is-active", SOCKET, SERVICE, NULL};
	struct program_run run = {.argv = argv};

	if (!resting_concerns(url) || access(url + strlen(URL_PREFIX), F_OK) < 0 || !systemctl ||
	    access("/run/systemd/system", F_OK) < 0)
		return RESTING_NO;
	/* Its exit status says whether one of them is active; what it prints says which. */
	if (program_run_all(arena, &run, 1, SYSTEMCTL_TIMEOUT_MS, NULL) < 0)
		return RESTING_UNKNOWN;
	return resting_read(run.out);
}
