/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests of the client: libcurl's multi interface, driven by somebody else's loop. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/epoll.h>

#include "base/limits.h"
#include "engine/client_internal.h"

#define HEADER_BYTES_MAX 65536u
#define REFUSAL_BYTES_MAX 65536u /* of an answer that is an error */
#define IDLE_CONNECTIONS 4L
/* A unix socket connects at once; libcurl wakes up once more when that time is over. */
#define CONNECT_MS 500L
#define URL_MAX 512u

/* What happens to containers runs through; health checks and what is run inside of them do not. */
#define EVENT_NAMES                                                                                \
	"%22event%22%3A%5B%22start%22%2C%22restart%22%2C%22unpause%22%2C%22update%22%2C"           \
	"%22rename%22%2C%22die%22%2C%22destroy%22%2C%22connect%22%2C%22disconnect%22%2C"           \
	"%22create%22%2C%22remove%22%2C%22prune%22%5D%2C"
#define EVENT_TYPES "%22type%22%3A%5B%22container%22%2C%22network%22"

#define EVENTS_DOCKER "/events?filters=%7B" EVENT_NAMES EVENT_TYPES "%2C%22service%22%5D%7D"
/* Podman names some of them otherwise, and not in every version alike */
#define EVENTS_PODMAN "/events?filters=%7B" EVENT_TYPES "%5D%7D"

static const char *const kind_paths[] = {
	[REQUEST_VERSION] = "/version",
	[REQUEST_INFO] = "/info",
	[REQUEST_EVENTS] = "/events",
	[REQUEST_NETWORKS] = "/networks",
	[REQUEST_CONTAINERS] = "/containers/json",
	[REQUEST_INSPECT] = "/containers/ID/json",
};

int client_fail(struct engine_client *client, int code, const struct err *err)
{
	if (client->failed == 0) {
		client->failed = code;
		if (err != &client->err)
			client->err = *err;
	}
	return client->failed;
}

__attribute__((format(printf, 3, 4))) static int fail(struct engine_client *client, int code,
						      const char *fmt, ...)
{
	struct err err = {0};
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(err.text, sizeof(err.text), fmt, args);
	va_end(args);
	err.code = code;
	return client_fail(client, code, &err);
}

static size_t body_limit(const struct request *request)
{
	if (request->status != 200)
		return REFUSAL_BYTES_MAX;
	if (request->kind == REQUEST_EVENTS)
		return SIZE_MAX; /* each of its objects has a limit */
	return request->kind == REQUEST_INSPECT ? LIMIT_ENGINE_ITEM_BYTES
						: LIMIT_ENGINE_REPLY_BYTES;
}

static int take_body(struct request *request, const char *data, size_t len)
{
	struct engine_client *client = request->client;
	struct err err = {0};
	int r;

	if (len > body_limit(request) - request->body_bytes)
		return fail(client, -EFBIG, "the engine's reply to GET %s has more than %zu bytes",
			    kind_paths[request->kind], body_limit(request));
	if (request->kind != REQUEST_EVENTS)
		request->body_bytes += len;
	if (request->status != 200)
		return 0;
	if (!request->split.take) {
		str_buf_add(&request->body, data, len);
		return 0;
	}
	r = split_feed(&request->split, data, len, &err);
	return r < 0 ? client_fail(client, r, &err) : 0;
}

static size_t on_body(char *data, size_t size, size_t count, void *user)
{
	struct request *request = user;

	if (request->client->failed == 0)
		(void)take_body(request, data, size * count);
	return request->client->failed == 0 ? size * count : 0;
}

static void on_headers_end(struct request *request)
{
	struct engine_client *client = request->client;

	(void)client->curl.easy_getinfo(request->easy, CURLINFO_RESPONSE_CODE, &request->status);
	if (request->kind != REQUEST_EVENTS || request->status < 200)
		return;
	if (request->status == 200)
		client->events_open = true;
	else
		(void)fail(client, -EPROTO, "the engine answers GET /events with status %ld",
			   request->status);
}

static size_t on_header(char *data, size_t size, size_t count, void *user)
{
	struct request *request = user;
	size_t len = size * count;

	request->header_bytes += len;
	if (request->header_bytes > HEADER_BYTES_MAX)
		(void)fail(request->client, -EFBIG,
			   "the engine's reply to GET %s has more than %u bytes of headers",
			   kind_paths[request->kind], HEADER_BYTES_MAX);
	else if (len <= 2 && (data[0] == '\r' || data[0] == '\n'))
		on_headers_end(request);
	return request->client->failed == 0 ? len : 0;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *socket_user)
{
	struct engine_client *client = user;
	uint32_t events = 0;

	(void)easy;
	(void)socket_user;
	if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
		events |= EPOLLIN;
	if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
		events |= EPOLLOUT;
	client->calls.watch(client->calls.data, fd, events);
	return 0;
}

