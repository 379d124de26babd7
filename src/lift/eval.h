/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a rules file does with one packet, in the dullest code possible: the oracle for import and
 * table.  Only the filter table is asked: INPUT, OUTPUT, and for what is routed DOCKER-USER, which
 * comes first, then what the engine says of its containers, then FORWARD.
 */
#pragma once

#include "lift/chains.h"
#include "model/eval.h"

enum fate_verdict {
	FATE_ACCEPT,
	FATE_DROP,
	FATE_REJECT,
	FATE_ENGINE,  /* the file lets it go on to the engine's own rules, or says nothing of it */
	FATE_UNKNOWN, /* rule is not understood, and may decide */
};

struct fate {
	enum fate_verdict verdict;
	const struct lift_rule *rule; /* that decided, or is not understood; NULL: */
	const char *chain;	      /* ... its policy or end, NULL: the file has no such chain */
};

/* Which interfaces are bridges of container networks. */
struct fate_bridges {
	const char *const *names;
	uint32_t count;
};

/*
 * The chains of the packet's family (rules/twin.h) without placeholders (rules/expand.h).  A packet
 * is judged as the first of its kind: TCP that is new is a SYN, a limit holds unless over_rate.
 */
struct fate fate_of_packet(const struct lift_chains *chains, const struct fate_bridges *bridges,
			   const struct packet *packet);
