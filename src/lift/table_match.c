/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A rule's matches as statements of an nft table. */
#include <string.h>

#include "base/protocol.h"
#include "base/str.h"
#include "lift/table_parts.h"

#define IFACE_BYTES 16u
#define STATES_ALL                                                                                 \
	(IR_CT_STATE_INVALID | IR_CT_STATE_ESTABLISHED | IR_CT_STATE_RELATED | IR_CT_STATE_NEW |   \
	 IR_CT_STATE_UNTRACKED)

static const uint8_t ported[] = {PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_SCTP, PROTOCOL_DCCP,
				 PROTOCOL_UDPLITE};

void table_stmt_add(struct table_maker *maker, struct table_stmts *stmts,
		    const struct ir_stmt *stmt)
{
	*vec_add(maker->arena, &stmts->items) = *stmt;
}

bool table_refuse(struct table_maker *maker, const struct lift_rule *rule, const char *option,
		  const char *what)
{
	const struct rules_option *found =
		option ? rules_option_find(rule->line->command, option) : NULL;
	struct diag *diag = diag_error(
		maker->diags, found ? found->origin : rule->line->origin, DIAG_RULES_NOT_IN_TABLE,
		"%s cannot be expressed for an engine without DOCKER-USER", what);

	if (diag)
		diag_note(diag, (struct origin){0},
			  "Docker runs with its nftables backend here: say it otherwise, or start "
			  "dockerd with --firewall-backend=iptables");
	maker->failed = true;
	return false;
}

static struct ir_stmt match_of(enum ir_field field, enum ir_op op)
{
	struct ir_stmt stmt = {.kind = IR_STMT_MATCH};

	stmt.match.fields[0].field = (uint8_t)field;
	stmt.match.field_count = 1;
	stmt.match.op = (uint8_t)op;
	return stmt;
}

static void put_u16(uint8_t *to, uint16_t value)
{
	to[0] = (uint8_t)(value >> 8);
	to[1] = (uint8_t)value;
}

static struct ir_stmt bits_of(enum ir_field field, uint32_t bits)
{
	struct ir_stmt stmt = match_of(field, IR_ANY_BIT);

	put_u16(stmt.match.value, (uint16_t)(bits >> 16));
	put_u16(stmt.match.value + 2, (uint16_t)bits);
	return stmt;
}

static struct ir_stmt byte_of(enum ir_field field, enum ir_op op, uint8_t value)
{
	struct ir_stmt stmt = match_of(field, op);

	stmt.match.value[0] = value;
	return stmt;
}

static struct table_alternatives *part_add(struct table_maker *maker, struct table_asked *asked)
{
	return vec_add(maker->arena, &asked->parts);
}

static void one_add(struct table_maker *maker, struct table_asked *asked,
		    const struct ir_stmt *stmt)
{
	struct table_alternatives *part = part_add(maker, asked);

	table_stmt_add(maker, vec_add(maker->arena, &part->items), stmt);
}

/* An alternative of one statement. */
static void alternative_add(struct table_maker *maker, struct table_alternatives *part,
			    const struct ir_stmt *stmt)
{
	table_stmt_add(maker, vec_add(maker->arena, &part->items), stmt);
}

static void iface_ask(struct table_maker *maker, const struct rules_iface *iface,
		      enum ir_field field, struct table_asked *asked)
{
	struct ir_stmt stmt = match_of(field, iface->wildcard  ? IR_PREFIX
					      : iface->negated ? IR_NOT_EQUAL
							       : IR_EQUAL);
	size_t len = iface->name ? strnlen(iface->name, IFACE_BYTES - 1) : 0;

	if (!iface->name || (iface->wildcard && !len && !iface->negated))
		return;
	memcpy(stmt.match.value, iface->name, len);
	stmt.match.value_len = (uint8_t)(iface->wildcard ? len : 0);
	if (!iface->wildcard || !iface->negated)
		one_add(maker, asked, &stmt);
	else if (field == IR_META_IIFNAME)
		asked->not_in = iface;
	else
		asked->not_out = iface;
}

static struct ir_stmt prefix_of(enum ir_field field, const struct ip_prefix *prefix)
{
	struct ir_stmt stmt = match_of(
		field, prefix->len == ip_family_bits(prefix->family) ? IR_EQUAL : IR_PREFIX);

	memcpy(stmt.match.value, prefix->bytes, ip_family_bytes(prefix->family));
	if (stmt.match.op == IR_PREFIX)
		stmt.match.value_len = prefix->len;
	return stmt;
}

