/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The jobs of systemd. */
#include "control/rules_unit.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "host/program.h"

#define SYSTEMCTL_TIMEOUT_MS 5000u
#define WORD_MAX 256

struct unit_job {
	char id[WORD_MAX];
	char unit[WORD_MAX];
	char type[WORD_MAX];
};

static const char *word_take(const char *at, char word[WORD_MAX])
{
	size_t len;

	at += strspn(at, " \t");
	len = strcspn(at, " \t\n");
	(void)snprintf(word, WORD_MAX, "%.*s", (int)(len < WORD_MAX ? len : WORD_MAX - 1), at);
	return at + len;
}

static void job_parse(const char *line, struct unit_job *ret)
{
	line = word_take(line, ret->id);
	line = word_take(line, ret->unit);
	(void)word_take(line, ret->type);
}

/* Units whose start means that the system goes down, or goes over to another one. */
static bool is_going_down(const struct unit_job *job)
{
	static const char *const targets[] = {"shutdown.target", "poweroff.target",
					      "reboot.target",	 "halt.target",
					      "kexec.target",	 "soft-reboot.target",
					      "exit.target",	 "initrd-switch-root.target"};

	if (!str_eq(job->type, "start"))
		return false;
	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++) {
		if (str_eq(job->unit, targets[i]))
			return true;
	}
	return false;
}

/* Units that PartOf= of ours names, but for iptables.service, which says all of ours. */
static bool is_whole(const char *unit)
{
	return str_eq(unit, "nftables.service") || str_eq(unit, "netfilter-persistent.service");
}

enum rules_unit_stop rules_unit_jobs(const char *text, const char *unit)
{
	enum rules_unit_stop why = RULES_UNIT_UNKNOWN;
	bool firewalld = false;
	bool other = false;

	while (*text) {
		struct unit_job job;

		job_parse(text, &job);
		text += strcspn(text, "\n");
		text += *text == '\n';
		if (is_going_down(&job))
			return RULES_UNIT_SHUTDOWN;
		if (str_eq(job.unit, "firewalld.service") && !str_eq(job.type, "stop"))
			firewalld = true;
		if (is_whole(job.unit) && str_eq(job.type, "stop"))
			other = true;
		if (!str_eq(job.unit, unit))
			continue;
		if (str_eq(job.type, "stop"))
			why = RULES_UNIT_STOP;
		else if (str_starts(job.type, "re") || str_starts(job.type, "try-re"))
			why = RULES_UNIT_RESTART;
	}
	if (why != RULES_UNIT_STOP)
		return why;
	return firewalld ? RULES_UNIT_FIREWALLD : other ? RULES_UNIT_OTHER : why;
}

enum rules_unit_stop rules_unit_why(const char *name)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	const char *systemctl = program_find(arena, "systemctl");
	const char *argv[] = {systemctl,    "list-jobs", "--plain", "--no-legend",
			      "--no-pager", "--full",	 NULL};
	struct program_run run = {.argv = argv};

	if (!systemctl || program_run_all(arena, &run, 1, SYSTEMCTL_TIMEOUT_MS, NULL) < 0 ||
	    run.status != 0)
		return RULES_UNIT_UNKNOWN;
	return rules_unit_jobs(run.out, arena_printf(arena, "iptables@%s.service", name));
}

const char *rules_unit_why_text(enum rules_unit_stop why)
{
	switch (why) {
	case RULES_UNIT_STOP:
		return "it is stopped";
	case RULES_UNIT_RESTART:
		return "the unit is restarted";
	case RULES_UNIT_SHUTDOWN:
		return "the system goes down";
	case RULES_UNIT_FIREWALLD:
		return "firewalld is started in its place";
	case RULES_UNIT_OTHER:
		return "another firewall's unit is stopped, and this one with it";
	case RULES_UNIT_UNKNOWN:
		return "systemd does not say that anybody stops the unit";
	}
	return "";
}
