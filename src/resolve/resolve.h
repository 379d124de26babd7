/* Turns the names in a policy into facts and yields a model. */
#pragma once

#include "base/diag.h"
#include "facts/facts.h"
#include "lang/load.h"
#include "model/model.h"

/*
 * Returns NULL when diags holds errors.  Policies of more than RESOLVE_TEXT_MAX sentences carry
 * no rule.text.  The model points into arena only, not into the tree.
 */
#define RESOLVE_TEXT_MAX 4096u
struct model *resolve_policy(struct arena *arena, const struct policy *policy,
			     const struct facts *facts, struct diag_list *diags);

struct policy_options {
	bool trust_labels; /* option labels = trust */
	bool log_refused;  /* option log = refused */
	bool keep_flows;   /* option flows = keep */
	bool allow_ping;   /* option ping = allow */
	bool count_all;	   /* option counters = all */
	VEC(struct origin) at;
};
/* What the options say; unknown ones are skipped here, resolve_policy() reports them. */
void policy_options_read(struct arena *arena, const struct policy *policy,
			 struct policy_options *ret);