/* "ip saddr & 255.255.255.0 != @not_1": a set for each length that none of its own may match. */
static void not_prefixes_ask(struct table_maker *maker, const struct rules_addrs *addrs,
			     enum ir_field field, unsigned len, struct table_asked *asked)
{
	struct ir_set *set = vec_add(maker->arena, &maker->table->sets);
	struct ir_stmt stmt = match_of(field, IR_IN_SET);
	uint32_t room = ir_field_room(field);

	*set = (struct ir_set){.field_count = 1, .size = 16, .key_size = room};
	set->name = arena_printf(maker->arena, "not_%u", ++maker->sets);
	set->fields[0] = (uint8_t)field;
	set->keys = arena_alloc(maker->arena, (size_t)room * addrs->prefixes.len);
	vec_each (&addrs->prefixes, prefix) {
		uint8_t *key = set->keys;
		uint32_t at = 0;
		int order = 1;

		if (prefix->len != len)
			continue;
		while (at < set->count &&
		       (order = memcmp(key + (size_t)at * room, prefix->bytes, room)) < 0)
			at++;
		if (at < set->count && order == 0)
			continue;
		memmove(key + (size_t)(at + 1) * room, key + (size_t)at * room,
			(size_t)(set->count - at) * room);
		memcpy(key + (size_t)at * room, prefix->bytes, room);
		set->count++;
	}
	while (set->size < set->count)
		set->size *= 2;
	stmt.match.fields[0].prefix_len = (uint8_t)len;
	stmt.match.negate = true;
	stmt.match.set = set->name;
	one_add(maker, asked, &stmt);
}

static void addrs_ask(struct table_maker *maker, const struct rules_addrs *addrs,
		      enum ir_field field, struct table_asked *asked)
{
	struct table_alternatives *part;
	bool seen[129] = {false};

	if (!addrs->prefixes.len)
		return;
	if (!addrs->negated) {
		part = part_add(maker, asked);
		vec_each (&addrs->prefixes, prefix) {
			struct ir_stmt stmt = prefix_of(field, prefix);

			if (prefix->len == 0) { /* everybody */
				part->items.len = 0;
				return;
			}
			alternative_add(maker, part, &stmt);
		}
		return;
	}
	vec_each (&addrs->prefixes, prefix) {
		if (!seen[prefix->len])
			not_prefixes_ask(maker, addrs, field, prefix->len, asked);
		seen[prefix->len] = true;
	}
}

static void range_add(struct table_maker *maker, enum ir_field field, uint8_t protocol,
		      uint32_t low, uint32_t high, struct table_alternatives *part)
{
	struct table_stmts *stmts = vec_add(maker->arena, &part->items);
	struct ir_stmt l4proto = byte_of(IR_META_L4PROTO, IR_EQUAL, protocol);
	struct ir_stmt stmt = match_of(field, low == high ? IR_EQUAL : IR_RANGE);

	put_u16(stmt.match.value, (uint16_t)low);
	if (low != high)
		put_u16(stmt.match.high, (uint16_t)high);
	table_stmt_add(maker, stmts, &l4proto);
	table_stmt_add(maker, stmts, &stmt);
}

/* The ports that are none of the ranges: what is left between them. */
static void other_ranges_add(struct table_maker *maker, enum ir_field field, uint8_t protocol,
			     const struct rules_ports *ports, struct table_alternatives *part)
{
	uint32_t low = 0;

	while (low <= UINT16_MAX) {
		uint32_t next = UINT16_MAX + 1u, behind = 0;

		vec_each (&ports->ranges, range) {
			if (range->low <= low && range->high >= low && range->high >= behind)
				behind = range->high + 1u;
			if (range->low > low && range->low < next)
				next = range->low;
		}
		if (behind) {
			low = behind;
			continue;
		}
		range_add(maker, field, protocol, low, next - 1, part);
		low = next;
	}
}

static void ports_ask(struct table_maker *maker, const struct rules_match *match,
		      const struct rules_ports *ports, enum ir_field field,
		      struct table_asked *asked)
{
	struct table_alternatives *part;

	if (!ports->ranges.len)
		return;
	part = part_add(maker, asked);
	for (size_t i = 0; i < sizeof(ported); i++) {
		if (match->protocol && !match->protocol_negated && match->protocol != ported[i])
			continue;
		if (ports->negated) {
			other_ranges_add(maker, field, ported[i], ports, part);
			continue;
		}
		vec_each (&ports->ranges, range)
			range_add(maker, field, ported[i], range->low, range->high, part);
	}
}

