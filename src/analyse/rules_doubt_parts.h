/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The groups of findings of rules_doubt.h, a file each; only rules_doubt.c calls them. */
#pragma once

#include "analyse/rules_doubt.h"
#include "analyse/rules_view.h"

struct rules_doubter {
	struct arena *arena; /* gone when rules_doubt() returns; diagnostics live in diags->arena */
	const struct rules_file *file;
	const struct rules_doubt_scene *scene;
	struct rules_view view;
	bool is_dump; /* refused as such: what Docker made in it is not told again */
	struct diag_list *diags;
};

/* Which side of this host an interface of a rule is on. */
enum rules_side {
	RULES_SIDE_ANY,	    /* none is named */
	RULES_SIDE_OUTSIDE, /* an external one, or all but an inner one */
	RULES_SIDE_INSIDE,  /* loopback or a container network, or all but an external one */
	RULES_SIDE_UNKNOWN,
};

enum rules_side rules_doubt_side(const struct rules_doubter *doubter,
				 const struct rules_iface *iface);
/* A chain that Docker makes, fills and empties; DOCKER-USER is the user's. */
bool rules_doubt_is_docker_chain(const char *name);
/* Docker keeps its rules on this host, or is meant to. */
bool rules_doubt_has_docker(const struct rules_doubter *doubter);
/* What to write for the target in DOCKER-USER: RETURN for ACCEPT. */
const char *rules_doubt_user_target(const struct rules_match *match);

void rules_doubt_dump(struct rules_doubter *doubter);	  /* E0851 E0852 */
void rules_doubt_chains(struct rules_doubter *doubter);	  /* W0901 W0902 */
void rules_doubt_ports(struct rules_doubter *doubter);	  /* W0903 W0904 */
void rules_doubt_accepts(struct rules_doubter *doubter);  /* W0905 */
void rules_doubt_ifaces(struct rules_doubter *doubter);	  /* W0906 W0913 */
void rules_doubt_families(struct rules_doubter *doubter); /* W0907 */
void rules_doubt_logs(struct rules_doubter *doubter);	  /* W0908 W0914 */
void rules_doubt_reach(struct rules_doubter *doubter);	  /* W0909 W0912 */
void rules_doubt_order(struct rules_doubter *doubter);	  /* W0910 W0911 */
void rules_doubt_stop(struct rules_doubter *doubter);	  /* W0915 */
