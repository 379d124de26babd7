/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wharfwall allow, deny, reject: one sentence more, or one less with --delete. */
#include "cli/cli.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/protocol.h"
#include "control/apply.h"
#include "control/dropin.h"
#include "control/state.h"
#include "control/trial.h"
#include "lang/format.h"
#include "lang/parse.h"
#include "report/changes.h"
#include "report/json.h"

#define DNS_PORT 53
#define SOURCE_NAME "command line"

struct typed {
	struct cli *cli;
	struct control_load *before; /* the policy as it is on disk */
	struct control_load *after;  /* with the sentence */
	struct tree_sentence *sentence;
	const char *text; /* canonical */
	const char *from; /* zones of the section */
	const char *to;
	struct dropin dropin;
	struct control_file draft;
	struct report_changes changes;
	int loaded; /* by apply_load() */
	struct err unkept;
};

/* The shell has taken the quotes off a log text: they are put back. */
static void words_join(const struct cli *cli, struct str_buf *out)
{
	bool after_log = false;

	str_buf_adds(out, cli->command->name);
	for (int i = 0; i < cli->argc; i++) {
		const char *word = cli->argv[i];
		bool clause = str_eq(word, "to") || str_eq(word, "from") || str_eq(word, "limit");
		bool quote = after_log && *word != '"' && !clause;

		str_buf_addf(out, quote ? " \"%s\"" : " %s", word);
		after_log = str_eq(word, "log");
	}
}

static enum exit_status sentence_read(struct typed *typed)
{
	auto_str struct str_buf words = {0};
	struct control_load *load = typed->before;
	struct diag_list diags = {.arena = load->arena};
	auto_str struct str_buf canonical = {0};
	char *text;

	words_join(typed->cli, &words);
	text = arena_strdup(load->arena, str_buf_text(&words));
	typed->sentence = parse_sentence(
		load->arena, &load->sources,
		source_set_add(&load->sources, SOURCE_NAME, text, (uint32_t)strlen(text)), &diags);
	if (!typed->sentence || diags.errors)
		return cli_diagnose(typed->cli, &diags, &load->sources, NOTHING_CHANGED);
	format_sentence(typed->sentence, &canonical);
	typed->text = arena_strdup(load->arena, str_buf_text(&canonical));
	return EXIT_DONE;
}

static bool port_is_published(const struct facts *facts, uint8_t protocol, uint16_t low,
			      uint16_t high)
{
	vec_each (&facts->engine.containers, container) {
		vec_each (&container->ports, port) {
			if (port->protocol == protocol && port->host_port >= low &&
			    port->host_port <= high)
				return true;
		}
	}
	return false;
}

static bool service_is_published(const struct facts *facts, const struct tree_service *service)
{
	if (service->kind == TREE_SERVICE_NAME && str_eq(service->name, "dns"))
		return port_is_published(facts, PROTOCOL_TCP, DNS_PORT, DNS_PORT) ||
		       port_is_published(facts, PROTOCOL_UDP, DNS_PORT, DNS_PORT);
	if (service->kind == TREE_SERVICE_NAME) {
		vec_each (&facts->services, entry) {
			if (str_eq(entry->name, service->name) &&
			    port_is_published(facts, entry->protocol, entry->port, entry->port))
				return true;
		}
		return false;
	}
	for (uint32_t i = 0; i < service->port_count; i++) {
		const struct tree_ports *ports =
			service->port_count == 1 ? &service->one : &service->ports[i];

		if (port_is_published(facts, service->protocol, ports->low, ports->high))
			return true;
	}
	return false;
}

/* "A -> B" */
static bool section_read(struct typed *typed)
{
	struct arena *arena = typed->before->arena;
	const char *text = typed->cli->section;
	const char *arrow = strstr(text, "->");
	const char *to;
	size_t from_len;
	size_t to_len;

	if (!arrow)
		return false;
	text += strspn(text, " \t");
	from_len = text < arrow ? (size_t)(arrow - text) : 0;
	while (from_len && isspace((unsigned char)text[from_len - 1]))
		from_len--;
	to = arrow + 2;
	to += strspn(to, " \t");
	to_len = strlen(to);
	while (to_len && isspace((unsigned char)to[to_len - 1]))
		to_len--;
	typed->from = arena_strndup(arena, text, from_len);
	typed->to = arena_strndup(arena, to, to_len);
	return from_len && to_len && !strpbrk(typed->from, ", {}\n#") &&
	       !strpbrk(typed->to, ", {}\n#");
}

static enum exit_status section_choose(struct typed *typed)
{
	const struct control_load *before = typed->before;
	bool to_containers = typed->sentence->has_to;

	if (typed->cli->section) {
		if (section_read(typed))
			return EXIT_DONE;
		return cli_refuse(typed->cli, EXIT_USAGE,
				  "'%s' is not a section; --section takes \"A -> B\"",
				  typed->cli->section);
	}
	for (uint32_t i = 0; i < typed->sentence->service_count; i++)
		to_containers = to_containers || typed->sentence->services[i].inside ||
				service_is_published(&before->facts, &typed->sentence->services[i]);
	typed->from = before->model->zones.items[before->model->auto_zone].name;
	typed->to = before->model->zones
			    .items[to_containers ? ZONE_NUMBER_CONTAINERS : ZONE_NUMBER_HOST]
			    .name;
	return EXIT_DONE;
}

/* The draft is loaded as if it were on disk already; nothing is written before it is good. */
static enum exit_status draft_load(struct typed *typed)
{
	struct control_load *before = typed->before;
	struct cli draft_cli = *typed->cli;
	struct dropin_edit edit = {.from = typed->from,
				   .to = typed->to,
				   .sentence = typed->sentence,
				   .remove = typed->cli->remove};
	struct diag_list diags = {.arena = before->arena};
	const char *text;

