/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The life of the client: it connects, is lost, pauses, and takes its turns. */
#include "engine/client.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#include "base/str.h"
#include "engine/client_internal.h"
#include "engine/engine.h"

_Static_assert(CLIENT_INSPECTS + 3 <= ENGINE_CLIENT_FDS, "the header says how many it watches");

int64_t client_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void client_connect(struct engine_client *client)
{
	client->due = -1;
	client->failed = 0;
	client->next_about = arena_new();
	client->next = (struct engine){0};
	client->networks_wanted = client->list_wanted = client->list_stale = false;
	client->phase = PHASE_VERSION;
	if (client->calls.may_connect && !client->calls.may_connect(client->calls.data)) {
		(void)err_set(&client->err, -ENOENT,
			      "the engine is stopped, and is not started by a question");
		(void)client_fail(client, -ENOENT, &client->err);
	} else if (engine_is_absent(client->path)) {
		(void)err_set(&client->err, -ENOENT, "there is no socket '%s'", client->path);
		(void)client_fail(client, -ENOENT, &client->err);
	} else if (client_http_open(client)) {
		client_ask(client, REQUEST_VERSION, NULL);
	}
}

/* Whatever went wrong: everything of the connection is given up, and begun anew after a pause. */
static void client_lose(struct engine_client *client)
{
	uint8_t state = client->failed == -ENOENT && engine_is_absent(client->path) ? ENGINE_ABSENT
										    : ENGINE_SILENT;
	int64_t now = client_now();

	if (client->phase >= PHASE_LIST)
		client->numbers.losses++;
	client_http_close(client);
	cache_disconnect(&client->cache);
	arena_free(take_ptr(client->next_about));
	if (!client->known || client->engine.state != state ||
	    !str_eq(client->reason, client->err.text))
		client->cache.changes |= ENGINE_CHANGE_STATE;
	client->known = true;
	client->engine.state = state;
	(void)str_copy(client->reason, sizeof(client->reason), client->err.text);
	client->engine.reason = client->reason;
	if (client->phase == PHASE_READY && now - client->ready_at >= CLIENT_PAUSE_RESET)
		client->pause_ms = CLIENT_PAUSE_FIRST;
	client->phase = PHASE_PAUSE;
	client->failed = 0;
	client->due = now + client->pause_ms;
	client->pause_ms *= 2;
	if (client->pause_ms > CLIENT_PAUSE_LAST)
		client->pause_ms = CLIENT_PAUSE_LAST;
}

/*
 * An engine may hold an answer back while a container starts, or hangs: those that may be held back
 * must not take the room of what just happened.
 */
static void client_ask_queued(struct engine_client *client)
{
	static const uint32_t most[CACHE_QUEUES] = {
		[CACHE_URGENT] = CLIENT_INSPECTS, [CACHE_STARTING] = 1, [CACHE_BULK] = 2};

	for (int i = 0; i < CACHE_QUEUES; i++) {
		uint32_t all = 0;

		for (int k = 0; k < CACHE_QUEUES; k++)
			all += client->inspects[k];
		while (client->failed == 0 && all < CLIENT_INSPECTS &&
		       client->inspects[i] < most[i]) {
			struct entry *entry = cache_dequeue(&client->cache, (enum cache_queue)i);

			if (!entry)
				break;
			client_ask(client, REQUEST_INSPECT, entry);
			all++;
		}
	}
}

/* Networks come before the containers in them, and the first list before single containers. */
static void client_ask_wanted(struct engine_client *client)
{
	if (client->phase == PHASE_EVENTS && client->events_open) {
		client->phase = PHASE_LIST;
		client_want_networks(client);
	}
	if (client->phase < PHASE_LIST || client->networks_asked)
		return;
	if (client->networks_wanted) {
		client->networks_wanted = false;
		client->networks_asked = true;
		client_ask(client, REQUEST_NETWORKS, NULL);
		return;
	}
	if (client->list_wanted && !client->list_asked) {
		client->list_wanted = client->list_stale = false;
		client->list_asked = true;
		cache_list_begin(&client->cache);
		client_ask(client, REQUEST_CONTAINERS, NULL);
	}
	if (client->phase == PHASE_READY)
		client_ask_queued(client);
}

/*
 * The stream of events may be silent for ever, but not before it is open and not in the middle of
 * an event.
 */
static void client_be_patient(struct engine_client *client)
{
	const struct request *stream = client->stream;

	if (!stream || (client->events_open && !split_is_inside(&stream->split)))
		client->due = -1;
	else if (client->due < 0 || client->due_events != client->numbers.events)
		client->due = client_now() + client->timeout_ms;
	client->due_events = client->numbers.events;
}

