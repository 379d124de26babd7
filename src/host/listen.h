/* SPDX-License-Identifier: GPL-2.0-or-later */
/* That interfaces, addresses or routes of this host changed: a hint, never what changed. */
#pragma once

#include <stdbool.h>

#include "base/err.h"

/* *ret_fd: a socket that becomes readable; closed by the caller. */
int host_listen(int *ret_fd, struct err *err);
/* Takes all that is queued; *ret_changed: something that facts hold may be another (not: counters).
 */
int host_listen_read(int fd, bool *ret_changed, struct err *err);
