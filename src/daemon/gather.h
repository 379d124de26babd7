/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The facts of one pass. */
#pragma once

#include "daemon/watcher.h"

/* The engine has so long for its first answer; a table that stands is left alone until then. */
#define GATHER_ENGINE_US 6000000u

/*
 * Fills load->facts.  Interfaces and routes are read again when they changed, sockets each time,
 * containers come from the engine client.  *ret_known: the engine was asked at least once.
 */
int gather_facts(struct watcher *watcher, struct control_load *load, bool *ret_known,
		 struct err *err);
