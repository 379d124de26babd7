/* Registers while a rule is decoded, and the expressions that fill them. */
#pragma once

#include "ir/ir.h"

struct nftnl_expr;

#define SLOTS 16u /* registers of four bytes */

/* What a register holds: the first len bytes of a field, perhaps masked. */
struct slot {
	bool loaded;
	bool pair;    /* with its neighbour behind it, see wire_neighbour() */
	bool any_bit; /* masked with `mask`, to be compared with zero */
	uint8_t field;
	uint8_t len;
	uint8_t prefix_len; /* 0: not masked */
	uint8_t mask[4];
};

struct decoder {
	struct arena *arena;
	const struct ir_table *table;
	struct ir_rule *rule;
	struct slot slots[SLOTS];
	uint8_t nfproto; /* established by a match so far */
	uint8_t l4proto;
	const char *failed; /* the expression that ir has no words for */
};

/* NULL if there is no such register. */
struct slot *decoder_slot(struct decoder *decoder, uint32_t reg);
/* All return -1 for what ir has no field or mask for. */
int decode_meta(struct decoder *decoder, const struct nftnl_expr *expr);
int decode_ct(struct decoder *decoder, const struct nftnl_expr *expr);
int decode_payload(struct decoder *decoder, const struct nftnl_expr *expr);
int decode_bitwise(struct decoder *decoder, const struct nftnl_expr *expr);
/* The rest of the data is zero. */
bool decode_is_zero(const uint8_t *data, uint32_t len);
