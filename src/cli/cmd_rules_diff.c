/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wharfwall rules diff: what `rules apply` would change. */
#include "cli/rules.h"

#include "control/rules_diff.h"
#include "control/rules_load.h"
#include "report/json.h"

enum exit_status rules_cmd_diff(struct cli *cli, const char *operand)
{
	auto_of(control_load_free) struct control_load *load = control_load_new();
	struct rules_request request = {.operand = operand};
	auto_str struct str_buf out = {0};
	struct rules_set set = {0};
	struct err err = {0};
	json_t *object;
	int r = rules_load(&cli->options, &request, load, &set, &err);

	if (r >= 0)
		r = rules_diff(&set, load, &out, &err);
	if (r < 0)
		return rules_fail(cli, r, &err, load);
	if (!cli->json) {
		if (!out.len)
			str_buf_adds(&out, "no difference\n");
		return cli_print(&out);
	}
	object = cli_json_new(cli, load);
	json_object_set_new(object, "action", json_string("diff"));
	json_object_set_new(object, "file", report_json_text(set.path));
	json_object_set_new(object, "diff", report_json_text(str_buf_text(&out)));
	return cli_json_print(object);
}
