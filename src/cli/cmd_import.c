/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wharfwall import: a rules file as a policy. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "lang/format.h"
#include "lang/parse.h"
#include "lift/import.h"
#include "report/json.h"
#include "rules/read.h"

/* What was made is read as any policy: it must be one, and is printed in canonical form. */
static bool policy_check(const struct str_buf *text, struct str_buf *out)
{
	auto_of(control_load_free) struct control_load *load = control_load_new();
	const struct tree_file *file;

	file = parse_file(
		load->arena, &load->sources,
		source_set_add(&load->sources, "imported policy", text->data, (uint32_t)text->len),
		&load->diags);
	if (load->diags.errors) {
		diag_list_format(&load->diags, &load->sources, out);
		return false;
	}
	format_file(file, out);
	return true;
}

static struct rules_file *file_open(struct cli *cli, struct control_load *load,
				    enum exit_status *ret_status)
{
	struct rules_file *file;
	struct err err = {0};
	uint32_t len = 0;
	char *text = NULL;

	if (file_read(load->arena, cli->argv[0], FILE_ANY, LIMIT_RULES_BYTES, &text, &len, &err) <
	    0) {
		*ret_status = cli_fail(cli, &err, NULL);
		return NULL;
	}
	file = rules_read(load->arena, &load->sources,
			  source_set_add(&load->sources, cli->argv[0], text, len), &load->diags);
	*ret_status = cli_diagnose(cli, &load->diags, &load->sources, ", nothing was imported");
	return *ret_status == EXIT_DONE ? file : NULL;
}

static void unsaid_report(struct control_load *load, const struct import_result *result)
{
	vec_each (&result->unsaid, remark) {
		if (remark->line)
			(void)diag_warning(&load->diags, remark->line->origin, DIAG_RULES_UNSAID,
					   "no sentence says this: %s", remark->reason);
	}
}

static json_t *unsaid_json(const struct control_load *load, const struct import_result *result)
{
	json_t *list = json_array();

	vec_each (&result->unsaid, remark) {
		struct source_place place = {0};
		json_t *item = json_object();

		if (remark->line)
			(void)source_place_of(&load->sources, remark->line->origin, &place);
		json_object_set_new(item, "reason", report_json_text(remark->reason));
		json_object_set_new(item, "line",
				    remark->line ? json_integer(place.line) : json_null());
		json_array_append_new(list, item);
	}
	return list;
}

static enum exit_status answer(const struct cli *cli, struct control_load *load,
			       const struct str_buf *policy, const struct import_result *result)
{
	enum exit_status status = EXIT_DONE;

	unsaid_report(load, result);
	if (cli->json) {
		json_t *object = cli_json_new(cli, load);
		json_t *differences = json_array();

		vec_each (&result->differences, text)
			json_array_append_new(differences, report_json_text(*text));
		json_object_set_new(object, "policy", report_json_text(str_buf_text(policy)));
		json_object_set_new(object, "sentences", json_integer(result->sentences));
		json_object_set_new(object, "unsaid", unsaid_json(load, result));
		json_object_set_new(object, "differences", differences);
		status = cli_json_print(object);
	} else {
		status = cli_print(policy);
		(void)cli_diagnose(cli, &load->diags, &load->sources, "");
		vec_each (&result->unsaid, remark) {
			if (!remark->line)
				(void)fprintf(stderr, "wharfwall: %s\n", remark->reason);
		}
	}
	return status == EXIT_DONE && result->unsaid.len ? EXIT_WRONG : status;
}

/* NAME.rules6 beside NAME.rules, as `rules apply` would load it. */
static bool has_own6(struct control_load *load, const char *path)
{
	return str_ends(path, ".rules") &&
	       access(arena_printf(load->arena, "%s6", path), F_OK) == 0;
}

enum exit_status cmd_import(struct cli *cli)
{
	auto_of(control_load_free) struct control_load *load = control_load_new();
	auto_str struct str_buf text = {0}, policy = {0};
	struct import_result result;
	const struct rules_file *file;
	const char *slash;
	enum exit_status status;

	if (!cli->argc)
		return cli_refuse(cli, EXIT_USAGE, "which file? usage: wharfwall import %s",
				  cli->command->usage);
	file = file_open(cli, load, &status);
	if (!file)
		return status;
	slash = strrchr(cli->argv[0], '/');
	import_rules(load->arena, &load->sources, file, slash ? slash + 1 : cli->argv[0],
		     has_own6(load, cli->argv[0]), &text, &result);
	if (!policy_check(&text, &policy))
		return cli_refuse(cli, EXIT_REFUSED,
				  "what was made of '%s' is no policy, which is a mistake of "
				  "wharfwall; please report it: %s",
				  cli->argv[0], str_buf_text(&policy));
	return answer(cli, load, &policy, &result);
}
