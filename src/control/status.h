/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looks at what is loaded, what was applied and what is on disk. */
#pragma once

#include "control/control.h"
#include "report/status.h"

/*
 * `disk` is what the policy file on disk gives (as far as it could be read), with facts.
 * `applied` is filled from the kept texts when there are any; ret points into both.
 */
int status_read(const struct control_options *options, struct control_load *disk,
		struct control_load *applied, struct report_status *ret, struct err *err);
/* "chain input: allow tcp 22": what of the table was not as it should be. */
const char *status_change_text(struct arena *arena, const struct ir_change *change);
