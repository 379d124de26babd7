/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds where JSON objects begin and end. */
#include "engine/split.h"

#include <errno.h>

#include "base/limits.h"

#define KEEP_BYTES 65536u /* of a longer object's buffer nothing is kept */

enum split_state {
	STATE_START,  /* an array's bracket is wanted; a sequence has none */
	STATE_FIRST,  /* an object, or the end of the array */
	STATE_OBJECT, /* an object */
	STATE_INSIDE, /* of an object */
	STATE_BEHIND, /* behind an object of an array */
	STATE_END,    /* behind the array */
};

static int split_refuse(const struct split *split, struct err *err)
{
	return err_set(err, -EPROTO, "the engine's %s is not JSON", split->what);
}

/* A byte between objects. */
static int split_between(struct split *split, char c, struct err *err)
{
	enum split_state state = (enum split_state)split->state;
	bool sequence = split->form == SPLIT_SEQUENCE;

	if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
		return 0;
	if (c == '{' && (sequence || state == STATE_FIRST || state == STATE_OBJECT)) {
		split->state = STATE_INSIDE;
		split->depth = 0;
		return 0;
	}
	if (!sequence && c == '[' && state == STATE_START)
		split->state = STATE_FIRST;
	else if (!sequence && c == ']' && (state == STATE_FIRST || state == STATE_BEHIND))
		split->state = STATE_END;
	else if (!sequence && c == ',' && state == STATE_BEHIND)
		split->state = STATE_OBJECT;
	else
		return split_refuse(split, err);
	return 0;
}

/* How many of the bytes belong to the object; split->depth is 0 behind its last one. */
static size_t split_scan(struct split *split, const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = data[i];

		if (split->escaped) {
			split->escaped = false;
		} else if (split->in_string) {
			split->escaped = c == '\\';
			split->in_string = c != '"';
		} else if (c == '"') {
			split->in_string = true;
		} else if (c == '{' || c == '[') {
			if (++split->depth > LIMIT_ENGINE_JSON_DEPTH)
				return i;
		} else if ((c == '}' || c == ']') && --split->depth == 0) {
			return i + 1;
		}
	}
	return len;
}

static int split_inside(struct split *split, const char *data, size_t len, size_t *ret_used,
			struct err *err)
{
	size_t used = split_scan(split, data, len);
	int r;

	if (split->depth > LIMIT_ENGINE_JSON_DEPTH)
		return err_set(err, -EPROTO, "the engine's %s is nested more than %u levels deep",
			       split->what, LIMIT_ENGINE_JSON_DEPTH);
	if (split->item.len + used > LIMIT_ENGINE_ITEM_BYTES)
		return err_set(err, -EFBIG, "the engine's %s has an object of more than %u bytes",
			       split->what, LIMIT_ENGINE_ITEM_BYTES);
	str_buf_add(&split->item, data, used);
	*ret_used = used;
	if (split->depth > 0)
		return 0;
	split->state = split->form == SPLIT_ARRAY ? STATE_BEHIND : STATE_START;
	r = split->take(split->data, &split->item, err);
	split->item.len = 0;
	if (split->item.cap > KEEP_BYTES)
		split_done(split);
	return r;
}

int split_feed(struct split *split, const char *data, size_t len, struct err *err)
{
	size_t at = 0;

	while (at < len) {
		size_t used = 0;
		int r;

		if (split->state != STATE_INSIDE) {
			r = split_between(split, data[at], err);
			/* its brace is the first byte of an object */
			used = split->state != STATE_INSIDE;
		} else {
			r = split_inside(split, data + at, len - at, &used, err);
		}
		if (r < 0)
			return r;
		at += used;
	}
	return 0;
}

int split_end(const struct split *split, struct err *err)
{
	if (split->state == (split->form == SPLIT_ARRAY ? STATE_END : STATE_START))
		return 0;
	return err_set(err, -EPROTO, "the engine's %s ends in the middle", split->what);
}

bool split_is_inside(const struct split *split)
{
	return split->state == STATE_INSIDE;
}

void split_done(struct split *split)
{
	str_buf_done(&split->item);
	split->item = (struct str_buf){0};
}
