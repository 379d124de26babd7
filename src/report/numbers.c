/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers of sentences and containers, as text, JSON and metrics. */
#include "report/numbers.h"

#include <inttypes.h>

#include "report/json.h"

#define TEXT_LINES_MAX 10u

/* The busiest that is less than `below` (or equal and later), or NULL. */
static const struct report_number *next_busiest(const struct report_numbers *numbers,
						const struct report_number *below)
{
	const struct report_number *best = NULL;

	vec_each (&numbers->sentences, number) {
		if (!number->packets ||
		    (below && (number->packets > below->packets ||
			       (number->packets == below->packets && number <= below))))
			continue;
		if (!best || number->packets > best->packets)
			best = number;
	}
	return best;
}

void report_numbers_text(const struct report_numbers *numbers, struct str_buf *out)
{
	const struct report_number *number = NULL;

	for (unsigned i = 0; i < TEXT_LINES_MAX; i++) {
		number = next_busiest(numbers, number);
		if (!number)
			return;
		if (!i)
			str_buf_adds(out, "busiest sentences, packets that open a connection:\n");
		str_buf_addf(out, "  %10" PRIu64 "  %s%s%s%s\n", number->packets, number->what,
			     number->where ? " (" : "", number->where ? number->where : "",
			     number->where ? ")" : "");
	}
}

static json_t *number_json(const struct report_number *number, const char *what, const char *where)
{
	json_t *object = json_object();

	json_object_set_new(object, what, report_json_text(number->what));
	json_object_set_new(object, where, report_json_text(number->where));
	json_object_set_new(object, "packets", json_integer((json_int_t)number->packets));
	json_object_set_new(object, "bytes", json_integer((json_int_t)number->bytes));
	return object;
}

void report_numbers_json(const struct report_numbers *numbers, json_t *object)
{
	json_t *sentences = json_array();
	json_t *containers = json_array();

	vec_each (&numbers->sentences, number)
		json_array_append_new(sentences, number_json(number, "sentence", "place"));
	vec_each (&numbers->containers, number)
		json_array_append_new(containers, number_json(number, "name", "id"));
	json_object_set_new(object, "sentence_counters", sentences);
	json_object_set_new(object, "container_counters", containers);
}

/* A label's value: its few special characters escaped, what is no text left out. */
static void label_add(struct str_buf *out, const char *name, const char *value)
{
	str_buf_addf(out, "%s=\"", name);
	for (const char *at = value ? value : ""; *at; at++) {
		if (*at == '"' || *at == '\\')
			str_buf_addc(out, '\\');
		if ((unsigned char)*at >= ' ' && *at != 0x7f)
			str_buf_addc(out, *at);
	}
	str_buf_addc(out, '"');
}

struct family {
	const char *name;
	const char *help;
	const char *what;
	const char *where;
	bool bytes;
};

static void family_add(struct str_buf *out, const struct family *family,
		       const struct report_number *items, uint32_t count)
{
	if (!count)
		return;
	str_buf_addf(out, "# HELP wharfwall_%s %s\n# TYPE wharfwall_%s counter\n", family->name,
		     family->help, family->name);
	for (uint32_t i = 0; i < count; i++) {
		str_buf_addf(out, "wharfwall_%s{", family->name);
		label_add(out, family->what, items[i].what);
		str_buf_addc(out, ',');
		label_add(out, family->where, items[i].where);
		str_buf_addf(out, "} %" PRIu64 "\n",
			     family->bytes ? items[i].bytes : items[i].packets);
	}
}

void report_numbers_metrics(const struct report_numbers *numbers, struct str_buf *out)
{
	static const struct family families[] = {
		{"sentence_packets_total", "Packets that a sentence decided about.", "sentence",
		 "place", false},
		{"sentence_bytes_total", "Bytes that a sentence decided about.", "sentence",
		 "place", true},
		{"container_packets_total", "Packets to a container that sentences decided about.",
		 "container", "id", false},
		{"container_bytes_total", "Bytes to a container that sentences decided about.",
		 "container", "id", true},
	};

	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++) {
		if (i < 2)
			family_add(out, &families[i], numbers->sentences.items,
				   numbers->sentences.len);
		else
			family_add(out, &families[i], numbers->containers.items,
				   numbers->containers.len);
	}
}
