/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wharfwall rules: rules files in iptables-save form, a table of commands of its own. */
#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/rules.h"
#include "control/rules_apply.h"
#include "control/rules_load.h"
#include "control/rules_unit.h"
#include "control/state.h"
#include "report/json.h"

struct sub_command {
	const char *name;
	const char *usage;
	enum exit_status (*run)(struct cli *cli, const char *operand);
	unsigned flags;
	int operands;
};

static const char *plural(uint32_t count)
{
	return count == 1 ? "" : "s";
}

/* What came of rules_load() or rules_apply(): mistakes of the file, or of the system. */
enum exit_status rules_fail(const struct cli *cli, int code, const struct err *err,
			    const struct control_load *load)
{
	if (load->diags.errors)
		return cli_diagnose(cli, &load->diags, &load->sources, NOTHING_CHANGED);
	switch (code) {
	case -ENOENT:
	case -ENODEV:
	case -EFBIG:
	case -EINVAL:
	case -ENAMETOOLONG:
	case -EOPNOTSUPP:
		return cli_refuse(cli, EXIT_WRONG, "%s", err->text);
	case -ENOTUNIQ:
		return cli_refuse(cli, EXIT_PROTECTED, "%s", err->text);
	default:
		return cli_fail(cli, err, load);
	}
}

static json_t *names_json(const struct rules_names *names)
{
	json_t *array = json_array();

	vec_each (&names->items, name)
		json_array_append_new(array, report_json_text(*name));
	return array;
}

static json_t *count_json(const struct rules_applied *applied, enum rules_family family)
{
	return applied->loaded[family] ? json_integer(applied->rules[family]) : json_null();
}

static enum exit_status applied_json(const struct cli *cli, const char *action,
				     const struct rules_set *set,
				     const struct rules_applied *applied,
				     const struct control_load *load)
{
	json_t *object = cli_json_new(cli, load);

	json_object_set_new(object, "action", json_string(action));
	json_object_set_new(object, "file", report_json_text(set->path));
	json_object_set_new(object, "variant", json_string(applied->variant));
	json_object_set_new(object, "external", names_json(&set->external));
	json_object_set_new(object, "rules4", count_json(applied, RULES_V4));
	json_object_set_new(object, "rules6", count_json(applied, RULES_V6));
	json_object_set_new(object, "table", json_boolean(applied->table));
	json_object_set_new(object, "lockdown_ended", json_boolean(applied->lockdown_ended));
	return cli_json_print(object);
}

static void applied_print(const struct rules_set *set, const struct rules_applied *applied,
			  const struct control_load *load)
{
	(void)printf("wharfwall: loaded %s: %u rule%s for IPv4", set->path,
		     (unsigned)applied->rules[RULES_V4], plural(applied->rules[RULES_V4]));
	if (applied->loaded[RULES_V6])
		(void)printf(", %u for IPv6%s%s", (unsigned)applied->rules[RULES_V6],
			     set->twin ? " from " : "", set->twin ? set->twin : "");
	(void)printf(" (iptables-%s)", applied->variant);
	vec_each (&set->external.items, name)
		(void)printf("%s%s", name == set->external.items.items ? "; external: " : ", ",
			     *name);
	(void)printf("\n");
	if (!applied->loaded[RULES_V6])
		(void)printf("wharfwall: IPv6 is not there on this host, or ip6tables is not: "
			     "nothing was loaded for it\n");
	if (applied->table)
		(void)printf(
			"wharfwall: Docker has no DOCKER-USER here: its rules are in the table "
			"'inet wharfwall'\n");
	if (applied->lockdown_ended)
		(void)printf("wharfwall: the lockdown that stood in for rules has ended\n");
	if (applied->trouble.code)
		(void)fprintf(stderr, "wharfwall: the rules are loaded, but %s\n",
			      applied->trouble.text);
	if (load->diags.warnings)
		(void)fprintf(stderr,
			      "wharfwall: %u doubtful place%s in it: 'wharfwall rules check %s' "
			      "says which\n",
			      (unsigned)load->diags.warnings, plural(load->diags.warnings),
			      set->name ? set->name : set->path);
}

/* The last good load in the place of a file that cannot be loaded, at boot. */
static int boot_last(const struct cli *cli, const char *name)
{
	auto_of(control_load_free) struct control_load *load = control_load_new();
	struct rules_applied applied = {0};
	struct rules_set set = {0};
	struct err err = {0};
	int r = rules_load_last(&cli->options, name, load, &set, &err);

	if (r >= 0)
		r = rules_put(&set, true, load, &applied, &err);
	if (r < 0 && r != -ENOENT)
		(void)rules_fail(cli, r, &err, load);
	if (r < 0)
		return r;
	(void)fprintf(stderr,
		      "wharfwall: loaded what was good last instead: %s as of %s; mend the file, "
		      "then 'wharfwall rules apply %s'\n",
		      set.path, load->applied, name);
	return 0;
}

