/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What somebody else did to our table, for the journal and `status`. */
#pragma once

#include "control/status.h"
#include "daemon/watcher.h"

/* Compares what the kernel holds with what it held after the last pass. */
void repair_note(struct watcher *watcher, enum watch_mode mode, const struct ir_table *have,
		 struct arena *arena);
/* The pass has put it right: says what was noted; false if nothing was. */
bool repair_say(struct watcher *watcher);
