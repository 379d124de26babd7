/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections that were cut.  To make the kernel forget one does not end it: the server's next
 * packet is taken for the middle of a connection of its own, and allowed where that way is open.
 * So what a server sends in a connection that was cut is refused for a while.
 */
#pragma once

#include "compile/build.h"

/* Behind the known connections of a chain that answers of servers pass. */
void cut_refuse(struct build *build, uint32_t chain);
