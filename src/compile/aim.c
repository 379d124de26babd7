/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a sentence speaks of, the way its packets come: services, ports, containers. */
#include "compile/section.h"

#include "base/protocol.h"

#define RANGE_PORTS_MAX 1024u
#define RANGE_ELEMENTS_MAX 4096u

static bool service_used(const struct service *service, enum way way)
{
	if (service->inside && (way == WAY_DIALLED || way == WAY_DELIVERED))
		return false;
	switch ((enum service_kind)service->kind) {
	case SERVICE_PROTOCOL:
		return true;
	case SERVICE_PORTS:
		return way != WAY_DIRECT || service->inside;
	case SERVICE_PING:
		return way != WAY_DELIVERED;
	}
	return false;
}

bool section_uses(const struct section *section, const struct rule *rule)
{
	if ((rule->from && !rule->from->len) || (rule->to && !rule->to->len))
		return false;
	if (rule->any_service)
		return true;
	for (uint32_t i = 0; i < rule->service_count; i++) {
		if (service_used(&rule->services[i], section->way))
			return true;
	}
	return false;
}

static void aim_add(struct section *section, const struct aim *aim)
{
	*vec_add(section->build->arena, &section->aims) = *aim;
}

static void aim_ports(struct section *section, const struct service *service, uint32_t others,
		      struct aim aim)
{
	uint32_t ports = (uint32_t)service->high - service->low + 1;

	aim.protocol = service->protocol;
	if (ports > 1 &&
	    (ports > RANGE_PORTS_MAX || ports * (uint64_t)others > RANGE_ELEMENTS_MAX)) {
		aim.guard = GUARD_PORTS;
		aim.low = service->low;
		aim.high = service->high;
		aim_add(section, &aim);
		return;
	}
	aim.shape = SHAPE_PORT;
	for (uint32_t port = service->low; port <= service->high; port++) {
		aim.low = (uint16_t)port;
		aim_add(section, &aim);
	}
}

static void aim_service(struct section *section, const struct service *service, uint32_t others,
			struct aim aim)
{
	switch ((enum service_kind)service->kind) {
	case SERVICE_PROTOCOL:
		aim.shape = SHAPE_PROTOCOL;
		aim.protocol = service->protocol;
		aim_add(section, &aim);
		return;
	case SERVICE_PORTS:
		aim_ports(section, service, others, aim);
		return;
	case SERVICE_PING:
		if (aim.family != IP_V6) {
			aim.guard = GUARD_PING4;
			aim.family = IP_V4;
			aim_add(section, &aim);
		}
		if (aim.to.family != IP_V4) {
			aim.guard = GUARD_PING6;
			aim.family = IP_V6;
			aim_add(section, &aim);
		}
		return;
	}
}

static void aim_services(struct section *section, const struct rule *rule, uint32_t others,
			 const struct ip_addr *to)
{
	struct aim aim = {.guard = GUARD_NONE};

	if (to) {
		aim.to = *to;
		aim.family = to->family;
	}
	if (rule->any_service) {
		aim_add(section, &aim);
		return;
	}
	for (uint32_t i = 0; i < rule->service_count; i++) {
		if (service_used(&rule->services[i], section->way))
			aim_service(section, &rule->services[i], others, aim);
	}
}

static bool rule_serves(const struct rule *rule, uint8_t protocol, uint16_t port)
{
	if (rule->any_service)
		return true;
	for (uint32_t i = 0; i < rule->service_count; i++) {
		const struct service *service = &rule->services[i];

		if (!service_used(service, WAY_DELIVERED) || service->protocol != protocol)
			continue;
		if (service->kind == SERVICE_PROTOCOL ||
		    (port >= service->low && port <= service->high))
			return true;
	}
	return false;
}

/* What was delivered here belongs to a container by its port alone: say the ports. */
static void aim_delivered(struct section *section, const struct rule *rule)
{
	struct aim aim = {.shape = SHAPE_PORT};

	vec_each (&section->model->published, published) {
		if (!target_list_contains(rule->to, published->container) ||
		    !rule_serves(rule, published->protocol, published->port))
			continue;
		aim.protocol = published->protocol;
		aim.low = published->port;
		aim.to = published->addr;
		aim.family = published->addr.family;
		aim_add(section, &aim);
	}
	aim.to = (struct ip_addr){0};
	aim.family = IP_NONE;
	vec_each (&section->model->host_network_ports, port) {
		if (!target_list_contains(rule->to, port->container) ||
		    !rule_serves(rule, port->protocol, port->port))
			continue;
		aim.protocol = port->protocol;
		aim.low = port->port;
		aim_add(section, &aim);
	}
}

void section_aims(struct section *section, const struct rule *rule)
{
	uint32_t others = rule->from ? rule->from->len : 1;
	const struct model_container *containers = section->model->containers.items;

	section->aims.len = 0;
	if (!rule->to) {
		aim_services(section, rule, others, NULL);
		return;
	}
	if (section->way == WAY_DELIVERED) {
		aim_delivered(section, rule);
		return;
	}
	for (uint32_t i = 0; i < rule->to->len; i++) {
		vec_each (&containers[rule->to->containers[i]].addrs, addr)
			aim_services(section, rule, others * rule->to->len, addr);
	}
}
