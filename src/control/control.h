/*
 * What every program does with the layers below: find and read the policy, look at the host, make
 * the table, load it, keep on disk what was loaded.
 */
#pragma once

#include "analyse/exposure.h"
#include "base/diag.h"
#include "base/err.h"
#include "facts/facts.h"
#include "ir/diff.h"
#include "kernel/session.h"
#include "lang/load.h"
#include "model/model.h"

/* Analysis of doubtful sentences is left out above so many rules where speed counts. */
#define CONTROL_DOUBT_RULES 10000u
#define CONTROL_DEFAULT_POLICY "/etc/wharfwall/wharfwall.policy"
#define CONTROL_DEFAULT_STATE_DIR "/var/lib/wharfwall"

/* A text that stands for a file: a draft that is not on disk yet, or what was applied. */
struct control_file {
	const char *path;
	const char *text; /* NULL: there is no such file */
	uint32_t len;
};

struct control_options {
	const char *policy_path;
	const char *state_dir;
	const char *docker_host; /* NULL: ENGINE_DEFAULT_URL */
	unsigned engine_timeout_ms;
	bool doubt_always;		  /* look for doubtful sentences however long it takes */
	bool doubt_never;		  /* nobody reads the warnings */
	bool keep_tree;			  /* load->policy is wanted after the load */
	bool owners;			  /* the processes behind listening sockets are wanted */
	const struct control_file *draft; /* read instead of the file of that path, or NULL */
};

/* One load: everything made from one reading of policy, host and engine.  Freed as a whole. */
struct control_load {
	struct arena *arena;
	struct source_set sources;
	struct diag_list diags;
	struct arena *tree_arena; /* of policy; given back once the model is made, see keep_tree */
	struct policy policy;	  /* empty when it was given back */
	uint32_t sentence_count;
	struct facts facts;
	struct model *model;	/* NULL when diags holds errors */
	struct ir_table *table; /* likewise */
	uint64_t policy_hash;
	const char *applied;	 /* RFC 3339, the marker's time */
	const char *policy_name; /* the file, as the marker says */
	bool facts_read;
	bool labels_trusted;		/* option labels = trust */
	bool keep_flows;		/* option flows = keep */
	VEC(const char *) roots;	/* drop-ins and the policy, in reading order */
	VEC(struct control_file) files; /* every text that was read */
};

struct control_load *control_load_new(void);
void control_load_free(struct control_load *load);
DEFINE_CLEANUP(struct control_load, control_load_free)

/* Facts of host and engine only. */
int control_read_facts(const struct control_options *options, struct control_load *load,
		       struct err *err);
/*
 * Only the texts: load->policy, its sources and its mistakes, for control_make_table() of later
 * loads.  -EINVAL when diags holds errors.
 */
int control_read_policy(const struct control_options *options, struct control_load *load,
			struct err *err);
/*
 * The table of the policy that `texts` holds (which must outlive load), with the facts that load
 * holds already.  -EINVAL when load->diags holds errors.
 */
int control_make_table(const struct control_options *options, const struct control_load *texts,
		       struct control_load *load);
/*
 * Reads the policy with its drop-ins (POLICY.d, asked before the policy), facts, model and table.
 * Returns 0, -EINVAL when diags holds errors, another -errno when the system refused.
 */
int control_load_policy(const struct control_options *options, struct control_load *load,
			struct err *err);
/* The same from texts that were kept: nothing but facts is read from the system. */
struct control_snapshot {
	const char *applied; /* RFC 3339 */
	const char *policy;
	uint64_t policy_hash;
	VEC(const char *) roots;
	VEC(struct control_file) files;
};
int control_load_snapshot(const struct control_options *options,
			  const struct control_snapshot *snapshot, struct control_load *load,
			  struct err *err);
/* Only the texts of it, as control_read_policy(). */
int control_read_snapshot(const struct control_snapshot *snapshot, struct control_load *load);
/* `load` sees the facts that `from` has read, which must outlive it. */
void control_share_facts(struct control_load *load, const struct control_load *from);
/* "/etc/wharfwall/wharfwall.policy.d/command-line.policy" */
const char *control_dropin_path(struct arena *arena, const char *policy_path);
/* The first mistake of a load that failed, as "FILE:LINE:COLUMN: text", in its arena. */
const char *control_mistake(const struct control_load *load);
/* Now, as RFC 3339 in UTC. */
const char *control_time(struct arena *arena);
