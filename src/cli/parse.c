/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options before and behind the command, from one table. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENGINE_TIMEOUT_MS 3000u
#define DISTANCE_MAX 2u

struct flag {
	const char *name;
	size_t offset; /* in struct cli */
	unsigned bit;  /* of enum cli_flag; 0: every command takes it */
	bool takes_value;
};

#define FLAG(name, bit, member)                                                                    \
	{                                                                                          \
		name, offsetof(struct cli, member), bit, false                                     \
	}
#define FLAG_VALUE(name, bit, member)                                                              \
	{                                                                                          \
		name, offsetof(struct cli, member), bit, true                                      \
	}

static const struct flag flags[] = {
	FLAG_VALUE("--policy", 0, options.policy_path),
	FLAG_VALUE("--state-dir", 0, options.state_dir),
	FLAG_VALUE("--docker-host", 0, options.docker_host),
	FLAG("--json", 0, json),
	FLAG("--help", 0, help),
	FLAG("-h", 0, help),
	FLAG("--version", 0, version),
	FLAG("--stdout", CLI_STDOUT, to_stdout),
	FLAG("-w", CLI_WRITE, write),
	FLAG("-f", CLI_FOLLOW, follow),
	FLAG_VALUE("--as", CLI_AS, as),
	FLAG_VALUE("--trial", CLI_TRIAL, trial),
	FLAG("--force", CLI_FORCE, force),
	FLAG("--keep-flows", CLI_KEEP_FLOWS, keep_flows),
	FLAG("--open", CLI_OPEN, open),
	FLAG("--lockdown", CLI_LOCKDOWN, lockdown),
	FLAG("--delete", CLI_DELETE, remove),
	FLAG_VALUE("--section", CLI_SECTION, section),
	FLAG("--boot", CLI_BOOT, boot),
	FLAG("--unit", CLI_UNIT, unit),
	FLAG("--dry-run", CLI_DRY_RUN, dry_run),
	FLAG_VALUE("--root", CLI_ROOT, root),
	FLAG_VALUE("--metrics-file", CLI_METRICS, metrics_file),
};

#define FLAG_COUNT (sizeof(flags) / sizeof(*flags))

void cli_help(void)
{
	(void)printf("usage: wharfwall [--policy FILE] [--state-dir DIR] [--docker-host URL] "
		     "[--json] COMMAND ...\n\n");
	for (const struct command *command = commands; command->name; command++)
		(void)printf("  %-8s %s%s\n", command->name, command->help,
			     command->run ? "" : " (not built yet)");
	(void)printf("\nSee wharfwall(8) and wharfwall-policy(5).\n");
}

/* The option that `word` is; *ret_value is set for "--name=value". */
static const struct flag *flag_find(const char *word, const char **ret_value)
{
	size_t len = strcspn(word, "=");

	*ret_value = NULL;
	for (size_t i = 0; i < FLAG_COUNT; i++) {
		if (!str_eqn(flags[i].name, word, len) || (word[len] && !flags[i].takes_value))
			continue;
		if (word[len])
			*ret_value = word + len + 1;
		return &flags[i];
	}
	return NULL;
}

static bool flag_set(struct cli *cli, const struct flag *flag, const char *value, char ***at)
{
	void *member = (char *)cli + flag->offset;

	if (!flag->takes_value) {
		*(bool *)member = true;
		return true;
	}
	if (!value && !(*at)[1]) {
		(void)cli_refuse(cli, EXIT_USAGE, "option '%s' needs a value", flag->name);
		return false;
	}
	*(const char **)member = value ? value : *++*at;
	return true;
}

static const struct command *command_find(const char *name)
{
	for (const struct command *command = commands; command->name; command++) {
		if (str_eq(command->name, name))
			return command;
	}
	return NULL;
}

static bool command_unknown(const struct cli *cli, const char *name)
{
	for (const struct command *command = commands; command->name; command++) {
		if (str_distance(name, strlen(name), command->name, strlen(command->name),
				 DISTANCE_MAX) <= DISTANCE_MAX) {
			(void)cli_refuse(cli, EXIT_USAGE,
					 "unknown command '%s'; did you mean '%s'?", name,
					 command->name);
			return false;
		}
	}
	(void)cli_refuse(cli, EXIT_USAGE, "unknown command '%s'; 'wharfwall --help' lists them",
			 name);
	return false;
}

/* Options that the command does not take, and too many operands. */
static bool usage_check(const struct cli *cli, unsigned given)
{
	unsigned strange = given & ~cli->command->flags;

	for (size_t i = 0; i < FLAG_COUNT; i++) {
		if (!(flags[i].bit & strange))
			continue;
		(void)cli_refuse(cli, EXIT_USAGE, "'%s' does not take '%s'; usage: wharfwall %s %s",
				 cli->command->name, flags[i].name, cli->command->name,
				 cli->command->usage);
		return false;
	}
	if (cli->command->run && cli->command->operands_max >= 0 &&
	    cli->argc > cli->command->operands_max) {
		(void)cli_refuse(cli, EXIT_USAGE, "'%s' is too much; usage: wharfwall %s %s",
				 cli->argv[cli->command->operands_max], cli->command->name,
				 cli->command->usage);
		return false;
	}
	return true;
}

static void defaults_set(struct cli *cli)
{
	const char *docker_host = getenv("DOCKER_HOST");

	cli->options.policy_path = CONTROL_DEFAULT_POLICY;
	cli->options.state_dir = CONTROL_DEFAULT_STATE_DIR;
	cli->options.engine_timeout_ms = ENGINE_TIMEOUT_MS;
	if (docker_host && *docker_host)
		cli->options.docker_host = docker_host;
}

/* --json counts wherever it stands, also behind what is wrong. */
static void json_find(struct cli *cli, char **argv)
{
	for (char **at = argv + 1; *at && !str_eq(*at, "--"); at++)
		cli->json = cli->json || str_eq(*at, "--json");
}

bool cli_parse(struct cli *cli, int argc, char **argv)
{
	bool words_only = false;
	unsigned given = 0;

	defaults_set(cli);
	if (argc > 0)
		json_find(cli, argv);
	cli->argv = argv;
	for (char **at = argv + (argc > 0); *at; at++) {
		const char *value = NULL;
		const struct flag *flag = words_only ? NULL : flag_find(*at, &value);

		if (!words_only && str_eq(*at, "--")) {
			words_only = true;
		} else if (flag) {
			given |= flag->bit;
			if (!flag_set(cli, flag, value, &at))
				return false;
		} else if (!words_only && **at == '-' && (*at)[1] &&
			   !(cli->command && !cli->command->run)) {
			(void)cli_refuse(cli, EXIT_USAGE,
					 "unknown option '%s'; see 'wharfwall --help'", *at);
			return false;
		} else if (!cli->command) {
			cli->command = command_find(*at);
			if (!cli->command)
				return command_unknown(cli, *at);
		} else {
			/* Operands are moved to the front, behind what was read already. */
			cli->argv[cli->argc++] = *at;
		}
	}
	cli->given = given;
	if (cli->help || cli->version)
		return true;
	if (!cli->command) {
		(void)cli_refuse(cli, EXIT_USAGE, "which command? 'wharfwall --help' lists them");
		return false;
	}
	return !cli->command->run || usage_check(cli, given);
}
