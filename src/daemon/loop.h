/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon from its start to its end. */
#pragma once

#include "daemon/watcher.h"

/* Opens everything; options, route_fd and inotify_fd (-1) are set before. */
int watcher_open(struct watcher *watcher, struct err *err);
/* Runs until a signal ends it; returns an exit status, or -errno. */
int watcher_loop(struct watcher *watcher, struct err *err);
/* Takes one that was opened half, too. */
void watcher_close(struct watcher *watcher);
