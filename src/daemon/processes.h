/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first process of each running container, held by a descriptor: its end is known from the
 * kernel, before the engine tells it and also when the engine is dead.
 */
#pragma once

#include <systemd/sd-event.h>

#include "facts/facts.h"

#define PROCESS_ID_MAX 65u

typedef void (*process_ended)(void *data, const char *id);

struct process {
	char id[PROCESS_ID_MAX]; /* of the container */
	uint32_t pid;
	bool seen;
	struct processes *owner;
	sd_event_source *source; /* owned */
};

struct processes {
	sd_event *event;
	process_ended ended; /* called from the loop */
	void *data;
	struct process **items;
	uint32_t len;
	uint32_t cap;
};

struct process_ids {
	VEC(const char *) items;
};

/*
 * Holds those of the running containers and no others.  *ret_gone: containers whose process is not
 * there any more.
 */
void processes_sync(struct processes *processes, const struct engine *engine, struct arena *arena,
		    struct process_ids *ret_gone);
void processes_done(struct processes *processes);
