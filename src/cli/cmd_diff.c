/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wharfwall diff: what apply would change. */
#include "cli/cli.h"

#include <errno.h>

#include "control/sentences.h"
#include "control/state.h"
#include "report/changes.h"
#include "report/json.h"

struct difference {
	struct control_load *before;
	struct control_load *after;
	bool applied; /* something was applied */
	struct sentence_changes sentences;
	struct report_changes ports;
};

/* Both see the same facts, so that only the policy makes a difference. */
static void ports_compare(struct difference *diff)
{
	struct arena *arena = diff->after->arena;
	struct exposure_list was = {0};
	struct exposure_list is = {0};

	if (diff->before->model)
		exposure_of(arena, diff->before->model, &diff->after->facts, &was);
	exposure_of(arena, diff->after->model, &diff->after->facts, &is);
	report_changes_of(arena, diff->before->model, &was, diff->after->model, &is, &diff->ports);
}

static enum exit_status text_answer(const struct difference *diff)
{
	auto_str struct str_buf out = {0};

	if (!diff->applied)
		str_buf_adds(&out, "# nothing was applied yet: compared with a closed host\n");
	vec_each (&diff->sentences.items, change)
		str_buf_addf(&out, "%c %s\n", change->added ? '+' : '-', change->text);
	if (diff->ports.items.len)
		str_buf_adds(&out, "\nports:\n");
	report_changes_text(&diff->ports, &diff->after->sources, &out);
	if (!diff->sentences.items.len && !diff->ports.items.len)
		str_buf_adds(&out, "no difference\n");
	return cli_print(&out);
}

static enum exit_status json_answer(const struct cli *cli, const struct difference *diff)
{
	json_t *object = cli_json_new(cli, diff->after);
	json_t *sentences = json_array();

	vec_each (&diff->sentences.items, change) {
		json_t *item = json_object();

		json_object_set_new(item, "change",
				    json_string(change->added ? "added" : "removed"));
		json_object_set_new(item, "sentence", report_json_text(change->text));
		json_array_append_new(sentences, item);
	}
	json_object_set_new(object, "applied", json_boolean(diff->applied));
	json_object_set_new(object, "sentences", sentences);
	json_object_set_new(object, "ports",
			    report_changes_json(&diff->ports, &diff->after->sources));
	return cli_json_print(object);
}

enum exit_status cmd_diff(struct cli *cli)
{
	auto_of(control_load_free) struct control_load *after = control_load_new();
	auto_of(control_load_free) struct control_load *before = control_load_new();
	struct difference diff = {.before = before, .after = after};
	struct control_snapshot snapshot = {0};
	enum exit_status status;
	struct err err = {0};
	int r;

	cli->options.keep_tree = true;
	cli->options.owners = true;
	if (cli->argc)
		cli->options.policy_path = cli->argv[0];
	status = cli_load(cli, after, "");
	if (status != EXIT_DONE)
		return status;
	cli_say_engine(cli, &after->facts);
	r = state_read(before->arena, cli->options.state_dir, &snapshot, &err);
	/* A state that a crash cut off says as much as none. */
	if (r < 0 && r != -ENOENT && r != -EBADMSG)
		return cli_fail(cli, &err, NULL);
	diff.applied = r == 0;
	if (diff.applied) {
		control_share_facts(before, after);
		r = control_load_snapshot(&cli->options, &snapshot, before, &err);
		if (r < 0 && r != -EINVAL)
			return cli_fail(cli, &err, before);
	}
	sentences_compare(after->arena, &before->policy, &before->sources, &after->policy,
			  &after->sources, &diff.sentences);
	ports_compare(&diff);
	return cli->json ? json_answer(cli, &diff) : text_answer(&diff);
}
