/* Addresses, prefixes and ranges of both families, in network byte order. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/vec.h"

enum ip_family { IP_NONE = 0, IP_V4 = 4, IP_V6 = 6 };

struct ip_addr {
	uint8_t family;	   /* enum ip_family */
	uint8_t bytes[16]; /* 4 or 16 are used, the rest is zero */
};

/* Bits beyond len are zero. */
struct ip_prefix {
	uint8_t family;
	uint8_t len;
	uint8_t bytes[16];
};

/* A VEC that has a name. */
struct ip_prefix_vec {
	struct ip_prefix *items;
	uint32_t len;
	uint32_t cap;
};

#define IP_TEXT_MAX 64

bool ip_addr_parse(const char *text, size_t len, struct ip_addr *ret);
/* ADDRESS or ADDRESS/LEN; *ret_host_bits says whether bits beyond len were set (and cleared). */
bool ip_prefix_parse(const char *text, size_t len, struct ip_prefix *ret, bool *ret_host_bits);
const char *ip_addr_format(const struct ip_addr *addr, char text[IP_TEXT_MAX]);
/* Without "/LEN" when the prefix is one address. */
const char *ip_prefix_format(const struct ip_prefix *prefix, char text[IP_TEXT_MAX]);
unsigned ip_family_bits(uint8_t family);  /* 32, 128 */
unsigned ip_family_bytes(uint8_t family); /* 4, 16 */
bool ip_addr_eq(const struct ip_addr *a, const struct ip_addr *b);
int ip_addr_compare(const struct ip_addr *a, const struct ip_addr *b); /* family, then bytes */
int ip_prefix_compare(const struct ip_prefix *a,
		      const struct ip_prefix *b); /* family, bytes, len */
struct ip_prefix ip_prefix_of(const struct ip_addr *addr, unsigned len);
bool ip_prefix_contains_addr(const struct ip_prefix *prefix, const struct ip_addr *addr);
bool ip_prefix_contains(const struct ip_prefix *outer, const struct ip_prefix *inner);
/* Adds the prefixes that make up [low, high]; both of one family, low <= high. */
void ip_range_to_prefixes(struct arena *arena, const struct ip_addr *low,
			  const struct ip_addr *high, struct ip_prefix_vec *ret);
bool ip_addr_is_loopback(const struct ip_addr *addr);
