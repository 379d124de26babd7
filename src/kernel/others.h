/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A look at tables that are not ours.  They are never written. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/session.h"

/*
 * Rules in a chain of nf_tables (also of iptables-nft), family as NFPROTO_x; chain NULL: in all of
 * the table's.  0 if there is no such chain or table.
 */
int kernel_count_rules(struct kernel_session *session, uint8_t family, const char *table,
		       const char *chain, uint32_t *ret_count, struct err *err);
