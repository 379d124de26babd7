/*
 * What the parts of resolve/ share while one policy is resolved: the model under construction,
 * and the names that were looked up so far.  Lists that are the same are made once and shared.
 * Everything temporary lives in `scratch`, which ends with the run.
 */
#pragma once

#include "base/diag.h"
#include "base/hash.h"
#include "facts/facts.h"
#include "lang/load.h"
#include "model/model.h"

enum set_progress { SET_UNTOUCHED, SET_IN_PROGRESS, SET_DONE };

struct set_entry {
	const struct tree_set *tree;
	const struct source_list *list; /* once SET_DONE */
	uint8_t progress;
	bool used;
};

/* What one service name stands for; count 0: unknown. */
struct service_group {
	const struct service *items;
	uint32_t count;
};

/* Many small objects of one type, taken from common blocks: no padding between them. */
struct pool {
	char *next;
	uint32_t left;
};

/* A section with its names looked up. */
struct section_plan {
	const struct tree_section *tree;
	uint32_t *pairs; /* indexes in model.pairs, no duplicates */
	uint32_t pair_count;
	bool zones_known;     /* all of them: only then do the next two mean something */
	bool from_containers; /* starts at nothing but containers */
	bool to_containers;   /* leads to nothing but containers */
};

struct resolver {
	struct arena *arena;
	struct arena *scratch;
	const struct policy *policy;
	const struct facts *facts;
	struct diag_list *diags;
	struct model *model;
	bool with_text;

	VEC(struct set_entry) sets;
	struct hash_index set_index; /* name -> number in sets + 1 */
	VEC(const struct source_list *) unions;
	struct hash_index union_index; /* numbers of sets -> number in unions */

	struct hash_index service_index; /* name -> number in service_groups */
	VEC(struct service_group) service_groups;

	struct hash_index container_index; /* name -> number in model.containers + 1 */
	struct hash_index target_index;	   /* reference -> number in targets */
	VEC(struct target_list *) targets;
	struct hash_index target_union_index; /* numbers of targets -> number in targets */
	struct hash_index host_network_index; /* (protocol, port, container) */
	struct hash_index published_index;    /* (protocol, port), published to every address */

	VEC(struct section_plan) sections;
	struct section_plan label_plan; /* of all labels: from every zone outside to containers */
	struct ip_prefix_vec prefixes;	/* re-used for each sentence */
	VEC(uint32_t) numbers;		/* re-used for each sentence */
	struct str_buf key;		/* re-used for each lookup */
	const struct rate *last_rate;
	struct pool service_pool;
	struct pool prefix_pool;
	struct pool list_pool;
};

void *pool_take(struct resolver *resolver, struct pool *pool, size_t size);

/* Each of these adds to the model, or to diags. */
void zones_resolve(struct resolver *resolver);
void sets_collect(struct resolver *resolver);
void sets_warn(struct resolver *resolver);
void options_check(struct resolver *resolver);
void topology_resolve(struct resolver *resolver);
void sections_resolve(struct resolver *resolver);
/* Behind the sections: makes room for the rules of labels, and adds them. */
void labels_plan(struct resolver *resolver);
void labels_resolve(struct resolver *resolver);
/* Adds a rule to every pair of the plan, where rules_allocate() made room for it. */
void section_add_rule(struct resolver *resolver, const struct section_plan *plan,
		      const struct rule *rule);
void rule_resolve(struct resolver *resolver, const struct section_plan *plan,
		  const struct tree_sentence *sentence, struct rule *ret);

/* The zone's number, or -1. */
int zone_find(const struct model *model, const char *name);
/* NULL after an error. */
const struct source_list *set_resolve(struct resolver *resolver, const char *name,
				      struct origin at);
const struct source_list *sources_resolve(struct resolver *resolver,
					  const struct section_plan *plan,
					  const struct tree_sentence *sentence);
/* Sorts, drops what is inside another; returns the new length. */
uint32_t prefixes_normalise(struct ip_prefix *items, uint32_t len);
void services_resolve(struct resolver *resolver, const struct section_plan *plan,
		      const struct tree_sentence *sentence, struct rule *ret);
/* Never NULL; warns when nothing matches and the engine answered. */
const struct target_list *target_resolve(struct resolver *resolver,
					 const struct tree_container *container);
const struct target_list *targets_resolve(struct resolver *resolver,
					  const struct tree_sentence *sentence);
/*
 * A port of a container with host networking; added once.  One that another container publishes to
 * every address is that container's, and is not added.
 */
void host_network_port_add(struct resolver *resolver, uint8_t protocol, uint16_t port,
			   uint32_t container);

/* The candidate that is most like a word, for "did you mean". */
struct nearest {
	const char *word;
	const char *best;
	unsigned distance;
};

void nearest_try(struct nearest *nearest, const char *candidate);
void nearest_note(const struct nearest *nearest, struct diag *diag, struct origin at);
