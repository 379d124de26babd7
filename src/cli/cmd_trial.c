/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wharfwall apply --trial, confirm, revert. */
#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "control/state.h"
#include "control/trial.h"
#include "report/json.h"

#define MS_PER_SECOND 1000u

enum exit_status cli_trial_refuse(const struct cli *cli, const struct err *err)
{
	return cli_refuse(cli, EXIT_PROTECTED,
			  "%s; 'wharfwall confirm' keeps it, 'wharfwall revert' goes back; nothing "
			  "was changed",
			  err->text);
}

static enum exit_status started(const struct cli *cli, const struct control_load *load,
				uint32_t seconds)
{
	json_t *object;

	if (!cli->json) {
		(void)printf("wharfwall: %s is on trial for %u seconds: %u sentence%s\n"
			     "wharfwall: open a new connection, then 'wharfwall confirm'; without "
			     "it the kernel goes back by itself\n",
			     cli->options.policy_path, (unsigned)seconds,
			     (unsigned)load->sentence_count, load->sentence_count == 1 ? "" : "s");
		return EXIT_DONE;
	}
	object = cli_json_new(cli, load);
	json_object_set_new(object, "policy", report_json_text(cli->options.policy_path));
	json_object_set_new(object, "sentences", json_integer(load->sentence_count));
	json_object_set_new(object, "trial", json_integer(seconds));
	json_object_set_new(object, "applied", report_json_text(load->applied));
	return cli_json_print(object);
}

enum exit_status cmd_apply_trial(struct cli *cli)
{
	auto_of(control_load_free) struct control_load *load = control_load_new();
	struct ssh_connection own;
	enum exit_status status;
	auto_close int lock = -1;
	struct err err = {0};
	uint32_t seconds;
	int r;

	if (!str_parse_u32(cli->trial, strlen(cli->trial), 1, TRIAL_SECONDS_MAX, &seconds))
		return cli_refuse(cli, EXIT_USAGE, "--trial takes a number of seconds, 1 ... %u",
				  TRIAL_SECONDS_MAX);
	status = cli_load(cli, load, NOTHING_CHANGED);
	if (status != EXIT_DONE)
		return status;
	cli_say_engine(cli, &load->facts);
	if (state_lock(cli->options.state_dir, &lock, &err) < 0)
		return cli_fail(cli, &err, load);
	r = trial_start(&cli->options, load, seconds, cli_ssh(&own) ? &own : NULL, &err);
	if (r == -EALREADY)
		return cli_trial_refuse(cli, &err);
	if (r < 0)
		return cli_fail(cli, &err, load);
	return started(cli, load, seconds);
}

/* EXIT_DONE: one is running.  What a silent end left is swept up. */
static enum exit_status running_look(const struct cli *cli, struct arena *arena, struct trial *ret)
{
	struct err err = {0};

	if (trial_look(arena, ret, &err) < 0)
		return cli_fail(cli, &err, NULL);
	switch (ret->state) {
	case TRIAL_RUNNING:
		return EXIT_DONE;
	case TRIAL_NONE:
		return cli_refuse(cli, EXIT_WRONG, "no policy is on trial");
	case TRIAL_OVER:
		if (trial_sweep(&cli->options, &err) < 0)
			return cli_fail(cli, &err, NULL);
		return cli_refuse(cli, EXIT_WRONG,
				  "the time of %s was over: what counted before it counts again; "
				  "'wharfwall apply --trial' tries it once more",
				  ret->policy ? ret->policy : "the policy on trial");
	case TRIAL_ENDED:
		if (trial_sweep(&cli->options, &err) < 0)
			return cli_fail(cli, &err, NULL);
		return cli_refuse(cli, EXIT_WRONG,
				  "the trial was ended already, what it has left is taken away; "
				  "'wharfwall status' tells what counts");
	}
	return EXIT_DONE;
}

static const char *proof_text(bool known, bool proved)
{
	if (!known)
		return "";
	return proved ? "; this connection was opened during the trial, so the way in holds"
		      : "; this connection is older than the trial: keep it until a new one came "
			"in";
}

static enum exit_status confirmed(const struct cli *cli, const struct control_load *load,
				  uint32_t cut, bool known, bool proved, int kept,
				  const struct err *err)
{
	json_t *object;

	if (!cli->json) {
		(void)printf("wharfwall: confirmed %s%s\n", load->model->name,
			     proof_text(known, proved));
		return cli_kept(cli, kept, err, NULL);
	}
	object = cli_json_new(cli, load);
	json_object_set_new(object, "policy", report_json_text(load->model->name));
	json_object_set_new(object, "applied", report_json_text(load->applied));
	json_object_set_new(object, "cut", json_integer(cut));
	json_object_set_new(object, "new_connection", known ? json_boolean(proved) : json_null());
	return cli_kept(cli, kept, err, object);
}

enum exit_status cmd_confirm(struct cli *cli)
{
	auto_of(control_load_free) struct control_load *load = control_load_new();
	bool known = false, proved;
	struct ssh_connection own;
	enum exit_status status;
	auto_close int lock = -1;
	struct err err = {0};
	struct trial trial;
	uint32_t cut = 0;
	int r;

	if (state_lock(cli->options.state_dir, &lock, &err) < 0)
		return cli_fail(cli, &err, NULL);
	status = running_look(cli, load->arena, &trial);
	if (status != EXIT_DONE)
		return status;
	proved = trial_is_proved(&cli->options, cli_ssh(&own) ? &own : NULL, &known);
	r = trial_confirm(&cli->options, load, &err);
	if (r < 0) {
		if (load->diags.errors)
			return cli_diagnose(cli, &load->diags, &load->sources,
					    ", the trial goes on");
		return cli_fail(cli, &err, load);
	}
	cli_cut_flows(cli, load, &cut);
	return confirmed(cli, load, cut, known, proved, r, &err);
}

enum exit_status cmd_revert(struct cli *cli)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	enum exit_status status;
	auto_close int lock = -1;
	struct err err = {0};
	struct trial trial;
	json_t *object;

	if (state_lock(cli->options.state_dir, &lock, &err) < 0)
		return cli_fail(cli, &err, NULL);
	status = running_look(cli, arena, &trial);
	if (status != EXIT_DONE)
		return status;
	if (trial_revert(&cli->options, &err) < 0)
		return cli_fail(cli, &err, NULL);
	if (!cli->json) {
		(void)printf("wharfwall: the trial of %s is ended, what counted before it counts "
			     "again\n",
			     trial.policy ? trial.policy : "the policy");
		return EXIT_DONE;
	}
	object = cli_json_new(cli, NULL);
	json_object_set_new(object, "policy", report_json_text(trial.policy));
	json_object_set_new(object, "left",
			    json_integer((json_int_t)(trial.left_ms / MS_PER_SECOND)));
	return cli_json_print(object);
}
