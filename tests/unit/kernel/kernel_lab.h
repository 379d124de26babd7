/*
 * Tests of the kernel run in a network namespace of their own, or not at all: nothing here may
 * ever touch the machine's rules.
 */
#pragma once

#include "base/str.h"
#include "ir/ir.h"

#define LAB_SKIP 77 /* meson's exit status of a skipped test */

/* Moves the process into a fresh namespace; returns LAB_SKIP where that is not allowed, else 0. */
int lab_enter(void);
/* Runs nft with the text as its input ("-f -") or with the words; returns its exit status. */
int lab_nft(const char *const *words, const char *input, struct str_buf *ret_output);

/* A table with every kind of statement, in the form that a dump gives back. */
struct ir_table *lab_table(struct arena *arena);
/* One hash set "many" of `count` source . proto . port permissions, with its origin each. */
struct ir_set *lab_add_many(struct arena *arena, struct ir_table *table, uint32_t count);
struct ir_chain *lab_add_chain(struct arena *arena, struct ir_table *table, const char *name);
struct ir_rule *lab_add_rule(struct arena *arena, struct ir_chain *chain, const char *comment);
void lab_add_verdict(struct arena *arena, struct ir_rule *rule, uint8_t verdict, const char *chain);
