/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wharfwall fmt: the canonical form. */
#include "cli/cli.h"

#include <sys/stat.h>

#include "base/file.h"
#include "base/limits.h"
#include "lang/format.h"
#include "lang/parse.h"
#include "report/json.h"

static enum exit_status answer(const struct cli *cli, const struct control_load *load,
			       const struct str_buf *text, bool changed)
{
	json_t *object;

	if (!cli->json)
		return cli->write ? EXIT_DONE : cli_print(text);
	object = cli_json_new(cli, load);
	json_object_set_new(object, "changed", json_boolean(changed));
	json_object_set_new(object, "text", report_json_text(str_buf_text(text)));
	return cli_json_print(object);
}

enum exit_status cmd_fmt(struct cli *cli)
{
	auto_of(control_load_free) struct control_load *load = control_load_new();
	auto_str struct str_buf text = {0};
	struct tree_file *file;
	struct stat status;
	struct err err = {0};
	uint32_t len = 0;
	char *old = NULL;
	bool changed;

	if (!cli->argc)
		return cli_refuse(cli, EXIT_USAGE, "which file? usage: wharfwall fmt %s",
				  cli->command->usage);
	if (file_read(load->arena, cli->argv[0], FILE_ANY, LIMIT_POLICY_BYTES, &old, &len, &err) <
	    0)
		return cli_fail(cli, &err, NULL);
	file = parse_file(load->arena, &load->sources,
			  source_set_add(&load->sources, cli->argv[0], old, len), &load->diags);
	if (cli_diagnose(cli, &load->diags, &load->sources, cli->write ? NOTHING_CHANGED : "") !=
	    EXIT_DONE)
		return EXIT_WRONG;
	format_file(file, &text);
	changed = !str_eqn(str_buf_text(&text), old, len);
	if (cli->write && changed) {
		if (stat(cli->argv[0], &status) < 0) {
			(void)err_errno(&err, "cannot look at '%s'", cli->argv[0]);
			return cli_fail(cli, &err, NULL);
		}
		if (file_write_atomic(cli->argv[0], text.data, text.len, status.st_mode & 0777,
				      &err) < 0)
			return cli_fail(cli, &err, NULL);
	}
	return answer(cli, load, &text, changed);
}
