/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel has counted, by sentence and by container: packets that open a connection, for
 * those of known ones are asked no sentence.
 */
#pragma once

#include <jansson.h>

#include "base/str.h"
#include "base/vec.h"

struct report_number {
	const char *what;  /* the sentence, or the container's name */
	const char *where; /* file:line:column, or the container's id; or NULL */
	uint64_t packets;
	uint64_t bytes;
};

struct report_numbers {
	VEC(struct report_number) sentences; /* in the order of the policy; not: uncounted ones */
	VEC(struct report_number) containers;
};

/* The busiest few. */
void report_numbers_text(const struct report_numbers *numbers, struct str_buf *out);
/* Adds "sentence_counters" and "container_counters". */
void report_numbers_json(const struct report_numbers *numbers, json_t *object);
void report_numbers_metrics(const struct report_numbers *numbers, struct str_buf *out);
