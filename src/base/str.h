/* Text: a growable buffer on the heap, numbers with ranges, words that are nearly alike. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Always NUL-terminated once anything was added; data is NULL before. */
struct str_buf {
	char *data;
	size_t len;
	size_t cap;
};

void str_buf_done(struct str_buf *buf);
void str_buf_add(struct str_buf *buf, const char *data, size_t len);
void str_buf_adds(struct str_buf *buf, const char *text);
void str_buf_addc(struct str_buf *buf, char c);
__attribute__((format(printf, 2, 3))) void str_buf_addf(struct str_buf *buf, const char *fmt, ...);
/* Adds `text` (len bytes) with control characters and invalid UTF-8 made visible (\xNN). */
void str_buf_add_visible(struct str_buf *buf, const char *text, size_t len);
/*
 * Length of the UTF-8 character of two bytes or more at text; 0 if there is none, or if it is a
 * control character.
 */
size_t str_utf8_len(const char *text, size_t room);
/* The text, "" when nothing was added. */
const char *str_buf_text(const struct str_buf *buf);
#define auto_str __attribute__((cleanup(str_buf_done)))

bool str_eq(const char *a, const char *b);
bool str_starts(const char *text, const char *prefix);
bool str_ends(const char *text, const char *suffix);
bool str_eqn(const char *a, const char *b, size_t b_len); /* a is NUL-terminated, b is not */
/* Decimal digits only, the whole of text[0..len), within [low, high]. */
bool str_parse_u32(const char *text, size_t len, uint32_t low, uint32_t high, uint32_t *ret);
bool str_parse_u64(const char *text, size_t len, uint64_t low, uint64_t high, uint64_t *ret);
/* Damerau-Levenshtein distance, cut off at limit + 1. */
unsigned str_distance(const char *a, size_t a_len, const char *b, size_t b_len, unsigned limit);
/* Copies with truncation, always terminates; returns false if the text was cut. */
bool str_copy(char *dest, size_t size, const char *text);
