/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Diagnostics: collected, then printed with the line and carets. */
#include "base/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

#define EXCERPT_BYTES 200u /* of a very long line only the part around the place is shown */
#define KEPT_MAX (16u * LIMIT_DIAGNOSTICS)

static const struct {
	const char *code;
	const char *title;
} codes[] = {
#define DIAG(name, code, title) [DIAG_##name] = {code, title},
#include "base/diag_codes.def"
#undef DIAG
};

const char *diag_code_text(enum diag_code code)
{
	return codes[code].code;
}

const char *diag_code_title(enum diag_code code)
{
	return codes[code].title;
}

__attribute__((format(printf, 2, 0))) static char *text_make(struct arena *arena, const char *fmt,
							     va_list args)
{
	va_list again;
	char *text;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	text = arena_alloc(arena, len < 0 ? 1 : (size_t)len + 1);
	if (len > 0)
		(void)vsnprintf(text, (size_t)len + 1, fmt, args);
	return text;
}

static bool same_origin(struct origin a, struct origin b)
{
	return a.source == b.source && a.start == b.start && a.len == b.len;
}

static bool is_known(const struct diag_list *diags, struct origin at, enum diag_code code)
{
	/* one mistake is found twice in a row, if at all: no need to look at all of them */
	for (uint32_t i = diags->items.len; i > 0 && i + 64 > diags->items.len; i--) {
		const struct diag *diag = diags->items.items[i - 1];

		if (diag->code == code && at.source && same_origin(diag->at, at))
			return true;
	}
	return false;
}

__attribute__((format(printf, 5, 0))) static struct diag *
diag_add(struct diag_list *diags, enum diag_level level, struct origin at, enum diag_code code,
	 const char *fmt, va_list args)
{
	struct diag *diag;
	uint32_t kept = diags->items.len;

	if (!diags->dropped)
		diags->dropped = arena_new_object(diags->arena, struct diag);
	if (is_known(diags, at, code))
		return diags->dropped;
	if (level == DIAG_LEVEL_ERROR)
		diags->errors++;
	else
		diags->warnings++;
	/* what nobody will see need not be kept; errors may yet sort to the front */
	if (kept >= (level == DIAG_LEVEL_ERROR ? KEPT_MAX : LIMIT_DIAGNOSTICS))
		return diags->dropped;
	diag = arena_new_object(diags->arena, struct diag);
	diag->level = level;
	diag->code = code;
	diag->at = at;
	diag->arena = diags->arena;
	diag->text = text_make(diags->arena, fmt, args);
	*vec_add(diags->arena, &diags->items) = diag;
	return diag;
}

struct diag *diag_error(struct diag_list *diags, struct origin at, enum diag_code code,
			const char *fmt, ...)
{
	struct diag *diag;
	va_list args;

	va_start(args, fmt);
	diag = diag_add(diags, DIAG_LEVEL_ERROR, at, code, fmt, args);
	va_end(args);
	return diag;
}

struct diag *diag_warning(struct diag_list *diags, struct origin at, enum diag_code code,
			  const char *fmt, ...)
{
	struct diag *diag;
	va_list args;

	va_start(args, fmt);
	diag = diag_add(diags, DIAG_LEVEL_WARNING, at, code, fmt, args);
	va_end(args);
	return diag;
}

void diag_list_demote(const struct diag_list *from, struct diag_list *to, enum diag_code code)
{
	vec_each (&from->items, item) {
		const struct diag *diag = *item;
		struct diag *copy;

		if (from->errors && diag->level != DIAG_LEVEL_ERROR)
			continue;
		copy = diag_warning(to, diag->at, from->errors ? code : diag->code, "%s",
				    diag->text);
		vec_each (&diag->notes, note)
			diag_note(copy, note->at, "%s", note->text);
	}
}

void diag_note(struct diag *diag, struct origin at, const char *fmt, ...)
{
	va_list args;

	if (!diag->arena)
		return; /* of a diagnostic that was dropped */
	va_start(args, fmt);
	*vec_add(diag->arena, &diag->notes) =
		(struct diag_note){.at = at, .text = text_make(diag->arena, fmt, args)};
	va_end(args);
}

/* Bytes of the character at text; what is not UTF-8 counts byte by byte. */
static uint32_t char_len(const char *text, uint32_t room)
{
	size_t len = str_utf8_len(text, room);

	return len ? (uint32_t)len : 1;
}

