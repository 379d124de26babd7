/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wharfwall: the table of commands. */
#include "cli/cli.h"

#include <stdio.h>

#include "base/arena.h"

#define RULES_FLAGS (CLI_BOOT | CLI_UNIT | CLI_FORCE | CLI_LOCKDOWN | CLI_DRY_RUN | CLI_ROOT)
#define SENTENCE_FLAGS (CLI_DELETE | CLI_SECTION | CLI_FORCE)
#define SENTENCE_USAGE "SENTENCE [--delete] [--section \"A -> B\"] [--force]"

const struct command commands[] = {
	{"init", "[--stdout]", "write a first policy from what this host is now", cmd_init,
	 CLI_STDOUT, 0},
	{"check", "[FILE...]", "read, resolve and compile; change nothing", cmd_check, 0, -1},
	{"fmt", "[-w] FILE", "print the canonical form", cmd_fmt, CLI_WRITE, 1},
	{"show", "[FILE] [--as nft|json]", "print what would be loaded", cmd_show, CLI_AS, 1},
	{"diff", "[FILE]", "print what would change", cmd_diff, 0, 1},
	{"apply", "[FILE] [--trial SECONDS] [--force] [--keep-flows] [--boot]",
	 "load the policy in one transaction", cmd_apply,
	 CLI_TRIAL | CLI_FORCE | CLI_KEEP_FLOWS | CLI_BOOT, 1},
	{"confirm", "[--keep-flows]", "end a trial and keep its policy", cmd_confirm,
	 CLI_KEEP_FLOWS, 0},
	{"revert", "", "end a trial and go back", cmd_revert, 0, 0},
	{"stop", "[--lockdown|--open]", "refuse all but SSH, or remove the table", cmd_stop,
	 CLI_OPEN | CLI_LOCKDOWN, 0},
	{"status", "", "print what is loaded, since when, whether it holds", cmd_status, 0, 0},
	{"ports", "", "print every port, who may reach it, by which sentence", cmd_ports, 0, 0},
	{"allow", SENTENCE_USAGE, "add a sentence that allows, and apply", cmd_sentence,
	 SENTENCE_FLAGS, -1},
	{"deny", SENTENCE_USAGE, "add a sentence that drops, and apply", cmd_sentence,
	 SENTENCE_FLAGS, -1},
	{"reject", SENTENCE_USAGE, "add a sentence that answers, and apply", cmd_sentence,
	 SENTENCE_FLAGS, -1},
	{"ban", "[ADDRESS [for TIME]] [--force]", "refuse an address before all else, or list them",
	 cmd_ban, CLI_FORCE, 4},
	{"unban", "ADDRESS", "take a ban back", cmd_unban, 0, 1},
	{"explain", "PACKET", "print which way a packet takes, and who decides", NULL, 0, -1},
	{"reach", "", "print everything that is reachable, from where", NULL, 0, -1},
	{"doctor", "", "look for the typical mistakes on this host", NULL, 0, -1},
	{"log", "[-f]", "print refused packets, and what would allow them", cmd_log, CLI_FOLLOW, 0},
	{"watch", "[--metrics-file FILE]", "keep kernel, engine and policy in agreement", cmd_watch,
	 CLI_METRICS, 0},
	{"rules", "apply|check|diff|stop NAME|FILE, rules install-units",
	 "rules files in iptables-save form", cmd_rules, RULES_FLAGS, -1},
	{"import", "FILE.rules", "print such a file as a policy", cmd_import, 0, 1},
	{NULL, NULL, NULL, NULL, 0, 0},
};

int main(int argc, char **argv)
{
	struct cli cli = {0};

	mem_keep_freed();
	if (!cli_parse(&cli, argc, argv))
		return EXIT_USAGE;
	if (cli.version) {
		(void)printf("wharfwall " WHARFWALL_VERSION "\n");
		return EXIT_DONE;
	}
	if (cli.help) {
		cli_help();
		return EXIT_DONE;
	}
	if (!cli.command->run)
		return (int)cli_refuse(&cli, EXIT_USAGE,
				       "'%s' is not built yet; nothing was changed",
				       cli.command->name);
	return (int)cli.command->run(&cli);
}
