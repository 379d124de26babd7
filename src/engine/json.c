/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members of JSON objects, with the kind that is wanted. */
#include "engine/json.h"

#include <errno.h>

#include "base/limits.h"

/* jansson stops at 2048 levels; ours is a much smaller limit, and strings do not count. */
static bool is_too_deep(const struct str_buf *body)
{
	unsigned depth = 0;
	bool in_string = false;

	for (size_t i = 0; i < body->len; i++) {
		char c = body->data[i];

		if (in_string && c == '\\')
			i++;
		else if (c == '"')
			in_string = !in_string;
		else if (!in_string && (c == '[' || c == '{') && ++depth > LIMIT_ENGINE_JSON_DEPTH)
			return true;
		else if (!in_string && (c == ']' || c == '}') && depth > 0)
			depth--;
	}
	return false;
}

json_t *json_read(const struct str_buf *body, json_type type, const char *what, struct err *err)
{
	auto_of(json_release) json_t *json = NULL;
	json_error_t error;

	if (is_too_deep(body)) {
		(void)err_set(err, -EPROTO, "the engine's %s is nested more than %u levels deep",
			      what, LIMIT_ENGINE_JSON_DEPTH);
		return NULL;
	}
	json = json_loadb(str_buf_text(body), body->len, JSON_REJECT_DUPLICATES, &error);
	if (!json) {
		(void)err_set(err, -EPROTO, "the engine's %s is not JSON: %s", what, error.text);
		return NULL;
	}
	if (json_typeof(json) != type) {
		(void)err_set(err, -EPROTO, "the engine's %s has another form than expected", what);
		return NULL;
	}
	return take_ptr(json);
}

int json_member(const json_t *object, const char *key, json_type type, json_t **ret,
		struct err *err)
{
	json_t *member = json_object_get(object, key);

	*ret = NULL;
	if (!member || json_is_null(member))
		return 0;
	if (json_typeof(member) != type)
		return err_set(err, -EPROTO,
			       "'%s' in the engine's reply is of another kind than expected", key);
	*ret = member;
	return 0;
}

int json_member_text(const json_t *object, const char *key, const char **ret, struct err *err)
{
	json_t *member;
	int r = json_member(object, key, JSON_STRING, &member, err);

	*ret = NULL;
	if (r == 0 && member && json_string_length(member) > 0)
		*ret = json_string_value(member);
	return r;
}

int json_member_port(const json_t *object, const char *key, uint16_t *ret, struct err *err)
{
	json_t *member;
	int r = json_member(object, key, JSON_INTEGER, &member, err);

	*ret = 0;
	if (r < 0 || !member)
		return r;
	if (json_integer_value(member) < 0 || json_integer_value(member) > 65535)
		return err_set(err, -EPROTO, "'%s' in the engine's reply is not a port", key);
	*ret = (uint16_t)json_integer_value(member);
	return 0;
}
