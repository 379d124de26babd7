/*
 * A policy file as it was written: the syntax tree.  Names are not resolved, addresses and
 * numbers are read.  Order and comments are kept, so that printing a tree gives the text back
 * in canonical form (lang/format.h), and printing what was parsed from that text gives the same.
 *
 * Nodes are small on purpose: a policy may hold 100,000 sentences.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/ip.h"
#include "base/source.h"
#include "base/vec.h"

/* A word of the text; text is NUL-terminated and lives in the arena. */
struct tree_name {
	const char *text;
	struct origin at;
};

/* Comments, without the '#': those on lines of their own before an item, and the one behind it. */
struct tree_comments {
	const char **before; /* NULL-terminated array, "" is a blank line; or NULL */
	const char *behind;  /* or NULL */
};

struct tree_iface {
	const char *name; /* without the star */
	struct origin at;
	bool wildcard; /* name* */
};

struct tree_zone {
	struct tree_name name;
	bool is_auto;
	VEC(struct tree_iface) ifaces;
};

enum tree_elem_kind { TREE_ELEM_PREFIX, TREE_ELEM_RANGE, TREE_ELEM_SET };

struct tree_elem {
	struct origin at;
	uint8_t kind;
	union {
		struct ip_prefix prefix; /* an address is a prefix of full length */
		struct {
			struct ip_addr low;
			struct ip_addr high;
		} range;
		const char *set; /* without the '@' */
	};
};

struct tree_set {
	struct tree_name name;
	const char *file; /* as written, or NULL: elems */
	struct origin file_at;
	struct origin file_origin;   /* where the file's elements came from, zero if not read */
	VEC(struct tree_elem) elems; /* inline, or as read from the file */
};

struct tree_sentence;

struct tree_option {
	struct tree_name name;
	VEC(struct tree_name) values; /* words, numbers, strings up to the end of the line */
	struct tree_sentence
		*sentence; /* "failsafe": what is allowed, instead of values; or NULL */
};

enum tree_service_kind {
	TREE_SERVICE_NAME,     /* ssh, dns, ping: name */
	TREE_SERVICE_PROTOCOL, /* tcp, udp, esp: protocol, ports may be empty */
};

struct tree_ports {
	uint16_t low;
	uint16_t high; /* inclusive; low <= high was checked */
};

struct tree_service {
	struct origin at;
	uint8_t kind;
	uint8_t protocol;
	bool inside;
	uint32_t port_count; /* 1: one, else ports */
	union {
		const char *name;
		struct tree_ports *ports; /* port_count > 1 */
		struct tree_ports one;	  /* port_count == 1 */
	};
};

enum tree_source_kind { TREE_SOURCE_SET, TREE_SOURCE_PREFIX, TREE_SOURCE_CONTAINER };

enum tree_container_kind {
	TREE_CONTAINER_NAME,	/* web */
	TREE_CONTAINER_SERVICE, /* shop/db: name = "shop", value = "db" */
	TREE_CONTAINER_LABEL,	/* label KEY or KEY=VALUE: name, value or NULL */
	TREE_CONTAINER_NETWORK, /* network NAME */
};

struct tree_container {
	struct origin at;
	uint8_t kind;
	const char *name;
	const char *value;
};

struct tree_source {
	struct origin at;
	uint8_t kind;
	union {
		const char *set;
		struct ip_prefix prefix;
		struct tree_container *container;
	};
};

enum tree_unit { TREE_UNIT_SECOND, TREE_UNIT_MINUTE, TREE_UNIT_HOUR, TREE_UNIT_DAY };

struct tree_rate {
	struct origin at;
	uint32_t count;
	uint32_t burst; /* 0: not given */
	uint8_t unit;
	bool per_source;
};

enum tree_verb { TREE_ALLOW, TREE_DENY, TREE_REJECT };

struct tree_sentence {
	struct origin at;
	uint32_t packed; /* not a sentence, but so many of section->packed; else 0 */
	uint8_t verb;
	bool is_default; /* "default deny", "default reject" */
	bool has_to;	 /* "given" is told apart from "none" */
	bool has_from;
	bool log;
	uint32_t service_count; /* 0: no "what" was given */
	uint32_t to_count;
	uint32_t from_count;
	struct tree_service *services;
	struct tree_container *to;
	struct tree_source *from;
	const struct tree_rate *rate;	/* or NULL */
	const char *log_text;		/* or NULL */
	struct tree_comments *comments; /* or NULL */
};

/*
 * "allow tcp 443 from 192.0.2.0/24" in 16 bytes instead of 144: what large policies are made of.
 * Only where the reader was told to pack (lang/load.h), for those who make a model of it.
 */
struct tree_packed {
	uint32_t start; /* of the sentence in the text */
	uint16_t len;
	uint16_t port;
	uint8_t verb;
	uint8_t protocol;
	uint8_t prefix_len;
	uint8_t addr[4]; /* IPv4 */
};

/* A packed sentence with its nodes, as if it had not been packed. */
struct tree_plain {
	struct tree_sentence sentence;
	struct tree_service service;
	struct tree_source source;
};

/* Fills ret, whose sentence points into itself; the nodes say the sentence's place. */
void tree_unpack(const struct tree_packed *packed, uint16_t source, struct tree_plain *ret);

struct tree_section {
	VEC(struct tree_name) from;
	VEC(struct tree_name) to;
	VEC(struct tree_sentence) sentences; /* one of them for each run of packed ones */
	VEC(struct tree_packed) packed;
	uint32_t runs;
	const char **comments_at_end; /* before the "}", NULL-terminated, or NULL */
};

static inline uint32_t tree_section_count(const struct tree_section *section)
{
	return section->sentences.len - section->runs + section->packed.len;
}

struct tree_include {
	struct tree_name pattern;
	VEC(struct tree_file *) files; /* filled by the loader, in the order of names */
};

enum tree_item_kind { TREE_ZONE, TREE_SET, TREE_OPTION, TREE_INCLUDE, TREE_SECTION };

struct tree_item {
	struct origin at;
	uint8_t kind;
	union {
		struct tree_zone *zone;
		struct tree_set *set;
		struct tree_option *option;
		struct tree_include *include;
		struct tree_section *section;
	};
	struct tree_comments comments;
};

struct tree_file {
	uint16_t source;
	VEC(struct tree_item) items;
	const char **comments_at_end;
};
