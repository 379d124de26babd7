/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A GET over a unix socket, with libcurl. */
#include "engine/http.h"

#include <errno.h>
#include <time.h>

#include "base/arena.h"
#include "base/limits.h"
#include "engine/curl.h"

struct http {
	struct curl_calls calls;
	CURL *curl;
	struct timespec until;
	struct str_buf *body;
	bool too_large;
};

static size_t on_body(char *data, size_t size, size_t count, void *user)
{
	struct http *http = user;

	if (size * count > LIMIT_ENGINE_REPLY_BYTES - http->body->len) {
		http->too_large = true;
		return 0;
	}
	str_buf_add(http->body, data, size * count);
	return size * count;
}

static long left_ms(const struct http *http)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
	return (http->until.tv_sec - now.tv_sec) * 1000 +
	       (http->until.tv_nsec - now.tv_nsec) / 1000000;
}

int http_open(const char *socket_path, unsigned timeout_ms, struct http **ret, struct err *err)
{
	auto_of(http_free) struct http *http = mem_alloc(sizeof(*http));
	long nanoseconds;
	CURLcode r;
	int loaded;

	*http = (struct http){0};
	(void)clock_gettime(CLOCK_MONOTONIC, &http->until);
	nanoseconds = http->until.tv_nsec + (long)(timeout_ms % 1000) * 1000000;
	http->until.tv_sec += (time_t)(timeout_ms / 1000) + nanoseconds / 1000000000;
	http->until.tv_nsec = nanoseconds % 1000000000;
	loaded = curl_calls_load(&http->calls, err);
	if (loaded < 0)
		return loaded;
	if (http->calls.global_init(CURL_GLOBAL_NOTHING) != CURLE_OK ||
	    !(http->curl = http->calls.easy_init()))
		return err_set(err, -ENOMEM, "cannot set libcurl up");
	r = http->calls.easy_setopt(http->curl, CURLOPT_UNIX_SOCKET_PATH, socket_path);
	if (r == CURLE_OK)
		r = http->calls.easy_setopt(http->curl, CURLOPT_WRITEFUNCTION, on_body);
	if (r == CURLE_OK)
		r = http->calls.easy_setopt(http->curl, CURLOPT_WRITEDATA, http);
	if (r == CURLE_OK)
		r = http->calls.easy_setopt(http->curl, CURLOPT_NOSIGNAL, 1L);
	if (r == CURLE_OK)
		r = http->calls.easy_setopt(http->curl, CURLOPT_PROXY, "");
	if (r == CURLE_OK)
		r = http->calls.easy_setopt(http->curl, CURLOPT_PROTOCOLS_STR, "http");
	if (r != CURLE_OK)
		return err_set(err, -EINVAL, "cannot set libcurl up: %s",
			       http->calls.easy_strerror(r));
	*ret = take_ptr(http);
	return 0;
}

void http_free(struct http *http)
{
	if (!http)
		return;
	if (http->curl)
		http->calls.easy_cleanup(http->curl);
	free(http);
}

int http_get(struct http *http, const char *path, struct str_buf *body, struct err *err)
{
	auto_str struct str_buf url = {0};
	long status = 0, left = left_ms(http);
	CURLcode r;

	if (left <= 0)
		return err_set(err, -ETIMEDOUT, "the engine did not answer in time");
	body->len = 0;
	http->body = body;
	http->too_large = false;
	str_buf_addf(&url, "http://engine%s", path);
	r = http->calls.easy_setopt(http->curl, CURLOPT_URL, str_buf_text(&url));
	if (r == CURLE_OK)
		r = http->calls.easy_setopt(http->curl, CURLOPT_TIMEOUT_MS, left);
	if (r == CURLE_OK)
		r = http->calls.easy_perform(http->curl);
	http->body = NULL;
	if (http->too_large)
		return err_set(err, -EFBIG, "the engine's reply to GET %s has more than %u bytes",
			       path, LIMIT_ENGINE_REPLY_BYTES);
	if (r == CURLE_OPERATION_TIMEDOUT)
		return err_set(err, -ETIMEDOUT, "the engine did not answer in time");
	if (r != CURLE_OK)
		return err_set(err, -ECONNREFUSED, "the engine does not answer: %s",
			       http->calls.easy_strerror(r));
	(void)http->calls.easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200)
		return err_set(err, -EPROTO, "the engine answers GET %s with status %ld", path,
			       status);
	return 0;
}
