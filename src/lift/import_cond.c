/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which packets a sentence speaks of: what two have in common, and what one holds of another. */
#include "base/protocol.h"
#include "lift/import_parts.h"

static bool protocol_is_icmp(uint8_t protocol)
{
	return protocol == PROTOCOL_ICMP || protocol == PROTOCOL_ICMPV6;
}

static bool service_covers(const struct service *outer, const struct service *inner)
{
	if (inner->kind == SERVICE_PING)
		return outer->kind == SERVICE_PING;
	if (outer->kind == SERVICE_PING || outer->protocol != inner->protocol)
		return false;
	if (outer->kind == SERVICE_PROTOCOL)
		return true;
	return inner->kind == SERVICE_PORTS && outer->low <= inner->low &&
	       outer->high >= inner->high;
}

/* A ping is of two protocols: with one of them the sources tell the family. */
static bool services_cover(const struct import_cond *outer, const struct service *inner)
{
	bool icmp = false, icmpv6 = false;

	vec_each (&outer->services, service) {
		if (service_covers(service, inner))
			return true;
		icmp |= service->kind == SERVICE_PROTOCOL && service->protocol == PROTOCOL_ICMP;
		icmpv6 |= service->kind == SERVICE_PROTOCOL && service->protocol == PROTOCOL_ICMPV6;
	}
	return inner->kind == SERVICE_PING && icmp && icmpv6;
}

static bool service_meet(const struct service *a, const struct service *b, struct service *ret)
{
	bool a_ping = a->kind == SERVICE_PING, b_ping = b->kind == SERVICE_PING;

	if (a_ping || b_ping) {
		*ret = (struct service){.kind = SERVICE_PING};
		return (a_ping && b_ping) || protocol_is_icmp(a_ping ? b->protocol : a->protocol);
	}
	if (a->protocol != b->protocol)
		return false;
	*ret = a->kind == SERVICE_PORTS ? *a : *b;
	if (a->kind != SERVICE_PORTS || b->kind != SERVICE_PORTS)
		return true;
	ret->low = a->low > b->low ? a->low : b->low;
	ret->high = a->high < b->high ? a->high : b->high;
	return ret->low <= ret->high;
}

static void services_meet(struct arena *arena, const struct import_cond *a,
			  const struct import_cond *b, struct import_cond *ret)
{
	vec_each (&a->services, one) {
		vec_each (&b->services, two) {
			struct service both;

			if (service_meet(one, two, &both) && !services_cover(ret, &both))
				*vec_add(arena, &ret->services) = both;
		}
	}
}

static void sources_meet(struct arena *arena, const struct import_cond *a,
			 const struct import_cond *b, struct import_cond *ret)
{
	vec_each (&a->sources, one) {
		vec_each (&b->sources, two) {
			if (ip_prefix_contains(one, two))
				*vec_add(arena, &ret->sources) = *two;
			else if (ip_prefix_contains(two, one))
				*vec_add(arena, &ret->sources) = *one;
		}
	}
}

bool import_cond_meet(struct arena *arena, const struct import_cond *a, const struct import_cond *b,
		      struct import_cond *ret)
{
	struct import_cond both = {.any_service = a->any_service && b->any_service,
				   .any_source = a->any_source && b->any_source};

	if (a->any_service)
		both.services = b->services;
	else if (b->any_service)
		both.services = a->services;
	else
		services_meet(arena, a, b, &both);
	if (a->any_source)
		both.sources = b->sources;
	else if (b->any_source)
		both.sources = a->sources;
	else
		sources_meet(arena, a, b, &both);
	*ret = both;
	return (both.any_service || both.services.len) && (both.any_source || both.sources.len);
}

bool import_cond_covers(const struct import_cond *outer, const struct import_cond *inner)
{
	if (!outer->any_service) {
		if (inner->any_service)
			return false;
		vec_each (&inner->services, service) {
			if (!services_cover(outer, service))
				return false;
		}
	}
	if (outer->any_source)
		return true;
	if (inner->any_source)
		return false;
	vec_each (&inner->sources, prefix) {
		bool found = false;

		vec_each (&outer->sources, own)
			found = found || ip_prefix_contains(own, prefix);
		if (!found)
			return false;
	}
	return true;
}

bool import_cond_eq(const struct import_cond *a, const struct import_cond *b)
{
	return import_cond_covers(a, b) && import_cond_covers(b, a);
}
