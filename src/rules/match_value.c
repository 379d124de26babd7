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

/* Names in any case, as iptables takes them; a few that it spells in its own way. */
bool match_protocol(const char *text, uint8_t *ret)
{
	static const struct {
		const char *name;
		uint8_t number;
	} own[] = {{"all", 0},
		   {"ip", 0},
		   {"ipv6-icmp", PROTOCOL_ICMPV6},
		   {"icmp6", PROTOCOL_ICMPV6},
		   {"mh", 135},
		   {"ipv6-mh", 135}};
	const char *name;
	uint32_t number;

	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
		if (strcasecmp(own[i].name, text) != 0)
			continue;
		*ret = own[i].number;
		return true;
	}
	for (size_t i = 0; (name = protocol_name_at(i)); i++) {
		if (strcasecmp(name, text) == 0)
			return protocol_parse(name, strlen(name), ret);
	}
	*ret = 0;
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
	uint8_t type;
	int8_t code; /* -1: any */
};

#define CODE_ANY -1

static const struct icmp_name names4[] = {
	{"echo-reply", 0, CODE_ANY},
	{"pong", 0, CODE_ANY},
	{"destination-unreachable", 3, CODE_ANY},
	{"network-unreachable", 3, 0},
	{"host-unreachable", 3, 1},
	{"protocol-unreachable", 3, 2},
	{"port-unreachable", 3, 3},
	{"fragmentation-needed", 3, 4},
	{"source-route-failed", 3, 5},
	{"network-unknown", 3, 6},
	{"host-unknown", 3, 7},
	{"network-prohibited", 3, 9},
	{"host-prohibited", 3, 10},
	{"TOS-network-unreachable", 3, 11},
	{"TOS-host-unreachable", 3, 12},
	{"communication-prohibited", 3, 13},
	{"host-precedence-violation", 3, 14},
	{"precedence-cutoff", 3, 15},
	{"source-quench", 4, CODE_ANY},
	{"redirect", 5, CODE_ANY},
	{"network-redirect", 5, 0},
	{"host-redirect", 5, 1},
	{"TOS-network-redirect", 5, 2},
	{"TOS-host-redirect", 5, 3},
	{"echo-request", 8, CODE_ANY},
	{"ping", 8, CODE_ANY},
	{"router-advertisement", 9, CODE_ANY},
	{"router-solicitation", 10, CODE_ANY},
	{"time-exceeded", 11, CODE_ANY},
	{"ttl-exceeded", 11, CODE_ANY},
	{"ttl-zero-during-transit", 11, 0},
	{"ttl-zero-during-reassembly", 11, 1},
	{"parameter-problem", 12, CODE_ANY},
	{"ip-header-bad", 12, 0},
	{"required-option-missing", 12, 1},
	{"timestamp-request", 13, CODE_ANY},
	{"timestamp-reply", 14, CODE_ANY},
	{"address-mask-request", 17, CODE_ANY},
	{"address-mask-reply", 18, CODE_ANY},
	{NULL, 0, 0},
};

static const struct icmp_name names6[] = {
	{"destination-unreachable", 1, CODE_ANY},
	{"no-route", 1, 0},
	{"communication-prohibited", 1, 1},
	{"beyond-scope", 1, 2},
	{"address-unreachable", 1, 3},
	{"port-unreachable", 1, 4},
	{"failed-policy", 1, 5},
	{"reject-route", 1, 6},
	{"packet-too-big", 2, CODE_ANY},
	{"time-exceeded", 3, CODE_ANY},
	{"ttl-exceeded", 3, CODE_ANY},
	{"ttl-zero-during-transit", 3, 0},
	{"ttl-zero-during-reassembly", 3, 1},
	{"parameter-problem", 4, CODE_ANY},
	{"bad-header", 4, 0},
	{"unknown-header-type", 4, 1},
	{"unknown-option", 4, 2},
	{"echo-request", 128, CODE_ANY},
	{"ping", 128, CODE_ANY},
	{"echo-reply", 129, CODE_ANY},
	{"pong", 129, CODE_ANY},
	{"router-solicitation", 133, CODE_ANY},
	{"router-advertisement", 134, CODE_ANY},
	{"neighbour-solicitation", 135, CODE_ANY},
	{"neighbor-solicitation", 135, CODE_ANY},
	{"neighbour-advertisement", 136, CODE_ANY},
	{"neighbor-advertisement", 136, CODE_ANY},
	{"redirect", 137, CODE_ANY},
	{NULL, 0, 0},
};

static bool icmp_name(const char *text, bool six, struct rules_match *ret)
{
	for (const struct icmp_name *name = six ? names6 : names4; name->name; name++) {
		if (strcasecmp(name->name, text) != 0)
			continue;
		ret->has_icmp_type = true;
		ret->icmp_type = name->type;
		ret->has_icmp_code = name->code != CODE_ANY;
		ret->icmp_code = name->code != CODE_ANY ? (uint8_t)name->code : 0;
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
