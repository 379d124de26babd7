/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What containers say of themselves: labels and names of compose are claims, ids are facts. */
#pragma once

#include <jansson.h>

#include "base/str.h"
#include "facts/facts.h"

/* A line for each label that is not read; nothing where labels are trusted. */
void report_labels_text(const struct facts *facts, bool trusted, struct str_buf *out);
/* An array: every running container. */
json_t *report_containers_json(const struct facts *facts, bool trusted);
