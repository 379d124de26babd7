/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A refused packet as a line, as JSON and as fields of a journal entry. */
#include "report/refused.h"

#include <stdlib.h>
#include <string.h>

#include "report/json.h"

static void add_visible(struct str_buf *out, const char *text)
{
	str_buf_add_visible(out, text, strlen(text));
}

static void add_part(struct str_buf *out, const char *before, const char *text)
{
	if (!text)
		return;
	str_buf_adds(out, before);
	add_visible(out, text);
}

/* "203.0.113.7 -> tcp 8080 of web" */
static void add_packet(const struct refused *refused, struct str_buf *out)
{
	char text[IP_TEXT_MAX];

	str_buf_adds(out, ip_addr_format(&refused->src, text));
	if (refused->source_container) {
		add_part(out, " (", refused->source_container);
		str_buf_addc(out, ')');
	}
	str_buf_adds(out, " -> ");
	if (!refused->container) {
		str_buf_adds(out, ip_addr_format(&refused->dst, text));
		str_buf_addc(out, ' ');
	}
	add_visible(out, refused->protocol);
	if (refused->has_port)
		str_buf_addf(out, " %u", (unsigned)refused->port);
	add_part(out, " of ", refused->container);
}

static void add_sentence(const struct refused *refused, struct str_buf *out)
{
	if (!refused->sentence || !refused->from || !refused->to)
		return;
	add_visible(out, refused->from);
	add_part(out, " -> ", refused->to);
	add_part(out, ": ", refused->sentence);
}

static void add_message(const struct refused *refused, struct str_buf *out)
{
	str_buf_addf(out, "refused %s", refused->way);
	add_part(out, " ", refused->iface ? refused->iface : "?");
	str_buf_addc(out, ' ');
	add_packet(refused, out);
	add_part(out, ": ", refused->reason);
	add_part(out, ": ", refused->refused_by);
	if (refused->sentence && refused->from && refused->to)
		str_buf_adds(out, "; this would allow it: ");
	add_sentence(refused, out);
}

void refused_text(const struct refused *refused, struct str_buf *out)
{
	str_buf_addf(out, "%s ", refused->time);
	add_message(refused, out);
	str_buf_addc(out, '\n');
}

static json_t *addr_json(const struct ip_addr *addr)
{
	char text[IP_TEXT_MAX];

	return json_string(ip_addr_format(addr, text));
}

/* As in the line: jansson lets control characters of Unicode pass. */
static json_t *visible_json(const char *text)
{
	auto_str struct str_buf visible = {0};

	if (!text)
		return json_null();
	add_visible(&visible, text);
	return json_string(str_buf_text(&visible));
}

json_t *refused_json(const struct refused *refused)
{
	json_t *object = report_json_new("log");

	json_object_set_new(object, "time", json_string(refused->time));
	json_object_set_new(object, "way", json_string(refused->way));
	json_object_set_new(object, "interface", visible_json(refused->iface));
	json_object_set_new(object, "from", visible_json(refused->from));
	json_object_set_new(object, "to", visible_json(refused->to));
	json_object_set_new(object, "source", addr_json(&refused->src));
	json_object_set_new(object, "source_container", visible_json(refused->source_container));
	json_object_set_new(object, "destination", addr_json(&refused->dst));
	json_object_set_new(object, "protocol", visible_json(refused->protocol));
	json_object_set_new(object, "port",
			    refused->has_port ? json_integer(refused->port) : json_null());
	json_object_set_new(object, "container", visible_json(refused->container));
	json_object_set_new(object, "reason", visible_json(refused->reason));
	json_object_set_new(object, "refused_by", visible_json(refused->refused_by));
	json_object_set_new(object, "sentence", visible_json(refused->sentence));
	return object;
}

void refused_json_line(const struct refused *refused, struct str_buf *out)
{
	json_t *object = refused_json(refused);
	char *line = json_dumps(object, JSON_COMPACT);

	json_decref(object);
	if (line)
		str_buf_adds(out, line);
	free(line);
	str_buf_addc(out, '\n');
}

static void field(struct arena *arena, struct refused_fields *fields, const char *name,
		  const char *value)
{
	auto_str struct str_buf visible = {0};

	if (!value)
		return;
	add_visible(&visible, value);
	*vec_add(arena, &fields->items) =
		arena_printf(arena, "%s=%s", name, str_buf_text(&visible));
}

/* A text that was written here, without the end of its line. */
static void field_line(struct arena *arena, struct refused_fields *fields, const char *name,
		       const struct str_buf *text)
{
	size_t len = text->len;

	if (len && text->data[len - 1] == '\n')
		len--;
	*vec_add(arena, &fields->items) =
		arena_printf(arena, "%s=%.*s", name, (int)len, str_buf_text(text));
}

void refused_journal(struct arena *arena, const struct refused *refused, struct refused_fields *ret)
{
	auto_str struct str_buf message = {0};
	auto_str struct str_buf line = {0};
	auto_str struct str_buf json = {0};
	auto_str struct str_buf sentence = {0};
	char text[IP_TEXT_MAX];

	add_message(refused, &message);
	refused_text(refused, &line);
	refused_json_line(refused, &json);
	add_sentence(refused, &sentence);
	field_line(arena, ret, "MESSAGE", &message);
	field(arena, ret, "MESSAGE_ID", REFUSED_MESSAGE_ID);
	field(arena, ret, "PRIORITY", "6");
	field(arena, ret, "WHARFWALL_WAY", refused->way);
	field(arena, ret, "WHARFWALL_INTERFACE", refused->iface);
	field(arena, ret, "WHARFWALL_ZONE", refused->from);
	field(arena, ret, "WHARFWALL_ZONE_TO", refused->to);
	field(arena, ret, "WHARFWALL_SOURCE", ip_addr_format(&refused->src, text));
	field(arena, ret, "WHARFWALL_SOURCE_CONTAINER", refused->source_container);
	field(arena, ret, "WHARFWALL_DESTINATION", ip_addr_format(&refused->dst, text));
	field(arena, ret, "WHARFWALL_PROTOCOL", refused->protocol);
	if (refused->has_port)
		field(arena, ret, "WHARFWALL_PORT",
		      arena_printf(arena, "%u", (unsigned)refused->port));
	field(arena, ret, "WHARFWALL_CONTAINER", refused->container);
	field(arena, ret, "WHARFWALL_REASON", refused->reason);
	if (sentence.len)
		field_line(arena, ret, "WHARFWALL_SENTENCE", &sentence);
	field_line(arena, ret, REFUSED_FIELD_LINE, &line);
	field_line(arena, ret, REFUSED_FIELD_JSON, &json);
}
