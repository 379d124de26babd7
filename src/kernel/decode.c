/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Follows the registers through a rule's expressions and names what was compared. */
#include "kernel/decode.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/udata.h>

#include "base/str.h"
#include "kernel/attr.h"
#include "kernel/decode_load.h"
#include "kernel/wire.h"

static struct ir_stmt *stmt_add(struct decoder *decoder, uint8_t kind)
{
	struct ir_stmt *stmt = vec_add(decoder->arena, &decoder->rule->stmts);

	stmt->kind = kind;
	return stmt;
}

/* Is the last statement "field value"?  Then nft may have put it there for what follows. */
static bool last_is(const struct decoder *decoder, uint8_t field, uint8_t value)
{
	uint32_t len = decoder->rule->stmts.len;
	const struct ir_stmt *last = len ? &decoder->rule->stmts.items[len - 1] : NULL;

	return last && last->kind == IR_STMT_MATCH && last->match.op == IR_EQUAL &&
	       last->match.fields[0].field == field && last->match.value[0] == value;
}

/*
 * Takes back the dependencies of a statement that is about to be added.  "meta l4proto icmp"
 * without a family before it is no dependency of nft's: somebody wrote it.
 */
static void drop_dependencies(struct decoder *decoder, const struct ir_match *match)
{
	for (unsigned i = 0; i < match->field_count; i++) {
		const struct wire_field *wire = wire_field_of(match->fields[i].field);

		if (wire->l4proto && last_is(decoder, IR_META_L4PROTO, wire->l4proto) &&
		    (!wire->nfproto || decoder->nfproto == wire->nfproto))
			decoder->rule->stmts.len--;
		if (wire->nfproto && last_is(decoder, IR_META_NFPROTO, wire->nfproto))
			decoder->rule->stmts.len--;
	}
}

static struct ir_stmt *match_add(struct decoder *decoder, const struct ir_match *match,
				 uint8_t kind)
{
	struct ir_stmt *stmt;

	drop_dependencies(decoder, match);
	stmt = stmt_add(decoder, kind);
	stmt->match = *match;
	return stmt;
}

/* ir keeps conntrack's bit masks in network order. */
static void network_value(uint8_t field, uint8_t *value)
{
	uint32_t word;

	if (field != IR_CT_STATE && field != IR_CT_STATUS)
		return;
	memcpy(&word, value, sizeof(word));
	word = htonl(word);
	memcpy(value, &word, sizeof(word));
}

static int decode_any_bit(struct decoder *decoder, const struct slot *slot, uint32_t op,
			  const uint8_t *data, uint32_t len)
{
	struct ir_match match = {.field_count = 1, .op = IR_ANY_BIT};

	if (op != NFT_CMP_NEQ || !decode_is_zero(data, len))
		return -1;
	match.fields[0].field = slot->field;
	memcpy(match.value, slot->mask, len);
	network_value(slot->field, match.value);
	match_add(decoder, &match, IR_STMT_MATCH);
	return 0;
}

/* "cmp gte" opens a range, the "cmp lte" behind it closes it. */
static int decode_range(struct decoder *decoder, const struct slot *slot, uint32_t op,
			const struct ir_match *match)
{
	uint32_t count = decoder->rule->stmts.len;
	struct ir_match *open = count ? &decoder->rule->stmts.items[count - 1].match : NULL;

	if (op == NFT_CMP_GTE) {
		struct ir_stmt *stmt = match_add(decoder, match, IR_STMT_MATCH);

		stmt->match.op = IR_RANGE;
		stmt->match.value_len = UINT8_MAX; /* still open */
		return 0;
	}
	if (!open || open->op != IR_RANGE || open->value_len != UINT8_MAX ||
	    open->fields[0].field != slot->field)
		return -1;
	memcpy(open->high, match->value, sizeof(open->high));
	open->value_len = 0;
	return 0;
}

static int decode_equal(struct decoder *decoder, const struct slot *slot, uint32_t op, uint32_t len,
			struct ir_match *match)
{
	bool is_name = slot->field == IR_META_IIFNAME || slot->field == IR_META_OIFNAME;
	bool partial = len < ir_field_size(slot->field);

