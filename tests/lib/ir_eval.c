/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An interpreter of nft tables, in the dullest code possible. */
#include "lib/ir_eval.h"

#include <assert.h>
#include <string.h>

#include "base/protocol.h"
#include "base/str.h"

enum result { GO_ON, RETURNED, ACCEPTED, DROPPED, REJECTED };

struct walk {
	const struct ir_table *table;
	const struct packet *packet;
	bool before_nat;
	unsigned depth;
	unsigned told;
};

static void put_u16(uint8_t *to, uint16_t value)
{
	to[0] = (uint8_t)(value >> 8);
	to[1] = (uint8_t)value;
}

static bool put_addr(uint8_t *to, const struct ip_addr *addr, uint8_t family)
{
	if (addr->family != family)
		return false;
	memcpy(to, addr->bytes, ip_family_bytes(family));
	return true;
}

static bool put_text(uint8_t *to, const char *text)
{
	/* Without an interface the kernel compares with an empty name. */
	if (text)
		memcpy(to, text, strnlen(text, 15));
	return true;
}

static bool put_type(uint8_t *to, const struct packet *packet, uint8_t protocol)
{
	to[0] = packet->icmp_type;
	return packet->protocol == protocol;
}

/* False: the packet has no such field, the rule does not match. */
static bool field_load(const struct walk *walk, enum ir_field field, uint8_t *to)
{
	static const uint8_t states[] = {IR_CT_STATE_NEW, IR_CT_STATE_ESTABLISHED,
					 IR_CT_STATE_RELATED, IR_CT_STATE_INVALID};
	const struct packet *packet = walk->packet;
	const struct ip_addr *dst =
		walk->before_nat && packet->dnat ? &packet->dialled_addr : &packet->dst;

	switch (field) {
	case IR_META_IIFNAME:
		return put_text(to, packet->in_iface);
	case IR_META_OIFNAME:
		return put_text(to, packet->out_iface);
	case IR_META_NFPROTO:
		to[0] = packet->src.family == IP_V4 ? 2 : 10;
		return true;
	case IR_META_L4PROTO:
		to[0] = packet->protocol;
		return true;
	case IR_IP_SADDR:
		return put_addr(to, &packet->src, IP_V4);
	case IR_IP_DADDR:
		return put_addr(to, dst, IP_V4);
	case IR_IP6_SADDR:
		return put_addr(to, &packet->src, IP_V6);
	case IR_IP6_DADDR:
		return put_addr(to, dst, IP_V6);
	case IR_IP6_HOPLIMIT:
		to[0] = packet->hop_limit;
		return packet->src.family == IP_V6;
	case IR_TH_SPORT:
		put_u16(to, packet->src_port);
		return true;
	case IR_TH_DPORT:
		put_u16(to,
			walk->before_nat && packet->dnat ? packet->dialled_port : packet->dst_port);
		return true;
	case IR_CT_STATE:
		to[3] = states[packet->state];
		return true;
	case IR_CT_STATUS:
		to[3] = packet->dnat ? IR_CT_STATUS_DNAT : 0;
		return true;
	case IR_CT_ORIG_PROTO_DST:
		put_u16(to, packet->dialled_port);
		return true;
	case IR_ICMP_TYPE:
		return put_type(to, packet, PROTOCOL_ICMP);
	case IR_ICMPV6_TYPE:
		return put_type(to, packet, PROTOCOL_ICMPV6);
	case IR_TCP_FLAGS:
	case IR_FIELD_COUNT:
		break;
	}
	assert(!"a field that the compiler uses");
	return false;
}

static void mask(uint8_t *bytes, unsigned size, unsigned len)
{
	for (unsigned bit = len; bit < 8 * size; bit++)
		bytes[bit / 8] &= (uint8_t) ~(0x80u >> (bit % 8));
}

