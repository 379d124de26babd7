/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wharfwall init: a first policy. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "control/init.h"
#include "report/json.h"

#define POLICY_MODE 0600
#define POLICY_DIR_MODE 0755

static enum exit_status policy_write(struct cli *cli, struct control_load *load,
				     const struct str_buf *text)
{
	const char *path = cli->options.policy_path;
	const char *slash = strrchr(path, '/');
	struct err err = {0};

	if (access(path, F_OK) == 0)
		return cli_refuse(cli, EXIT_WRONG,
				  "'%s' exists and was not changed; --stdout prints a new one",
				  path);
	if (slash && slash != path &&
	    file_make_dir(arena_strndup(load->arena, path, (size_t)(slash - path)), POLICY_DIR_MODE,
			  &err) < 0)
		return cli_fail(cli, &err, NULL);
	if (file_write_atomic(path, text->data, text->len, POLICY_MODE, &err) < 0)
		return cli_fail(cli, &err, NULL);
	if (!cli->json)
		(void)fprintf(stderr,
			      "wharfwall: wrote '%s'; read it, then 'wharfwall diff' and "
			      "'wharfwall apply'\n",
			      path);
	return EXIT_DONE;
}

enum exit_status cmd_init(struct cli *cli)
{
	auto_of(control_load_free) struct control_load *load = control_load_new();
	auto_str struct str_buf text = {0};
	struct ssh_connection ssh = {0};
	enum exit_status status;
	struct err err = {0};

	cli->options.owners = true;
	if (control_read_facts(&cli->options, load, &err) < 0)
		return cli_fail(cli, &err, NULL);
	cli_say_engine(cli, &load->facts);
	if (!cli_ssh(&ssh) || !facts_is_own_address(&load->facts, &ssh.server))
		ssh.server_port = 0;
	init_policy(&load->facts, ssh.server_port, &text);
	if (cli->to_stdout && !cli->json)
		return cli_print(&text);
	status = cli->to_stdout ? EXIT_DONE : policy_write(cli, load, &text);
	if (status == EXIT_DONE && cli->json) {
		json_t *object = cli_json_new(cli, load);

		json_object_set_new(object, "policy", report_json_text(str_buf_text(&text)));
		json_object_set_new(object, "written",
				    cli->to_stdout ? json_null()
						   : report_json_text(cli->options.policy_path));
		return cli_json_print(object);
	}
	return status;
}
