/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A first policy from what a host is now. */
#pragma once

#include "base/str.h"
#include "facts/facts.h"

/* ssh_port: of the administrator's own connection, kept open too; 0: none. */
void init_policy(const struct facts *facts, uint16_t ssh_port, struct str_buf *out);
/* The port is held by an SSH server, as far as can be told without root. */
bool init_is_ssh(const struct listener *listener);
