/*
 * One pair of zones as its packets come one way, made into the rules of one chain.
 *
 * Sentences are gathered into stages: neighbours with the same verdict share sets.  The elements of
 * a stage are grouped by their shape, and each group becomes one lookup.
 */
#pragma once

#include "compile/build.h"
#include "compile/keys.h"

enum way {
	WAY_PLAIN,     /* the pair does not lead to containers: the packet's own port */
	WAY_DIALLED,   /* to containers, translated: the port that the client dialled */
	WAY_DIRECT,    /* to containers, not translated: `inside` only */
	WAY_DELIVERED, /* to containers, but it came to this host: a proxy or host networking */
};

enum guard {
	GUARD_NONE,
	GUARD_PING4,
	GUARD_PING6,
	GUARD_PORTS, /* a range of ports that is too large for elements */
};

enum service_shape { SHAPE_ANY, SHAPE_PROTOCOL, SHAPE_PORT, SHAPE_SERVICES };
enum target_shape { SHAPE_NO_TARGET, SHAPE_TO4, SHAPE_TO6, SHAPE_TARGETS };

/* Sources by number: none, a whole family, IPv4 prefixes of 1 ... 32, IPv6 prefixes of 1 ... 128.
 */
#define SOURCE_NONE 0u
#define SOURCE_FAMILY 1u
#define SOURCE_V4(len) (1u + (len))
#define SOURCE_V6(len) (33u + (len))
#define SOURCE_SHAPES 162u
#define GROUP_SHAPES ((size_t)SOURCE_SHAPES * SHAPE_TARGETS * SHAPE_SERVICES)

/* A service as one element needs it, with the container's address where the sentence names one. */
struct aim {
	uint8_t guard;
	uint8_t shape; /* enum service_shape */
	uint8_t protocol;
	uint8_t family; /* of packets that it fits, or IP_NONE */
	uint16_t low;
	uint16_t high;
	struct ip_addr to; /* or IP_NONE */
};

struct aim_vec {
	struct aim *items;
	uint32_t len;
	uint32_t cap;
};

struct group {
	struct aim like; /* guard, shape, protocol and ports of a guard */
	uint16_t source; /* shape of the source */
	uint8_t target;	 /* enum target_shape */
	struct ir_operand operands[IR_KEY_FIELDS_MAX];
	uint8_t operand_count;
	struct keys keys; /* tags are numbers of rules */
	uint32_t first_rule;
	uint32_t last_rule;
	uint32_t rule_count;
};

struct stage {
	uint8_t verdict; /* enum verdict of the model */
	bool alone;	 /* one sentence with a limit or a log */
	VEC(uint32_t) rules;
};

struct section {
	struct build *build;
	const struct model *model;
	const struct pair *pair;
	enum way way;
	uint32_t chain;
	const char *counter;
	VEC(struct stage) stages;
	VEC(struct group) groups;  /* of the stage at hand */
	struct aim_vec aims;	   /* of the rule at hand */
	uint16_t *group_numbers;   /* by shape, + 1 */
	struct hash_index guarded; /* groups with a guard */
	uint8_t length4[33];	   /* which length holds prefixes of a length */
	uint8_t length6[129];
};

/* Adds the rules of the pair, not its end.  True if they decide about every packet. */
bool section_compile(struct section *section);

bool section_uses(const struct section *section, const struct rule *rule);
void section_stages(struct section *section);
void section_aims(struct section *section, const struct rule *rule);
void section_lengths(struct section *section, const struct stage *stage);
void section_gather(struct section *section, const struct stage *stage);
struct goal section_goal(struct section *section, const struct stage *stage);
void section_emit(struct section *section, const struct stage *stage, const struct goal *goal);
