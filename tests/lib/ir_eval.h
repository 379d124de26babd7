/* An interpreter of nft tables: walks a packet through the base chains, as the kernel would. */
#pragma once

#include "ir/ir.h"
#include "model/eval.h"

enum ir_outcome { IR_OUTCOME_ACCEPT, IR_OUTCOME_DROP, IR_OUTCOME_REJECT };

enum ir_outcome ir_eval(const struct ir_table *table, const struct packet *packet);
/* How often the packet is sent to an NFLOG group on its way. */
unsigned ir_eval_told(const struct ir_table *table, const struct packet *packet);
