/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small files of the state directory end with a line "check 0123456789abcdef", the checksum of all
 * before it: what a disk or an editor changed is not taken for what was written.
 */
#pragma once

#include "base/err.h"
#include "base/str.h"

void seal_add(struct str_buf *text);
/* Checks it and cuts it off: *len is less, text ends there.  -EBADMSG: none, or another one. */
int seal_take(char *text, uint32_t *len, struct err *err);
