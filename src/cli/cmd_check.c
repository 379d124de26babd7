/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wharfwall check: everything but loading. */
#include "cli/cli.h"

#include <stdio.h>

#include "report/json.h"

static enum exit_status file_check(const struct cli *cli, struct control_load *load, json_t *files)
{
	uint32_t sentences;
	enum exit_status status = EXIT_DONE;
	struct err err = {0};
	int r = control_load_policy(&cli->options, load, &err);

	if (r < 0 && !load->diags.errors)
		return cli_fail(cli, &err, load);
	sentences = load->sentence_count;
	if (files) {
		json_t *object = json_object();

		json_object_set_new(object, "file", report_json_text(cli->options.policy_path));
		json_object_set_new(object, "good", json_boolean(!load->diags.errors));
		json_object_set_new(object, "sentences", json_integer(sentences));
		json_object_set_new(
			object, "errors",
			report_json_diags(&load->diags, DIAG_LEVEL_ERROR, &load->sources));
		json_object_set_new(
			object, "warnings",
			report_json_diags(&load->diags, DIAG_LEVEL_WARNING, &load->sources));
		json_array_append_new(files, object);
		return load->diags.errors ? EXIT_WRONG : EXIT_DONE;
	}
	status = cli_diagnose(cli, &load->diags, &load->sources, "");
	if (status != EXIT_DONE)
		return status;
	cli_say_engine(cli, &load->facts);
	(void)printf("%s%swharfwall: policy is good: %u sentence%s, %u warning%s\n",
		     cli->argc > 1 ? cli->options.policy_path : "", cli->argc > 1 ? ": " : "",
		     (unsigned)sentences, sentences == 1 ? "" : "s", (unsigned)load->diags.warnings,
		     load->diags.warnings == 1 ? "" : "s");
	return EXIT_DONE;
}

/* The same members as any other answer, over all files. */
static void errors_join(json_t *object, json_t *files, const char *member)
{
	json_t *all = json_array();
	size_t i;
	json_t *file;

	json_array_foreach(files, i, file)
	{
		json_array_extend(all, json_object_get(file, member));
	}
	json_object_set_new(object, member, all);
}

enum exit_status cmd_check(struct cli *cli)
{
	enum exit_status worst = EXIT_DONE;
	json_t *files = cli->json ? json_array() : NULL;
	int i = 0;

	cli->options.doubt_always = true;
	do {
		auto_of(control_load_free) struct control_load *load = control_load_new();
		enum exit_status status;

		if (cli->argc)
			cli->options.policy_path = cli->argv[i];
		status = file_check(cli, load, files);
		if (status > worst)
			worst = status;
		if (status > EXIT_WRONG && files) {
			/* The failure was the one object that is printed. */
			json_decref(files);
			return status;
		}
	} while (++i < cli->argc);
	if (files) {
		json_t *object = cli_json_new(cli, NULL);

		errors_join(object, files, "errors");
		errors_join(object, files, "warnings");
		json_object_set_new(object, "files", files);
		(void)cli_json_print(object);
	}
	return worst;
}
