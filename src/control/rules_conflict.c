/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The other firewalls of a Debian host. */
#include "control/rules_conflict.h"

#include <glob.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "host/program.h"

#define SYSTEMCTL_TIMEOUT_MS 5000u
#define CONFIG_BYTES_MAX 1048576u

struct other {
	const char *unit;
	const char *text;
};

static const struct other others[] = {
	{"netfilter-persistent.service",
	 "it loads /etc/iptables/rules.v4 and rules.v6 over the whole tables, Docker's chains and "
	 "these rules with them; these are loaded behind it at boot and when it is restarted, but "
	 "not when it is started by hand, and Docker's chains are not; its alias has the name "
	 "iptables.service: 'systemctl disable --now netfilter-persistent' before these units are "
	 "enabled"},
	{"nftables.service",
	 "its start, reload and stop flush every rule of the host, these and Docker's too, where "
	 "/etc/nftables.conf begins with 'flush ruleset' as Debian's does; these are loaded behind "
	 "it "
	 "at boot and when it is reloaded or restarted, but not when it is stopped or started by "
	 "hand, the host is open for a moment each time, "
	 "and Docker's rules come back by 'systemctl restart docker' only: take that line out "
	 "('table inet filter' and 'flush table inet filter' in its place), or 'systemctl disable "
	 "nftables'"},
	{"ufw.service",
	 "a rules file that flushes INPUT takes ufw's jumps out, so that ufw says it is active and "
	 "does nothing; 'ufw reload' puts them in again and opens the host for half a second: "
	 "'ufw disable' before these units are enabled"},
	{"firewalld.service",
	 "its unit says Conflicts=iptables.service: with both enabled, systemd leaves one out at "
	 "boot "
	 "without a word, and 'systemctl start iptables' stops firewalld and takes its rules away: "
	 "'systemctl disable --now firewalld', or leave iptables.service disabled and enable "
	 "iptables@NAME.service only"},
};

#define OTHER_COUNT (sizeof(others) / sizeof(*others))

static bool glob_finds(const char *pattern)
{
	glob_t found = {0};
	bool any = glob(pattern, GLOB_NOSORT, NULL, &found) == 0;

	globfree(&found);
	return any;
}

/* ufw's unit is always enabled; whether it does anything stands in a file of its own. */
static bool ufw_is_off(struct arena *arena, const char *root)
{
	const char *path = arena_printf(arena, "%s/etc/ufw/ufw.conf", root);
	char *text = NULL;
	uint32_t len = 0;

	return file_read(arena, path, FILE_ANY, CONFIG_BYTES_MAX, &text, &len, NULL) < 0 ||
	       !strstr(text, "\nENABLED=yes");
}

static bool is_enabled(struct arena *arena, const char *root, const char *unit)
{
	return glob_finds(arena_printf(arena, "%s/etc/systemd/system/*.wants/%s", root, unit)) ||
	       glob_finds(arena_printf(arena, "%s/etc/systemd/system/*.requires/%s", root, unit));
}

/* One answer a line, in the order of the question. */
static void active_ask(struct arena *arena, bool ret[OTHER_COUNT])
{
	const char *systemctl = program_find(arena, "systemctl");
	const char *argv[OTHER_COUNT + 3] = {systemctl, "is-active"};
	struct program_run run = {.argv = argv};
	const char *line;

	if (!systemctl || access("/run/systemd/system", F_OK) < 0)
		return;
	for (size_t i = 0; i < OTHER_COUNT; i++)
		argv[i + 2] = others[i].unit;
	if (program_run_all(arena, &run, 1, SYSTEMCTL_TIMEOUT_MS, NULL) < 0)
		return;
	line = run.out;
	for (size_t i = 0; i < OTHER_COUNT; i++) {
		ret[i] = str_starts(line, "active\n");
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
}

void rules_conflicts(struct arena *arena, const char *root, struct install_plan *ret)
{
	bool active[OTHER_COUNT] = {false};

	if (!*root)
		active_ask(arena, active);
	for (size_t i = 0; i < OTHER_COUNT; i++) {
		bool enabled = is_enabled(arena, root, others[i].unit);

		if (!enabled && !active[i])
			continue;
		if (str_eq(others[i].unit, "ufw.service") && ufw_is_off(arena, root))
			continue;
		*vec_add(arena, &ret->conflicts) =
			(struct install_conflict){.unit = others[i].unit,
						  .state = active[i] ? "active" : "enabled",
						  .text = others[i].text};
	}
}
