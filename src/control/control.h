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

#define CONTROL_DEFAULT_POLICY "/etc/wharfwall/wharfwall.policy"
#define CONTROL_DEFAULT_STATE_DIR "/var/lib/wharfwall"

struct control_options {
	const char *policy_path;
	const char *state_dir;
	const char *docker_host;
	unsigned engine_timeout_ms;
};

/* One load: everything made from one reading of policy, host and engine.  Freed as a whole. */
struct control_load {
	struct arena *arena;
	struct source_set sources;
	struct diag_list diags;
	struct policy policy;
	struct facts facts;
	struct model *model;     /* NULL when diags holds errors */
	struct ir_table *table;  /* likewise */
	uint64_t policy_hash;
};

struct control_load *control_load_new(void);
void control_load_free(struct control_load *load);
DEFINE_CLEANUP(struct control_load, control_load_free)

/* Facts of host and engine only. */
int control_read_facts(const struct control_options *options, struct control_load *load,
		       struct err *err);
/*
 * Reads the policy with its drop-ins (POLICY.d, asked before the policy), facts, model and table.
 * Returns 0, -EINVAL when diags holds errors, another -errno when the system refused.
 */
int control_load_policy(const struct control_options *options, struct control_load *load,
			struct err *err);
