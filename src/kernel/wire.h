/*
 * How the fields of ir/ are found in a packet and typed in a set, as nf_tables counts it: one
 * table that the encoder and the decoder share, so that both agree by construction.
 */
#pragma once

#include <stdint.h>

#include "ir/ir.h"

enum wire_source { WIRE_META, WIRE_PAYLOAD, WIRE_CT };

struct wire_field {
	uint8_t source;	   /* enum wire_source */
	uint8_t key;	   /* NFT_META_x, NFT_CT_x or the payload's base */
	uint8_t offset;	   /* payload only */
	uint8_t type;	   /* nft's number of the data type, for listings */
	uint8_t byteorder; /* nft's: 1 host, 2 big endian */
	uint8_t nfproto;   /* nft puts "meta nfproto" in front: NFPROTO_IPV4, NFPROTO_IPV6 or 0 */
	uint8_t l4proto;   /* nft puts "meta l4proto" in front: IPPROTO_x or 0 */
};

const struct wire_field *wire_field_of(uint8_t field);
/* The canonical field of an nft data type, -1 if ir has none. */
int wire_field_of_type(uint32_t type);
/* Bits that a type takes in the number of a concatenated type. */
#define WIRE_TYPE_BITS 6u
#define WIRE_TYPE_MASK 63u

/* NFT_JUMP and the like for enum ir_verdict; the other way -1 if it is none of ours. */
int32_t wire_verdict(uint8_t verdict);
int wire_verdict_of(int32_t code);
uint64_t wire_rate_seconds(uint8_t unit);
int wire_rate_unit_of(uint64_t seconds);
/* A mask of len leading bits in size bytes. */
void wire_mask(uint8_t *ret, unsigned size, unsigned len);
/* Leading bits of mask; -1 if it is not of that form. */
int wire_mask_len(const uint8_t *mask, unsigned size);

/*
 * nft 1.0.6 compares both ports at once: "th sport 67 th dport 68" is one load of four bytes
 * (addresses it leaves apart).  The field behind `field` where it does so, -1 elsewhere.
 */
int wire_neighbour(uint8_t field);
