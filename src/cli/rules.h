/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the commands `wharfwall rules ...` share. */
#pragma once

#include "cli/cli.h"

/* What came of rules_load() or rules_apply(): mistakes of the file, or of the system. */
enum exit_status rules_fail(const struct cli *cli, int code, const struct err *err,
			    const struct control_load *load);

enum exit_status rules_cmd_diff(struct cli *cli, const char *operand);
enum exit_status rules_cmd_install(struct cli *cli, const char *operand);
