/* Pairs of zones and the chains that are made for them when something first leads there. */
#pragma once

#include "compile/base.h"
#include "compile/section.h"

struct pairs {
	struct build *build;
	const struct model *model;
	uint32_t *chains;    /* zones x zones; UINT32_MAX: not made */
	uint32_t *delivered; /* by zone: what came to this host and belongs to containers */
	uint32_t *rules_of_delivered;
	uint32_t closed[3];    /* by counter: in, forward, out */
	const char *published; /* sets, NULL when empty */
	const char *published4;
	const char *published6;
	const char *host_network;
};

void pairs_init(struct pairs *pairs, struct build *build, const struct model *model);
/* Where packets from one zone to another go, in the forward and output hook. */
struct goal pairs_goal(struct pairs *pairs, uint32_t from, uint32_t to);
/* The same for packets to this host. */
struct goal pairs_goal_input(struct pairs *pairs, uint32_t from);
bool pairs_is_closed(const struct pairs *pairs, uint32_t from, uint32_t to);
bool pairs_input_is_closed(const struct pairs *pairs, uint32_t from);
struct goal pairs_closed(struct pairs *pairs, const char *counter);
