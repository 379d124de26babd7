/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wharfwall ports: who may reach what, by which sentence of the policy on disk. */
#include "cli/cli.h"

#include "report/labels.h"
#include "report/ports.h"

enum exit_status cmd_ports(struct cli *cli)
{
	auto_of(control_load_free) struct control_load *load = control_load_new();
	auto_str struct str_buf text = {0};
	struct exposure_list list = {0};
	struct report_ports ports = {.sources = &load->sources, .list = &list};
	enum exit_status status;
	json_t *object;

	cli->options.owners = true;
	status = cli_load(cli, load, "");
	if (status != EXIT_DONE)
		return status;
	cli_say_engine(cli, &load->facts);
	exposure_of(load->arena, load->model, &load->facts, &list);
	ports.model = load->model;
	ports.colour = cli_colour(cli);
	if (!cli->json) {
		report_ports_text(&ports, &text);
		report_labels_text(&load->facts, load->labels_trusted, &text);
		return cli_print(&text);
	}
	object = cli_json_new(cli, load);
	json_object_set_new(object, "ports", report_ports_json(&ports));
	json_object_set_new(object, "containers",
			    report_containers_json(&load->facts, load->labels_trusted));
	return cli_json_print(object);
}