/* The key of a lookup; false where a field is missing. */
static bool key_load(const struct walk *walk, const struct ir_match *match, uint8_t *key,
		     uint32_t *ret_size)
{
	uint32_t size = 0;

	for (unsigned i = 0; i < match->field_count; i++) {
		enum ir_field field = (enum ir_field)match->fields[i].field;

		memset(key + size, 0, ir_field_room(field));
		if (!field_load(walk, field, key + size))
			return false;
		if (match->fields[i].prefix_len)
			mask(key + size, ir_field_size(field), match->fields[i].prefix_len);
		size += ir_field_room(field);
	}
	*ret_size = size;
	return true;
}

/* UINT32_MAX: not there.  A search by halves, so unsorted sets are noticed. */
static uint32_t set_find(const struct ir_set *set, const uint8_t *key)
{
	uint32_t low = 0, high = set->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = memcmp(set->keys + (size_t)middle * set->key_size, key, set->key_size);

		if (order == 0)
			return middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return UINT32_MAX;
}

static uint32_t lookup(const struct walk *walk, const struct ir_match *match, bool *ret_loaded,
		       const struct ir_set **ret_set)
{
	uint8_t key[IR_KEY_BYTES_MAX];
	const struct ir_set *set = ir_table_set(walk->table, match->set);
	uint32_t size = 0;

	assert(set);
	*ret_set = set;
	*ret_loaded = key_load(walk, match, key, &size);
	if (!*ret_loaded)
		return UINT32_MAX;
	assert(size == set->key_size);
	return set_find(set, key);
}

static bool in_set(const struct walk *walk, const struct ir_match *match)
{
	const struct ir_set *set;
	bool loaded;
	bool found = lookup(walk, match, &loaded, &set) != UINT32_MAX;

	return loaded && found != match->negate;
}

static bool prefix_matches(enum ir_field field, const struct ir_match *match, uint8_t *value)
{
	if (field == IR_META_IIFNAME || field == IR_META_OIFNAME)
		return memcmp(value, match->value, match->value_len) == 0;
	mask(value, ir_field_size(field), match->value_len);
	return memcmp(value, match->value, ir_field_size(field)) == 0;
}

static bool match_holds(const struct walk *walk, const struct ir_match *match)
{
	enum ir_field field = (enum ir_field)match->fields[0].field;
	uint8_t value[16] = {0};
	size_t size = ir_field_size(field);

	if (match->op == IR_IN_SET)
		return in_set(walk, match);
	if (!field_load(walk, field, value))
		return false;
	switch ((enum ir_op)match->op) {
	case IR_EQUAL:
		return memcmp(value, match->value, size) == 0;
	case IR_NOT_EQUAL:
		return memcmp(value, match->value, size) != 0;
	case IR_RANGE:
		return memcmp(value, match->value, size) >= 0 &&
		       memcmp(value, match->high, size) <= 0;
	case IR_ANY_BIT:
		for (size_t i = 0; i < size; i++) {
			if (value[i] & match->value[i])
				return true;
		}
		return false;
	case IR_PREFIX:
		return prefix_matches(field, match, value);
	case IR_IN_SET:
		break;
	}
	return false;
}

static enum result chain_walk(struct walk *walk, const char *name);

static enum result verdict_result(struct walk *walk, uint8_t verdict, const char *chain)
{
	enum result result;

	switch ((enum ir_verdict)verdict) {
	case IR_ACCEPT:
		return ACCEPTED;
	case IR_DROP:
		return DROPPED;
	case IR_RETURN:
		return RETURNED;
	case IR_JUMP:
		result = chain_walk(walk, chain);
		return result == RETURNED ? GO_ON : result;
	case IR_GOTO:
		return chain_walk(walk, chain);
	}
	return GO_ON;
}

static enum result map_result(struct walk *walk, const struct ir_match *match, bool *ret_matched)
{
	const struct ir_set *map;
	bool loaded;
	uint32_t found = lookup(walk, match, &loaded, &map);

