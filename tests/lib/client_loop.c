/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A loop for the engine's client. */
#include "client_loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>

int64_t loop_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void on_watch(void *data, int fd, uint32_t events)
{
	struct client_loop *loop = data;
	short wanted = (short)((events & EPOLLIN ? POLLIN : 0) | (events & EPOLLOUT ? POLLOUT : 0));
	unsigned i = 0;

	while (i < loop->count && loop->fds[i].fd != fd)
		i++;
	if (!events) {
		if (i < loop->count)
			loop->fds[i] = loop->fds[--loop->count];
		return;
	}
	if (i == loop->count && loop->count++ == LOOP_FDS) {
		(void)fprintf(stderr, "the client watches too many descriptors\n");
		abort();
	}
	loop->fds[i] = (struct pollfd){.fd = fd, .events = wanted};
}

static void on_timer(void *data, long timeout_ms)
{
	struct client_loop *loop = data;

	loop->timeout_ms = timeout_ms;
	loop->due = timeout_ms < 0 ? -1 : loop_now() + timeout_ms;
}

static void on_changed(void *data, unsigned changes)
{
	struct client_loop *loop = data;

	loop->changes |= changes;
	loop->calls++;
}

int loop_start(struct client_loop *loop, const char *url, unsigned timeout_ms, struct err *err)
{
	struct engine_client_calls calls = {
		.data = loop, .watch = on_watch, .timer = on_timer, .changed = on_changed};

	*loop = (struct client_loop){.due = -1};
	return engine_client_new(url, timeout_ms, &calls, &loop->client, err);
}

void loop_stop(struct client_loop *loop)
{
	engine_client_free(loop->client);
	loop->client = NULL;
}

static bool is_pausing(const struct client_loop *loop)
{
	return loop->hurry && loop->count == 0 && loop->due >= 0 && loop->timeout_ms > 0;
}

static void loop_dispatch(struct client_loop *loop, const struct pollfd *fds, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		uint32_t events = 0;

		if (fds[i].revents & POLLIN)
			events |= EPOLLIN;
		if (fds[i].revents & POLLOUT)
			events |= EPOLLOUT;
		if (fds[i].revents & POLLHUP)
			events |= EPOLLHUP;
		if (fds[i].revents & POLLERR)
			events |= EPOLLERR;
		if (events) {
			loop->wakes++;
			engine_client_ready(loop->client, fds[i].fd, events);
		}
	}
}

bool loop_step(struct client_loop *loop, int wait_ms, int extra_fd)
{
	struct pollfd fds[LOOP_FDS + 1];
	unsigned count = loop->count;
	int64_t left = loop->due < 0 ? -1 : loop->due - loop_now();
	bool pausing = is_pausing(loop);

	if (pausing) {
		if (loop->pause_count < LOOP_TIMERS)
			loop->pauses[loop->pause_count++] = loop->timeout_ms;
		left = 0;
	}
	if (loop->due >= 0 && left < wait_ms)
		wait_ms = left < 0 ? 0 : (int)left;
	for (unsigned i = 0; i < count; i++)
		fds[i] = loop->fds[i];
	fds[count] = (struct pollfd){.fd = extra_fd, .events = POLLIN};
	if (poll(fds, count + 1, wait_ms) > 0)
		loop_dispatch(loop, fds, count);
	if (pausing || (loop->due >= 0 && loop->due <= loop_now())) {
		loop->due = -1;
		loop->wakes++;
		engine_client_timeout(loop->client);
	}
	return fds[count].revents != 0;
}

unsigned loop_take_changes(struct client_loop *loop)
{
	unsigned changes = loop->changes;

	loop->changes = 0;
	return changes;
}