/* Nothing may be open for a moment, whatever is wrong: the last good rules, else closed. */
static enum exit_status boot_fall_back(const struct cli *cli, const char *name,
				       struct control_load *load, enum exit_status status)
{
	bool is_protected = false;
	struct err err = {0};

	if (boot_last(cli, name) >= 0)
		return EXIT_WRONG;
	if (rules_close(&cli->options, name, load, &is_protected, &err) < 0) {
		(void)cli_fail(cli, &err, NULL);
		(void)cli_refuse(cli, EXIT_REFUSED,
				 "the host could not be closed either: IT MAY BE OPEN");
		return EXIT_REFUSED;
	}
	(void)fprintf(stderr,
		      is_protected ? "wharfwall: no rules are loaded; the policy in the table "
				     "'inet wharfwall' stays and protects this host\n"
				   : "wharfwall: no rules were ever good: this host is closed but "
				     "for established connections and SSH\n");
	return status > EXIT_WRONG ? status : EXIT_WRONG;
}

/* `apply` does the same for a policy: the administrator stays in. */
static const struct diag *cut_off_find(const struct control_load *load)
{
	for (uint32_t i = 0; i < load->diags.items.len; i++) {
		if (load->diags.items.items[i]->code == DIAG_RULES_SSH)
			return load->diags.items.items[i];
	}
	return NULL;
}

static enum exit_status guard(const struct cli *cli, const char *operand,
			      const struct control_load *load)
{
	const struct diag *diag = cli->force || cli->boot ? NULL : cut_off_find(load);

	if (!diag)
		return EXIT_DONE;
	return cli_refuse(cli, EXIT_PROTECTED,
			  "%s; nothing was changed, 'wharfwall rules check %s' shows the place, "
			  "--force goes on",
			  diag->text, operand);
}

static enum exit_status rules_cmd_apply(struct cli *cli, const char *operand)
{
	auto_of(control_load_free) struct control_load *load = control_load_new();
	struct rules_request request = {.operand = operand, .boot = cli->boot};
	struct rules_applied applied = {0};
	struct ssh_connection ssh;
	struct rules_set set = {0};
	auto_close int lock = -1;
	enum exit_status status;
	struct err err = {0};
	int r;

	if (cli->boot && (cli->json || !rules_name_is_good(operand)))
		return cli_refuse(cli, EXIT_USAGE, "--boot is for units: a NAME, and no --json");
	request.ssh = !cli->boot && cli_ssh(&ssh) ? &ssh : NULL;
	r = state_lock(cli->options.state_dir, &lock, &err);
	/* A boot cannot wait for a state directory that can be written. */
	if (r < 0 && cli->boot)
		(void)cli_fail(cli, &err, NULL);
	if (r >= 0 || cli->boot)
		r = rules_load(&cli->options, &request, load, &set, &err);
	if (r >= 0 && guard(cli, operand, load) != EXIT_DONE)
		return EXIT_PROTECTED;
	if (r >= 0)
		r = rules_apply(&cli->options, &set, cli->force || cli->boot, load, &applied, &err);
	if (r >= 0 && cli->json)
		return applied_json(cli, "apply", &set, &applied, load);
	if (r >= 0) {
		applied_print(&set, &applied, load);
		return applied.trouble.code ? EXIT_REFUSED : EXIT_DONE;
	}
	status = rules_fail(cli, r, &err, load);
	return cli->boot ? boot_fall_back(cli, operand, load, status) : status;
}

static enum exit_status rules_cmd_check(struct cli *cli, const char *operand)
{
	auto_of(control_load_free) struct control_load *load = control_load_new();
	struct rules_request request = {.operand = operand, .check = true};
	struct ssh_connection ssh;
	struct rules_set set = {0};
	enum exit_status status;
	struct err err = {0};
	json_t *object;
	int r;

	request.ssh = cli_ssh(&ssh) ? &ssh : NULL;
	r = rules_load(&cli->options, &request, load, &set, &err);
	if (r < 0 && !load->diags.errors) {
		if (!cli->json)
			(void)cli_diagnose(cli, &load->diags, &load->sources, "");
		return rules_fail(cli, r, &err, load);
	}
	status = cli_diagnose(cli, &load->diags, &load->sources, "");
	if (status != EXIT_DONE)
		return status;
	if (!cli->json) {
		cli_say_engine(cli, &load->facts);
		(void)printf("wharfwall: %s can be loaded: %u warning%s\n", set.path,
			     (unsigned)load->diags.warnings, plural(load->diags.warnings));
		return EXIT_DONE;
	}
	object = cli_json_new(cli, load);
	json_object_set_new(object, "action", json_string("check"));
	json_object_set_new(object, "file", report_json_text(set.path));
	json_object_set_new(object, "external", names_json(&set.external));
	return cli_json_print(object);
}

