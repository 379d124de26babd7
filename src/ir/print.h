/* An ir table as nft text.  What is printed loads with nft 1.0.6 and lists as the commit does. */
#pragma once

#include "base/str.h"
#include "ir/ir.h"

/* The whole table: declares, empties and fills it in one transaction, base chains untouched. */
void ir_print_table(const struct ir_table *table, struct str_buf *out);
void ir_print_rule(const struct ir_rule *rule, struct str_buf *out); /* one line, no newline */
