/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections end with the permission that let them begin. */
#pragma once

#include "control/control.h"
#include "kernel/session.h"

/* An address while a container has it. */
struct revoke_address {
	char id[64];
	struct ip_addr addr;
};

struct revoke {
	struct arena *arena;		  /* owned */
	VEC(struct revoke_address) known; /* as of the last call */
	uint64_t cut;
};

void revoke_done(struct revoke *revoke);
/*
 * After a commit: cuts the connections of addresses that containers have given back since the last
 * call, and (before not NULL) those that `before` let begin and `now` would not.
 */
int revoke_flows(struct revoke *revoke, struct kernel_session *session, const struct model *before,
		 const struct control_load *now, struct err *err);
/*
 * Whether `now` would refuse an SSH connection to this host that is established: a sentence about
 * it in now's arena, or NULL.
 */
const char *revoke_ssh(struct kernel_session *session, const struct control_load *now);
