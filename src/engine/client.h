/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine's API for a program with an event loop of its own: nothing here waits.
 *
 * The client subscribes to the engine's events first and lists everything then, so that nothing
 * that happens in between is lost.  An event is never believed to open anything: it says which
 * container to ask for again.  That one is gone is believed at once, for that can only close.
 *
 * A stream that ends, an answer that is late, cut off, too long or nonsense: all of it ends the
 * connection, calls->changed() says so, and the client connects again after a pause that grows up
 * to a bound.  Containers that were known before stay known as long as their process lives
 * (engine_client_gone() ends that); those whose process is not known are dropped at once, and those
 * that the engine does not list afterwards when it lists.  One that is listed is known before its
 * process is: pid is 0 until the engine was asked for it.  A container that hangs in its start, and
 * an error for one container, are no fault of the connection.
 */
#pragma once

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "facts/facts.h"

struct engine_client;

/* It watches no more descriptors: the stream, two lists, and some containers asked for. */
#define ENGINE_CLIENT_FDS 8u

enum engine_change {
	ENGINE_CHANGE_CLOSED = 1 << 0, /* something is gone: act at once */
	ENGINE_CHANGE_OPENED = 1 << 1, /* something is there that was not, or is another */
	ENGINE_CHANGE_STATE = 1 << 2,  /* the engine answers, or does not any more */
};

/* What the client wants from the loop; none of them may call the client. */
struct engine_client_calls {
	void *data;
	/*
	 * Say engine_client_ready() when fd is ready for `events` (EPOLLIN, EPOLLOUT); 0: not any
	 * more, it is closed next.
	 */
	void (*watch)(void *data, int fd, uint32_t events);
	/* Say engine_client_timeout() once after so many ms; negative: not at all. */
	void (*timer)(void *data, long timeout_ms);
	/*
	 * Before it connects, once and after each pause.  False: not now, the engine is stopped and
	 * would be started by that.  NULL: always.
	 */
	bool (*may_connect)(void *data);
	/* engine_client_facts() would say something new; bits of enum engine_change. */
	void (*changed)(void *data, unsigned changes);
};

struct engine_client_numbers {
	uint64_t events;   /* read from the stream */
	uint64_t requests; /* sent */
	uint64_t losses;   /* of the connection */
};

/* The url is one of engine.h's; calls are copied.  Connects when the loop runs. */
int engine_client_new(const char *url, unsigned timeout_ms, const struct engine_client_calls *calls,
		      struct engine_client **ret, struct err *err);
void engine_client_free(struct engine_client *client);
DEFINE_CLEANUP(struct engine_client, engine_client_free)

void engine_client_ready(struct engine_client *client, int fd, uint32_t events);
void engine_client_timeout(struct engine_client *client);
/* The process of that container has ended: it is not known any more, whatever the engine says. */
void engine_client_gone(struct engine_client *client, const char *id);
/* Something happened to the socket: a pause ends now. */
void engine_client_hurry(struct engine_client *client);
/* Lists everything again: the slow full check. */
void engine_client_resync(struct engine_client *client);
/*
 * Fills facts->engine.  What it points to belongs to the client and holds until the next call of
 * one of the functions above.  False while the first list is under way: nothing is known yet.
 */
bool engine_client_facts(struct engine_client *client, struct arena *arena, struct facts *facts);
void engine_client_numbers(const struct engine_client *client, struct engine_client_numbers *ret);
