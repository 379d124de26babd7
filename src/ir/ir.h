/*
 * An nft table as plain data, at the level of nft's own statements.  The compiler makes it, a
 * dump of the kernel reads it, diff compares two of it, print writes it as text that `nft -f`
 * accepts.  Only kernel/ knows how it looks on the wire.
 *
 * Invariants: elements of a set are sorted by key without duplicates; a name that a rule or an
 * element mentions is in the table; keys are in network byte order, each field padded to a
 * multiple of four bytes as the kernel wants it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/source.h"
#include "base/vec.h"

#define IR_KEY_FIELDS_MAX 5u
#define IR_KEY_BYTES_MAX 64u
#define IR_COMMENT_MAX 127u /* bytes without the NUL, as nft allows */

enum ir_field {
	IR_META_IIFNAME,
	IR_META_OIFNAME,
	IR_META_NFPROTO,
	IR_META_L4PROTO,
	IR_IP_SADDR,
	IR_IP_DADDR,
	IR_IP6_SADDR,
	IR_IP6_DADDR,
	IR_IP6_HOPLIMIT,
	IR_TH_SPORT,
	IR_TH_DPORT,
	IR_CT_STATE,
	IR_CT_STATUS,
	IR_CT_ORIG_PROTO_DST, /* nft types it only behind a "meta l4proto X" in the same rule */
	IR_ICMP_TYPE,
	IR_ICMPV6_TYPE,
	IR_TCP_FLAGS,
	IR_FIELD_COUNT
};

/* Bytes of a field's value: 16 for interface names, 4, 16 (v6), 2, 1 ... */
unsigned ir_field_size(enum ir_field field);
/* The same, padded to a multiple of four: its room in a key. */
unsigned ir_field_room(enum ir_field field);
const char *ir_field_name(enum ir_field field);	     /* "ip saddr" */
const char *ir_field_type_name(enum ir_field field); /* "ipv4_addr", of a set's key */

/* A field of a packet; prefix_len < full size: masked by so many leading bits. */
struct ir_operand {
	uint8_t field;
	uint8_t prefix_len; /* 0: not masked */
};

enum ir_op {
	IR_EQUAL,
	IR_NOT_EQUAL,
	IR_RANGE,   /* low ... high, inclusive */
	IR_ANY_BIT, /* field & value != 0: ct state established, ct status dnat */
	IR_PREFIX,  /* starts with value: iifname "wg*"; an address inside value/len */
	IR_IN_SET,  /* of `set` */
};

struct ir_match {
	struct ir_operand fields[IR_KEY_FIELDS_MAX];
	uint8_t field_count; /* more than one only for IR_IN_SET and verdict maps */
	uint8_t op;
	uint8_t value_len; /* IR_PREFIX: bytes of the name, or bits of the address */
	bool negate;	   /* IR_IN_SET only */
	uint8_t value[16]; /* network order; IR_CT_STATE, IR_CT_STATUS: uint32 in network order */
	uint8_t high[16];
	const char *set; /* IR_IN_SET */
};

/* Bits for IR_CT_STATE and IR_CT_STATUS as the kernel counts them. */
#define IR_CT_STATE_INVALID 1u
#define IR_CT_STATE_ESTABLISHED 2u
#define IR_CT_STATE_RELATED 4u
#define IR_CT_STATE_NEW 8u
#define IR_CT_STATE_UNTRACKED 64u
#define IR_CT_STATUS_DNAT 32u

enum ir_verdict { IR_ACCEPT, IR_DROP, IR_JUMP, IR_GOTO, IR_RETURN };

enum ir_rate_unit { IR_PER_SECOND, IR_PER_MINUTE, IR_PER_HOUR, IR_PER_DAY };

struct ir_rate {
	uint64_t count;
	uint32_t burst;
	uint8_t unit;
	bool over; /* matches what exceeds the rate */
};

enum ir_reject {
	IR_REJECT_TCP_RESET,
	IR_REJECT_ADMIN_PROHIBITED, /* icmpx, as the next */
	IR_REJECT_PORT_UNREACHABLE,
};