	text = dropin_text(before->arena, &typed->dropin, &edit, &before->sources, &diags);
	if (diags.errors)
		return cli_diagnose(typed->cli, &diags, &before->sources, NOTHING_CHANGED);
	if (!text)
		return cli_refuse(typed->cli, EXIT_WRONG,
				  "'%s' is not in %s -> %s of '%s'; nothing was changed",
				  typed->text, typed->from, typed->to, typed->dropin.path);
	typed->draft = (struct control_file){
		.path = typed->dropin.path, .text = text, .len = (uint32_t)strlen(text)};
	draft_cli.options.draft = &typed->draft;
	control_share_facts(typed->after, before);
	return cli_load(&draft_cli, typed->after, NOTHING_CHANGED);
}

static enum exit_status draft_apply(struct typed *typed)
{
	struct err err = {0};
	uint32_t cut, changes;
	int r = dropin_write(&typed->dropin, typed->draft.text, &err);

	if (r >= 0)
		r = apply_load(&typed->cli->options, typed->after, &changes, &err);
	typed->loaded = r;
	typed->unkept = err;
	if (r >= 0) {
		cli_cut_flows(typed->cli, typed->after, &cut);
		return EXIT_DONE;
	}
	/* Also when it was not written whole: it may be in place, only not safe on disk. */
	if (dropin_restore(&typed->dropin, NULL) < 0)
		(void)err_wrap(&err, "'%s' could not be put back, 'wharfwall diff' tells",
			       typed->dropin.path);
	return cli_fail(typed->cli, &err, typed->after);
}

static enum exit_status answer(struct typed *typed)
{
	auto_str struct str_buf out = {0};
	enum exit_status status;
	json_t *object;

	if (!typed->cli->json) {
		str_buf_addf(&out, "%s %s -> %s: %s\n",
			     typed->cli->remove ? "removed from" : "added to", typed->from,
			     typed->to, typed->text);
		report_changes_text(&typed->changes, &typed->after->sources, &out);
		if (!typed->changes.items.len)
			str_buf_adds(&out, "no port of now becomes reachable or closes by it\n");
		status = cli_print(&out);
		return status == EXIT_DONE
			       ? cli_kept(typed->cli, typed->loaded, &typed->unkept, NULL)
			       : status;
	}
	object = cli_json_new(typed->cli, typed->after);
	json_object_set_new(object, "sentence", report_json_text(typed->text));
	json_object_set_new(object, "from", report_json_text(typed->from));
	json_object_set_new(object, "to", report_json_text(typed->to));
	json_object_set_new(object, "removed", json_boolean(typed->cli->remove));
	json_object_set_new(object, "file", report_json_text(typed->dropin.path));
	json_object_set_new(object, "ports",
			    report_changes_json(&typed->changes, &typed->after->sources));
	return cli_kept(typed->cli, typed->loaded, &typed->unkept, object);
}

static void ports_compare(struct typed *typed)
{
	struct arena *arena = typed->after->arena;
	struct exposure_list was = {0};
	struct exposure_list is = {0};

	exposure_of(arena, typed->before->model, &typed->before->facts, &was);
	exposure_of(arena, typed->after->model, &typed->after->facts, &is);
	report_changes_of(arena, typed->before->model, &was, typed->after->model, &is,
			  &typed->changes);
}

/* Its warnings are those of the draft too, and are told there. */
static enum exit_status before_load(struct typed *typed)
{
	struct control_load *load = typed->before;
	struct err err = {0};
	int r = control_load_policy(&typed->cli->options, load, &err);

	if (r >= 0)
		return EXIT_DONE;
	if (!load->diags.errors)
		return cli_fail(typed->cli, &err, load);
	return cli_diagnose(typed->cli, &load->diags, &load->sources, NOTHING_CHANGED);
}

/* The steps in their order; each has said what is wrong when it does not return EXIT_DONE. */
static enum exit_status sentence_run(struct typed *typed)
{
	struct err err = {0};
	enum exit_status status = sentence_read(typed);

	if (status == EXIT_DONE)
		status = before_load(typed);
	if (status == EXIT_DONE)
		status = section_choose(typed);
	if (status != EXIT_DONE)
		return status;
	cli_say_engine(typed->cli, &typed->before->facts);
	if (dropin_read(typed->before->arena,
			control_dropin_path(typed->before->arena, typed->cli->options.policy_path),
			&typed->dropin, &err) < 0)
		return cli_fail(typed->cli, &err, NULL);
	status = draft_load(typed);
	if (status == EXIT_DONE)
		status = cli_guard(typed->cli, typed->after);
	if (status == EXIT_DONE)
		status = draft_apply(typed);
	if (status != EXIT_DONE)
		return status;
	ports_compare(typed);
	return answer(typed);
}

enum exit_status cmd_sentence(struct cli *cli)
{
	auto_of(control_load_free) struct control_load *before = control_load_new();
	auto_of(control_load_free) struct control_load *after = control_load_new();
	struct typed typed = {.cli = cli, .before = before, .after = after};
	auto_close int lock = -1;
	struct err err = {0};
	int r;

	if (!cli->argc && !cli->section)
		return cli_refuse(cli, EXIT_USAGE,
				  "%s what? usage: wharfwall %s %s (all of a section: --section)",
				  cli->command->name, cli->command->name, cli->command->usage);
	cli->options.owners = true;
	if (state_lock(cli->options.state_dir, &lock, &err) < 0)
		return cli_fail(cli, &err, NULL);
	r = trial_sweep(&cli->options, &err);
	if (r == -EALREADY)
		return cli_trial_refuse(cli, &err);
	if (r < 0)
		return cli_fail(cli, &err, NULL);
	return sentence_run(&typed);
}
