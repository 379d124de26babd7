/* Random models, and packets near a model's own addresses and ports. */
#pragma once

#include "base/arena.h"
#include "model/eval.h"

struct random {
	uint64_t state;
};

uint32_t random_below(struct random *random, uint32_t limit);
bool random_one_in(struct random *random, uint32_t n);
struct model *random_model(struct random *random, struct arena *arena);
struct packet random_packet(struct random *random, const struct model *model);
