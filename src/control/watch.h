/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon seen from outside: STATE/watch.lock is held while it runs, STATE/watch.json says how
 * it goes.
 */
#pragma once

#include "base/err.h"
#include "report/watch.h"

/* Holds the lock until *ret_fd is closed, with our pid in it.  -EBUSY: another one runs. */
int watch_lock(const char *state_dir, int *ret_fd, struct err *err);
/* False: no daemon runs with this state directory. */
bool watch_read(struct arena *arena, const char *state_dir, struct report_watch *ret);
int watch_write(const char *state_dir, const struct report_watch *watch, struct err *err);