	match->op = op == NFT_CMP_EQ ? IR_EQUAL : IR_NOT_EQUAL;
	if (is_name && partial) {
		if (op != NFT_CMP_EQ)
			return -1;
		match->op = IR_PREFIX;
		match->value_len = (uint8_t)len;
	} else if (partial || slot->prefix_len) {
		uint8_t bits = slot->prefix_len ? slot->prefix_len : (uint8_t)(len * 8);

		match->op = op == NFT_CMP_EQ ? IR_PREFIX : IR_NOT_EQUAL;
		if (op == NFT_CMP_EQ)
			match->value_len = bits;
		else
			match->fields[0].prefix_len = bits;
	}
	match_add(decoder, match, IR_STMT_MATCH);
	if (match->op == IR_EQUAL && slot->field == IR_META_NFPROTO)
		decoder->nfproto = match->value[0];
	if (match->op == IR_EQUAL && slot->field == IR_META_L4PROTO)
		decoder->l4proto = match->value[0];
	return 0;
}

static int decode_pair(struct decoder *decoder, const struct slot *slot, uint32_t op,
		       const uint8_t *data, uint32_t len)
{
	struct ir_match match = {.field_count = 1, .op = IR_EQUAL};

	if (op != NFT_CMP_EQ || len != slot->len)
		return -1;
	match.fields[0].field = slot->field;
	memcpy(match.value, data, len / 2);
	match_add(decoder, &match, IR_STMT_MATCH);
	match.fields[0].field = (uint8_t)wire_neighbour(slot->field);
	memcpy(match.value, data + len / 2, len / 2);
	match_add(decoder, &match, IR_STMT_MATCH);
	return 0;
}

static int decode_cmp(struct decoder *decoder, const struct nftnl_expr *expr)
{
	const struct slot *slot =
		decoder_slot(decoder, nftnl_expr_get_u32(expr, NFTNL_EXPR_CMP_SREG));
	uint32_t op = nftnl_expr_get_u32(expr, NFTNL_EXPR_CMP_OP), len = 0;
	const void *data = nftnl_expr_get(expr, NFTNL_EXPR_CMP_DATA, &len);
	struct ir_match match = {.field_count = 1};

	if (!slot || !slot->loaded || !data || len == 0 || len > slot->len)
		return -1;
	if (len < slot->len && slot->field != IR_META_IIFNAME && slot->field != IR_META_OIFNAME)
		return -1;
	if (slot->pair)
		return decode_pair(decoder, slot, op, data, len);
	if (slot->any_bit)
		return decode_any_bit(decoder, slot, op, data, len);
	match.fields[0].field = slot->field;
	memcpy(match.value, data, len);
	network_value(slot->field, match.value);
	if (op == NFT_CMP_EQ || op == NFT_CMP_NEQ)
		return decode_equal(decoder, slot, op, len, &match);
	if ((op != NFT_CMP_GTE && op != NFT_CMP_LTE) || slot->prefix_len ||
	    len != ir_field_size(slot->field))
		return -1;
	return decode_range(decoder, slot, op, &match);
}

/* The fields from a register on that make up a key of the set. */
static int key_fields(struct decoder *decoder, uint32_t reg, const char *set_name,
		      struct ir_match *match)
{
	const struct ir_set *set = ir_table_set(decoder->table, set_name);
	const struct slot *slot = decoder_slot(decoder, reg);

	if (!set || !slot || set->field_count == 0)
		return -1;
	for (unsigned i = 0; i < set->field_count; i++) {
		if (slot >= decoder->slots + SLOTS || !slot->loaded || slot->any_bit ||
		    slot->len != ir_field_size(slot->field) ||
		    wire_field_of(slot->field)->type != wire_field_of(set->fields[i])->type)
			return -1;
		match->fields[i] = (struct ir_operand){slot->field, slot->prefix_len};
		slot += ir_field_room(slot->field) / 4;
	}
	match->field_count = set->field_count;
	match->set = set->name;
	return 0;
}

static int decode_lookup(struct decoder *decoder, const struct nftnl_expr *expr)
{
	const char *set = nftnl_expr_get_str(expr, NFTNL_EXPR_LOOKUP_SET);
	bool is_map = nftnl_expr_is_set(expr, NFTNL_EXPR_LOOKUP_DREG);
	uint32_t flags = nftnl_expr_get_u32(expr, NFTNL_EXPR_LOOKUP_FLAGS);
	struct ir_match match = {0};

	if (!set || (flags & ~(uint32_t)NFT_LOOKUP_F_INV) ||
	    (is_map && nftnl_expr_get_u32(expr, NFTNL_EXPR_LOOKUP_DREG) != NFT_REG_VERDICT) ||
	    key_fields(decoder, nftnl_expr_get_u32(expr, NFTNL_EXPR_LOOKUP_SREG), set, &match) < 0)
		return -1;
	match.negate = !is_map && (flags & NFT_LOOKUP_F_INV);
	match.op = is_map ? 0 : IR_IN_SET;
	match_add(decoder, &match, is_map ? IR_STMT_VERDICT_MAP : IR_STMT_MATCH);
	return 0;
}