static int on_timer(CURLM *multi, long timeout_ms, void *user)
{
	struct engine_client *client = user;

	(void)multi;
	client->curl_due = timeout_ms < 0 ? -1 : client_now() + timeout_ms;
	return 0;
}

bool client_http_open(struct engine_client *client)
{
	const struct curl_calls *curl = &client->curl;
	struct err err = {0};
	int r;

	if (!client->curl_loaded) {
		r = curl_calls_load(&client->curl, &err);
		if (r < 0) {
			(void)client_fail(client, r, &err);
			return false;
		}
		client->curl_loaded = true;
	}
	if (curl->global_init(CURL_GLOBAL_NOTHING) == CURLE_OK)
		client->multi = curl->multi_init();
	if (!client->multi ||
	    curl->multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, on_socket) != CURLM_OK ||
	    curl->multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client) != CURLM_OK ||
	    curl->multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, on_timer) != CURLM_OK ||
	    curl->multi_setopt(client->multi, CURLMOPT_TIMERDATA, client) != CURLM_OK ||
	    curl->multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, IDLE_CONNECTIONS) != CURLM_OK)
		(void)fail(client, -ENOMEM, "cannot set libcurl up");
	return client->failed == 0;
}

static void request_free(struct request *request)
{
	struct engine_client *client = request->client;

	if (request->kind == REQUEST_INSPECT)
		client->inspects[request->queue]--;
	if (client->stream == request)
		client->stream = NULL;
	LIST_REMOVE(request, link);
	(void)client->curl.multi_remove_handle(client->multi, request->easy);
	client->curl.easy_cleanup(request->easy);
	str_buf_done(&request->body);
	split_done(&request->split);
	cache_list_done(&request->list);
	free(request);
}

void client_http_close(struct engine_client *client)
{
	struct request *request, *next;

	for (request = LIST_FIRST(&client->requests); request; request = next) {
		next = LIST_NEXT(request, link);
		request_free(request);
	}
	if (client->multi)
		(void)client->curl.multi_cleanup(client->multi);
	client->multi = NULL;
	client->curl_due = -1;
	client->networks_asked = client->list_asked = client->events_open = false;
}

static void request_url(const struct request *request, char *url, size_t size)
{
	const struct engine *engine = &request->client->next;
	const char *path = kind_paths[request->kind];

	if (request->kind == REQUEST_EVENTS)
		path = str_eq(engine->name, "podman") ? EVENTS_PODMAN : EVENTS_DOCKER;
	/* the version was read as a number, the id as 64 digits; the rest is fixed */
	if (request->kind == REQUEST_VERSION)
		(void)snprintf(url, size, "http://engine%s", path);
	else if (request->kind == REQUEST_INSPECT)
		(void)snprintf(url, size, "http://engine/v%s/containers/%s/json",
			       engine->api_version, request->entry->id);
	else
		(void)snprintf(url, size, "http://engine/v%s%s", engine->api_version, path);
}

