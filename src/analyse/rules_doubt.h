/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is wrong or doubtful in a rules file on a host with containers: findings as warnings, and
 * as errors where the file must not be loaded at all (a dump that holds what Docker made).
 *
 *	base.rules:31:81: warning: LOG without a limit: whoever floods this host fills its log
 *[W0908] Only what is sure is said: a match that is not understood may match or not.  The file is
 *the one that was read, with its placeholder: nothing is said twice because a host has two cards.
 */
#pragma once

#include "base/diag.h"
#include "facts/facts.h"
#include "rules/rules.h"

/* The administrator's own connection, as control/ssh.h has it. */
struct rules_doubt_ssh {
	struct ip_addr client;
	struct ip_addr server;
	uint16_t client_port;
	uint16_t server_port;
};

struct rules_doubt_scene {
	const struct facts *facts;	   /* may be empty, and without engine */
	const char *const *external;	   /* what `extinf` stands for */
	uint32_t external_count;	   /* 0: not known */
	const struct rules_file *empty;	   /* NAME.rules.empty, which stop loads; or NULL */
	bool has_rules6;		   /* NAME.rules6 is there, so no twin is made */
	const struct rules_doubt_ssh *ssh; /* or NULL */
};

void rules_doubt(const struct rules_file *file, const struct rules_doubt_scene *scene,
		 struct diag_list *diags);
