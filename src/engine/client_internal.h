/*
 * The parts of the client: client.c (its life and its turns), client_http.c (requests, with
 * libcurl), client_read.c (what answers mean), client_event.c (what events mean).
 *
 * A turn is one call from outside: libcurl's callbacks only take data and set marks, and what
 * follows of them is done in client_turn(), because libcurl must not be called from its callbacks.
 */
#pragma once

#include <sys/queue.h>

#include "engine/cache.h"
#include "engine/client.h"
#include "engine/curl.h"
#include "engine/split.h"

#define CLIENT_INSPECTS 5u	/* at once */
#define CLIENT_DIRTY_MAX 512u	/* containers to ask for; with more, everything is listed */
#define CLIENT_PAUSE_FIRST 10	/* ms before connecting again ... */
#define CLIENT_PAUSE_LAST 5000	/* ... doubled each time up to this ... */
#define CLIENT_PAUSE_RESET 1000 /* ... and forgotten by a connection that was good for so long */

enum request_kind {
	REQUEST_VERSION,
	REQUEST_INFO,
	REQUEST_EVENTS,
	REQUEST_NETWORKS,
	REQUEST_CONTAINERS,
	REQUEST_INSPECT,
};

struct request {
	LIST_ENTRY(request) link;
	struct engine_client *client;
	CURL *easy;
	enum request_kind kind;
	struct entry *entry; /* of an inspection */
	uint8_t queue;	     /* that it was in */
	long status;	     /* 0 until the headers are there */
	size_t header_bytes;
	size_t body_bytes;
	struct str_buf body; /* what is read as a whole */
	struct split split;  /* what is read object by object */
	struct cache_list list;
};

LIST_HEAD(request_list, request);

enum phase {
	PHASE_PAUSE, /* not connected */
	PHASE_VERSION,
	PHASE_INFO,
	PHASE_EVENTS, /* the stream of events is asked for */
	PHASE_LIST,   /* and open: the first list is under way */
	PHASE_READY,
};

struct engine_client {
	struct engine_client_calls calls;
	struct engine_client_numbers numbers;
	char *url;
	const char *path; /* of the socket, in url */
	unsigned timeout_ms;

	/* the connection */
	enum phase phase;
	struct curl_calls curl;
	bool curl_loaded;
	CURLM *multi; /* NULL while not connected */
	struct request_list requests;
	struct request *stream;		 /* of events, among them; or NULL */
	uint32_t inspects[CACHE_QUEUES]; /* under way, by the queue that they were in */
	struct err err;
	int failed; /* -errno: the connection is to be ended, for the reason in err */
	bool events_open;
	bool networks_wanted;
	bool networks_asked;
	bool list_wanted;
	bool list_asked;
	bool list_stale; /* the list under way is not good enough */

	/* time, in ms of the monotonic clock; -1: none */
	int64_t curl_due;
	int64_t due;	  /* our own: end of a pause, or of patience */
	int64_t told_due; /* what the loop's timer is set to */
	bool timer_told;  /* told_due holds */
	int64_t ready_at;
	int64_t pause_ms;
	uint64_t due_events; /* numbers.events when an object of the stream began */

	/* what is known */
	struct cache cache;
	struct arena *about; /* of `engine` but its networks */
	struct engine engine;
	struct arena *next_about; /* of a connection whose first list is not there yet */
	struct engine next;
	struct arena *network_arena;
	bool known; /* a first list, or that there is none */
	char reason[ERR_TEXT_MAX];
};

int64_t client_now(void);
/* Marks the connection as to be ended; the first reason counts.  Returns client->failed. */
int client_fail(struct engine_client *client, int code, const struct err *err);

/* client_http.c; all of them set client->failed rather than return it. */
bool client_http_open(struct engine_client *client);
void client_http_close(struct engine_client *client);
void client_ask(struct engine_client *client, enum request_kind kind, struct entry *entry);
void client_http_act(struct engine_client *client, curl_socket_t fd, int mask);
/* Hands the requests that ended to client_answered(). */
void client_http_collect(struct engine_client *client);

/* client_read.c */
/* A whole answer of status 200, or a container that is not there (404). */
void client_answered(struct engine_client *client, struct request *request);
/* An item of the list of containers; data is the request. */
int client_take_container(void *data, const struct str_buf *item, struct err *err);

/* client_event.c */
int client_take_event(void *data, const struct str_buf *item, struct err *err);
void client_want_networks(struct engine_client *client);
void client_want_list(struct engine_client *client);
/* Something is not as we know it: ask for that container again. */
void client_mark(struct engine_client *client, struct entry *entry);
