/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the daemon says of itself: STATE/watch.json, systemd's status line, metrics. */
#pragma once

#include "daemon/watcher.h"

/* Writes what changed; numbers at most once in a while. */
void publish(struct watcher *watcher);
/* Writes the metrics, if a file was given. */
void publish_metrics(struct watcher *watcher);
