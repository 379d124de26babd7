/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What containers say of themselves: the label `wharfwall.allow`, read where the policy says
 * `option labels = trust`.  Whoever may start containers writes it, so it is held to its own
 * container, and a mistake in it leaves out this label only.
 */
#pragma once

#include "control/control.h"

/* Adds the labels of the running containers to load->policy; sets what its options say in load. */
void labels_read(struct control_load *load);
