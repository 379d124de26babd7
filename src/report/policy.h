/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a policy means: what is always allowed, zones, and the sentences of each pair. */
#pragma once

#include <jansson.h>

#include "base/source.h"
#include "base/str.h"
#include "model/model.h"

/* The list of what needs no sentence, each line with `prefix` in front. */
void report_always_allowed(const char *prefix, struct str_buf *out);
/* Adds zones, pairs with their sentences, and always_allowed to object. */
void report_policy_json(const struct model *model, const struct source_set *sources,
			json_t *object);