/* A character that a terminal would obey, or not understand, takes one column as "?". */
static void add_char(const char *text, uint32_t len, struct str_buf *out)
{
	unsigned char c = (unsigned char)*text;

	if (c != '\t' && (c < 0x20 || c == 0x7f || (c >= 0x80 && len == 1)))
		str_buf_addc(out, '?');
	else
		str_buf_add(out, text, len);
}

/* The line and carets under the span, cut where the line ends. */
static void add_excerpt(const struct source_place *place, uint32_t span, struct str_buf *out)
{
	uint32_t before = place->column - 1 < place->line_len ? place->column - 1 : place->line_len;
	uint32_t from = before > EXCERPT_BYTES ? before - EXCERPT_BYTES / 2 : 0;
	uint32_t to = place->line_len - from > 2 * EXCERPT_BYTES ? from + 2 * EXCERPT_BYTES
								 : place->line_len;
	uint32_t end = span < to - before ? before + span : to;
	const char *text = place->line_text;

	/* not into the middle of a character */
	while (from > 0 && from < before && ((unsigned char)text[from] & 0xc0) == 0x80)
		from++;
	for (uint32_t i = from, len; i < to; i += len) {
		len = char_len(text + i, to - i);
		add_char(text + i, len, out);
	}
	str_buf_addc(out, '\n');
	for (uint32_t i = from; i < before; i += char_len(text + i, before - i))
		str_buf_addc(out, text[i] == '\t' ? '\t' : ' ');
	str_buf_addc(out, '^');
	if (before < end)
		for (uint32_t i = before + char_len(text + before, end - before); i < end;
		     i += char_len(text + i, end - i))
			str_buf_addc(out, '~');
	str_buf_addc(out, '\n');
}

/* "name:line:column: level: "; says whether there is a place. */
static bool add_head(const struct source_set *sources, struct origin at, const char *level,
		     struct str_buf *out, struct source_place *ret_place)
{
	bool known = source_place_of(sources, at, ret_place);

	if (known) {
		str_buf_add_visible(out, ret_place->name, strlen(ret_place->name));
		str_buf_addf(out, ":%u:%u: ", ret_place->line, ret_place->column);
	}
	str_buf_addf(out, "%s: ", level);
	return known;
}

static void add_diag(const struct source_set *sources, const struct diag *diag, struct str_buf *out)
{
	struct source_place place;
	bool known = add_head(sources, diag->at,
			      diag->level == DIAG_LEVEL_ERROR ? "error" : "warning", out, &place);

	str_buf_add_visible(out, diag->text, strlen(diag->text));
	str_buf_addf(out, " [%s]\n", diag_code_text(diag->code));
	if (known)
		add_excerpt(&place, diag->at.len, out);
	vec_each (&diag->notes, note) {
		known = add_head(sources, note->at, "note", out, &place);
		str_buf_add_visible(out, note->text, strlen(note->text));
		str_buf_addc(out, '\n');
		/* the line that was just shown is not shown twice */
		if (known && !same_origin(note->at, diag->at))
			add_excerpt(&place, note->at.len, out);
	}
}

static int compare_places(const void *a, const void *b)
{
	const struct diag *const *left = a;
	const struct diag *const *right = b;
	const struct origin *x = &(*left)->at, *y = &(*right)->at;

	if (x->source != y->source)
		return x->source < y->source ? -1 : 1;
	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if ((*left)->level != (*right)->level)
		return (*left)->level < (*right)->level ? -1 : 1;
	return (*left)->code < (*right)->code ? -1 : (*left)->code > (*right)->code;
}

void diag_list_format(const struct diag_list *diags, const struct source_set *sources,
		      struct str_buf *out)
{
	uint32_t count = diags->items.len, printed;
	struct diag **sorted;

	if (count == 0)
		return;
	sorted = mem_alloc(count * sizeof(struct diag *));
	for (uint32_t i = 0; i < count; i++)
		sorted[i] = diags->items.items[i];
	qsort(sorted, count, sizeof(struct diag *), compare_places);
	printed = count < LIMIT_DIAGNOSTICS ? count : LIMIT_DIAGNOSTICS;
	for (uint32_t i = 0; i < printed; i++)
		add_diag(sources, sorted[i], out);
	if (diags->errors + diags->warnings > printed)
		str_buf_addf(out, "... and %u more\n", diags->errors + diags->warnings - printed);
	free(sorted);
}
