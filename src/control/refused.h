/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a refused packet wanted: which container, by which port as it was dialled, and the sentence
 * that would allow it, and nothing more than it.
 */
#pragma once

#include "facts/facts.h"
#include "kernel/nflog.h"
#include "model/model.h"
#include "report/refused.h"

/* Is it one that our table told, and not another user of the group? */
bool refused_is_ours(const struct nflog_packet *packet);
/*
 * model: what is in force; NULL: nothing is known, no sentence is made.  Containers are those of
 * the model, interfaces those of the facts: read shortly before.  *ret points into arena, model
 * and facts.
 */
void refused_describe(struct arena *arena, const struct model *model, const struct facts *facts,
		      const struct nflog_packet *packet, struct refused *ret);