static enum exit_status stop_close(struct cli *cli, const char *name)
{
	auto_of(control_load_free) struct control_load *load = control_load_new();
	bool is_protected = false;
	struct err err = {0};
	json_t *object;

	if (control_read_facts(&cli->options, load, &err) < 0 ||
	    rules_close(&cli->options, name, load, &is_protected, &err) < 0)
		return cli_fail(cli, &err, NULL);
	if (is_protected)
		return cli_refuse(cli, EXIT_PROTECTED,
				  "a policy is loaded, which a lockdown would replace; nothing was "
				  "changed: 'wharfwall stop' does that");
	if (!cli->json) {
		(void)printf("wharfwall: this host is CLOSED now but for established connections "
			     "and SSH; 'wharfwall rules apply %s' ends it\n",
			     name);
		return EXIT_DONE;
	}
	object = cli_json_new(cli, NULL);
	json_object_set_new(object, "action", json_string("stop"));
	json_object_set_new(object, "mode", json_string("lockdown"));
	return cli_json_print(object);
}

static enum exit_status stop_open(struct cli *cli, const char *operand)
{
	auto_of(control_load_free) struct control_load *load = control_load_new();
	struct rules_request request = {.operand = operand, .empty = true};
	struct rules_applied applied = {0};
	struct rules_set set = {0};
	struct err err = {0};
	json_t *object;
	int r = rules_load(&cli->options, &request, load, &set, &err);

	if (r >= 0)
		r = rules_put(&set, cli->force, load, &applied, &err);
	if (r < 0)
		return rules_fail(cli, r, &err, load);
	if (!cli->json) {
		(void)printf("wharfwall: loaded %s: this host is OPEN now, for IPv4%s; 'wharfwall "
			     "rules apply %s' closes it, 'rules stop --lockdown' leaves only SSH\n",
			     set.path, applied.loaded[RULES_V6] ? " and IPv6" : "", operand);
		return EXIT_DONE;
	}
	object = cli_json_new(cli, load);
	json_object_set_new(object, "action", json_string("stop"));
	json_object_set_new(object, "mode", json_string("open"));
	json_object_set_new(object, "file", report_json_text(set.path));
	return cli_json_print(object);
}

static enum exit_status rules_cmd_stop(struct cli *cli, const char *operand)
{
	auto_close int lock = -1;
	struct err err = {0};
	enum rules_unit_stop why;

	if (!rules_name_is_good(operand) && !(strchr(operand, '/') && !cli->unit && !cli->lockdown))
		return cli_refuse(cli, EXIT_USAGE, "'%s' is no NAME of a rules file", operand);
	if (cli->unit) {
		why = rules_unit_why(operand);
		if (why != RULES_UNIT_STOP) {
			(void)printf("wharfwall: %s: the rules stay as they are\n",
				     rules_unit_why_text(why));
			return EXIT_DONE;
		}
	}
	if (state_lock(cli->options.state_dir, &lock, &err) < 0)
		return cli_fail(cli, &err, NULL);
	return cli->lockdown ? stop_close(cli, operand) : stop_open(cli, operand);
}

static const struct sub_command rules_commands[] = {
	{"apply", "NAME|FILE [--force] [--boot]", rules_cmd_apply, CLI_FORCE | CLI_BOOT, 1},
	{"check", "NAME|FILE", rules_cmd_check, 0, 1},
	{"diff", "NAME|FILE", rules_cmd_diff, 0, 1},
	{"stop", "NAME [--lockdown] [--force] [--unit]", rules_cmd_stop,
	 CLI_LOCKDOWN | CLI_FORCE | CLI_UNIT, 1},
	{"install-units", "[--dry-run] [--force] [--root DIR]", rules_cmd_install,
	 CLI_DRY_RUN | CLI_FORCE | CLI_ROOT, 0},
	{NULL, NULL, NULL, 0, 0},
};

enum exit_status cmd_rules(struct cli *cli)
{
	const struct sub_command *command = rules_commands;

	while (cli->argc && command->name && !str_eq(command->name, cli->argv[0]))
		command++;
	if (!cli->argc || !command->name)
		return cli_refuse(
			cli, EXIT_USAGE,
			"which? 'rules apply', 'rules check', 'rules diff' and 'rules "
			"stop' take a NAME (of /etc/iptables/NAME.rules) or a file, 'rules "
			"install-units' none");
	if (cli->argc != command->operands + 1 || (cli->given & ~command->flags))
		return cli_refuse(cli, EXIT_USAGE, "usage: wharfwall rules %s %s", command->name,
				  command->usage);
	return command->run(cli, cli->argc > 1 ? cli->argv[1] : NULL);
}
