/* A rule's expressions back to statements, the inverse of encode_expr.c. */
#pragma once

#include "ir/ir.h"

struct nftnl_rule;

/*
 * Adds the statements to ret, whose sets tell how long a key is.  "meta nfproto" and "meta
 * l4proto" right before a field that nft puts them in front of are left out.  What ir has no
 * statement for makes the whole rule one comment: "not understood: lookup".
 */
void kernel_decode_rule(struct arena *arena, const struct ir_table *table, struct nftnl_rule *from,
			struct ir_rule *ret);
