/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ports of the host that nothing closes: neither a mistake in the policy, nor a ban, nor lockdown.
 */
#pragma once

#include "compile/build.h"

/* Accepts them in this chain: its other rules do not see them. */
void failsafe_allow(struct build *build, uint32_t chain, const struct model *model);
