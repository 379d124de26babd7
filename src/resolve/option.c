/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options: the ones that are known, and what they may be. */
#include "base/str.h"
#include "resolve/resolve.h"
#include "resolve/resolver.h"

enum option_name {
	OPTION_LABELS,
	OPTION_LOG,
	OPTION_PING,
	OPTION_FLOWS,
	OPTION_COUNTERS,
	OPTION_FAILSAFE,
	OPTION_COUNT
};

#define OPTION_VALUES_MAX 2

struct option_kind {
	const char *name;
	const char *values[OPTION_VALUES_MAX]; /* the first is the default */
};

static const struct option_kind option_kinds[OPTION_COUNT] = {
	[OPTION_LABELS] = {"labels", {"ignore", "trust"}},
	[OPTION_LOG] = {"log", {"none", "refused"}},
	[OPTION_PING] = {"ping", {"deny", "allow"}},
	[OPTION_FLOWS] = {"flows", {"cut", "keep"}},
	[OPTION_COUNTERS] = {"counters", {"few", "all"}},
	[OPTION_FAILSAFE] = {"failsafe", {NULL}},
};

/* OPTION_COUNT: unknown. */
static enum option_name option_find(const struct tree_option *option)
{
	for (unsigned i = 0; i < OPTION_COUNT; i++) {
		if (str_eq(option_kinds[i].name, option->name.text))
			return (enum option_name)i;
	}
	return OPTION_COUNT;
}

/* The number of the value, or -1. */
static int option_value(const struct tree_option *option, enum option_name name)
{
	if (option->values.len != 1)
		return -1;
	for (int i = 0; i < OPTION_VALUES_MAX; i++) {
		const char *value = option_kinds[name].values[i];

		if (value && str_eq(value, option->values.items[0].text))
			return i;
	}
	return -1;
}

static bool is_port_service(const struct service *service)
{
	return service->kind == SERVICE_PORTS && !service->inside;
}

/* Ports of this host, perhaps from somewhere: whatever else is said, they stay open. */
static void failsafe_resolve(struct resolver *resolver, const struct tree_sentence *sentence)
{
	const struct section_plan plan = {.zones_known = true};
	struct rule rule = {0};
	bool good = !sentence->has_to && !sentence->rate && !sentence->log;

	if (good)
		rule_resolve(resolver, &plan, sentence, &rule);
	for (uint32_t i = 0; i < rule.service_count; i++)
		good = good && is_port_service(&rule.services[i]);
	if (!good) {
		diag_error(resolver->diags, sentence->at, DIAG_BAD_OPTION_VALUE,
			   "option 'failsafe' is tcp or udp ports of this host, with or without "
			   "'from', as 'tcp 22 from 198.51.100.7'");
		return;
	}
	*vec_add(resolver->arena, &resolver->model->failsafe) = rule;
}

static void option_check(struct resolver *resolver, const struct tree_option *option)
{
	enum option_name name = option_find(option);
	struct nearest nearest = {.word = option->name.text};
	struct origin at = option->name.at;
	struct diag *diag;

	if (name == OPTION_COUNT) {
		diag = diag_error(resolver->diags, at, DIAG_UNKNOWN_OPTION, "unknown option '%s'",
				  option->name.text);
		for (unsigned i = 0; i < OPTION_COUNT; i++)
			nearest_try(&nearest, option_kinds[i].name);
		nearest_note(&nearest, diag, at);
		return;
	}
	if (option->sentence) {
		failsafe_resolve(resolver, option->sentence);
		return;
	}
	if (option_value(option, name) >= 0)
		return;
	if (option->values.len > 0)
		at = origin_join(option->values.items[0].at,
				 option->values.items[option->values.len - 1].at);
	diag_error(resolver->diags, at, DIAG_BAD_OPTION_VALUE, "option '%s' is '%s' or '%s'",
		   option->name.text, option_kinds[name].values[0], option_kinds[name].values[1]);
}

void options_check(struct resolver *resolver)
{
	vec_each (&resolver->policy->files, file) {
		vec_each (&(*file)->items, item) {
			if (item->kind == TREE_OPTION)
				option_check(resolver, item->option);
		}
	}
}

static void option_read(struct arena *arena, const struct tree_option *option,
			struct policy_options *ret)
{
	enum option_name name = option_find(option);
	int value = name == OPTION_COUNT ? -1 : option_value(option, name);

	if (value < 0)
		return;
	*vec_add(arena, &ret->at) = option->name.at;
	if (name == OPTION_LABELS)
		ret->trust_labels = value == 1;
	else if (name == OPTION_LOG)
		ret->log_refused = value == 1;
	else if (name == OPTION_FLOWS)
		ret->keep_flows = value == 1;
	else if (name == OPTION_COUNTERS)
		ret->count_all = value == 1;
	else if (name == OPTION_PING)
		ret->allow_ping = value == 1;
}

void policy_options_read(struct arena *arena, const struct policy *policy,
			 struct policy_options *ret)
{
	vec_each (&policy->files, file) {
		vec_each (&(*file)->items, item) {
			if (item->kind == TREE_OPTION)
				option_read(arena, item->option, ret);
		}
	}
}