enum ir_stmt_kind {
	IR_STMT_MATCH,
	IR_STMT_VERDICT_MAP, /* match.fields looked up in map match.set */
	IR_STMT_COUNTER,     /* anonymous */
	IR_STMT_COUNTER_REF, /* counter name NAME */
	IR_STMT_LIMIT,
	IR_STMT_METER, /* update @match.set { match.fields[0] limit rate ... } */
	IR_STMT_LOG,
	IR_STMT_REJECT,
	IR_STMT_VERDICT,
};

struct ir_stmt {
	uint8_t kind;
	uint8_t verdict;  /* IR_STMT_VERDICT */
	uint8_t reject;	  /* IR_STMT_REJECT */
	uint16_t group;	  /* IR_STMT_LOG with a snaplen: the NFLOG group */
	uint16_t snaplen; /* IR_STMT_LOG: bytes of each packet; 0: to the kernel's own log */
	struct ir_match match;
	struct ir_rate rate; /* IR_STMT_LIMIT, IR_STMT_METER */
	const char *name;    /* chain of jump and goto, counter, log prefix */
	uint64_t packets;    /* IR_STMT_COUNTER of a dump; not compared */
	uint64_t bytes;
};

struct ir_rule {
	VEC(struct ir_stmt) stmts;
	const char *comment; /* or NULL */
	struct origin origin;
	uint64_t handle; /* of a dump; not compared */
};

enum ir_hook { IR_HOOK_NONE, IR_HOOK_PREROUTING, IR_HOOK_INPUT, IR_HOOK_FORWARD, IR_HOOK_OUTPUT };

struct ir_chain {
	const char *name;
	uint8_t hook;	  /* IR_HOOK_NONE: a regular chain */
	bool policy_drop; /* of a base chain */
	int32_t priority;
	VEC(struct ir_rule) rules;
};

struct ir_element_verdict {
	uint8_t verdict;
	const char *chain;
};

struct ir_count {
	uint64_t packets;
	uint64_t bytes;
};

/*
 * A hash set or verdict map.  Parallel arrays, count long; origins, comments and verdicts may be
 * NULL.  Dynamic sets (filled by packets) hold no elements here and are never emptied by us.  The
 * elements of timed sets come and go by themselves: those given here are put in when the set is
 * made, a dump reads none, and they are never compared.
 */
struct ir_set {
	const char *name;
	uint8_t fields[IR_KEY_FIELDS_MAX]; /* enum ir_field: the key's types */
	uint8_t field_count;
	bool is_map;	    /* key : verdict */
	bool dynamic;	    /* flags dynamic,timeout */
	bool timed;	    /* flags timeout */
	bool counted;	    /* each element counts the packets that it matched */
	uint32_t size;	    /* 0: grows */
	uint32_t timeout_s; /* dynamic sets */
	uint32_t key_size;  /* sum of ir_field_room() */
	uint32_t count;
	uint8_t *keys;			     /* count * key_size */
	struct ir_element_verdict *verdicts; /* maps */
	struct origin *origins;
	const char **comments;
	uint32_t *timeouts_s;	 /* timed sets; 0: stays */
	struct ir_count *counts; /* counted sets of a dump; not compared */
};

struct ir_counter {
	const char *name;
	uint64_t packets; /* of a dump; not compared */
	uint64_t bytes;
};

struct ir_table {
	const char *name; /* family is always inet */
	VEC(struct ir_chain) chains;
	VEC(struct ir_set) sets;
	VEC(struct ir_counter) counters;
};

const struct ir_chain *ir_table_chain(const struct ir_table *table, const char *name);
const struct ir_set *ir_table_set(const struct ir_table *table, const char *name);
/* Same statements and comment; handles and origins are not looked at. */
bool ir_rule_eq(const struct ir_rule *a, const struct ir_rule *b);
bool ir_chain_eq(const struct ir_chain *a, const struct ir_chain *b); /* with rules */
/* Same kind of set: name, key, map, flags, and have->size is enough for want. */
bool ir_set_fits(const struct ir_set *have, const struct ir_set *want);
