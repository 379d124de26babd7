/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What host/resting.h says, asked in a way that does not keep the daemon from its work. */
#pragma once

#include <stdbool.h>

/*
 * False: the engine behind this URL is stopped, and to connect would start it; also where systemd
 * does not answer at once.
 */
bool activation_may_connect(const char *url);
