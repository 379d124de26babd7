/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes reachable and what closes between two models that see the same facts. */
#pragma once

#include <jansson.h>

#include "analyse/exposure.h"
#include "base/str.h"

struct report_change {
	bool opens;
	const char *zone;
	const struct exposure *port;
	const struct exposure_access *access; /* that opens it; NULL when it closes */
};

struct report_changes {
	VEC(struct report_change) items;
};

/* Zones are compared by name; before NULL: everything was closed. */
void report_changes_of(struct arena *arena, const struct model *before,
		       const struct exposure_list *before_list, const struct model *after,
		       const struct exposure_list *after_list, struct report_changes *ret);
void report_changes_text(const struct report_changes *changes, const struct source_set *sources,
			 struct str_buf *out);
json_t *report_changes_json(const struct report_changes *changes, const struct source_set *sources);
