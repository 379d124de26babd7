/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be asked of an nft table as plain data: sizes of fields, parts by name, sameness. */
#include "ir/ir.h"

#include <assert.h>
#include <string.h>

#include "base/str.h"

struct field_info {
	const char *name;
	const char *type_name;
	uint8_t size;
};

static const struct field_info fields[IR_FIELD_COUNT] = {
	[IR_META_IIFNAME] = {"iifname", "ifname", 16},
	[IR_META_OIFNAME] = {"oifname", "ifname", 16},
	[IR_META_NFPROTO] = {"meta nfproto", "nf_proto", 1},
	[IR_META_L4PROTO] = {"meta l4proto", "inet_proto", 1},
	[IR_IP_SADDR] = {"ip saddr", "ipv4_addr", 4},
	[IR_IP_DADDR] = {"ip daddr", "ipv4_addr", 4},
	[IR_IP6_SADDR] = {"ip6 saddr", "ipv6_addr", 16},
	[IR_IP6_DADDR] = {"ip6 daddr", "ipv6_addr", 16},
	[IR_IP6_HOPLIMIT] = {"ip6 hoplimit", "integer", 1},
	[IR_TH_SPORT] = {"th sport", "inet_service", 2},
	[IR_TH_DPORT] = {"th dport", "inet_service", 2},
	[IR_CT_STATE] = {"ct state", "ct_state", 4},
	[IR_CT_STATUS] = {"ct status", "ct_status", 4},
	[IR_CT_ORIG_PROTO_DST] = {"ct original proto-dst", "inet_service", 2},
	[IR_ICMP_TYPE] = {"icmp type", "icmp_type", 1},
	[IR_ICMPV6_TYPE] = {"icmpv6 type", "icmpv6_type", 1},
	[IR_TCP_FLAGS] = {"tcp flags", "tcp_flag", 1},
};

unsigned ir_field_size(enum ir_field field)
{
	assert(field < IR_FIELD_COUNT);
	return fields[field].size;
}

unsigned ir_field_room(enum ir_field field)
{
	return (ir_field_size(field) + 3u) & ~3u;
}

const char *ir_field_name(enum ir_field field)
{
	assert(field < IR_FIELD_COUNT);
	return fields[field].name;
}

const char *ir_field_type_name(enum ir_field field)
{
	assert(field < IR_FIELD_COUNT);
	return fields[field].type_name;
}

const struct ir_chain *ir_table_chain(const struct ir_table *table, const char *name)
{
	vec_each (&table->chains, chain) {
		if (str_eq(chain->name, name))
			return chain;
	}
	return NULL;
}

const struct ir_set *ir_table_set(const struct ir_table *table, const char *name)
{
	vec_each (&table->sets, set) {
		if (str_eq(set->name, name))
			return set;
	}
	return NULL;
}

static bool text_eq(const char *a, const char *b)
{
	return a == b || (a && b && str_eq(a, b));
}

static bool operands_eq(const struct ir_match *a, const struct ir_match *b)
{
	if (a->field_count != b->field_count)
		return false;
	for (unsigned i = 0; i < a->field_count; i++) {
		if (a->fields[i].field != b->fields[i].field ||
		    a->fields[i].prefix_len != b->fields[i].prefix_len)
			return false;
	}
	return true;
}

/* Only the bytes that the operation looks at: a dump need not fill the others alike. */
static bool match_eq(const struct ir_match *a, const struct ir_match *b)
{
	size_t size = ir_field_size((enum ir_field)a->fields[0].field);

	if (a->op != b->op || !operands_eq(a, b))
		return false;
	switch ((enum ir_op)a->op) {
	case IR_EQUAL:
	case IR_NOT_EQUAL:
	case IR_ANY_BIT:
		return memcmp(a->value, b->value, size) == 0;
	case IR_RANGE:
		return memcmp(a->value, b->value, size) == 0 && memcmp(a->high, b->high, size) == 0;
	case IR_PREFIX:
		return a->value_len == b->value_len && memcmp(a->value, b->value, size) == 0;
	case IR_IN_SET:
		return a->negate == b->negate && text_eq(a->set, b->set);
	}
	return false;
}

static bool rate_eq(const struct ir_rate *a, const struct ir_rate *b)
{
	return a->count == b->count && a->burst == b->burst && a->unit == b->unit &&
	       a->over == b->over;
}

static bool stmt_eq(const struct ir_stmt *a, const struct ir_stmt *b)
{
	if (a->kind != b->kind)
		return false;
	switch ((enum ir_stmt_kind)a->kind) {
	case IR_STMT_MATCH:
		return match_eq(&a->match, &b->match);
	case IR_STMT_VERDICT_MAP:
		return operands_eq(&a->match, &b->match) && text_eq(a->match.set, b->match.set);
	case IR_STMT_COUNTER:
		return true;
	case IR_STMT_COUNTER_REF:
		return text_eq(a->name, b->name);
	case IR_STMT_LOG:
		return text_eq(a->name, b->name) && a->snaplen == b->snaplen &&
		       (!a->snaplen || a->group == b->group);
	case IR_STMT_LIMIT:
		return rate_eq(&a->rate, &b->rate);
	case IR_STMT_METER:
		return operands_eq(&a->match, &b->match) && text_eq(a->match.set, b->match.set) &&
		       rate_eq(&a->rate, &b->rate);
	case IR_STMT_REJECT:
		return a->reject == b->reject;
	case IR_STMT_VERDICT:
		return a->verdict == b->verdict && text_eq(a->name, b->name);
	}
	return false;
}

bool ir_rule_eq(const struct ir_rule *a, const struct ir_rule *b)
{
	if (a->stmts.len != b->stmts.len || !text_eq(a->comment, b->comment))
		return false;
	for (uint32_t i = 0; i < a->stmts.len; i++) {
		if (!stmt_eq(&a->stmts.items[i], &b->stmts.items[i]))
			return false;
	}
	return true;
}

bool ir_chain_eq(const struct ir_chain *a, const struct ir_chain *b)
{
	if (!str_eq(a->name, b->name) || a->hook != b->hook || a->rules.len != b->rules.len)
		return false;
	if (a->hook != IR_HOOK_NONE &&
	    (a->policy_drop != b->policy_drop || a->priority != b->priority))
		return false;
	for (uint32_t i = 0; i < a->rules.len; i++) {
		if (!ir_rule_eq(&a->rules.items[i], &b->rules.items[i]))
			return false;
	}
	return true;
}

bool ir_set_fits(const struct ir_set *have, const struct ir_set *want)
{
	/* The kernel keeps a key's types as numbers: fields of one type are the same key. */
	if (!str_eq(have->name, want->name) || have->field_count != want->field_count)
		return false;
	for (unsigned i = 0; i < have->field_count; i++) {
		if (!str_eq(ir_field_type_name((enum ir_field)have->fields[i]),
			    ir_field_type_name((enum ir_field)want->fields[i])))
			return false;
	}
	return have->is_map == want->is_map && have->dynamic == want->dynamic &&
	       have->timed == want->timed && have->counted == want->counted &&
	       have->timeout_s == want->timeout_s && have->size >= want->size;
}
