/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statements as expressions: the same registers, dependencies and order that nft 1.0.6 makes. */
#include "kernel/encode.h"

#include <assert.h>
#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <netinet/in.h>
#include <string.h>

#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/udata.h>

#include "kernel/wire.h"

/* What the rule has established so far about its packets: 0 while not known. */
struct rule_state {
	struct nftnl_rule *rule;
	uint8_t nfproto;
	uint8_t l4proto;
};

/* The library says that it has no memory by its result only; a rule without a name means another.
 */
static void name_set(struct nftnl_expr *expr, uint16_t attr, const char *name)
{
	if (nftnl_expr_set_str(expr, attr, name) < 0)
		alloc_failed(strlen(name));
}

static struct nftnl_expr *expr_add(struct rule_state *state, const char *name)
{
	struct nftnl_expr *expr = nftnl_expr_alloc(name);

	if (!expr)
		alloc_failed(sizeof(void *));
	nftnl_rule_add_expr(state->rule, expr);
	return expr;
}

static void expr_add_cmp(struct rule_state *state, uint32_t op, const void *data, uint32_t len)
{
	struct nftnl_expr *expr = expr_add(state, "cmp");

	nftnl_expr_set_u32(expr, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_CMP_OP, op);
	nftnl_expr_set(expr, NFTNL_EXPR_CMP_DATA, data, len);
}

static void expr_add_mask(struct rule_state *state, uint32_t reg, const void *mask, uint32_t len)
{
	static const uint8_t zero[16];
	struct nftnl_expr *expr = expr_add(state, "bitwise");

	nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_SREG, reg);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_DREG, reg);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_OP, NFT_BITWISE_BOOL);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_LEN, len);
	nftnl_expr_set(expr, NFTNL_EXPR_BITWISE_MASK, mask, len);
	nftnl_expr_set(expr, NFTNL_EXPR_BITWISE_XOR, zero, len);
}

/* The first len bytes of the field into the register. */
static void expr_add_load(struct rule_state *state, uint8_t field, uint32_t reg, uint32_t len)
{
	const struct wire_field *wire = wire_field_of(field);
	struct nftnl_expr *expr;

	switch ((enum wire_source)wire->source) {
	case WIRE_META:
		expr = expr_add(state, "meta");
		nftnl_expr_set_u32(expr, NFTNL_EXPR_META_KEY, wire->key);
		nftnl_expr_set_u32(expr, NFTNL_EXPR_META_DREG, reg);
		break;
	case WIRE_CT:
		expr = expr_add(state, "ct");
		nftnl_expr_set_u32(expr, NFTNL_EXPR_CT_KEY, wire->key);
		nftnl_expr_set_u32(expr, NFTNL_EXPR_CT_DREG, reg);
		if (field == IR_CT_ORIG_PROTO_DST)
			nftnl_expr_set_u8(expr, NFTNL_EXPR_CT_DIR, 0); /* original */
		break;
	case WIRE_PAYLOAD:
		expr = expr_add(state, "payload");
		nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_DREG, reg);
		nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_BASE, wire->key);
		nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_OFFSET, wire->offset);
		nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_LEN, len);
		break;
	}
}

static void need_nfproto(struct rule_state *state, uint8_t nfproto)
{
	if (!nfproto || state->nfproto == nfproto)
		return;
	expr_add_load(state, IR_META_NFPROTO, NFT_REG_1, 1);
	expr_add_cmp(state, NFT_CMP_EQ, &nfproto, 1);
	state->nfproto = nfproto;
}

static void need_l4proto(struct rule_state *state, uint8_t l4proto)
{
	if (!l4proto || state->l4proto == l4proto)
		return;
	expr_add_load(state, IR_META_L4PROTO, NFT_REG_1, 1);
	expr_add_cmp(state, NFT_CMP_EQ, &l4proto, 1);
	state->l4proto = l4proto;
}

/* Before the whole statement, also for the last field of a concatenation. */
static void need_fields(struct rule_state *state, const struct ir_match *match)
{
	for (unsigned i = 0; i < match->field_count; i++) {
		const struct wire_field *wire = wire_field_of(match->fields[i].field);

		/* icmp behind "meta l4proto icmp" needs no family of its own */
		if (wire->l4proto && state->l4proto == wire->l4proto)
			continue;
		need_nfproto(state, wire->nfproto);
		need_l4proto(state, wire->l4proto);
	}
}

