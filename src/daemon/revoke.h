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

/*
 * To look through the tracked connections takes milliseconds, however few there are: what is to be
 * cut is gathered for a moment, behind the commits that closed it.
 */
struct revoke {
	struct arena *known_arena;	  /* owned, of known */
	VEC(struct revoke_address) known; /* as of the last pass */
	struct arena *gone_arena;	  /* owned, of gone */
	VEC(struct ip_addr) gone;	  /* addresses that were given back since the last cut */
	struct control_load *before; /* owned; the table that was in force before the first pass
					that closed something since the last cut, or NULL */
	bool all;	   /* the table was repaired: who came in meanwhile has no permission */
	unsigned failures; /* in a row: what was gathered is kept, and tried again */
	uint64_t cut;
};

void revoke_done(struct revoke *revoke);
/* A pass was committed: which addresses containers have given back. */
void revoke_addresses(struct revoke *revoke, const struct engine *engine);
/* Takes over the load whose table was in force until a pass closed something. */
void revoke_sentences(struct revoke *revoke, struct control_load *before);
/* The table was changed by somebody else, and repaired; SSH is left alone. */
void revoke_all(struct revoke *revoke, const struct control_load *now);
bool revoke_is_pending(const struct revoke *revoke);
/* Cuts what was gathered; model and facts are those that count now. */
int revoke_flows(struct revoke *revoke, struct kernel_session *session, struct model *model,
		 const struct facts *facts, struct err *err);
/*
 * Whether `now` would refuse an SSH connection to this host that is established: a sentence about
 * it in now's arena, or NULL.
 */
const char *revoke_ssh(struct kernel_session *session, const struct control_load *now);