static CURLcode request_set(const struct request *request)
{
	const struct engine_client *client = request->client;
	CURLcode (*setopt)(CURL * curl, CURLoption option, ...) = client->curl.easy_setopt;
	bool endless = request->kind == REQUEST_EVENTS;
	char url[URL_MAX];
	CURLcode r;

	request_url(request, url, sizeof(url));
	r = setopt(request->easy, CURLOPT_UNIX_SOCKET_PATH, client->path);
	if (r == CURLE_OK)
		r = setopt(request->easy, CURLOPT_URL, url);
	if (r == CURLE_OK)
		r = setopt(request->easy, CURLOPT_PRIVATE, request);
	if (r == CURLE_OK)
		r = setopt(request->easy, CURLOPT_WRITEFUNCTION, on_body);
	if (r == CURLE_OK)
		r = setopt(request->easy, CURLOPT_WRITEDATA, request);
	if (r == CURLE_OK)
		r = setopt(request->easy, CURLOPT_HEADERFUNCTION, on_header);
	if (r == CURLE_OK)
		r = setopt(request->easy, CURLOPT_HEADERDATA, request);
	if (r == CURLE_OK)
		r = setopt(request->easy, endless ? CURLOPT_CONNECTTIMEOUT_MS : CURLOPT_TIMEOUT_MS,
			   endless ? CONNECT_MS : (long)client->timeout_ms);
	if (r == CURLE_OK)
		r = setopt(request->easy, CURLOPT_NOSIGNAL, 1L);
	if (r == CURLE_OK)
		r = setopt(request->easy, CURLOPT_PROXY, "");
	if (r == CURLE_OK)
		r = setopt(request->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	return r == CURLE_OK ? setopt(request->easy, CURLOPT_PROTOCOLS_STR, "http") : r;
}

static void request_read_by_object(struct request *request)
{
	if (request->kind == REQUEST_EVENTS)
		request->split = (struct split){.form = SPLIT_SEQUENCE,
						.what = "stream of events",
						.take = client_take_event,
						.data = request->client};
	else if (request->kind == REQUEST_CONTAINERS)
		request->split = (struct split){.form = SPLIT_ARRAY,
						.what = "list of containers",
						.take = client_take_container,
						.data = request};
}

void client_ask(struct engine_client *client, enum request_kind kind, struct entry *entry)
{
	struct request *request;
	CURL *easy = client->curl.easy_init();

	if (!easy) {
		(void)fail(client, -ENOMEM, "cannot set libcurl up");
		return;
	}
	request = mem_alloc(sizeof(*request));
	*request = (struct request){.client = client, .easy = easy, .kind = kind, .entry = entry};
	LIST_INSERT_HEAD(&client->requests, request, link);
	if (entry) {
		request->queue = entry->queue;
		client->inspects[entry->queue]++;
		entry->asked = true;
	}
	if (kind == REQUEST_EVENTS)
		client->stream = request;
	request_read_by_object(request);
	client->numbers.requests++;
	if (request_set(request) != CURLE_OK ||
	    client->curl.multi_add_handle(client->multi, easy) != CURLM_OK)
		(void)fail(client, -EINVAL, "cannot set libcurl up");
}

void client_http_act(struct engine_client *client, curl_socket_t fd, int mask)
{
	int running;

	if (client->curl.multi_socket_action(client->multi, fd, mask, &running) != CURLM_OK)
		(void)fail(client, -EIO, "libcurl cannot go on");
	if (fd != CURL_SOCKET_TIMEOUT || client->curl_due >= 0)
		return;
	/* woken a little too early, it does not say again for when it waits */
	(void)on_timer(client->multi, -1, client);
	if (running) {
		long timeout_ms = -1;

		(void)client->curl.multi_timeout(client->multi, &timeout_ms);
		(void)on_timer(client->multi, timeout_ms, client);
	}
}

/* An inspection may wait for a container that hangs in its start: that is no fault of the rest. */
static bool is_held_up(const struct request *request, CURLcode result)
{
	curl_off_t first_byte = 0;

	if (request->kind != REQUEST_INSPECT || result != CURLE_OPERATION_TIMEDOUT)
		return false;
	(void)request->client->curl.easy_getinfo(request->easy, CURLINFO_STARTTRANSFER_TIME_T,
						 &first_byte);
	return first_byte == 0;
}

static void request_end(struct request *request, CURLcode result)
{
	struct engine_client *client = request->client;
	const char *path = kind_paths[request->kind];
	struct err err = {0};

	if (client->failed < 0)
		return;
	if (is_held_up(request, result))
		request->status = 0;
	else if (result == CURLE_OPERATION_TIMEDOUT)
		(void)fail(client, -ETIMEDOUT, "the engine did not answer GET %s in time", path);
	else if (result != CURLE_OK)
		(void)fail(client, -ECONNREFUSED, "the engine does not answer: %s",
			   client->curl.easy_strerror(result));
	else if (request->kind == REQUEST_EVENTS)
		(void)fail(client, -ECONNRESET, "the engine ended its stream of events");
	else if (request->status != 200 && request->kind != REQUEST_INSPECT)
		(void)fail(client, -EPROTO, "the engine answers GET %s with status %ld", path,
			   request->status);
	else if (request->split.take && split_end(&request->split, &err) < 0)
		(void)client_fail(client, -EPROTO, &err);
	if (client->failed == 0)
		client_answered(client, request);
}

void client_http_collect(struct engine_client *client)
{
	const CURLMsg *message;
	int left;

	while (client->failed == 0 &&
	       (message = client->curl.multi_info_read(client->multi, &left))) {
		CURLcode result = message->data.result;
		struct request *request = NULL;

		if (message->msg != CURLMSG_DONE ||
		    client->curl.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &request) !=
			    CURLE_OK ||
		    !request)
			continue;
		request_end(request, result);
		request_free(request);
	}
}
