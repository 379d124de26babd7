/* What is legal but doubtful in a policy: findings as warnings. */
#pragma once

#include "base/diag.h"
#include "model/model.h"

/* Sentences that can never match because earlier ones cover them.  Linear in the policy. */
void doubt_shadowed(const struct model *model, const struct source_set *sources,
		    struct diag_list *diags);