/* A field at its place of the key: "ip saddr & 255.255.255.0 . meta l4proto . th dport" */
static void load_key(struct rule_state *state, const struct ir_match *match)
{
	uint32_t room = 0;

	for (unsigned i = 0; i < match->field_count; i++) {
		const struct ir_operand *operand = &match->fields[i];
		uint32_t size = ir_field_size(operand->field);
		uint32_t reg = room == 0 ? (uint32_t)NFT_REG_1 : NFT_REG32_00 + room / 4;
		uint8_t mask[16];

		expr_add_load(state, operand->field, reg, size);
		if (operand->prefix_len && operand->prefix_len < size * 8) {
			wire_mask(mask, size, operand->prefix_len);
			expr_add_mask(state, reg, mask, size);
		}
		room += ir_field_room(operand->field);
	}
	assert(room <= IR_KEY_BYTES_MAX);
}

/* ir keeps conntrack's bit masks in network order, the kernel in the host's. */
static void host_value(const struct ir_match *match, const uint8_t *value, uint8_t ret[16])
{
	uint8_t field = match->fields[0].field;
	uint32_t word;

	memcpy(ret, value, 16);
	if (field == IR_CT_STATE || field == IR_CT_STATUS) {
		memcpy(&word, value, sizeof(word));
		word = ntohl(word);
		memcpy(ret, &word, sizeof(word));
	}
}

/* ip saddr 10.0.0.0/8: whole bytes are compared alone, other lengths behind a mask */
static void encode_prefix(struct rule_state *state, const struct ir_match *match)
{
	uint8_t field = match->fields[0].field, mask[16];
	uint32_t size = ir_field_size(field), len = match->value_len;

	if (field == IR_META_IIFNAME || field == IR_META_OIFNAME) {
		expr_add_load(state, field, NFT_REG_1, size);
		expr_add_cmp(state, NFT_CMP_EQ, match->value, len);
	} else if (len && len % 8 == 0) {
		expr_add_load(state, field, NFT_REG_1, len / 8);
		expr_add_cmp(state, NFT_CMP_EQ, match->value, len / 8);
	} else {
		wire_mask(mask, size, len);
		expr_add_load(state, field, NFT_REG_1, size);
		expr_add_mask(state, NFT_REG_1, mask, size);
		expr_add_cmp(state, NFT_CMP_EQ, match->value, size);
	}
}

static void encode_lookup(struct rule_state *state, const struct ir_stmt *stmt)
{
	struct nftnl_expr *expr;

	load_key(state, &stmt->match);
	expr = expr_add(state, "lookup");
	nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_SREG, NFT_REG_1);
	name_set(expr, NFTNL_EXPR_LOOKUP_SET, stmt->match.set);
	if (stmt->kind == IR_STMT_VERDICT_MAP)
		nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_DREG, NFT_REG_VERDICT);
	else if (stmt->match.negate)
		nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_FLAGS, NFT_LOOKUP_F_INV);
}

static void encode_match(struct rule_state *state, const struct ir_stmt *stmt)
{
	static const uint8_t zero[16];
	const struct ir_match *match = &stmt->match;
	uint8_t field = match->fields[0].field, value[16], high[16];
	uint32_t size = ir_field_size(field);

	need_fields(state, match);
	host_value(match, match->value, value);
	host_value(match, match->high, high);
	switch ((enum ir_op)match->op) {
	case IR_EQUAL:
	case IR_NOT_EQUAL:
		load_key(state, match);
		expr_add_cmp(state, match->op == IR_EQUAL ? NFT_CMP_EQ : NFT_CMP_NEQ, value, size);
		if (match->op == IR_EQUAL && field == IR_META_NFPROTO)
			state->nfproto = value[0];
		if (match->op == IR_EQUAL && field == IR_META_L4PROTO)
			state->l4proto = value[0];
		break;
	case IR_RANGE:
		load_key(state, match);
		expr_add_cmp(state, NFT_CMP_GTE, value, size);
		expr_add_cmp(state, NFT_CMP_LTE, high, size);
		break;
	case IR_ANY_BIT:
		load_key(state, match);
		expr_add_mask(state, NFT_REG_1, value, size);
		expr_add_cmp(state, NFT_CMP_NEQ, zero, size);
		break;
	case IR_PREFIX:
		encode_prefix(state, match);
		break;
	case IR_IN_SET:
		encode_lookup(state, stmt);
		break;
	}
}

