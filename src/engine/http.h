/* A GET over a unix socket.  Fixed paths only; no user's string is ever part of one. */
#pragma once

#include <stddef.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/str.h"

struct http;

/* The deadline holds for all requests together. */
int http_open(const char *socket_path, unsigned timeout_ms, struct http **ret, struct err *err);
void http_free(struct http *http);
DEFINE_CLEANUP(struct http, http_free)
/* 200 and a body of at most LIMIT_ENGINE_REPLY_BYTES, or a failure. */
int http_get(struct http *http, const char *path, struct str_buf *body, struct err *err);
