/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON: the frame of every answer, diagnostics and failures. */
#include "report/json.h"

#include <stdlib.h>
#include <string.h>

static void place_set(json_t *object, const struct source_set *sources, struct origin at)
{
	struct source_place place;

	if (!sources || !source_place_of(sources, at, &place))
		return;
	json_object_set_new(object, "file", report_json_text(place.name));
	json_object_set_new(object, "line", json_integer(place.line));
	json_object_set_new(object, "column", json_integer(place.column));
}

json_t *report_json_new(const char *command)
{
	json_t *object = json_object();

	if (!object)
		alloc_failed(sizeof(*object));
	json_object_set_new(object, "version", json_integer(REPORT_JSON_VERSION));
	if (command)
		json_object_set_new(object, "command", report_json_text(command));
	return object;
}

json_t *report_json_text(const char *text)
{
	auto_str struct str_buf visible = {0};
	json_t *string;

	if (!text)
		return json_null();
	string = json_string(text);
	if (string)
		return string;
	/* jansson takes UTF-8 only, a container's label may hold anything. */
	str_buf_add_visible(&visible, text, strlen(text));
	return json_string(str_buf_text(&visible));
}

static json_t *diag_json(const struct diag *diag, const struct source_set *sources)
{
	json_t *object = json_object();

	place_set(object, sources, diag->at);
	json_object_set_new(object, "code", report_json_text(diag_code_text(diag->code)));
	json_object_set_new(object, "message", report_json_text(diag->text));
	if (diag->notes.len) {
		json_t *notes = json_array();

		vec_each (&diag->notes, note) {
			json_t *item = json_object();

			place_set(item, sources, note->at);
			json_object_set_new(item, "message", report_json_text(note->text));
			json_array_append_new(notes, item);
		}
		json_object_set_new(object, "notes", notes);
	}
	return object;
}

static int diag_compare(const void *a, const void *b)
{
	const struct diag *first = *(struct diag *const *)a;
	const struct diag *second = *(struct diag *const *)b;

	if (first->at.source != second->at.source)
		return first->at.source < second->at.source ? -1 : 1;
	if (first->at.start != second->at.start)
		return first->at.start < second->at.start ? -1 : 1;
	return 0;
}

/* In the order of the text, as people read them. */
json_t *report_json_diags(const struct diag_list *diags, enum diag_level level,
			  const struct source_set *sources)
{
	size_t size = diags->items.len * sizeof(struct diag *);
	auto_free struct diag **sorted = NULL;
	json_t *array = json_array();

	if (!size)
		return array;
	sorted = mem_alloc(size);
	memcpy(sorted, diags->items.items, size);
	qsort(sorted, diags->items.len, sizeof(*sorted), diag_compare);
	for (uint32_t i = 0; i < diags->items.len; i++) {
		if (sorted[i]->level == level)
			json_array_append_new(array, diag_json(sorted[i], sources));
	}
	return array;
}

json_t *report_json_err(const struct err *err, const struct source_set *sources)
{
	json_t *object = json_object();

	place_set(object, sources, err->origin);
	if (err->origin.source) /* the kernel's refusal of a sentence */
		json_object_set_new(object, "code",
				    report_json_text(diag_code_text(DIAG_KERNEL_REFUSED)));
	json_object_set_new(object, "errno", json_integer(-err->code));
	json_object_set_new(object, "message", report_json_text(err->text));
	return object;
}

static int text_add(const char *data, size_t len, void *out)
{
	str_buf_add(out, data, len);
	return 0;
}

void report_json_print(const json_t *object, struct str_buf *out)
{
	(void)json_dump_callback(object, text_add, out, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	str_buf_addc(out, '\n');
}
