/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A policy as it was understood. */
#include "report/policy.h"

#include "report/json.h"

static const char *const always_allowed[] = {
	"loopback",
	"packets of connections that were allowed",
	"ICMP errors that belong to them (path MTU)",
	"IPv6 neighbour and router discovery, and MLD (IGMP for IPv4)",
	"DHCP answers to this host",
	"packets that enter and leave by the same bridge",
};

#define ALWAYS_COUNT (sizeof(always_allowed) / sizeof(*always_allowed))

void report_always_allowed(const char *prefix, struct str_buf *out)
{
	str_buf_addf(out, "%sAlways allowed, without a sentence:\n", prefix);
	for (size_t i = 0; i < ALWAYS_COUNT; i++)
		str_buf_addf(out, "%s  - %s\n", prefix, always_allowed[i]);
}

static json_t *sentences_json(const struct pair *pair, const struct source_set *sources)
{
	json_t *array = json_array();

	vec_each (&pair->rules, rule) {
		json_t *object = json_object();
		struct source_place place;

		json_object_set_new(object, "verdict", json_string(verdict_name(rule->verdict)));
		json_object_set_new(object, "sentence", report_json_text(rule->text));
		if (source_place_of(sources, rule->origin, &place)) {
			json_object_set_new(object, "file", report_json_text(place.name));
			json_object_set_new(object, "line", json_integer(place.line));
		}
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *pairs_json(const struct model *model, const struct source_set *sources)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < model->zones.len * model->zones.len; i++) {
		const struct pair *pair = &model->pairs[i];
		json_t *object;

		if (!pair->named && !pair->open)
			continue;
		object = json_object();
		json_object_set_new(
			object, "from",
			report_json_text(model->zones.items[i / model->zones.len].name));
		json_object_set_new(
			object, "to",
			report_json_text(model->zones.items[i % model->zones.len].name));
		json_object_set_new(object, "sentences", sentences_json(pair, sources));
		json_object_set_new(object, "end",
				    json_string(pair->named ? verdict_name(pair->end) : "allow"));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *zones_json(const struct model *model)
{
	json_t *array = json_array();

	vec_each (&model->zones, zone) {
		json_t *object = json_object();
		json_t *ifaces = json_array();

		vec_each (&zone->ifaces, iface) {
			auto_str struct str_buf name = {0};

			str_buf_addf(&name, "%s%s", iface->name, iface->wildcard ? "*" : "");
			json_array_append_new(ifaces, report_json_text(str_buf_text(&name)));
		}
		json_object_set_new(object, "name", report_json_text(zone->name));
		json_object_set_new(object, "auto", json_boolean(zone->kind == ZONE_AUTO));
		json_object_set_new(object, "interfaces", ifaces);
		json_array_append_new(array, object);
	}
	return array;
}

void report_policy_json(const struct model *model, const struct source_set *sources, json_t *object)
{
	json_t *always = json_array();

	for (size_t i = 0; i < ALWAYS_COUNT; i++)
		json_array_append_new(always, json_string(always_allowed[i]));
	json_object_set_new(object, "always_allowed", always);
	json_object_set_new(object, "zones", zones_json(model));
	json_object_set_new(object, "pairs", pairs_json(model, sources));
}
