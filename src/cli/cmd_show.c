/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wharfwall show: what would be loaded. */
#include "cli/cli.h"

#include "ir/print.h"
#include "report/json.h"
#include "report/policy.h"

enum exit_status cmd_show(struct cli *cli)
{
	auto_of(control_load_free) struct control_load *load = control_load_new();
	auto_str struct str_buf text = {0};
	enum exit_status status;
	json_t *object;

	if (cli->as && !str_eq(cli->as, "nft") && !str_eq(cli->as, "json"))
		return cli_refuse(cli, EXIT_USAGE, "'%s' is not a form; --as takes nft or json",
				  cli->as);
	cli->json = cli->json || (cli->as && str_eq(cli->as, "json"));
	if (cli->argc)
		cli->options.policy_path = cli->argv[0];
	status = cli_load(cli, load, "");
	if (status != EXIT_DONE)
		return status;
	cli_say_engine(cli, &load->facts);
	if (!cli->json)
		report_always_allowed("# ", &text);
	ir_print_table(load->table, &text);
	if (!cli->json)
		return cli_print(&text);
	object = cli_json_new(cli, load);
	report_policy_json(load->model, &load->sources, object);
	json_object_set_new(object, "nft", report_json_text(str_buf_text(&text)));
	return cli_json_print(object);
}
