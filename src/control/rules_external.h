/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which interfaces the placeholder `extinf` of a rules file stands for: all that are not this
 * host's own.  What is not known is outside: a second card, a VPN, a bridge with a card in it.
 * Not external are loopback, the ports of bridges (and of bonds), the bridges of container
 * networks.
 */
#pragma once

#include "base/err.h"
#include "facts/facts.h"

struct rules_names {
	VEC(const char *) items; /* those with a default route first, each once */
};

/* True if nothing that comes in by it is from outside of this host. */
bool rules_iface_is_internal(const struct facts *facts, const struct iface *iface);
/*
 * For a running host: at least one interface must have a default route (of either family), or it
 * is not known yet what is outside: -ENODEV.  The names live in arena.
 */
int rules_external(struct arena *arena, const struct facts *facts, struct rules_names *ret,
		   struct err *err);
/*
 * While the host boots there are no routes, and not all interfaces: those of the last successful
 * load (remembered, may be none) and those that are there.  -ENODEV when neither names one.
 */
int rules_external_boot(struct arena *arena, const struct facts *facts,
			const struct rules_names *remembered, struct rules_names *ret,
			struct err *err);
