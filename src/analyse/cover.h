/*
 * What the sentences so far decide, so that a later one can be asked whether it still gets
 * anything.  A sentence is taken apart into atoms: one service from one source.  An atom is
 * covered when a single earlier atom holds all of it; different atoms of a sentence may be
 * covered by different sentences.  "Covered" is certain, "not covered" may be wrong where lists
 * are long: see the limits in cover.c.
 */
#pragma once

#include "base/hash.h"
#include "model/model.h"

struct cover;

struct cover *cover_new(struct arena *arena);
void cover_add(struct cover *cover, const struct rule *rule);
/*
 * The first of the earlier rules that together hold all of `rule`; NULL if something is left, or
 * if the rule speaks of nobody now.
 */
const struct rule *cover_find(const struct cover *cover, const struct rule *rule);
