/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wharfwall apply --boot: for the unit, which must never leave the host open. */
#include "cli/cli.h"

#include <stdio.h>

#include "control/apply.h"
#include "control/boot.h"
#include "control/state.h"
#include "control/trial.h"

static enum exit_status result_print(const struct boot_result *result)
{
	switch (result->note.state) {
	case BOOT_LAST:
		(void)fprintf(stderr,
			      "wharfwall: loaded what was applied last instead: %s as of %s; mend "
			      "the policy, then 'wharfwall apply'\n",
			      result->policy, result->applied);
		return EXIT_LAST_GOOD;
	case BOOT_STAYS:
		(void)fprintf(
			stderr,
			"wharfwall: what was applied last is not loaded either: %s; the "
			"policy that is loaded stays; mend the file, then 'wharfwall apply'\n",
			result->note.last);
		return EXIT_LAST_GOOD;
	case BOOT_LOCKDOWN:
		(void)fprintf(
			stderr,
			"wharfwall: what was applied last is not loaded either: %s; this host "
			"is closed but for established connections and SSH; mend the file, "
			"then 'wharfwall apply'\n",
			result->note.last);
		return EXIT_CLOSED;
	}
	return EXIT_REFUSED;
}

static enum exit_status fall_back(const struct cli *cli, const char *reason)
{
	auto_of(control_load_free) struct control_load *load = control_load_new();
	struct boot_result result = {0};
	struct err err = {0};

	if (boot_fall_back(&cli->options, reason, load, &result, &err) < 0) {
		(void)cli_fail(cli, &err, NULL);
		return cli_refuse(cli, EXIT_REFUSED,
				  "the host could not be closed either: IT MAY BE OPEN");
	}
	return result_print(&result);
}

/* NULL: loaded; else why not, and it was said. */
static const char *policy_load(const struct cli *cli, struct control_load *load)
{
	struct err err = {0};
	uint32_t changes = 0;
	int r = control_load_policy(&cli->options, load, &err);

	if (load->diags.errors) {
		(void)cli_diagnose(cli, &load->diags, &load->sources, "");
		return control_mistake(load);
	}
	if (r >= 0)
		(void)cli_diagnose(cli, &load->diags, &load->sources, "");
	if (r >= 0)
		r = apply_table(load, &changes, &err);
	if (r >= 0)
		return NULL;
	(void)cli_fail(cli, &err, load);
	return arena_strdup(load->arena, err.text);
}

enum exit_status cmd_apply_boot(struct cli *cli)
{
	static const char tried[] = "a policy was on trial and not confirmed: the file on disk is "
				    "not loaded";
	auto_of(control_load_free) struct control_load *load = control_load_new();
	enum exit_status status;
	auto_close int lock = -1;
	struct err err = {0};
	const char *reason, *since;
	bool pending;
	int r;

	/* A boot cannot wait for a state directory that can be written. */
	if (state_lock(cli->options.state_dir, &lock, &err) < 0)
		(void)cli_fail(cli, &err, NULL);
	boot_note_forget(cli->options.state_dir);
	/* Whoever tried it did not come to confirm it: that may be why the machine was restarted.
	 */
	pending = boot_trial_is_pending(&cli->options);
	if (pending)
		(void)cli_refuse(cli, EXIT_WRONG, "%s", tried);
	/* A lockdown was before the trial, or ended it. */
	r = boot_lockdown(&cli->options, load, &since, &err);
	if (r < 0)
		(void)cli_fail(cli, &err, NULL);
	if (r < 0 || (pending && !since)) {
		status = fall_back(cli, r < 0 ? err.text : tried);
		trial_forget(&cli->options); /* not before: a power cut now finds it again */
		return status;
	}
	trial_forget(&cli->options);
	if (since) {
		(void)printf("wharfwall: in lockdown since %s; 'wharfwall apply' ends it\n", since);
		return EXIT_DONE;
	}
	reason = policy_load(cli, load);
	if (reason)
		return fall_back(cli, reason);
	(void)printf("wharfwall: loaded %s: %u sentence%s\n", cli->options.policy_path,
		     (unsigned)load->sentence_count, load->sentence_count == 1 ? "" : "s");
	if (state_write(cli->options.state_dir, load, load->model->name, &err) < 0) {
		(void)err_wrap(&err, "the policy is loaded, but not kept on disk for a restart");
		return cli_kept(cli, 1, &err, NULL);
	}
	return EXIT_DONE;
}
