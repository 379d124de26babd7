/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wharfwall rules install-units: the units of rules files, under the names they always had. */
#include "cli/rules.h"

#include <stdio.h>
#include <string.h>

#include "control/rules_install.h"
#include "report/json.h"

static const char *step_text(enum install_step step, bool dry_run)
{
	switch (step) {
	case INSTALL_WRITE:
		return dry_run ? "would be written" : "written";
	case INSTALL_SAVE:
		return dry_run ? "would be written, the old one kept as FILE.saved"
			       : "written, the old one is kept as FILE.saved";
	case INSTALL_SAME:
		return "is there already";
	case INSTALL_KEEP:
		return "is there, and stays as it is";
	case INSTALL_REFUSE:
		return "refused";
	}
	return "";
}

static void plan_print(const struct install_plan *plan, bool dry_run)
{
	vec_each (&plan->conflicts, conflict)
		(void)fprintf(stderr, "wharfwall: %s is %s: %s\n", conflict->unit, conflict->state,
			      conflict->text);
	vec_each (&plan->files, file) {
		if (file->step == INSTALL_REFUSE)
			(void)fprintf(stderr, "wharfwall: '%s' is not written: %s\n", file->target,
				      file->reason);
		else if (!plan->refused || dry_run)
			(void)printf("%s: %s\n", file->target,
				     step_text((enum install_step)file->step, dry_run));
	}
}

static void next_print(const struct cli *cli, const struct install_plan *plan)
{
	if (plan->refused)
		(void)fprintf(stderr, "wharfwall: nothing was written\n");
	else if (!cli->dry_run)
		(void)printf("wharfwall: next: edit /etc/iptables/base.rules, 'wharfwall rules "
			     "check base', 'systemctl daemon-reload', 'systemctl enable "
			     "iptables.service iptables@base.service', 'systemctl start "
			     "iptables@base.service'\n");
}

static enum exit_status answer_json(const struct cli *cli, const struct install_plan *plan)
{
	json_t *object = cli_json_new(cli, NULL);
	json_t *files = json_array();
	json_t *conflicts = json_array();

	vec_each (&plan->files, file) {
		json_t *item = json_object();

		json_object_set_new(item, "file", report_json_text(file->target));
		json_object_set_new(item, "step",
				    json_string(step_text((enum install_step)file->step, true)));
		json_object_set_new(item, "reason", report_json_text(file->reason));
		json_array_append_new(files, item);
	}
	vec_each (&plan->conflicts, conflict) {
		json_t *item = json_object();

		json_object_set_new(item, "unit", json_string(conflict->unit));
		json_object_set_new(item, "state", json_string(conflict->state));
		json_object_set_new(item, "message", json_string(conflict->text));
		json_array_append_new(conflicts, item);
	}
	json_object_set_new(object, "action", json_string("install-units"));
	json_object_set_new(object, "written", json_boolean(!plan->refused && !cli->dry_run));
	json_object_set_new(object, "files", files);
	json_object_set_new(object, "conflicts", conflicts);
	(void)cli_json_print(object);
	return plan->refused ? EXIT_PROTECTED : EXIT_DONE;
}

/* "/" is this system, "DIR/" is "DIR". */
static const char *root_clean(struct arena *arena, const char *root)
{
	size_t len = root ? strlen(root) : 0;

	while (len && root[len - 1] == '/')
		len--;
	return arena_strndup(arena, root ? root : "", len);
}

enum exit_status rules_cmd_install(struct cli *cli, const char *operand)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct install_plan plan = {0};
	struct err err = {0};

	(void)operand;
	if (rules_install_plan(arena, root_clean(arena, cli->root), WHARFWALL_DATADIR, cli->force,
			       &plan, &err) < 0)
		return cli_fail(cli, &err, NULL);
	if (!plan.refused && !cli->dry_run && rules_install(arena, &plan, &err) < 0)
		return cli_fail(cli, &err, NULL);
	if (cli->json)
		return answer_json(cli, &plan);
	plan_print(&plan, cli->dry_run);
	next_print(cli, &plan);
	return plan.refused ? EXIT_PROTECTED : EXIT_DONE;
}
