/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is kept on disk of the rules file that was loaded last and found in the kernel: both
 * families in one file, so that they are always of the same load.
 *
 * STATE/rules/NAME.good is plain text, so that people can read it:
 *	wharfwall-rules 1
 *	applied 2026-11-23T06:20:43Z
 *	source /etc/iptables/base.rules
 *	backend nftables   (the engine's, where it was known)
 *	external eth0      (one an interface that the placeholder stood for)
 *	added 4 filter -A FORWARD -i wg0 -j ACCEPT
 *	text LEN 4         (then LEN bytes and a newline; 6: the IPv6 text)
 *	end
 *	check 0123456789abcdef (of all before it; another one: -EBADMSG)
 */
#pragma once

#include "base/err.h"
#include "control/rules_external.h"
#include "control/rules_text.h"
#include "control/rules_variant.h"

struct rules_last {
	const char *applied; /* RFC 3339 */
	const char *source;
	const char *backend; /* of the engine, NULL: not known */
	struct rules_names external;
	struct rules_added_list added[RULES_FAMILIES];
	const char *text[RULES_FAMILIES]; /* NULL: that family was not loaded */
	uint32_t len[RULES_FAMILIES];
};

/* -ENOENT: nothing was loaded; -EBADMSG: the file was cut off.  All lives in arena. */
int rules_last_read(struct arena *arena, const char *state_dir, const char *name,
		    struct rules_last *ret, struct err *err);
/* Reads the form above from memory; text is cut up in place. */
int rules_last_parse(struct arena *arena, char *text, uint32_t len, struct rules_last *ret,
		     struct err *err);
int rules_last_write(const char *state_dir, const char *name, const struct rules_last *last,
		     struct err *err);
