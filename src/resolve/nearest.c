/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "Did you mean": the candidate with the smallest distance, two at most. */
#include <string.h>

#include "base/str.h"
#include "resolve/resolver.h"

#define NEAREST_DISTANCE_MAX 2u

void nearest_try(struct nearest *nearest, const char *candidate)
{
	unsigned limit = nearest->best ? nearest->distance - 1 : NEAREST_DISTANCE_MAX;
	size_t len = strlen(nearest->word);
	unsigned distance;

	if (nearest->best && nearest->distance <= 1)
		return;
	distance = str_distance(nearest->word, len, candidate, strlen(candidate), limit);
	/* A word of which every letter differs is not alike, however short. */
	if (distance > limit || distance >= len)
		return;
	nearest->best = candidate;
	nearest->distance = distance;
}

void nearest_note(const struct nearest *nearest, struct diag *diag, struct origin at)
{
	if (diag && nearest->best)
		diag_note(diag, at, "did you mean '%s'?", nearest->best);
}