static int decode_rate(const struct nftnl_expr *expr, struct ir_rate *ret)
{
	int unit = wire_rate_unit_of(nftnl_expr_get_u64(expr, NFTNL_EXPR_LIMIT_UNIT));
	uint32_t flags = nftnl_expr_get_u32(expr, NFTNL_EXPR_LIMIT_FLAGS);

	if (unit < 0 || nftnl_expr_get_u32(expr, NFTNL_EXPR_LIMIT_TYPE) != NFT_LIMIT_PKTS ||
	    (flags & ~(uint32_t)NFT_LIMIT_F_INV))
		return -1;
	*ret = (struct ir_rate){
		.count = nftnl_expr_get_u64(expr, NFTNL_EXPR_LIMIT_RATE),
		.burst = nftnl_expr_get_u32(expr, NFTNL_EXPR_LIMIT_BURST),
		.unit = (uint8_t)unit,
		.over = flags & NFT_LIMIT_F_INV,
	};
	return 0;
}

static int decode_limit(struct decoder *decoder, const struct nftnl_expr *expr)
{
	struct ir_rate rate;

	if (decode_rate(expr, &rate) < 0)
		return -1;
	stmt_add(decoder, IR_STMT_LIMIT)->rate = rate;
	return 0;
}

static int decode_dynset(struct decoder *decoder, const struct nftnl_expr *expr)
{
	const struct nftnl_expr *limit = nftnl_expr_get(expr, NFTNL_EXPR_DYNSET_EXPR, NULL);
	const char *set = nftnl_expr_get_str(expr, NFTNL_EXPR_DYNSET_SET_NAME);
	struct ir_match match = {0};
	struct ir_rate rate;

	if (!set || !limit || !str_eq(nftnl_expr_get_str(limit, NFTNL_EXPR_NAME), "limit") ||
	    nftnl_expr_get_u32(expr, NFTNL_EXPR_DYNSET_OP) != NFT_DYNSET_OP_UPDATE ||
	    decode_rate(limit, &rate) < 0 ||
	    key_fields(decoder, nftnl_expr_get_u32(expr, NFTNL_EXPR_DYNSET_SREG_KEY), set, &match) <
		    0)
		return -1;
	match_add(decoder, &match, IR_STMT_METER)->rate = rate;
	return 0;
}

static int decode_immediate(struct decoder *decoder, const struct nftnl_expr *expr)
{
	int verdict = wire_verdict_of((int32_t)nftnl_expr_get_u32(expr, NFTNL_EXPR_IMM_VERDICT));
	const char *chain = nftnl_expr_get_str(expr, NFTNL_EXPR_IMM_CHAIN);
	struct ir_stmt *stmt;

	if (verdict < 0 || nftnl_expr_get_u32(expr, NFTNL_EXPR_IMM_DREG) != NFT_REG_VERDICT)
		return -1;
	if ((verdict == IR_JUMP || verdict == IR_GOTO) && !chain)
		return -1;
	stmt = stmt_add(decoder, IR_STMT_VERDICT);
	stmt->verdict = (uint8_t)verdict;
	if (verdict == IR_JUMP || verdict == IR_GOTO)
		stmt->name = arena_strdup(decoder->arena, chain);
	return 0;
}

static int decode_reject(struct decoder *decoder, const struct nftnl_expr *expr)
{
	uint32_t type = nftnl_expr_get_u32(expr, NFTNL_EXPR_REJECT_TYPE);
	uint8_t code = nftnl_expr_get_u8(expr, NFTNL_EXPR_REJECT_CODE);
	uint8_t reject;

	if (type == NFT_REJECT_TCP_RST)
		reject = IR_REJECT_TCP_RESET;
	else if (type == NFT_REJECT_ICMPX_UNREACH && code == NFT_REJECT_ICMPX_ADMIN_PROHIBITED)
		reject = IR_REJECT_ADMIN_PROHIBITED;
	else if (type == NFT_REJECT_ICMPX_UNREACH && code == NFT_REJECT_ICMPX_PORT_UNREACH)
		reject = IR_REJECT_PORT_UNREACHABLE;
	else
		return -1;
	stmt_add(decoder, IR_STMT_REJECT)->reject = reject;
	return 0;
}

