/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The smallest loop that the engine's client can live in: poll() and one timer. */
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/client.h"

#define LOOP_FDS ENGINE_CLIENT_FDS /* one more ends the program */
#define LOOP_TIMERS 64u

struct client_loop {
	struct engine_client *client;
	struct pollfd fds[LOOP_FDS];
	unsigned count;
	int64_t due; /* ms of the monotonic clock; -1: no timer */
	bool hurry;  /* a pause without a connection is over at once, and noted in pauses[] */
	long pauses[LOOP_TIMERS];
	unsigned pause_count;
	long timeout_ms;  /* the last that was asked for */
	unsigned changes; /* since the last loop_take_changes() */
	unsigned calls;	  /* of changed() */
	unsigned wakes;	  /* turns that were taken */
};

/* `loop` must stay where it is. */
int loop_start(struct client_loop *loop, const char *url, unsigned timeout_ms, struct err *err);
void loop_stop(struct client_loop *loop);
/* Waits for at most so many ms and serves what is ready, also extra_fd (-1: none): true if that is.
 */
bool loop_step(struct client_loop *loop, int wait_ms, int extra_fd);
unsigned loop_take_changes(struct client_loop *loop);
int64_t loop_now(void);
