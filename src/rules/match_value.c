/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values of options that are understood. */
#include "rules/match_parts.h"

#include <string.h>
#include <strings.h>

#include "base/protocol.h"
#include "base/str.h"

/* The next piece of a list with commas; false at the end, or when it is empty. */
static bool piece_take(const char **at, const char **ret, size_t *ret_len)
{
	if (!*at)
		return false;
	*ret = *at;
	*ret_len = strcspn(*at, ",");
	*at = (*at)[*ret_len] ? *at + *ret_len + 1 : NULL;
	return true;
}

/* "255.255.0.0" as a length; false if its bits are not in a row. */
static bool mask_parse(const char *text, size_t len, unsigned *ret)
{
	struct ip_addr mask;
	unsigned bits = 0;
	bool ended = false;

	if (!ip_addr_parse(text, len, &mask))
		return false;
	for (unsigned i = 0; i < ip_family_bits(mask.family); i++) {
		bool is_set = mask.bytes[i / 8] & (0x80u >> (i % 8));

		if (is_set && ended)
			return false;
		ended = ended || !is_set;
		bits += is_set;
	}
	*ret = bits;
	return true;
}

static bool addr_parse(const char *text, size_t len, struct ip_prefix *ret)
{
	const char *slash = memchr(text, '/', len);
	struct ip_addr addr;
	bool host_bits;
	unsigned bits;

	if (ip_prefix_parse(text, len, ret, &host_bits))
		return true;
	if (!slash || !ip_addr_parse(text, (size_t)(slash - text), &addr) ||
	    !mask_parse(slash + 1, len - (size_t)(slash - text) - 1, &bits) ||
	    bits > ip_family_bits(addr.family))
		return false;
	*ret = ip_prefix_of(&addr, bits);
	return true;
}

bool match_addrs(struct arena *arena, const char *text, struct rules_addrs *ret)
{
	const char *piece;
	size_t len;

	while (piece_take(&text, &piece, &len)) {
		if (!addr_parse(piece, len, vec_add(arena, &ret->prefixes)))
			return false;
	}
	return ret->prefixes.len > 0;
}

bool match_addr_range(struct arena *arena, const char *text, struct rules_addrs *ret)
{
	const char *dash = strchr(text, '-');
	struct ip_addr low;
	struct ip_addr high;
	struct ip_prefix_vec list = {0};

	if (!ip_addr_parse(text, dash ? (size_t)(dash - text) : strlen(text), &low))
		return false;
	high = low;
	if (dash && !ip_addr_parse(dash + 1, strlen(dash + 1), &high))
		return false;
	if (low.family != high.family || ip_addr_compare(&low, &high) > 0)
		return false;
	ip_range_to_prefixes(arena, &low, &high, &list);
	vec_each (&list, prefix)
		*vec_add(arena, &ret->prefixes) = *prefix;
	return true;
}

/* "80", "80:90", ":90", "80:"; names of services are not known here. */
static bool port_range_parse(const char *text, size_t len, struct rules_port_range *ret)
{
	const char *colon = memchr(text, ':', len);
	size_t low_len = colon ? (size_t)(colon - text) : len;
	size_t high_len = colon ? len - low_len - 1 : 0;
	uint32_t low = 0;
	uint32_t high = UINT16_MAX;

	if ((low_len || !colon) && !str_parse_u32(text, low_len, 0, UINT16_MAX, &low))
		return false;
	if (high_len && !str_parse_u32(colon + 1, high_len, low, UINT16_MAX, &high))
		return false;
	ret->low = (uint16_t)low;
	ret->high = colon ? (uint16_t)high : (uint16_t)low;
	return true;
}

bool match_ports(struct arena *arena, const char *text, struct rules_ports *ret)
{
	const char *piece;
	size_t len;

	while (piece_take(&text, &piece, &len)) {
		if (!port_range_parse(piece, len, vec_add(arena, &ret->ranges)))
			return false;
	}
	return ret->ranges.len > 0;
}

bool match_protocol(const char *text, uint8_t *ret)
{
	uint32_t number;

	*ret = 0;
	if (strcasecmp(text, "all") == 0)
		return true;
	if (str_eq(text, "ipv6-icmp") || str_eq(text, "icmpv6") || str_eq(text, "icmp6")) {
		*ret = PROTOCOL_ICMPV6;
		return true;
	}
	if (protocol_parse(text, strlen(text), ret))
		return true;
	if (!str_parse_u32(text, strlen(text), 0, UINT8_MAX, &number))
		return false;
	*ret = (uint8_t)number;
	return true;
}

