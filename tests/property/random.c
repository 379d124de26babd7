/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random numbers that a seed repeats. */
#include "property/random.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct random random_of_run(void)
{
	const char *text = getenv("SEED");
	uint64_t seed = (uint64_t)time(NULL) * 2654435761u;

	if (text)
		seed = strtoull(text, NULL, 0);
	printf("# SEED=%" PRIu64 "\n", seed);
	return (struct random){seed ? seed : 1};
}

uint32_t random_below(struct random *random, uint32_t limit)
{
	random->state ^= random->state << 13;
	random->state ^= random->state >> 7;
	random->state ^= random->state << 17;
	return (uint32_t)((random->state >> 16) % limit);
}

bool random_one_in(struct random *random, uint32_t n)
{
	return random_below(random, n) == 0;
}
