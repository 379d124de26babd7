/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who connects to docker.socket starts Docker.  An administrator who stops the service, but not the
 * socket, does not want that of us.  Neither the socket nor who holds it tells: systemd answers.
 */
#pragma once

#include <stdbool.h>

/*
 * False: the engine behind this URL is stopped, and to connect would start it; also where systemd
 * does not answer at once.
 */
bool activation_may_connect(const char *url);
/* "inactive", and whether the socket unit is active: would a connection start the service? */
bool activation_is_resting(const char *socket_state, const char *service_state);
/* The URL is that of the socket that Debian's and Docker's packages have systemd listen at. */
bool activation_concerns(const char *url);
