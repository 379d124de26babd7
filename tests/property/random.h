/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random numbers that a seed repeats. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct random {
	uint64_t state; /* never 0 */
};

/* From the environment's SEED, or the clock; printed. */
struct random random_of_run(void);
uint32_t random_below(struct random *random, uint32_t limit);
bool random_one_in(struct random *random, uint32_t n);
