/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wharfwall status: what is loaded, and whether it still holds. */
#include "cli/cli.h"

#include "control/state.h"
#include "control/status.h"
#include "control/watch.h"

/* Without --policy the file that was applied is looked at, whichever it was. */
static void policy_choose(struct cli *cli, struct arena *arena)
{
	struct control_snapshot snapshot = {0};
	struct err unread = {0};

	if (str_eq(cli->options.policy_path, CONTROL_DEFAULT_POLICY) &&
	    state_read(arena, cli->options.state_dir, &snapshot, &unread) == 0)
		cli->options.policy_path = snapshot.policy;
}

enum exit_status cmd_status(struct cli *cli)
{
	auto_of(control_load_free) struct control_load *disk = control_load_new();
	auto_of(control_load_free) struct control_load *applied = control_load_new();
	auto_str struct str_buf text = {0};
	struct report_status status;
	struct report_watch watch = {0};
	struct err err = {0};
	bool watched;
	json_t *object;
	int r;

	policy_choose(cli, disk->arena);
	cli->options.owners = true;
	/* Facts first: a policy that cannot be read must not hide what is loaded. */
	if (control_read_facts(&cli->options, disk, &err) < 0)
		return cli_fail(cli, &err, NULL);
	r = control_load_policy(&cli->options, disk, &err);
	if (r < 0 && !disk->diags.errors)
		return cli_fail(cli, &err, disk);
	err = (struct err){0};
	if (status_read(&cli->options, disk, applied, &status, &err) < 0)
		return cli_fail(cli, &err, disk);
	watched = watch_read(disk->arena, cli->options.state_dir, &watch);
	if (!cli->json) {
		report_status_text(&status, &text);
		if (watched)
			report_watch_text(&watch, &text);
		else
			str_buf_adds(&text, "daemon:   does not run; 'wharfwall watch' follows "
					    "containers and repairs the table\n");
		return cli_print(&text);
	}
	object = cli_json_new(cli, disk);
	report_status_json(&status, object);
	json_object_set_new(object, "watch", watched ? report_watch_json(&watch) : json_null());
	return cli_json_print(object);
}
