/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Established connections follow the policy: those that it would not let begin are cut, in both
 * directions, whoever sends next.
 */
#pragma once

#include "control/control.h"
#include "control/ssh.h"

/*
 * Cuts the connections that load->model refuses.  The table that is loaded must be one of ours.
 * Left alone are: those of `own` (the administrator's, or NULL), ICMP, connections that another one
 * announced, and those whose way through this host is not known.  *ret_cut counts.
 */
int flows_cut_refused(const struct control_load *load, const struct ssh_connection *own,
		      uint32_t *ret_cut, struct err *err);
/*
 * Cuts those that `before` (or NULL) let begin and load->model refuses, load->facts are asked for
 * both; and every connection to or from `addrs`, whoever had them is gone.  The session is the
 * caller's: one that is kept open spares the wait for its end.
 */
struct flow_revocation {
	const struct model *before;
	const struct control_load *load;
	const struct ip_addr *addrs;
	uint32_t addr_count;
	bool all;		/* whatever `before` said: the table was not there for a moment */
	const uint16_t *spared; /* ports of this host whose TCP connections `all` leaves alone */
	uint32_t spared_count;
};
int flows_cut_revoked(struct kernel_session *session, const struct flow_revocation *revocation,
		      uint32_t *ret_cut, struct err *err);
/* True if a new connection like this one would be refused; false where that is not known. */
struct flow;
bool flow_is_refused(const struct model *model, const struct facts *facts, const struct flow *flow);
