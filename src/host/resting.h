/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who connects to docker.socket starts Docker.  An administrator who stops the service, but not the
 * socket, does not want that of us.  Neither the socket nor who holds it tells: systemd does.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"

enum resting {
	RESTING_NO,	 /* it runs, or nobody would start it */
	RESTING_YES,	 /* it is stopped, and to connect would start it */
	RESTING_UNKNOWN, /* systemd does not answer: who connects may start it */
};

/* The URL is that of the socket that Debian's and Docker's packages have systemd listen at. */
bool resting_concerns(const char *url);
/* By the states of docker.socket and docker.service as systemd calls them ("inactive"). */
bool resting_by_states(const char *socket_state, const char *service_state);
/* From the output of `systemctl is-active docker.socket docker.service`: a state a line. */
enum resting resting_read(const char *text);
/* Runs that, where the URL concerns it, its socket is there and systemd runs this host. */
enum resting resting_ask(struct arena *arena, const char *url);
