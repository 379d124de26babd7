/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses, prefixes and ranges of both families. */
#include "base/ip.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

unsigned ip_family_bits(uint8_t family)
{
	return family == IP_V4 ? 32 : 128;
}

unsigned ip_family_bytes(uint8_t family)
{
	return family == IP_V4 ? 4 : 16;
}

/* Strictly a.b.c.d, without leading zeros, which some read as octal. */
static bool ip_v4_parse(const char *text, size_t len, uint8_t bytes[16])
{
	unsigned part = 0, value = 0, digits = 0;

	for (size_t i = 0; i <= len; i++) {
		if (i == len || text[i] == '.') {
			if (digits == 0 || part > 3)
				return false;
			bytes[part++] = (uint8_t)value;
			value = digits = 0;
			continue;
		}
		if (text[i] < '0' || text[i] > '9' || (digits > 0 && value == 0))
			return false;
		value = value * 10 + (unsigned)(text[i] - '0');
		digits++;
		if (value > 255)
			return false;
	}
	return part == 4;
}

bool ip_addr_parse(const char *text, size_t len, struct ip_addr *ret)
{
	struct ip_addr addr = {0};
	char copy[INET6_ADDRSTRLEN];

	if (!memchr(text, ':', len)) {
		if (!ip_v4_parse(text, len, addr.bytes))
			return false;
		addr.family = IP_V4;
		*ret = addr;
		return true;
	}
	if (len >= sizeof(copy) || memchr(text, '\0', len))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (inet_pton(AF_INET6, copy, addr.bytes) != 1)
		return false;
	addr.family = IP_V6;
	*ret = addr;
	return true;
}

struct ip_prefix ip_prefix_of(const struct ip_addr *addr, unsigned len)
{
	struct ip_prefix prefix = {.family = addr->family, .len = (uint8_t)len};
	unsigned whole = len / 8;

	memcpy(prefix.bytes, addr->bytes, whole);
	if (len % 8)
		prefix.bytes[whole] = addr->bytes[whole] & (uint8_t)(0xff00u >> (len % 8));
	return prefix;
}

bool ip_prefix_parse(const char *text, size_t len, struct ip_prefix *ret, bool *ret_host_bits)
{
	const char *slash = memchr(text, '/', len);
	size_t addr_len = slash ? (size_t)(slash - text) : len;
	struct ip_addr addr;
	uint32_t bits;

	if (!ip_addr_parse(text, addr_len, &addr))
		return false;
	bits = ip_family_bits(addr.family);
	if (slash && !str_parse_u32(slash + 1, len - addr_len - 1, 0, bits, &bits))
		return false;
	*ret = ip_prefix_of(&addr, bits);
	*ret_host_bits = memcmp(ret->bytes, addr.bytes, sizeof(addr.bytes)) != 0;
	return true;
}

const char *ip_addr_format(const struct ip_addr *addr, char text[IP_TEXT_MAX])
{
	if (addr->family == IP_NONE ||
	    !inet_ntop(addr->family == IP_V4 ? AF_INET : AF_INET6, addr->bytes, text, IP_TEXT_MAX))
		(void)str_copy(text, IP_TEXT_MAX, "*");
	return text;
}

const char *ip_prefix_format(const struct ip_prefix *prefix, char text[IP_TEXT_MAX])
{
	struct ip_addr addr = {.family = prefix->family};
	size_t used;

	memcpy(addr.bytes, prefix->bytes, sizeof(addr.bytes));
	(void)ip_addr_format(&addr, text);
	used = strlen(text);
	if (prefix->len < ip_family_bits(prefix->family))
		(void)snprintf(text + used, IP_TEXT_MAX - used, "/%u", prefix->len);
	return text;
}

bool ip_addr_eq(const struct ip_addr *a, const struct ip_addr *b)
{
	return ip_addr_compare(a, b) == 0;
}

int ip_addr_compare(const struct ip_addr *a, const struct ip_addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

int ip_prefix_compare(const struct ip_prefix *a, const struct ip_prefix *b)
{
	int order;

	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	order = memcmp(a->bytes, b->bytes, sizeof(a->bytes));
	if (order)
		return order;
	return a->len < b->len ? -1 : a->len > b->len;
}

static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned len)
{
	unsigned whole = len / 8;

	if (memcmp(a, b, whole) != 0)
		return false;
	return len % 8 == 0 || ((a[whole] ^ b[whole]) & (uint8_t)(0xff00u >> (len % 8))) == 0;
}

bool ip_prefix_contains_addr(const struct ip_prefix *prefix, const struct ip_addr *addr)
{
	return prefix->family == addr->family && same_bits(prefix->bytes, addr->bytes, prefix->len);
}

bool ip_prefix_contains(const struct ip_prefix *outer, const struct ip_prefix *inner)
{
	return outer->family == inner->family && outer->len <= inner->len &&
	       same_bits(outer->bytes, inner->bytes, outer->len);
}

/* addr with all bits behind len set: the last address of the prefix. */
static struct ip_addr last_of(const struct ip_addr *addr, unsigned len)
{
	struct ip_addr last = *addr;

	for (unsigned bit = len; bit < ip_family_bits(addr->family); bit++)
		last.bytes[bit / 8] |= (uint8_t)(0x80u >> (bit % 8));
	return last;
}

static bool addr_increment(struct ip_addr *addr)
{
	for (unsigned i = ip_family_bytes(addr->family); i > 0; i--)
		if (++addr->bytes[i - 1] != 0)
			return true;
	return false;
}

void ip_range_to_prefixes(struct arena *arena, const struct ip_addr *low,
			  const struct ip_addr *high, struct ip_prefix_vec *ret)
{
	struct ip_addr at = *low;

	while (ip_addr_compare(&at, high) <= 0) {
		unsigned len = ip_family_bits(at.family);
		struct ip_addr last;

		/* the largest block that starts here and does not run past the end */
		while (len > 0) {
			struct ip_prefix wider = ip_prefix_of(&at, len - 1);

			last = last_of(&at, len - 1);
			if (memcmp(wider.bytes, at.bytes, sizeof(at.bytes)) != 0 ||
			    ip_addr_compare(&last, high) > 0)
				break;
			len--;
		}
		*vec_add(arena, ret) = ip_prefix_of(&at, len);
		at = last_of(&at, len);
		if (!addr_increment(&at))
			break;
	}
}

bool ip_addr_is_loopback(const struct ip_addr *addr)
{
	static const uint8_t v6[16] = {[15] = 1};

	return addr->family == IP_V4 ? addr->bytes[0] == 127
				     : addr->family == IP_V6 && memcmp(addr->bytes, v6, 16) == 0;
}