/* Are both plain comparisons of neighbours in a header? */
static bool is_pair(const struct ir_stmt *first, const struct ir_stmt *second)
{
	const struct ir_stmt *both[] = {first, second};

	for (int i = 0; i < 2; i++) {
		const struct ir_match *match = &both[i]->match;

		if (both[i]->kind != IR_STMT_MATCH || match->op != IR_EQUAL ||
		    match->fields[0].prefix_len)
			return false;
	}
	return wire_neighbour(first->match.fields[0].field) == second->match.fields[0].field;
}

static void encode_pair(struct rule_state *state, const struct ir_match *first,
			const struct ir_match *second)
{
	uint8_t field = first->fields[0].field, value[16];
	uint32_t size = ir_field_size(field);

	need_fields(state, first);
	memcpy(value, first->value, size);
	memcpy(value + size, second->value, size);
	expr_add_load(state, field, NFT_REG_1, 2 * size);
	expr_add_cmp(state, NFT_CMP_EQ, value, 2 * size);
}

static void limit_set(struct nftnl_expr *expr, const struct ir_rate *rate)
{
	nftnl_expr_set_u64(expr, NFTNL_EXPR_LIMIT_RATE, rate->count);
	nftnl_expr_set_u64(expr, NFTNL_EXPR_LIMIT_UNIT, wire_rate_seconds(rate->unit));
	/* nft writes 5 where the text gives no burst */
	nftnl_expr_set_u32(expr, NFTNL_EXPR_LIMIT_BURST, rate->burst ? rate->burst : 5);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_LIMIT_TYPE, NFT_LIMIT_PKTS);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_LIMIT_FLAGS,
			   rate->over ? (uint32_t)NFT_LIMIT_F_INV : 0);
}

/* update @set { ip saddr limit rate over 10/second } */
static void encode_meter(struct rule_state *state, const struct ir_stmt *stmt)
{
	struct nftnl_expr *expr, *limit = nftnl_expr_alloc("limit");

	if (!limit)
		alloc_failed(sizeof(void *));
	need_fields(state, &stmt->match);
	load_key(state, &stmt->match);
	expr = expr_add(state, "dynset");
	nftnl_expr_set_u32(expr, NFTNL_EXPR_DYNSET_SREG_KEY, NFT_REG_1);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_DYNSET_OP, NFT_DYNSET_OP_UPDATE);
	name_set(expr, NFTNL_EXPR_DYNSET_SET_NAME, stmt->match.set);
	limit_set(limit, &stmt->rate);
	nftnl_expr_add_expr(expr, NFTNL_EXPR_DYNSET_EXPR, limit);
}

static void encode_verdict(struct rule_state *state, const struct ir_stmt *stmt)
{
	struct nftnl_expr *expr = expr_add(state, "immediate");

	nftnl_expr_set_u32(expr, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_IMM_VERDICT, (uint32_t)wire_verdict(stmt->verdict));
	if (stmt->verdict == IR_JUMP || stmt->verdict == IR_GOTO)
		name_set(expr, NFTNL_EXPR_IMM_CHAIN, stmt->name);
}

static uint8_t reject_code(enum ir_reject reject)
{
	switch (reject) {
	case IR_REJECT_TCP_RESET:
		return 0;
	case IR_REJECT_ADMIN_PROHIBITED:
		return NFT_REJECT_ICMPX_ADMIN_PROHIBITED;
	case IR_REJECT_PORT_UNREACHABLE:
		return NFT_REJECT_ICMPX_PORT_UNREACH;
	}
	return 0;
}

