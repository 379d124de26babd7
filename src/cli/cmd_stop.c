/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wharfwall stop: lockdown, or no table at all. */
#include "cli/cli.h"

#include <stdio.h>

#include "control/apply.h"
#include "control/init.h"
#include "control/lockdown.h"
#include "control/state.h"
#include "control/trial.h"
#include "report/json.h"

#define SSH_PORT 22

struct port_list {
	VEC(uint16_t) ports;
};

static void port_add(struct arena *arena, struct port_list *list, uint16_t port)
{
	vec_each (&list->ports, have) {
		if (*have == port)
			return;
	}
	*vec_add(arena, &list->ports) = port;
}

/* The ports that let the administrator in: sshd's, that of the own connection, else 22. */
static void ssh_ports(struct control_load *load, struct port_list *ret)
{
	struct ssh_connection ssh;

	vec_each (&load->facts.listeners, listener) {
		if (init_is_ssh(listener) && !listener->container)
			port_add(load->arena, ret, listener->port);
	}
	if (cli_ssh(&ssh) && facts_is_own_address(&load->facts, &ssh.server))
		port_add(load->arena, ret, ssh.server_port);
	if (!ret->ports.len)
		port_add(load->arena, ret, SSH_PORT);
}

static enum exit_status stop_open(struct cli *cli)
{
	bool was_loaded = false;
	struct err err = {0};
	json_t *object;

	if (apply_open(&cli->options, &was_loaded, &err) < 0)
		return cli_fail(cli, &err, NULL);
	if (!cli->json) {
		(void)printf(was_loaded ? "wharfwall: removed the table; this host is as open as "
					  "the rules of others leave it\n"
					: "wharfwall: nothing was loaded\n");
		return EXIT_DONE;
	}
	object = cli_json_new(cli, NULL);
	json_object_set_new(object, "mode", json_string("open"));
	json_object_set_new(object, "was_loaded", json_boolean(was_loaded));
	return cli_json_print(object);
}

static enum exit_status stop_lockdown(struct cli *cli)
{
	auto_of(control_load_free) struct control_load *load = control_load_new();
	struct port_list list = {0};
	struct err err = {0};
	json_t *ports;
	json_t *object;
	int r;

	cli->options.owners = true;
	if (control_read_facts(&cli->options, load, &err) < 0)
		return cli_fail(cli, &err, NULL);
	ssh_ports(load, &list);
	if (apply_lockdown(&cli->options, load->arena, list.ports.items, list.ports.len, &err) < 0)
		return cli_fail(cli, &err, NULL);
	r = lockdown_keep(cli->options.state_dir, cli->options.policy_path, list.ports.items,
			  list.ports.len, &err);
	if (r < 0)
		(void)err_wrap(&err, "the lockdown is in force, but not kept on disk: a restart "
				     "ends it");
	trial_forget(&cli->options); /* not before: a boot may find either of them, or both */
	if (!cli->json) {
		(void)printf("wharfwall: lockdown: established connections and tcp");
		vec_each (&list.ports, port)
			(void)printf("%s %u", port == list.ports.items ? "" : ",", (unsigned)*port);
		(void)printf(" only; 'wharfwall apply' ends it\n");
		return cli_kept(cli, r, &err, NULL);
	}
	ports = json_array();
	vec_each (&list.ports, port)
		json_array_append_new(ports, json_integer(*port));
	object = cli_json_new(cli, NULL);
	json_object_set_new(object, "mode", json_string("lockdown"));
	json_object_set_new(object, "ports", ports);
	return cli_kept(cli, r, &err, object);
}

enum exit_status cmd_stop(struct cli *cli)
{
	auto_close int lock = -1;
	struct err err = {0};

	if (cli->open && cli->lockdown)
		return cli_refuse(cli, EXIT_USAGE, "--open or --lockdown, not both");
	if (state_lock(cli->options.state_dir, &lock, &err) < 0)
		return cli_fail(cli, &err, NULL);
	return cli->open ? stop_open(cli) : stop_lockdown(cli);
}
