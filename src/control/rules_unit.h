/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What systemd is about, asked from within ExecStop= of the unit iptables@NAME.service. */
#pragma once

#include <stdbool.h>

#include "base/err.h"

enum rules_unit_stop {
	RULES_UNIT_STOP,      /* somebody said `systemctl stop` */
	RULES_UNIT_RESTART,   /* the unit is started again */
	RULES_UNIT_SHUTDOWN,  /* the system goes down */
	RULES_UNIT_FIREWALLD, /* firewalld is started, which stops us by its Conflicts= */
	RULES_UNIT_OTHER,     /* another firewall's unit is stopped, of which ours is a part */
	RULES_UNIT_UNKNOWN,   /* it could not be found out */
};

/* From the output of `systemctl list-jobs`: lines "ID UNIT TYPE STATE". */
enum rules_unit_stop rules_unit_jobs(const char *text, const char *unit);
/* Asks systemd. */
enum rules_unit_stop rules_unit_why(const char *name);
const char *rules_unit_why_text(enum rules_unit_stop why);
