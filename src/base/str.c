/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text: buffers, numbers with ranges, words that are nearly alike. */
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define DISTANCE_WORD_MAX 63u

void str_buf_done(struct str_buf *buf)
{
	free(buf->data);
	*buf = (struct str_buf){0};
}

static void str_buf_reserve(struct str_buf *buf, size_t more)
{
	size_t wanted = buf->len + more + 1;
	size_t cap = buf->cap ? buf->cap : 64;

	if (wanted <= buf->cap)
		return;
	while (cap < wanted)
		cap *= 2;
	buf->data = mem_realloc(buf->data, cap);
	buf->cap = cap;
}

void str_buf_add(struct str_buf *buf, const char *data, size_t len)
{
	str_buf_reserve(buf, len);
	if (len)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void str_buf_adds(struct str_buf *buf, const char *text)
{
	str_buf_add(buf, text, strlen(text));
}

void str_buf_addc(struct str_buf *buf, char c)
{
	str_buf_add(buf, &c, 1);
}

void str_buf_addf(struct str_buf *buf, const char *fmt, ...)
{
	va_list args, again;
	size_t room;
	int len;

	/* most pieces fit into what is there: formatted once */
	str_buf_reserve(buf, 64);
	room = buf->cap - buf->len;
	va_start(args, fmt);
	va_copy(again, args);
	len = vsnprintf(buf->data + buf->len, room, fmt, args);
	va_end(args);
	if (len > 0 && (size_t)len >= room) {
		str_buf_reserve(buf, (size_t)len);
		(void)vsnprintf(buf->data + buf->len, (size_t)len + 1, fmt, again);
	}
	va_end(again);
	if (len > 0)
		buf->len += (size_t)len;
	buf->data[buf->len] = '\0';
}

size_t str_utf8_len(const char *chars, size_t room)
{
	const unsigned char *text = (const unsigned char *)chars;
	static const unsigned char heads[] = {0xc2, 0xe0, 0xf0};
	static const unsigned char ends[] = {0xdf, 0xef, 0xf4};

	if (room == 0)
		return 0;
	for (size_t extra = 1; extra <= 3; extra++) {
		if (text[0] < heads[extra - 1] || text[0] > ends[extra - 1])
			continue;
		if (room < extra + 1)
			return 0;
		for (size_t i = 1; i <= extra; i++)
			if ((text[i] & 0xc0) != 0x80)
				return 0;
		if (text[0] == 0xe0 && text[1] < 0xa0)
			return 0;
		if (text[0] == 0xed && text[1] > 0x9f)
			return 0;
		if (text[0] == 0xf0 && text[1] < 0x90)
			return 0;
		if (text[0] == 0xf4 && text[1] > 0x8f)
			return 0;
		/* C1 control characters move a terminal's cursor too */
		return text[0] == 0xc2 && text[1] < 0xa0 ? 0 : extra + 1;
	}
	return 0;
}

void str_buf_add_visible(struct str_buf *buf, const char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		unsigned char c = (unsigned char)text[i];
		size_t step = 1;

		if (c >= 0x80)
			step = str_utf8_len(text + i, len - i);
		if (step == 0 || c < 0x20 || c == 0x7f) {
			str_buf_addf(buf, "\\x%02x", c);
			i++;
			continue;
		}
		str_buf_add(buf, text + i, step);
		i += step;
	}
}

const char *str_buf_text(const struct str_buf *buf)
{
	return buf->data ? buf->data : "";
}

bool str_eq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

bool str_starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *text, const char *suffix)
{
	size_t len = strlen(text), suffix_len = strlen(suffix);

	return len >= suffix_len && strcmp(text + len - suffix_len, suffix) == 0;
}

bool str_eqn(const char *a, const char *b, size_t b_len)
{
	return strncmp(a, b, b_len) == 0 && a[b_len] == '\0';
}

bool str_parse_u64(const char *text, size_t len, uint64_t low, uint64_t high, uint64_t *ret)
{
	uint64_t value = 0;

	if (len == 0)
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned digit = (unsigned)(unsigned char)text[i] - '0';

		if (digit > 9 || __builtin_mul_overflow(value, (uint64_t)10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)digit, &value))
			return false;
	}
	if (value < low || value > high)
		return false;
	*ret = value;
	return true;
}

bool str_parse_u32(const char *text, size_t len, uint32_t low, uint32_t high, uint32_t *ret)
{
	uint64_t value;

	if (!str_parse_u64(text, len, low, high, &value))
		return false;
	*ret = (uint32_t)value;
	return true;
}

static unsigned min_of(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

unsigned str_distance(const char *a, size_t a_len, const char *b, size_t b_len, unsigned limit)
{
	unsigned rows[3][DISTANCE_WORD_MAX + 1];
	unsigned *before = rows[0], *last = rows[1], *now = rows[2];

	if (a_len > DISTANCE_WORD_MAX || b_len > DISTANCE_WORD_MAX ||
	    (a_len > b_len ? a_len - b_len : b_len - a_len) > limit)
		return limit + 1;
	for (unsigned j = 0; j <= b_len; j++)
		last[j] = before[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		unsigned *spare = before;

		now[0] = (unsigned)i;
		for (size_t j = 1; j <= b_len; j++) {
			unsigned cost = a[i - 1] != b[j - 1];

			now[j] = min_of(min_of(last[j], now[j - 1]) + 1, last[j - 1] + cost);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = min_of(now[j], before[j - 2] + 1);
		}
		before = last;
		last = now;
		now = spare;
	}
	return min_of(last[b_len], limit + 1);
}

bool str_copy(char *dest, size_t size, const char *text)
{
	size_t len = strlen(text);
	bool fits = len < size;

	if (size == 0)
		return false;
	if (!fits)
		len = size - 1;
	memcpy(dest, text, len);
	dest[len] = '\0';
	return fits;
}
