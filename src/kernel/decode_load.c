/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a rule loads into registers, as fields of ir. */
#include "kernel/decode_load.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include <libnftnl/expr.h>

#include "kernel/wire.h"

/* The kernel says NFT_REG_1 ... 4 for what starts at 16 bytes, NFT_REG32_xx for the rest. */
struct slot *decoder_slot(struct decoder *decoder, uint32_t reg)
{
	uint32_t i = SLOTS;

	if (reg >= NFT_REG_1 && reg <= NFT_REG_4)
		i = (reg - NFT_REG_1) * 4;
	else if (reg >= NFT_REG32_00 && reg <= NFT_REG32_15)
		i = reg - NFT_REG32_00;
	return i < SLOTS ? &decoder->slots[i] : NULL;
}

static int slot_load(struct decoder *decoder, uint32_t reg, int field, uint32_t len)
{
	struct slot *slot = decoder_slot(decoder, reg);

	if (!slot || field < 0 || len == 0 || len > ir_field_size((enum ir_field)field))
		return -1;
	*slot = (struct slot){.loaded = true, .field = (uint8_t)field, .len = (uint8_t)len};
	return 0;
}

int decode_meta(struct decoder *decoder, const struct nftnl_expr *expr)
{
	uint32_t key = nftnl_expr_get_u32(expr, NFTNL_EXPR_META_KEY);

	if (!nftnl_expr_is_set(expr, NFTNL_EXPR_META_DREG))
		return -1;
	for (enum ir_field field = 0; field < IR_FIELD_COUNT; field++) {
		const struct wire_field *wire = wire_field_of(field);

		if (wire->source == WIRE_META && wire->key == key)
			return slot_load(decoder, nftnl_expr_get_u32(expr, NFTNL_EXPR_META_DREG),
					 field, ir_field_size(field));
	}
	return -1;
}

int decode_ct(struct decoder *decoder, const struct nftnl_expr *expr)
{
	uint32_t key = nftnl_expr_get_u32(expr, NFTNL_EXPR_CT_KEY);
	bool has_dir = nftnl_expr_is_set(expr, NFTNL_EXPR_CT_DIR);
	int field = -1;

	if (!nftnl_expr_is_set(expr, NFTNL_EXPR_CT_DREG))
		return -1;
	if (key == NFT_CT_STATE && !has_dir)
		field = IR_CT_STATE;
	else if (key == NFT_CT_STATUS && !has_dir)
		field = IR_CT_STATUS;
	else if (key == NFT_CT_PROTO_DST && has_dir &&
		 nftnl_expr_get_u8(expr, NFTNL_EXPR_CT_DIR) == 0)
		field = IR_CT_ORIG_PROTO_DST;
	if (field < 0)
		return -1;
	return slot_load(decoder, nftnl_expr_get_u32(expr, NFTNL_EXPR_CT_DREG), field,
			 ir_field_size((enum ir_field)field));
}

/* Two neighbours loaded at once; false if it is nothing of the kind. */
static bool pair_load(struct decoder *decoder, uint32_t reg, uint8_t field, uint32_t len)
{
	struct slot *slot = decoder_slot(decoder, reg);

	if (!slot || wire_neighbour(field) < 0 || len != 2 * ir_field_size(field))
		return false;
	*slot = (struct slot){
		.loaded = true,
		.pair = true,
		.field = field,
		.len = (uint8_t)len,
	};
	return true;
}

/* Shorter than the field only for addresses, where nft compares whole bytes of a prefix. */
static bool payload_fits(const struct decoder *decoder, uint8_t field, uint32_t len)
{
	const struct wire_field *wire = wire_field_of(field);
	bool is_address = field >= IR_IP_SADDR && field <= IR_IP6_DADDR;

	if (is_address ? len > ir_field_size(field) : len != ir_field_size(field))
		return false;
	if (wire->l4proto)
		return decoder->l4proto == wire->l4proto;
	return !wire->nfproto || decoder->nfproto == wire->nfproto;
}

int decode_payload(struct decoder *decoder, const struct nftnl_expr *expr)
{
	uint32_t base = nftnl_expr_get_u32(expr, NFTNL_EXPR_PAYLOAD_BASE);
	uint32_t offset = nftnl_expr_get_u32(expr, NFTNL_EXPR_PAYLOAD_OFFSET);
	uint32_t len = nftnl_expr_get_u32(expr, NFTNL_EXPR_PAYLOAD_LEN);

	if (!nftnl_expr_is_set(expr, NFTNL_EXPR_PAYLOAD_DREG))
		return -1;
	for (enum ir_field field = 0; field < IR_FIELD_COUNT; field++) {
		const struct wire_field *wire = wire_field_of(field);

		if (wire->source != WIRE_PAYLOAD || wire->key != base || wire->offset != offset)
			continue;
		if (pair_load(decoder, nftnl_expr_get_u32(expr, NFTNL_EXPR_PAYLOAD_DREG), field,
			      len))
			return 0;
		if (payload_fits(decoder, field, len))
			return slot_load(decoder, nftnl_expr_get_u32(expr, NFTNL_EXPR_PAYLOAD_DREG),
					 field, len);
	}
	return -1;
}

bool decode_is_zero(const uint8_t *data, uint32_t len)
{
	while (len && !data[len - 1])
		len--;
	return len == 0;
}

int decode_bitwise(struct decoder *decoder, const struct nftnl_expr *expr)
{
	uint32_t reg = nftnl_expr_get_u32(expr, NFTNL_EXPR_BITWISE_SREG);
	struct slot *slot = decoder_slot(decoder, reg);
	uint32_t mask_len = 0, xor_len = 0;
	const void *mask = nftnl_expr_get(expr, NFTNL_EXPR_BITWISE_MASK, &mask_len);
	const void * xor = nftnl_expr_get(expr, NFTNL_EXPR_BITWISE_XOR, &xor_len);
	int prefix_len;

	if (!slot || !slot->loaded || reg != nftnl_expr_get_u32(expr, NFTNL_EXPR_BITWISE_DREG) ||
	    nftnl_expr_get_u32(expr, NFTNL_EXPR_BITWISE_OP) != NFT_BITWISE_BOOL || !mask || !xor ||
	    mask_len != slot->len || !decode_is_zero(xor, xor_len) || slot->any_bit || slot->pair ||
	    slot->prefix_len)
		return -1;
	if (slot->field == IR_CT_STATE || slot->field == IR_CT_STATUS ||
	    slot->field == IR_TCP_FLAGS) {
		memcpy(slot->mask, mask, mask_len);
		slot->any_bit = true;
		return 0;
	}
	prefix_len = wire_mask_len(mask, mask_len);
	/* A mask of no bits at all has no spelling as an operand. */
	if (prefix_len <= 0 || slot->len != ir_field_size(slot->field))
		return -1;
	slot->prefix_len = (uint8_t)prefix_len;
	return 0;
}
