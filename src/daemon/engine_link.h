/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine client in the daemon's loop. */
#pragma once

#include "daemon/watcher.h"

int engine_link_open(struct watcher *watcher, struct err *err);
void engine_link_close(struct watcher *watcher);