	*ret_matched = found != UINT32_MAX;
	if (!*ret_matched)
		return GO_ON;
	return verdict_result(walk, map->verdicts[found].verdict, map->verdicts[found].chain);
}

/* Sets *matched to false where the rule ends early. */
static enum result stmt_walk(struct walk *walk, const struct ir_stmt *stmt, bool *matched)
{
	switch ((enum ir_stmt_kind)stmt->kind) {
	case IR_STMT_MATCH:
		*matched = match_holds(walk, &stmt->match);
		return GO_ON;
	case IR_STMT_VERDICT_MAP:
		return map_result(walk, &stmt->match, matched);
	case IR_STMT_METER: {
		uint8_t key[IR_KEY_BYTES_MAX];
		uint32_t size;

		*matched = key_load(walk, &stmt->match, key, &size) &&
			   walk->packet->over_rate == stmt->rate.over;
		return GO_ON;
	}
	case IR_STMT_LIMIT:
		*matched = walk->packet->over_rate == stmt->rate.over;
		return GO_ON;
	case IR_STMT_COUNTER:
	case IR_STMT_COUNTER_REF:
		return GO_ON;
	case IR_STMT_LOG:
		walk->told += stmt->snaplen != 0;
		return GO_ON;
	case IR_STMT_REJECT:
		/* The kernel's expression ends the rule when it is not TCP. */
		assert(stmt->reject != IR_REJECT_TCP_RESET ||
		       walk->packet->protocol == PROTOCOL_TCP);
		return REJECTED;
	case IR_STMT_VERDICT:
		return verdict_result(walk, stmt->verdict, stmt->name);
	}
	return GO_ON;
}

static enum result rule_walk(struct walk *walk, const struct ir_rule *rule)
{
	bool matched = true;

	vec_each (&rule->stmts, stmt) {
		enum result result = stmt_walk(walk, stmt, &matched);

		if (!matched || result != GO_ON)
			return result;
	}
	return GO_ON;
}

static enum result chain_walk(struct walk *walk, const char *name)
{
	const struct ir_chain *chain = ir_table_chain(walk->table, name);
	enum result result = RETURNED;

	assert(chain && walk->depth < 16);
	walk->depth++;
	vec_each (&chain->rules, rule) {
		result = rule_walk(walk, rule);
		if (result != GO_ON)
			break;
	}
	walk->depth--;
	return result == GO_ON ? RETURNED : result;
}

static enum result hook_walk(struct walk *walk, enum ir_hook hook)
{
	vec_each (&walk->table->chains, chain) {
		enum result result;

		if (chain->hook != hook)
			continue;
		result = chain_walk(walk, chain->name);
		if (result == RETURNED)
			return chain->policy_drop ? DROPPED : ACCEPTED;
		return result;
	}
	return ACCEPTED;
}

static enum result packet_walk(struct walk *walk)
{
	const struct packet *packet = walk->packet;
	enum result result = ACCEPTED;
	enum ir_hook hook = IR_HOOK_FORWARD;

	if (packet->in_iface) {
		walk->before_nat = true;
		result = hook_walk(walk, IR_HOOK_PREROUTING);
		walk->before_nat = false;
	}
	if (!packet->in_iface)
		hook = IR_HOOK_OUTPUT;
	else if (!packet->out_iface)
		hook = IR_HOOK_INPUT;
	return result == ACCEPTED ? hook_walk(walk, hook) : result;
}

unsigned ir_eval_told(const struct ir_table *table, const struct packet *packet)
{
	struct walk walk = {.table = table, .packet = packet};

	(void)packet_walk(&walk);
	return walk.told;
}

enum ir_outcome ir_eval(const struct ir_table *table, const struct packet *packet)
{
	struct walk walk = {.table = table, .packet = packet};
	enum result result = packet_walk(&walk);

	return result == ACCEPTED  ? IR_OUTCOME_ACCEPT
	       : result == DROPPED ? IR_OUTCOME_DROP
				   : IR_OUTCOME_REJECT;
}
