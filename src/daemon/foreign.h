/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine's own rules: looked at, never written. */
#pragma once

#include "daemon/watcher.h"

/* Says so when they are gone while containers publish ports, and when they are back. */
void foreign_look(struct watcher *watcher);
