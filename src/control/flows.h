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
/* Cuts every connection to or from these addresses: whoever had them is gone. */
int flows_cut_addrs(const struct ip_addr *addrs, uint32_t count, uint32_t *ret_cut,
		    struct err *err);
/* True if a new connection like this one would be refused; false where that is not known. */
struct flow;
bool flow_is_refused(const struct model *model, const struct facts *facts, const struct flow *flow);
