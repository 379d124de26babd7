/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules that write to the log. */
#include <string.h>

#include "analyse/rules_doubt_parts.h"
#include "base/str.h"

#define PREFIX_MAX 29 /* struct xt_log_info: 30 with the NUL */

/* Matches that let through some of many. */
static bool is_limited(const struct rules_view_rule *rule)
{
	static const char *const matches[] = {"limit",	"hashlimit", "statistic", "quota",
					      "nfacct", "connlimit", "recent"};

	for (size_t i = 0; i < sizeof(matches) / sizeof(*matches); i++) {
		if (rules_has_match(rule->line->command, matches[i]))
			return true;
	}
	return false;
}

/* A chain of its own for the log is as limited as the rules that lead to it. */
static void callers_mark(const struct rules_doubter *doubter)
{
	vec_each (&doubter->view.chains, chain) {
		vec_each (&(*chain)->rules, rule) {
			struct rules_view_chain *callee = (*rule)->jump;

			if (!callee)
				continue;
			callee->called = true;
			callee->called_freely = callee->called_freely || !is_limited(*rule);
		}
	}
}

static void limit_check(struct rules_doubter *doubter, const struct rules_view_chain *chain,
			const struct rules_view_rule *rule)
{
	struct diag *diag;

	if (is_limited(rule) || (chain->called && !chain->called_freely))
		return;
	diag = diag_warning(doubter->diags, rules_view_target_place(rule->line), DIAG_RULES_LOG,
			    "LOG without a limit: whoever sends many packets fills the log");
	diag_note(diag, (struct origin){0},
		  "write '-m limit --limit 10/minute --limit-burst 20' before '-j LOG'");
}

static void prefix_check(struct rules_doubter *doubter, const struct rules_view_rule *rule)
{
	static const char *const names[] = {"--log-prefix", NULL};
	const char *prefix = rule->match.log_prefix;
	struct diag *diag;

	if (!prefix || strlen(prefix) <= PREFIX_MAX)
		return;
	diag = diag_warning(doubter->diags, rules_view_place(rule->line, names), DIAG_RULES_PREFIX,
			    "the kernel keeps %d bytes of a log prefix, these are %zu: '%.*s'",
			    PREFIX_MAX, strlen(prefix), PREFIX_MAX, prefix);
	diag_note(diag, (struct origin){0},
		  "shorten it, and end it with a space or the packet's first word sticks to it");
}

void rules_doubt_logs(struct rules_doubter *doubter)
{
	callers_mark(doubter);
	vec_each (&doubter->view.chains, chain) {
		/* What Docker wrote is not the user's to mend. */
		if (rules_doubt_is_docker_chain((*chain)->name))
			continue;
		vec_each (&(*chain)->rules, item) {
			const struct rules_view_rule *rule = *item;

			if (!rule->match.jump || !str_eq(rule->match.jump, "LOG"))
				continue;
			limit_check(doubter, *chain, rule);
			prefix_check(doubter, rule);
		}
	}
}
