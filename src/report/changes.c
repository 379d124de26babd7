/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ports that become reachable or closed. */
#include "report/changes.h"

#include "base/hash.h"
#include "base/protocol.h"
#include "report/json.h"
#include "report/ports.h"

/* One port as a key: both lists come from the same facts, so equal keys are the same port. */
static const char *port_key(struct arena *arena, const struct exposure *port, const char *zone)
{
	char address[IP_TEXT_MAX];

	return arena_printf(arena, "%u/%u/%u/%s/%s/%s", (unsigned)port->kind,
			    (unsigned)port->protocol, (unsigned)port->port,
			    report_address(&port->addr, address), port->holder ? port->holder : "",
			    zone);
}

static void opened_by(const struct exposure *port, uint32_t zone, struct report_change *change)
{
	change->access = NULL;
	vec_each (&port->access, access) {
		if (access->zone == zone && access->verdict == VERDICT_ALLOW && !change->access)
			change->access = access;
	}
}

/* Adds what is open in `list` and not in `other`. */
static void changes_add(struct arena *arena, const struct model *model,
			const struct exposure_list *list, const struct hash_index *other,
			bool opens, struct report_changes *ret)
{
	vec_each (&list->items, port) {
		for (uint32_t zone = 0; zone < model->zones.len && !port->loopback_only; zone++) {
			const char *name = model->zones.items[zone].name;
			const char *key;
			struct report_change *change;

			if (!exposure_is_open(port, zone))
				continue;
			key = port_key(arena, port, name);
			if (hash_index_get(other, key, (uint32_t)__builtin_strlen(key)))
				continue;
			change = vec_add(arena, &ret->items);
			change->opens = opens;
			change->zone = name;
			change->port = port;
			if (opens)
				opened_by(port, zone, change);
		}
	}
}

static void index_open(struct arena *arena, const struct model *model,
		       const struct exposure_list *list, struct hash_index *index)
{
	int added;

	vec_each (&list->items, port) {
		for (uint32_t zone = 0; zone < model->zones.len; zone++) {
			const char *key;

			if (port->loopback_only || !exposure_is_open(port, zone))
				continue;
			key = port_key(arena, port, model->zones.items[zone].name);
			(void)hash_index_put(index, key, (uint32_t)__builtin_strlen(key), &added);
		}
	}
}

void report_changes_of(struct arena *arena, const struct model *before,
		       const struct exposure_list *before_list, const struct model *after,
		       const struct exposure_list *after_list, struct report_changes *ret)
{
	struct hash_index was = {.arena = arena};
	struct hash_index is = {.arena = arena};

	if (before)
		index_open(arena, before, before_list, &was);
	index_open(arena, after, after_list, &is);
	changes_add(arena, after, after_list, &was, true, ret);
	if (before)
		changes_add(arena, before, before_list, &is, false, ret);
}

static void port_text(const struct exposure *port, struct str_buf *out)
{
	const char *protocol = protocol_name(port->protocol);
	char address[IP_TEXT_MAX];

	str_buf_addf(out, "%s %u", protocol ? protocol : "?", (unsigned)port->port);
	if (port->addr.family != IP_NONE)
		str_buf_addf(out, " at %s", report_address(&port->addr, address));
	if (port->holder)
		str_buf_addf(out, " (%s)", port->holder);
}

void report_changes_text(const struct report_changes *changes, const struct source_set *sources,
			 struct str_buf *out)
{
	vec_each (&changes->items, change) {
		str_buf_addf(out, "%c ", change->opens ? '+' : '-');
		port_text(change->port, out);
		str_buf_addf(out, " %s from %s", change->opens ? "becomes reachable" : "closes",
			     change->zone);
		if (change->access) {
			str_buf_adds(out, " for ");
			report_clients(change->access->from, out);
			str_buf_adds(out, ": ");
			report_sentence(change->access, sources, out);
		}
		str_buf_addc(out, '\n');
	}
}

json_t *report_changes_json(const struct report_changes *changes, const struct source_set *sources)
{
	json_t *array = json_array();
	char address[IP_TEXT_MAX];

	vec_each (&changes->items, change) {
		auto_str struct str_buf sentence = {0};
		json_t *object = json_object();

		json_object_set_new(object, "change",
				    json_string(change->opens ? "opens" : "closes"));
		json_object_set_new(object, "zone", report_json_text(change->zone));
		json_object_set_new(object, "protocol",
				    report_json_text(protocol_name(change->port->protocol)));
		json_object_set_new(object, "port", json_integer(change->port->port));
		json_object_set_new(object, "address",
				    json_string(report_address(&change->port->addr, address)));
		json_object_set_new(object, "holder", report_json_text(change->port->holder));
		if (change->access) {
			report_sentence(change->access, sources, &sentence);
			json_object_set_new(object, "sentence",
					    report_json_text(str_buf_text(&sentence)));
		}
		json_array_append_new(array, object);
	}
	return array;
}
