/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wharfwall apply --boot: for the unit, which must never leave the host open. */
#include "cli/cli.h"

#include <stdio.h>

#include "control/apply.h"
#include "control/boot.h"
#include "control/state.h"
#include "control/trial.h"

static void result_print(const struct boot_result *result)
{
	switch (result->state) {
	case BOOT_LAST:
		(void)fprintf(stderr,
			      "wharfwall: loaded what was applied last instead: %s as of %s; mend "
			      "the policy, then 'wharfwall apply'\n",
			      result->policy, result->applied);
		return;
	case BOOT_STAYS:
		(void)fprintf(stderr, "wharfwall: the policy that is loaded stays; mend the file, "
				      "then 'wharfwall apply'\n");
		return;
	case BOOT_LOCKDOWN:
		(void)fprintf(stderr,
			      "wharfwall: no policy was ever applied: this host is closed "
			      "but for established connections and SSH; mend the file, then "
			      "'wharfwall apply'\n");
		return;
	}
}

static enum exit_status fall_back(const struct cli *cli, enum exit_status status)
{
	auto_of(control_load_free) struct control_load *load = control_load_new();
	struct boot_result result = {0};
	struct err err = {0};

	if (boot_fall_back(&cli->options, load, &result, &err) < 0) {
		(void)cli_fail(cli, &err, NULL);
		return cli_refuse(cli, EXIT_REFUSED,
				  "the host could not be closed either: IT MAY BE OPEN");
	}
	result_print(&result);
	return status;
}

enum exit_status cmd_apply_boot(struct cli *cli)
{
	auto_of(control_load_free) struct control_load *load = control_load_new();
	enum exit_status status;
	auto_close int lock = -1;
	struct err err = {0};
	uint32_t changes = 0;

	/* A boot cannot wait for a state directory that can be written. */
	if (state_lock(cli->options.state_dir, &lock, &err) < 0)
		(void)cli_fail(cli, &err, NULL);
	/* Whoever tried it did not come to confirm it: that may be why the machine was restarted.
	 */
	if (trial_is_kept(&cli->options)) {
		trial_forget(&cli->options);
		return fall_back(cli, cli_refuse(cli, EXIT_WRONG,
						 "a policy was on trial and not confirmed: the "
						 "file on disk is not loaded"));
	}
	status = cli_load(cli, load, "");
	if (status != EXIT_DONE)
		return fall_back(cli, status);
	if (apply_table(load, &changes, &err) < 0)
		return fall_back(cli, cli_fail(cli, &err, load));
	(void)printf("wharfwall: loaded %s: %u sentence%s\n", cli->options.policy_path,
		     (unsigned)load->sentence_count, load->sentence_count == 1 ? "" : "s");
	if (state_write(cli->options.state_dir, load, load->model->name, &err) < 0)
		return cli_fail(cli, &err, NULL);
	return EXIT_DONE;
}
