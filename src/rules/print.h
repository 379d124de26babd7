/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing rules files: reading what was written gives the same file again. */
#pragma once

#include "base/str.h"
#include "rules/rules.h"

void rules_print(const struct rules_file *file, struct str_buf *out);
/* The line without blanks around it and without its end: what a program is given. */
void rules_print_line(const struct rules_line *line, struct str_buf *out);
