/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules that no packet comes to, and rules that stand twice. */
#include <stdlib.h>
#include <string.h>

#include "analyse/rules_doubt_parts.h"
#include "base/hash.h"
#include "base/str.h"

static void unreached_check(struct rules_doubter *doubter, const struct rules_view_chain *chain)
{
	const struct rules_view_rule *last = NULL;
	const struct rules_view_rule *first = NULL;
	uint32_t count = 0;
	struct diag *diag;

	vec_each (&chain->rules, rule) {
		if (last) {
			(*rule)->unreached = true;
			first = first ? first : *rule;
			count++;
		} else if (rules_rule_is_plain(*rule) && rules_rule_decides(*rule)) {
			last = *rule;
		}
	}
	if (!first)
		return;
	if (count == 1)
		diag = diag_warning(doubter->diags, first->line->origin, DIAG_RULES_UNREACHED,
				    "no packet comes to this rule");
	else
		diag = diag_warning(
			doubter->diags, first->line->origin, DIAG_RULES_UNREACHED,
			"no packet comes to this rule, nor to the other %u behind it in %s",
			count - 1, chain->name);
	diag_note(diag, last->line->origin,
		  "this one takes all that is left: move what is meant to count above it");
}

/* Matches that say the same whenever they are asked; others may count or remember. */
static bool is_steady_match(const char *name)
{
	static const char *const names[] = {
		"tcp",	     "udp",	 "udplite",  "sctp",	  "dccp",      "icmp",
		"icmp6",     "icmpv6",	 "state",    "ipv6-icmp", "conntrack", "comment",
		"multiport", "set",	 "addrtype", "owner",	  "pkttype",   "mac",
		"mark",	     "connmark", "iprange",  "string",	  "length",    "ttl",
		"hl",	     "dscp",	 "esp",	     "ah",	  "physdev",   "geoip",
		"rpfilter",  "socket",	 "policy",   "tos",	  "tcpmss",    "time"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (str_eq(name, names[i]))
			return true;
	}
	return false;
}

/* Loaded by their options, so that naming them adds nothing. */
static bool is_silent_match(const char *name)
{
	static const char *const names[] = {
		"tcp",	  "udp",       "udplite", "sctp",      "dccp",	  "icmp",      "icmp6",
		"icmpv6", "ipv6-icmp", "state",	  "conntrack", "comment", "multiport", "iprange"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (str_eq(name, names[i]))
			return true;
	}
	return false;
}

#define WORDS_MAX 32u

struct meaning {
	const char *words[WORDS_MAX];
	uint32_t count;
};

static int words_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_state_option(const struct rules_option *option)
{
	return str_eq(option->name, "--state") || str_eq(option->name, "--ctstate");
}

/* Without what iptables-save would write otherwise: /32, lists of one, the names of states. */
static const char *option_meaning(struct rules_doubter *doubter, const struct rules_match *match,
				  const struct rules_option *option)
{
	auto_str struct str_buf text = {0};
	const char *name = option->name;

	if (is_state_option(option))
		return arena_printf(doubter->arena, "%sstates %u",
				    match->states_negated ? "! " : "", match->states);
	if (option->args.len == 1 && !strchr(option->args.items[0].text, ',')) {
		name = str_eq(name, "--dports") ? "--dport" : name;
		name = str_eq(name, "--sports") ? "--sport" : name;
	}
	str_buf_addf(&text, "%s%s", option->negated ? "! " : "", name);
	vec_each (&option->args, arg) {
		size_t len = strlen(arg->text);
		bool one = (str_eq(name, "-s") || str_eq(name, "-d")) && str_ends(arg->text, "/32");

		str_buf_addc(&text, '\x1f');
		str_buf_add(&text, arg->text, one ? len - strlen("/32") : len);
	}
	return arena_strdup(doubter->arena, str_buf_text(&text));
}

/* False if the rule is not understood well enough to say that another means the same. */
static bool meaning_read(struct rules_doubter *doubter, const struct rules_view_rule *rule,
			 struct meaning *ret)
{
	bool has_states = false;

	vec_each (&rule->line->command->options, option) {
		const char *value = option->args.len ? option->args.items[0].text : "";

		if (str_eq(option->name, "-m") && !is_steady_match(value))
			return false;
		if ((str_eq(option->name, "-m") && is_silent_match(value)) ||
		    str_eq(option->name, "--comment"))
			continue;
		if (is_state_option(option) && (has_states || !rule->match.states))
			return false;
		has_states = has_states || is_state_option(option);
		if (ret->count == WORDS_MAX)
			return false;
		ret->words[ret->count++] = option_meaning(doubter, &rule->match, option);
	}
	qsort(ret->words, ret->count, sizeof(ret->words[0]), words_compare);
	return true;
}

static bool says_state(const struct rules_view_rule *rule, const char *option)
{
	return rules_option_find(rule->line->command, option) != NULL;
}

static void doubled_report(struct rules_doubter *doubter, const struct rules_view_rule *rule,
			   const struct rules_view_rule *first)
{
	struct diag *diag = diag_warning(doubter->diags, rule->line->origin, DIAG_RULES_DOUBLED,
					 "this rule stands in %s already", rule->line->name);

	if (says_state(rule, "--state") != says_state(first, "--state"))
		diag_note(diag, first->line->origin,
			  "here: '-m state --state' and '-m conntrack --ctstate' mean the same; "
			  "keep one of them");
	else
		diag_note(diag, first->line->origin, "here; keep one of them");
}

/* What is not decided by the first of two may be meant to happen twice, unless they are neighbours.
 */
static bool is_doubled(const struct rules_view_chain *chain, uint32_t first, uint32_t second)
{
	return rules_rule_decides(chain->rules.items[first]) || second == first + 1;
}

static void doubled_check(struct rules_doubter *doubter, const struct rules_view_chain *chain)
{
	struct hash_index index = {.arena = doubter->arena};
	auto_str struct str_buf key = {0};

	for (uint32_t i = 0; i < chain->rules.len; i++) {
		const struct rules_view_rule *rule = chain->rules.items[i];
		struct meaning meaning = {0};
		uint32_t *number;
		int is_new;

		if (rule->unreached || rule->match.target == RULES_TARGET_NONE ||
		    !meaning_read(doubter, rule, &meaning))
			continue;
		key.len = 0;
		for (uint32_t k = 0; k < meaning.count; k++)
			str_buf_addf(&key, "%s\x1e", meaning.words[k]);
		number = hash_index_put(&index, str_buf_text(&key), (uint32_t)key.len, &is_new);
		if (!is_new && is_doubled(chain, *number, i))
			doubled_report(doubter, rule, chain->rules.items[*number]);
		if (is_new)
			*number = i;
	}
}

void rules_doubt_order(struct rules_doubter *doubter)
{
	vec_each (&doubter->view.chains, chain) {
		if ((*chain)->uncertain || rules_doubt_is_docker_chain((*chain)->name))
			continue;
		unreached_check(doubter, *chain);
		doubled_check(doubter, *chain);
	}
}
