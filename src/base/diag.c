/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Diagnostics: collected, then printed with the line and carets. */
#include "base/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"

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

static bool is_known(const struct diag_list *diags, struct origin at, enum diag_code code)
{
	/* one mistake is found twice in a row, if at all: no need to look at all of them */
	for (uint32_t i = diags->items.len; i > 0 && i + 64 > diags->items.len; i--) {
		const struct diag *diag = diags->items.items[i - 1];

		if (diag->code == code && at.source && diag->at.source == at.source &&
		    diag->at.start == at.start && diag->at.len == at.len)
			return true;
	}
	return false;
}

__attribute__((format(printf, 5, 0))) static struct diag *
diag_add(struct diag_list *diags, enum diag_level level, struct origin at, enum diag_code code,
	 const char *fmt, va_list args)
{
	struct diag *diag = arena_new_object(diags->arena, struct diag);

	diag->level = level;
	diag->code = code;
	diag->at = at;
	diag->arena = diags->arena;
	if (is_known(diags, at, code))
		return diag;
	if (level == DIAG_LEVEL_ERROR)
		diags->errors++;
	else
		diags->warnings++;
	/* what nobody will see need not be kept */
	if (diags->items.len >= LIMIT_DIAGNOSTICS && level == DIAG_LEVEL_WARNING)
		return diag;
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

void diag_note(struct diag *diag, struct origin at, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	*vec_add(diag->arena, &diag->notes) =
		(struct diag_note){.at = at, .text = text_make(diag->arena, fmt, args)};
	va_end(args);
}

/* The line and carets under the span, cut where the line ends. */
static void add_excerpt(const struct source_place *place, uint32_t len, struct str_buf *out)
{
	uint32_t before = place->column - 1;
	uint32_t room;

	if (before > place->line_len)
		before = place->line_len;
	room = place->line_len - before;
	for (uint32_t i = 0; i < place->line_len; i++) {
		if (place->line_text[i] == '\t')
			str_buf_addc(out, '\t');
		else if ((unsigned char)place->line_text[i] < 0x20 || place->line_text[i] == 0x7f)
			str_buf_addc(out, '?');
		else
			str_buf_addc(out, place->line_text[i]);
	}
	str_buf_addc(out, '\n');
	for (uint32_t i = 0; i < before; i++) {
		/* the bytes that follow a UTF-8 head take no room of their own */
		if (((unsigned char)place->line_text[i] & 0xc0) != 0x80)
			str_buf_addc(out, place->line_text[i] == '\t' ? '\t' : ' ');
	}
	str_buf_addc(out, '^');
	for (uint32_t i = 1; i < len && i < room; i++)
		if (((unsigned char)place->line_text[before + i] & 0xc0) != 0x80)
			str_buf_addc(out, '~');
	str_buf_addc(out, '\n');
}

static void add_message(const struct source_set *sources, struct origin at, const char *level,
			const char *text, const char *code, struct str_buf *out)
{
	struct source_place place;
	bool known = source_place_of(sources, at, &place);

	if (known)
		str_buf_addf(out, "%s:%u:%u: ", place.name, place.line, place.column);
	str_buf_addf(out, "%s: ", level);
	str_buf_add_visible(out, text, __builtin_strlen(text));
	if (code)
		str_buf_addf(out, " [%s]", code);
	str_buf_addc(out, '\n');
	if (known)
		add_excerpt(&place, at.len, out);
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
	return (*left)->level < (*right)->level ? -1 : (*left)->level > (*right)->level;
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
	for (uint32_t i = 0; i < printed; i++) {
		const struct diag *diag = sorted[i];

		add_message(sources, diag->at,
			    diag->level == DIAG_LEVEL_ERROR ? "error" : "warning", diag->text,
			    diag_code_text(diag->code), out);
		vec_each (&diag->notes, note)
			add_message(sources, note->at, "note", note->text, NULL, out);
	}
	if (diags->errors + diags->warnings > printed)
		str_buf_addf(out, "... and %u more\n", diags->errors + diags->warnings - printed);
	free(sorted);
}
