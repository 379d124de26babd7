/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a rule says, as far as it is understood.  One option that is not understood makes the rule
 * opaque: nothing may be concluded from it but that it may match.
 */
#pragma once

#include "base/ip.h"
#include "rules/rules.h"

enum rules_target {
	RULES_TARGET_NONE, /* counts only */
	RULES_TARGET_ACCEPT,
	RULES_TARGET_DROP,
	RULES_TARGET_REJECT,
	RULES_TARGET_RETURN,
	RULES_TARGET_LOG,  /* LOG, NFLOG: goes on */
	RULES_TARGET_JUMP, /* -j CHAIN, where the file or the engine has such a chain */
	RULES_TARGET_GOTO,
	RULES_TARGET_OTHER, /* an extension: DNAT, MARK ... */
};

enum rules_state { /* bits */
		   RULES_STATE_NEW = 1 << 0,
		   RULES_STATE_ESTABLISHED = 1 << 1,
		   RULES_STATE_RELATED = 1 << 2,
		   RULES_STATE_INVALID = 1 << 3,
		   RULES_STATE_UNTRACKED = 1 << 4,
		   RULES_STATE_DNAT = 1 << 5,
		   RULES_STATE_SNAT = 1 << 6,
};

struct rules_iface {
	const char *name; /* NULL: not given; without the '+' */
	bool wildcard;
	bool negated;
};

struct rules_port_range {
	uint16_t low;
	uint16_t high;
};

struct rules_ports {
	bool negated;
	VEC(struct rules_port_range) ranges; /* empty: not given */
};

struct rules_addrs {
	bool negated;
	VEC(struct ip_prefix) prefixes; /* empty: not given; --src-range is cut into prefixes */
};

struct rules_match {
	const struct rules_option *opaque; /* the first that is not understood, or NULL */
	uint8_t family;	  /* enum ip_family of its addresses or ICMP; IP_NONE: both */
	uint8_t protocol; /* 0: any */
	bool protocol_negated;
	struct rules_iface in;
	struct rules_iface out;
	struct rules_addrs from;
	struct rules_addrs to;
	struct rules_ports sports;
	struct rules_ports dports;	 /* --dport, --dports: as the hook sees it */
	struct rules_ports dialled;	 /* --ctorigdstport: as the client dialled it */
	struct rules_addrs dialled_addr; /* --ctorigdst */
	uint8_t states;			 /* bits of enum rules_state; 0: not given */
	bool states_negated;
	bool has_icmp_type;
	uint8_t icmp_type;
	bool has_icmp_code;
	uint8_t icmp_code;
	bool icmp_negated;
	bool syn_only;	 /* --syn, --tcp-flags FIN,SYN,RST,ACK SYN */
	bool has_limit;	 /* -m limit or hashlimit */
	uint32_t limit;	 /* per unit, of -m limit */
	char limit_unit; /* 's' 'm' 'h' 'd' */
	uint32_t burst;
	uint8_t target;	  /* enum rules_target */
	const char *jump; /* name of the target as written, or NULL */
	const char *reject_with;
	const char *log_prefix;
	const char *comment;
};

/*
 * `file` tells which names are chains of its own; its options are read as iptables reads them.
 * ret points into the command and the arena.
 */
void rules_match_read(struct arena *arena, const struct rules_file *file,
		      const struct rules_line *line, struct rules_match *ret);
