/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wharfwall apply: loads the policy. */
#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>

#include "control/apply.h"
#include "control/state.h"
#include "control/trial.h"
#include "report/json.h"

enum exit_status cmd_apply(struct cli *cli)
{
	auto_of(control_load_free) struct control_load *load = control_load_new();
	enum exit_status status;
	auto_close int lock = -1;
	struct err err = {0};
	uint32_t changes = 0, cut = 0;
	json_t *object;
	int r;

	if (cli->argc)
		cli->options.policy_path = cli->argv[0];
	if (cli->boot && (cli->json || cli->trial))
		return cli_refuse(cli, EXIT_USAGE,
				  "--boot is for the unit, without --json and --trial");
	if (cli->boot)
		return cmd_apply_boot(cli);
	if (cli->trial)
		return cmd_apply_trial(cli);
	status = cli_load(cli, load, NOTHING_CHANGED);
	if (status != EXIT_DONE)
		return status;
	cli_say_engine(cli, &load->facts);
	status = cli_guard(cli, load);
	if (status != EXIT_DONE)
		return status;
	if (state_lock(cli->options.state_dir, &lock, &err) < 0)
		return cli_fail(cli, &err, load);
	r = trial_sweep(&cli->options, &err);
	if (r == -EALREADY)
		return cli_trial_refuse(cli, &err);
	if (r == 0)
		r = apply_load(&cli->options, load, &changes, &err);
	if (r < 0)
		return cli_fail(cli, &err, load);
	cli_cut_flows(cli, load, &cut);
	if (!cli->json) {
		(void)printf("wharfwall: loaded %s: %u sentence%s\n", cli->options.policy_path,
			     (unsigned)load->sentence_count, load->sentence_count == 1 ? "" : "s");
		return cli_kept(cli, r, &err, NULL);
	}
	object = cli_json_new(cli, load);
	json_object_set_new(object, "policy", report_json_text(cli->options.policy_path));
	json_object_set_new(object, "sentences", json_integer(load->sentence_count));
	json_object_set_new(object, "changes", json_integer(changes));
	json_object_set_new(object, "cut", json_integer(cut));
	json_object_set_new(object, "applied", report_json_text(load->applied));
	return cli_kept(cli, r, &err, object);
}