bool match_states(const char *text, uint8_t *ret)
{
	static const char *const names[] = {"NEW",	 "ESTABLISHED", "RELATED", "INVALID",
					    "UNTRACKED", "DNAT",	"SNAT"};
	const char *piece;
	size_t len;

	while (piece_take(&text, &piece, &len)) {
		size_t i = 0;

		while (i < sizeof(names) / sizeof(*names) &&
		       (strlen(names[i]) != len || strncasecmp(names[i], piece, len) != 0))
			i++;
		if (i == sizeof(names) / sizeof(*names))
			return false;
		*ret |= (uint8_t)(1u << i);
	}
	return true;
}

struct icmp_name {
	const char *name;
	uint8_t type4;
	int8_t code4; /* -1: any */
	uint8_t type6;
	int8_t code6;
};

#define NONE 255 /* no such type in that family */

static const struct icmp_name icmp_names[] = {
	{"echo-request", 8, -1, 128, -1},
	{"ping", 8, -1, 128, -1},
	{"echo-reply", 0, -1, 129, -1},
	{"pong", 0, -1, 129, -1},
	{"destination-unreachable", 3, -1, 1, -1},
	{"network-unreachable", 3, 0, NONE, -1},
	{"host-unreachable", 3, 1, NONE, -1},
	{"protocol-unreachable", 3, 2, NONE, -1},
	{"port-unreachable", 3, 3, 1, 4},
	{"fragmentation-needed", 3, 4, NONE, -1},
	{"communication-prohibited", 3, 13, 1, 1},
	{"host-prohibited", 3, 10, NONE, -1},
	{"network-prohibited", 3, 9, NONE, -1},
	{"no-route", NONE, -1, 1, 0},
	{"address-unreachable", NONE, -1, 1, 3},
	{"packet-too-big", NONE, -1, 2, -1},
	{"source-quench", 4, -1, NONE, -1},
	{"redirect", 5, -1, 137, -1},
	{"router-advertisement", 9, -1, 134, -1},
	{"router-solicitation", 10, -1, 133, -1},
	{"neighbour-solicitation", NONE, -1, 135, -1},
	{"neighbor-solicitation", NONE, -1, 135, -1},
	{"neighbour-advertisement", NONE, -1, 136, -1},
	{"neighbor-advertisement", NONE, -1, 136, -1},
	{"time-exceeded", 11, -1, 3, -1},
	{"ttl-exceeded", 11, -1, 3, -1},
	{"parameter-problem", 12, -1, 4, -1},
	{"timestamp-request", 13, -1, NONE, -1},
	{"timestamp-reply", 14, -1, NONE, -1},
};

static bool icmp_name(const char *text, bool six, struct rules_match *ret)
{
	for (size_t i = 0; i < sizeof(icmp_names) / sizeof(*icmp_names); i++) {
		const struct icmp_name *name = &icmp_names[i];
		uint8_t type = six ? name->type6 : name->type4;
		int8_t code = six ? name->code6 : name->code4;

		if (!str_eq(name->name, text) || type == NONE)
			continue;
		ret->has_icmp_type = true;
		ret->icmp_type = type;
		ret->has_icmp_code = code >= 0;
		ret->icmp_code = code >= 0 ? (uint8_t)code : 0;
		return true;
	}
	return false;
}

bool match_icmp(const char *text, bool six, struct rules_match *ret)
{
	size_t type_len = strcspn(text, "/");
	uint32_t type;
	uint32_t code;

	if (str_eq(text, "any") || (!six && str_eq(text, "255")))
		return true;
	if (!str_parse_u32(text, type_len, 0, UINT8_MAX, &type))
		return icmp_name(text, six, ret);
	ret->has_icmp_type = true;
	ret->icmp_type = (uint8_t)type;
	if (!text[type_len])
		return true;
	if (!str_parse_u32(text + type_len + 1, strlen(text + type_len + 1), 0, UINT8_MAX, &code))
		return false;
	ret->has_icmp_code = true;
	ret->icmp_code = (uint8_t)code;
	return true;
}

/* "5/min", "3/hour", "10" a second. */
bool match_limit(const char *text, struct rules_match *ret)
{
	size_t digits = strspn(text, "0123456789");
	const char *unit = text + digits;

	if (!str_parse_u32(text, digits, 1, UINT32_MAX, &ret->limit))
		return false;
	ret->limit_unit = 's';
	if (!*unit)
		return true;
	if (*unit != '/' || !unit[1] || !strchr("smhd", unit[1]))
		return false;
	ret->limit_unit = unit[1];
	return true;
}
