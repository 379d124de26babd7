/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Source texts and places in them. */
#include "base/source.h"

#include <assert.h>
#include <string.h>

uint16_t source_set_add(struct source_set *set, const char *name, const char *text, uint32_t len)
{
	assert(set->items.len < UINT16_MAX);
	*vec_add(set->arena, &set->items) = (struct source){.name = name, .text = text, .len = len};
	return (uint16_t)set->items.len;
}

const struct source *source_set_get(const struct source_set *set, uint16_t number)
{
	if (number == 0 || number > set->items.len)
		return NULL;
	return &set->items.items[number - 1];
}

struct origin origin_make(uint16_t source, uint32_t start, uint32_t end)
{
	uint32_t len = end > start ? end - start : 0;

	return (struct origin){.start = start,
			       .len = (uint16_t)(len > UINT16_MAX ? UINT16_MAX : len),
			       .source = source};
}

struct origin origin_join(struct origin first, struct origin last)
{
	if (first.source == 0)
		return last;
	if (last.source != first.source)
		return first;
	return origin_make(first.source, first.start, last.start + last.len);
}

bool source_place_of(const struct source_set *set, struct origin at, struct source_place *ret)
{
	const struct source *source = source_set_get(set, at.source);
	uint32_t start, line_start = 0, line = 1;
	const char *end;

	if (!source)
		return false;
	start = at.start < source->len ? at.start : source->len;
	for (const char *next = source->text;
	     (next = memchr(next, '\n', start - (uint32_t)(next - source->text)));) {
		next++;
		line++;
		line_start = (uint32_t)(next - source->text);
	}
	end = memchr(source->text + line_start, '\n', source->len - line_start);
	*ret = (struct source_place){
		.name = source->name,
		.line = line,
		.column = start - line_start + 1,
		.line_text = source->text + line_start,
		.line_len = end ? (uint32_t)(end - source->text) - line_start
				: source->len - line_start,
	};
	if (ret->line_len && ret->line_text[ret->line_len - 1] == '\r')
		ret->line_len--;
	return true;
}

void source_place_format(const struct source_set *set, struct origin at, struct str_buf *out)
{
	struct source_place place;

	if (source_place_of(set, at, &place))
		str_buf_addf(out, "%s:%u:%u", place.name, place.line, place.column);
	else
		str_buf_adds(out, "built in");
}
