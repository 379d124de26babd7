/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of ports. */
#include "report/ports.h"

#include <stdio.h>
#include <string.h>

#include "base/protocol.h"
#include "report/json.h"

#define CLIENTS_SHOWN 3u
#define COLOUR_OPEN "\033[32m"
#define COLOUR_CLOSED "\033[2m"
#define COLOUR_END "\033[0m"

const char *report_address(const struct ip_addr *addr, char text[IP_TEXT_MAX])
{
	if (addr->family == IP_NONE)
		return "any";
	return ip_addr_format(addr, text);
}

void report_clients(const struct source_list *from, struct str_buf *out)
{
	char text[IP_TEXT_MAX];

	if (!from) {
		str_buf_adds(out, "everybody");
		return;
	}
	if (!from->len) {
		str_buf_adds(out, "nobody");
		return;
	}
	for (uint32_t i = 0; i < from->len && i < CLIENTS_SHOWN; i++)
		str_buf_addf(out, "%s%s", i ? ", " : "", ip_prefix_format(&from->items[i], text));
	if (from->len > CLIENTS_SHOWN)
		str_buf_addf(out, " and %u more", (unsigned)(from->len - CLIENTS_SHOWN));
}

void report_sentence(const struct exposure_access *access, const struct source_set *sources,
		     struct str_buf *out)
{
	const struct rule *rule = access->rule;

	if (!rule && access->verdict == VERDICT_ALLOW)
		str_buf_adds(out, "open until a section names the pair");
	else if (!rule)
		str_buf_adds(out, "end of the section");
	else if (rule->text)
		str_buf_adds(out, rule->text);
	else if (sources)
		source_place_format(sources, rule->origin, out);
	else
		str_buf_adds(out, verdict_name(rule->verdict));
}

/* The holder as people name it: "web:80" for a container's port. */
static void holder_text(const struct exposure *port, struct str_buf *out)
{
	const char *holder = port->holder ? port->holder : "?";

	str_buf_add_visible(out, holder, strlen(holder));
	if (port->kind == EXPOSURE_PUBLISHED)
		str_buf_addf(out, ":%u", (unsigned)port->container_port);
}

static void access_text(const struct report_ports *ports, const struct exposure *port,
			uint32_t zone, struct str_buf *out)
{
	bool first = true;

	str_buf_addf(out, "%s: ", ports->model->zones.items[zone].name);
	vec_each (&port->access, access) {
		/* What is refused at the end goes without saying; who is taken out before does not.
		 */
		if (access->zone != zone || (access->verdict != VERDICT_ALLOW && !access->rule))
			continue;
		str_buf_adds(out, first ? "" : "; ");
		if (access->verdict != VERDICT_ALLOW)
			str_buf_adds(out, "not ");
		report_clients(access->from, out);
		str_buf_adds(out, " (");
		report_sentence(access, ports->sources, out);
		str_buf_addc(out, ')');
		first = false;
	}
}

static void row_start(const struct exposure *port, struct str_buf *out)
{
	auto_str struct str_buf holder = {0};
	const char *protocol = protocol_name(port->protocol);
	char address[IP_TEXT_MAX];

	holder_text(port, &holder);
	str_buf_addf(out, "%-6u %-5s %-16s %-20s ", (unsigned)port->port, protocol ? protocol : "?",
		     report_address(&port->addr, address), str_buf_text(&holder));
}

static void row_text(const struct report_ports *ports, const struct exposure *port,
		     struct str_buf *out)
{
	bool any = false;

	row_start(port, out);
	if (port->loopback_only) {
		str_buf_adds(out, "this host only\n");
		return;
	}
	for (uint32_t zone = 0; zone < ports->model->zones.len; zone++) {
		if (!exposure_is_open(port, zone))
			continue;
		if (any)
			str_buf_addf(out, "%-51s", "");
		str_buf_adds(out, ports->colour ? COLOUR_OPEN : "");
		access_text(ports, port, zone, out);
		str_buf_addf(out, "%s\n", ports->colour ? COLOUR_END : "");
		any = true;
	}
	if (!any)
		str_buf_addf(out, "%sclosed%s\n", ports->colour ? COLOUR_CLOSED : "",
			     ports->colour ? COLOUR_END : "");
}

void report_ports_text(const struct report_ports *ports, struct str_buf *out)
{
	str_buf_addf(out, "%-6s %-5s %-16s %-20s %s\n", "PORT", "PROTO", "ADDRESS", "HOLDER",
		     "REACHABLE FROM");
	vec_each (&ports->list->items, port)
		row_text(ports, port, out);
	vec_each (&ports->list->items, port) {
		if (!port->rootless)
			continue;
		str_buf_addf(out,
			     "port %u: '%s' serves a container of a rootless engine; to this host "
			     "it is a port of its own, opened by sentences of '-> host'\n",
			     (unsigned)port->port, port->holder);
	}
}

static const char *kind_name(enum exposure_kind kind)
{
	switch (kind) {
	case EXPOSURE_LISTENER:
		return "listener";
	case EXPOSURE_PUBLISHED:
		return "published";
	case EXPOSURE_HOST_NETWORK:
		return "host-network";
	}
	return "listener";
}

static json_t *clients_json(const struct source_list *from)
{
	char text[IP_TEXT_MAX];
	json_t *array;

	if (!from)
		return json_string("everybody");
	array = json_array();
	for (uint32_t i = 0; i < from->len; i++)
		json_array_append_new(array, json_string(ip_prefix_format(&from->items[i], text)));
	return array;
}

static json_t *access_json(const struct report_ports *ports, const struct exposure_access *access)
{
	auto_str struct str_buf sentence = {0};
	json_t *object = json_object();

	report_sentence(access, ports->sources, &sentence);
	json_object_set_new(object, "zone",
			    report_json_text(ports->model->zones.items[access->zone].name));
	json_object_set_new(object, "verdict", json_string(verdict_name(access->verdict)));
	json_object_set_new(object, "from", clients_json(access->from));
	json_object_set_new(object, "sentence", report_json_text(str_buf_text(&sentence)));
	return object;
}

static json_t *port_json(const struct report_ports *ports, const struct exposure *port)
{
	json_t *object = json_object();
	json_t *access_list = json_array();
	json_t *open_list = json_array();
	char address[IP_TEXT_MAX];

	json_object_set_new(object, "port", json_integer(port->port));
	json_object_set_new(object, "protocol", report_json_text(protocol_name(port->protocol)));
	json_object_set_new(object, "address", json_string(report_address(&port->addr, address)));
	json_object_set_new(object, "kind", json_string(kind_name(port->kind)));
	json_object_set_new(object, "holder", report_json_text(port->holder));
	if (port->kind == EXPOSURE_PUBLISHED)
		json_object_set_new(object, "container_port", json_integer(port->container_port));
	json_object_set_new(object, "loopback_only", json_boolean(port->loopback_only));
	for (uint32_t zone = 0; zone < ports->model->zones.len && !port->loopback_only; zone++) {
		if (exposure_is_open(port, zone))
			json_array_append_new(
				open_list, report_json_text(ports->model->zones.items[zone].name));
	}
	vec_each (&port->access, access)
		json_array_append_new(access_list, access_json(ports, access));
	json_object_set_new(object, "rootless", json_boolean(port->rootless));
	json_object_set_new(object, "reachable_from", open_list);
	json_object_set_new(object, "access", access_list);
	return object;
}

json_t *report_ports_json(const struct report_ports *ports)
{
	json_t *array = json_array();

	vec_each (&ports->list->items, port)
		json_array_append_new(array, port_json(ports, port));
	return array;
}
