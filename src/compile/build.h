/*
 * Tools for making an nft table: chains and sets under names of their own, rules statement by
 * statement.  A rule's pointer holds until the next rule of its chain is added; chains are numbers.
 */
#pragma once

#include "ir/ir.h"
#include "model/model.h"

#include "base/hash.h"

#define BUILD_REFUSED_IN "refused_in"
#define BUILD_REFUSED_FORWARD "refused_forward"
#define BUILD_REFUSED_OUT "refused_out"
#define BUILD_SPOOFED "spoofed"
#define BUILD_BANNED "banned"
#define BUILD_CUT "cut"

#define BUILD_WAYS 3u

/* Chains of refuse.h, UINT32_MAX: not made yet. */
struct build_refuse {
	bool told;
	uint32_t answer;
	uint32_t tell[BUILD_WAYS];
	uint32_t drop[BUILD_WAYS];
	uint32_t reject[BUILD_WAYS];
};

struct build {
	struct arena *arena;
	struct ir_table *table;
	struct hash_index names; /* of chains and sets, how often each was wanted */
	const struct source_set *sources;
	struct build_refuse refuse;
};

/* Where a packet goes: a verdict, with a chain for jump and goto, and a counter on the way. */
struct goal {
	uint8_t verdict;
	const char *chain;
	const char *counter; /* or NULL */
};

void build_init(struct build *build, struct arena *arena, const struct source_set *sources);
/* `wanted`, or `wanted_2` ... where that name is taken. */
const char *build_name(struct build *build, const char *wanted);

uint32_t build_chain(struct build *build, const char *wanted);
uint32_t build_base_chain(struct build *build, const char *name, enum ir_hook hook,
			  int32_t priority, bool policy_drop);
const char *build_chain_name(const struct build *build, uint32_t chain);
struct ir_rule *build_rule(struct build *build, uint32_t chain);
/* An empty set; the pointer holds until the next set is made. */
struct ir_set *build_set(struct build *build, const char *wanted);
void build_set_field(struct ir_set *set, enum ir_field field);

void rule_equal(struct build *build, struct ir_rule *rule, enum ir_field field, const void *value);
void rule_equal_u8(struct build *build, struct ir_rule *rule, enum ir_field field, uint8_t value);
void rule_equal_u16(struct build *build, struct ir_rule *rule, enum ir_field field, uint16_t value);
void rule_range(struct build *build, struct ir_rule *rule, enum ir_field field, uint16_t low,
		uint16_t high);
void rule_range_u8(struct build *build, struct ir_rule *rule, enum ir_field field, uint8_t low,
		   uint8_t high);
void rule_iface(struct build *build, struct ir_rule *rule, enum ir_field field, const char *name,
		bool not_equal);
void rule_iface_prefix(struct build *build, struct ir_rule *rule, enum ir_field field,
		       const char *name);
void rule_in_prefix(struct build *build, struct ir_rule *rule, enum ir_field field,
		    const uint8_t *bytes, uint8_t len);
void rule_bits(struct build *build, struct ir_rule *rule, enum ir_field field, uint32_t bits);
void rule_in_set(struct build *build, struct ir_rule *rule, const struct ir_operand *operands,
		 unsigned count, const char *set);
void rule_in_map(struct build *build, struct ir_rule *rule, enum ir_field field, const char *map);
void rule_limit(struct build *build, struct ir_rule *rule, const struct ir_rate *rate);
void rule_meter(struct build *build, struct ir_rule *rule, struct ir_operand operand,
		const struct ir_rate *rate, const char *set);
void rule_log(struct build *build, struct ir_rule *rule, const char *prefix);
/* To an NFLOG group, snaplen bytes of each packet. */
void rule_log_group(struct build *build, struct ir_rule *rule, const char *prefix, uint16_t group,
		    uint16_t snaplen);
void rule_reject(struct build *build, struct ir_rule *rule, enum ir_reject reject);
void rule_verdict(struct build *build, struct ir_rule *rule, enum ir_verdict verdict,
		  const char *chain);
/* Counts what the rule has matched so far. */
void rule_counter(struct build *build, struct ir_rule *rule);
void rule_goal(struct build *build, struct ir_rule *rule, const struct goal *goal);
/* Cut to nft's limit at a character's boundary, without double quotes. */
void rule_comment(struct build *build, struct ir_rule *rule, const char *text);
const char *build_comment(struct build *build, const char *text, unsigned max);
/* What a sentence is called in a comment: "allow ssh from @office (web.policy:9)"; may be NULL. */
const char *build_sentence(struct build *build, const struct rule *rule);
