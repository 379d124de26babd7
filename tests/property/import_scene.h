/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A rules file and the policy that import makes of it, on one host: what each does to a packet. */
#pragma once

#include "lang/load.h"
#include "lift/eval.h"
#include "lift/import.h"
#include "model/eval.h"
#include "property/random.h"

/* Interfaces of the host: two external ones, one that some files name, two bridges of containers.
 */
#define SCENE_BRIDGE "br-4f1d2c3b4a59"

struct import_scene {
	struct arena *arena;
	struct source_set sources;
	struct diag_list diags;
	const char *policy; /* canonical text */
	struct import_result result;
	struct lift_chains chains[2]; /* IPv4, IPv6 */
	const struct model *model;
};

/* The test fails where the text is no rules file, or the policy is none, or no fixpoint of fmt. */
void import_scene_make(struct import_scene *scene, const char *name, const char *text);
struct fate import_scene_fate(const struct import_scene *scene, const struct packet *packet);
/* A packet on this host, near what rules files ask for. */
struct packet import_scene_packet(struct random *random);
