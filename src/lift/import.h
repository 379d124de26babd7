/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A rules file as a policy: the filter table's INPUT, OUTPUT, and DOCKER-USER with FORWARD, read as
 * what becomes of a new connection between each two zones.
 *
 *	-i lo, RELATED,ESTABLISHED		always allowed, no sentence
 *	INPUT from extinf			internet -> host
 *	INPUT from docker0 and br+		containers -> host
 *	OUTPUT					host -> internet, host -> containers
 *	DOCKER-USER -i extinf			internet -> containers
 *	DOCKER-USER -o extinf			containers -> internet
 *	any other interface by its name		a zone of its own
 *
 * RETURN in DOCKER-USER is "allow": the engine's own rules still come behind ours.  What cannot be
 * said stands in its section as a comment with the reason; what the policy always allows and the
 * file refuses is told at the top.
 */
#pragma once

#include "base/diag.h"
#include "rules/rules.h"

struct import_remark {
	const struct rules_line *line; /* NULL: of no single rule */
	const char *reason;
};

struct import_result {
	uint32_t sentences;
	VEC(struct import_remark) unsaid; /* each rule once; any: the two are not equal */
	VEC(const char *) differences;	  /* what is always so in a policy; also in the text */
};

/*
 * `file` as it was read, with its placeholders; `name` is its file name, for the head.  has_own6:
 * IPv6 has a file of its own, so that one policy cannot say both.  The text is not in canonical
 * form yet.  Sources may be NULL: no line numbers then.
 */
void import_rules(struct arena *arena, const struct source_set *sources,
		  const struct rules_file *file, const char *name, bool has_own6,
		  struct str_buf *out, struct import_result *ret);