static void client_set_timer(struct engine_client *client)
{
	int64_t due = client->due, left;

	if (client->curl_due >= 0 && (due < 0 || client->curl_due < due))
		due = client->curl_due;
	if (client->timer_told && client->told_due == due)
		return;
	client->timer_told = true;
	client->told_due = due;
	left = due < 0 ? -1 : due - client_now();
	if (due >= 0 && left < 0)
		left = 0;
	client->calls.timer(client->calls.data, (long)left);
}

/* What follows of what was read: the end of each call from outside. */
static void client_turn(struct engine_client *client)
{
	unsigned changes;

	if (client->multi)
		client_http_collect(client);
	if (client->failed == 0 && client->phase != PHASE_PAUSE) {
		client_ask_wanted(client);
		client_be_patient(client);
	}
	if (client->failed < 0)
		client_lose(client);
	client_set_timer(client);
	changes = client->cache.changes;
	client->cache.changes = 0;
	/* before the first list nothing is known that could change */
	if (changes && client->known)
		client->calls.changed(client->calls.data, changes);
}

int engine_client_new(const char *url, unsigned timeout_ms, const struct engine_client_calls *calls,
		      struct engine_client **ret, struct err *err)
{
	struct engine_client *client;
	const char *path;
	int r = engine_socket_path(url, &path, err);

	if (r < 0)
		return r;
	client = mem_alloc(sizeof(*client));
	*client = (struct engine_client){.calls = *calls,
					 .timeout_ms = timeout_ms,
					 .phase = PHASE_PAUSE,
					 .curl_due = -1,
					 .due = client_now(),
					 .pause_ms = CLIENT_PAUSE_FIRST};
	cache_init(&client->cache);
	client->url = mem_alloc(strlen(url) + 1);
	(void)str_copy(client->url, strlen(url) + 1, url);
	client->path = client->url + (path - url);
	client->engine.url = client->url;
	client_set_timer(client);
	*ret = client;
	return 0;
}

void engine_client_free(struct engine_client *client)
{
	if (!client)
		return;
	client_http_close(client);
	client->calls.timer(client->calls.data, -1);
	cache_done(&client->cache);
	arena_free(client->about);
	arena_free(client->next_about);
	arena_free(client->network_arena);
	free(client->url);
	free(client);
}

void engine_client_ready(struct engine_client *client, int fd, uint32_t events)
{
	int mask = 0;

	if (!client->multi)
		return;
	if (events & (EPOLLIN | EPOLLHUP | EPOLLRDHUP))
		mask |= CURL_CSELECT_IN;
	if (events & EPOLLOUT)
		mask |= CURL_CSELECT_OUT;
	if (events & EPOLLERR)
		mask |= CURL_CSELECT_ERR;
	client_http_act(client, fd, mask);
	client_turn(client);
}

void engine_client_timeout(struct engine_client *client)
{
	int64_t now = client_now();

	/* whoever calls says that it is time */
	if (client->timer_told && client->told_due > now)
		now = client->told_due;
	client->timer_told = false;
	if (client->phase == PHASE_PAUSE) {
		client_connect(client);
	} else {
		if (client->due >= 0 && client->due <= now) {
			(void)err_set(&client->err, -ETIMEDOUT,
				      client->events_open
					      ? "the engine stopped in the middle of an event"
					      : "the engine did not answer GET /events in time");
			(void)client_fail(client, -ETIMEDOUT, &client->err);
		}
		if (client->curl_due >= 0 && client->curl_due <= now) {
			client->curl_due = -1;
			client_http_act(client, CURL_SOCKET_TIMEOUT, 0);
		}
	}
	client_turn(client);
}

void engine_client_gone(struct engine_client *client, const char *id)
{
	struct entry *entry = container_id_is_proper(id) ? cache_find(&client->cache, id) : NULL;

	if (!entry || !entry->known)
		return;
	entry->gone_pid = entry->known->pid;
	cache_close(&client->cache, entry);
	entry->touched = client->cache.epoch;
	if (entry->asked)
		entry->again = true;
	cache_settle(&client->cache, entry);
	client_turn(client);
}

void engine_client_hurry(struct engine_client *client)
{
	if (client->phase != PHASE_PAUSE)
		return;
	client->pause_ms = CLIENT_PAUSE_FIRST;
	client->due = client_now() + client->pause_ms;
	client_set_timer(client);
}

void engine_client_resync(struct engine_client *client)
{
	if (client->phase != PHASE_READY)
		return;
	client_want_networks(client);
	client_want_list(client);
	client_turn(client);
}

bool engine_client_facts(struct engine_client *client, struct arena *arena, struct facts *facts)
{
	if (!client->known)
		return false;
	facts->engine = client->engine;
	cache_facts(&client->cache, arena, &facts->engine);
	return true;
}

void engine_client_numbers(const struct engine_client *client, struct engine_client_numbers *ret)
{
	*ret = client->numbers;
}