static uint32_t state_bits(uint8_t states)
{
	static const struct {
		uint8_t state;
		uint32_t bit;
	} bits[] = {{RULES_STATE_NEW, IR_CT_STATE_NEW},
		    {RULES_STATE_ESTABLISHED, IR_CT_STATE_ESTABLISHED},
		    {RULES_STATE_RELATED, IR_CT_STATE_RELATED},
		    {RULES_STATE_INVALID, IR_CT_STATE_INVALID},
		    {RULES_STATE_UNTRACKED, IR_CT_STATE_UNTRACKED}};
	uint32_t all = 0;

	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		all |= states & bits[i].state ? bits[i].bit : 0;
	return all;
}

static bool states_ask(struct table_maker *maker, const struct lift_rule *rule,
		       struct table_asked *asked)
{
	const struct rules_match *match = &rule->match;
	struct table_alternatives *part;
	uint32_t bits = state_bits(match->states);
	struct ir_stmt stmt;

	if (!match->states)
		return true;
	if (match->states & RULES_STATE_SNAT ||
	    (match->states & RULES_STATE_DNAT && match->states_negated))
		return table_refuse(maker, rule, "--ctstate", "this state");
	part = part_add(maker, asked);
	if (match->states_negated)
		bits = STATES_ALL & ~bits;
	if (bits) {
		stmt = bits_of(IR_CT_STATE, bits);
		alternative_add(maker, part, &stmt);
	}
	if (match->states & RULES_STATE_DNAT) {
		stmt = bits_of(IR_CT_STATUS, IR_CT_STATUS_DNAT);
		alternative_add(maker, part, &stmt);
	}
	return part->items.len > 0 ||
	       table_refuse(maker, rule, "--ctstate", "that no state is left");
}

static bool icmp_ask(struct table_maker *maker, const struct lift_rule *rule,
		     struct table_asked *asked)
{
	const struct rules_match *match = &rule->match;
	bool v6 = match->protocol == PROTOCOL_ICMPV6;
	bool echo = match->icmp_type == (v6 ? 128 : 8) || match->icmp_type == (v6 ? 129 : 0);
	struct ir_stmt stmt;

	if (!match->has_icmp_type)
		return true;
	if (match->has_icmp_code && !(echo && match->icmp_code == 0))
		return table_refuse(maker, rule, v6 ? "--icmpv6-type" : "--icmp-type",
				    "the code of an ICMP message");
	stmt = byte_of(v6 ? IR_ICMPV6_TYPE : IR_ICMP_TYPE,
		       match->icmp_negated ? IR_NOT_EQUAL : IR_EQUAL, match->icmp_type);
	one_add(maker, asked, &stmt);
	return true;
}

static bool refused_ask(struct table_maker *maker, const struct lift_rule *rule)
{
	const struct rules_match *match = &rule->match;

	if (match->opaque)
		return table_refuse(maker, rule, match->opaque->name,
				    arena_printf(maker->arena, "'%s%s%s'", match->opaque->name,
						 match->opaque->args.len ? " " : "",
						 match->opaque->args.len
							 ? match->opaque->args.items[0].text
							 : ""));
	if (match->syn_only)
		return table_refuse(maker, rule,
				    rules_option_find(rule->line->command, "--syn") ? "--syn"
										    : "--tcp-flags",
				    "a match of TCP flags");
	if ((match->from.negated && match->from.prefixes.items[0].len == 0) ||
	    (match->to.negated && match->to.prefixes.items[0].len == 0))
		return table_refuse(maker, rule, match->from.negated ? "-s" : "-d",
				    "an address that nobody has");
	if (match->dialled_addr.prefixes.len)
		return table_refuse(maker, rule, "--ctorigdst", "the address as it was dialled");
	return true;
}

bool table_ask(struct table_maker *maker, const struct lift_rule *rule, struct table_asked *ret)
{
	const struct rules_match *match = &rule->match;
	struct ir_stmt stmt;

	*ret = (struct table_asked){0};
	if (!refused_ask(maker, rule))
		return false;
	iface_ask(maker, &match->in, IR_META_IIFNAME, ret);
	iface_ask(maker, &match->out, IR_META_OIFNAME, ret);
	if (match->protocol) {
		stmt = byte_of(IR_META_L4PROTO, match->protocol_negated ? IR_NOT_EQUAL : IR_EQUAL,
			       match->protocol);
		one_add(maker, ret, &stmt);
	}
	addrs_ask(maker, &match->from, maker->v6 ? IR_IP6_SADDR : IR_IP_SADDR, ret);
	addrs_ask(maker, &match->to, maker->v6 ? IR_IP6_DADDR : IR_IP_DADDR, ret);
	ports_ask(maker, match, &match->sports, IR_TH_SPORT, ret);
	ports_ask(maker, match, &match->dports, IR_TH_DPORT, ret);
	ports_ask(maker, match, &match->dialled, IR_CT_ORIG_PROTO_DST, ret);
	return states_ask(maker, rule, ret) && icmp_ask(maker, rule, ret);
}
