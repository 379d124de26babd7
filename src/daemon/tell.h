/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Refused packets into the journal, as long as the policy in force tells them. */
#pragma once

#include <stdbool.h>

#include <systemd/sd-event.h>

#include "kernel/nflog.h"

struct watcher;

struct tell {
	struct kernel_nflog *nflog; /* NULL: nothing is told */
	sd_event_source *source;
	bool failure_said;
};

/* After each pass: begins or ends as the policy in force says. */
void tell_follow(struct watcher *watcher);
void tell_close(struct tell *tell);
