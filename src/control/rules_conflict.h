/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who else loads rules on this host, and what that does to rules files. */
#pragma once

#include "control/rules_install.h"

/* Adds those that are enabled, or active when root is "", to ret->conflicts. */
void rules_conflicts(struct arena *arena, const char *root, struct install_plan *ret);
