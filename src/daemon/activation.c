/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two properties of systemd's units, over its own socket: the bus may not run, or be busy. */
#include "daemon/activation.h"

#include <stdlib.h>
#include <unistd.h>

#include <systemd/sd-bus.h>

#include "host/resting.h"

#define MANAGER_SOCKET "/run/systemd/private"
#define MANAGER "org.freedesktop.systemd1"
#define UNITS "/org/freedesktop/systemd1/unit/"
#define ANSWER_US 200000u

/* NULL: systemd does not answer. */
static char *unit_state(sd_bus *bus, const char *unit)
{
	char *state = NULL;

	if (sd_bus_get_property_string(bus, MANAGER, unit, MANAGER ".Unit", "ActiveState", NULL,
				       &state) < 0)
		return NULL;
	return state;
}

static bool may_connect(sd_bus *bus)
{
	char *socket_state = unit_state(bus, UNITS "docker_2esocket");
	char *service_state = unit_state(bus, UNITS "docker_2eservice");
	bool may = socket_state && service_state && !resting_by_states(socket_state, service_state);

	free(socket_state);
	free(service_state);
	return may;
}

bool activation_may_connect(const char *url)
{
	sd_bus *bus = NULL;
	bool may = false;

	if (!resting_concerns(url) || access(MANAGER_SOCKET, F_OK) < 0)
		return true;
	if (sd_bus_new(&bus) < 0)
		return true;
	if (sd_bus_set_address(bus, "unix:path=" MANAGER_SOCKET) >= 0 &&
	    sd_bus_set_method_call_timeout(bus, ANSWER_US) >= 0 && sd_bus_start(bus) >= 0)
		may = may_connect(bus);
	(void)sd_bus_flush_close_unref(bus);
	return may;
}