static void encode_reject(struct rule_state *state, const struct ir_stmt *stmt)
{
	bool reset = stmt->reject == IR_REJECT_TCP_RESET;
	struct nftnl_expr *expr;

	if (reset)
		need_l4proto(state, IPPROTO_TCP);
	expr = expr_add(state, "reject");
	nftnl_expr_set_u32(expr, NFTNL_EXPR_REJECT_TYPE,
			   reset ? NFT_REJECT_TCP_RST : NFT_REJECT_ICMPX_UNREACH);
	nftnl_expr_set_u8(expr, NFTNL_EXPR_REJECT_CODE, reject_code((enum ir_reject)stmt->reject));
}

static void encode_log(struct rule_state *state, const struct ir_stmt *stmt)
{
	struct nftnl_expr *expr = expr_add(state, "log");

	if (stmt->name)
		name_set(expr, NFTNL_EXPR_LOG_PREFIX, stmt->name);
	if (!stmt->snaplen)
		return;
	nftnl_expr_set_u16(expr, NFTNL_EXPR_LOG_GROUP, stmt->group);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_LOG_SNAPLEN, stmt->snaplen);
}

static void encode_stmt(struct rule_state *state, const struct ir_stmt *stmt)
{
	struct nftnl_expr *expr;

	switch ((enum ir_stmt_kind)stmt->kind) {
	case IR_STMT_MATCH:
		encode_match(state, stmt);
		break;
	case IR_STMT_VERDICT_MAP:
		need_fields(state, &stmt->match);
		encode_lookup(state, stmt);
		break;
	case IR_STMT_COUNTER:
		expr_add(state, "counter");
		break;
	case IR_STMT_COUNTER_REF:
		expr = expr_add(state, "objref");
		nftnl_expr_set_u32(expr, NFTNL_EXPR_OBJREF_IMM_TYPE, NFT_OBJECT_COUNTER);
		name_set(expr, NFTNL_EXPR_OBJREF_IMM_NAME, stmt->name);
		break;
	case IR_STMT_LIMIT:
		limit_set(expr_add(state, "limit"), &stmt->rate);
		break;
	case IR_STMT_METER:
		encode_meter(state, stmt);
		break;
	case IR_STMT_LOG:
		encode_log(state, stmt);
		break;
	case IR_STMT_REJECT:
		encode_reject(state, stmt);
		break;
	case IR_STMT_VERDICT:
		encode_verdict(state, stmt);
		break;
	}
}

static void encode_comment(struct nftnl_rule *rule, const char *comment)
{
	struct nftnl_udata_buf *udata = nftnl_udata_buf_alloc(256);
	char text[IR_COMMENT_MAX + 1] = "";

	if (!udata)
		alloc_failed(256);
	memcpy(text, comment, strnlen(comment, IR_COMMENT_MAX));
	nftnl_udata_put_strz(udata, NFTNL_UDATA_RULE_COMMENT, text);
	if (nftnl_rule_set_data(rule, NFTNL_RULE_USERDATA, nftnl_udata_buf_data(udata),
				nftnl_udata_buf_len(udata)) < 0)
		alloc_failed(nftnl_udata_buf_len(udata));
	nftnl_udata_buf_free(udata);
}

void kernel_encode_rule(struct nlmsghdr *message, const char *table, const char *chain,
			const struct ir_rule *rule)
{
	struct rule_state state = {.rule = nftnl_rule_alloc()};

	if (!state.rule)
		alloc_failed(sizeof(void *));
	nftnl_rule_set_u32(state.rule, NFTNL_RULE_FAMILY, NFPROTO_INET);
	if (nftnl_rule_set_str(state.rule, NFTNL_RULE_TABLE, table) < 0 ||
	    nftnl_rule_set_str(state.rule, NFTNL_RULE_CHAIN, chain) < 0)
		alloc_failed(strlen(table) + strlen(chain));
	for (uint32_t i = 0; i < rule->stmts.len; i++) {
		const struct ir_stmt *stmt = &rule->stmts.items[i];

		if (i + 1 < rule->stmts.len && is_pair(stmt, stmt + 1)) {
			encode_pair(&state, &stmt[0].match, &stmt[1].match);
			i++;
		} else {
			encode_stmt(&state, stmt);
		}
	}
	if (rule->comment)
		encode_comment(state.rule, rule->comment);
	nftnl_rule_nlmsg_build_payload(message, state.rule);
	nftnl_rule_free(state.rule);
}
