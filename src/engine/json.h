/* Members of JSON objects, with the kind that is wanted; wrong kinds set an error once. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/str.h"

static inline void json_release(json_t *json)
{
	json_decref(json);
}
DEFINE_CLEANUP(json_t, json_release)

/* NULL and *err for what is not JSON, too deep, or of another kind than `type`. */
json_t *json_read(const struct str_buf *body, json_type type, const char *what, struct err *err);
/* A string member; NULL if absent, null or empty.  A member of another kind fails. */
int json_member_text(const json_t *object, const char *key, const char **ret, struct err *err);
int json_member_port(const json_t *object, const char *key, uint16_t *ret,
		     struct err *err); /* 0: absent */
/* NULL if absent or null. */
int json_member(const json_t *object, const char *key, json_type type, json_t **ret,
		struct err *err);