static int decode_log(struct decoder *decoder, const struct nftnl_expr *expr)
{
	const char *prefix = nftnl_expr_get_str(expr, NFTNL_EXPR_LOG_PREFIX);
	bool to_group = nftnl_expr_is_set(expr, NFTNL_EXPR_LOG_GROUP);
	uint32_t snaplen = nftnl_expr_get_u32(expr, NFTNL_EXPR_LOG_SNAPLEN);
	struct ir_stmt *stmt;

	/* ir has no group without a length */
	if ((to_group ? snaplen == 0 || snaplen > UINT16_MAX : snaplen != 0) ||
	    nftnl_expr_get_u16(expr, NFTNL_EXPR_LOG_QTHRESHOLD) != 0 ||
	    nftnl_expr_is_set(expr, NFTNL_EXPR_LOG_FLAGS) ||
	    (nftnl_expr_is_set(expr, NFTNL_EXPR_LOG_LEVEL) &&
	     nftnl_expr_get_u32(expr, NFTNL_EXPR_LOG_LEVEL) != NFT_LOGLEVEL_WARNING))
		return -1;
	stmt = stmt_add(decoder, IR_STMT_LOG);
	stmt->snaplen = (uint16_t)snaplen;
	if (to_group)
		stmt->group = nftnl_expr_get_u16(expr, NFTNL_EXPR_LOG_GROUP);
	stmt->name = prefix ? arena_strdup(decoder->arena, prefix) : NULL;
	return 0;
}

static int decode_objref(struct decoder *decoder, const struct nftnl_expr *expr)
{
	const char *name = nftnl_expr_get_str(expr, NFTNL_EXPR_OBJREF_IMM_NAME);

	if (!name || nftnl_expr_get_u32(expr, NFTNL_EXPR_OBJREF_IMM_TYPE) != NFT_OBJECT_COUNTER)
		return -1;
	stmt_add(decoder, IR_STMT_COUNTER_REF)->name = arena_strdup(decoder->arena, name);
	return 0;
}

static int decode_counter(struct decoder *decoder, const struct nftnl_expr *expr)
{
	struct ir_stmt *stmt = stmt_add(decoder, IR_STMT_COUNTER);

	stmt->packets = nftnl_expr_get_u64(expr, NFTNL_EXPR_CTR_PACKETS);
	stmt->bytes = nftnl_expr_get_u64(expr, NFTNL_EXPR_CTR_BYTES);
	return 0;
}

static const struct {
	const char *name;
	int (*decode)(struct decoder *decoder, const struct nftnl_expr *expr);
} decoders[] = {
	{"meta", decode_meta},	     {"ct", decode_ct},		{"payload", decode_payload},
	{"bitwise", decode_bitwise}, {"cmp", decode_cmp},	{"lookup", decode_lookup},
	{"limit", decode_limit},     {"dynset", decode_dynset}, {"immediate", decode_immediate},
	{"reject", decode_reject},   {"log", decode_log},	{"objref", decode_objref},
	{"counter", decode_counter},
};

static int decode_expr(struct nftnl_expr *expr, void *data)
{
	struct decoder *decoder = data;
	const char *name = nftnl_expr_get_str(expr, NFTNL_EXPR_NAME);

	for (size_t i = 0; i < sizeof(decoders) / sizeof(decoders[0]); i++)
		if (str_eq(decoders[i].name, name) && decoders[i].decode(decoder, expr) >= 0)
			return MNL_CB_OK;
	decoder->failed = arena_strdup(decoder->arena, name);
	return -1;
}

void kernel_decode_rule(struct arena *arena, const struct ir_table *table, struct nftnl_rule *from,
			struct ir_rule *ret)
{
	struct decoder decoder = {.arena = arena, .table = table, .rule = ret};
	uint32_t len = 0;
	const void *udata = nftnl_rule_get_data(from, NFTNL_RULE_USERDATA, &len);
	const char *comment = udata ? udata_text(udata, len, NFTNL_UDATA_RULE_COMMENT) : NULL;

	ret->comment = comment ? arena_strdup(arena, comment) : NULL;
	ret->handle = nftnl_rule_get_u64(from, NFTNL_RULE_HANDLE);
	(void)nftnl_expr_foreach(from, decode_expr, &decoder);
	vec_each (&ret->stmts, stmt) {
		if (stmt->kind == IR_STMT_MATCH && stmt->match.op == IR_RANGE &&
		    stmt->match.value_len)
			decoder.failed = "cmp";
	}
	if (!decoder.failed)
		return;
	ret->stmts.len = 0;
	ret->comment = arena_printf(arena, "not understood: %s%s%s", decoder.failed,
				    comment ? ", " : "", comment ? comment : "");
}
