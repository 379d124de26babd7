/* Model to nft table: chains, sets, verdict maps, order.  Deterministic: same model, same table. */
#pragma once

#include "ir/ir.h"
#include "model/model.h"

#define COMPILE_TABLE_NAME "wharfwall"
/* A chain that nobody jumps to; the comment of its only rule says what is loaded (the marker). */
#define COMPILE_MARKER_CHAIN "loaded"
/* Where refused packets are told, if the model says so: the headers are enough. */
#define COMPILE_LOG_GROUP 5757
#define COMPILE_LOG_SNAPLEN 128
#define COMPILE_LOG_PREFIX "wharfwall refused " /* and the way: "in ", "forward ", "out " */

struct compile_marker {
	uint64_t policy_hash;
	const char *policy;  /* file name */
	const char *applied; /* RFC 3339 time, given by the caller */
	bool rules;	     /* of a rules file's table (lift/table.h), not of a policy */
};

/* sources may be NULL: comments then carry no file:line. */
struct ir_table *compile_model(struct arena *arena, const struct model *model,
			       const struct source_set *sources,
			       const struct compile_marker *marker);
/*
 * Refuses everything but loopback, established connections, the essentials and TCP to `ports`.
 * bans, and the model whose option failsafe counts, may be NULL.
 */
struct ir_table *compile_lockdown(struct arena *arena, const uint16_t *ports, uint32_t port_count,
				  const struct ban_list *bans, const struct model *failsafe,
				  const struct compile_marker *marker);
/*
 * The set that holds bans of the prefix's family and length, with this one in it; the table has
 * one for each length that was banned when it was made, and those for single addresses always.
 */
struct ir_set *compile_ban_set(struct arena *arena, const struct ban *ban);
/* What the server of a connection that was cut sends: refused for a while. */
struct compile_cut {
	struct ip_addr server;
	struct ip_addr client;
	uint16_t server_port;
	uint16_t client_port;
	uint8_t protocol;
};
/* The set of that family with those of the cuts that are of it. */
struct ir_set *compile_cut_set(struct arena *arena, uint8_t family, const struct compile_cut *cuts,
			       uint32_t count);
/* Reads the marker of a chain: that of a policy on trial has a name of its own (ir/trial.h). */
bool compile_marker_read_chain(struct arena *arena, const struct ir_chain *chain,
			       struct compile_marker *ret, bool *ret_lockdown);
/* Reads a marker back from a dump; false if the table has none. */
bool compile_marker_read(struct arena *arena, const struct ir_table *table,
			 struct compile_marker *ret, bool *ret_lockdown);
/* The marker's text of a rules file: "rules NAME hash H applied TIME". */
const char *compile_marker_rules(struct arena *arena, const struct compile_marker *marker);
