/* Random models, and packets near a model's own addresses and ports. */
#pragma once

#include "base/arena.h"
#include "model/eval.h"
#include "property/random.h"

struct model *random_model(struct random *random, struct arena *arena);
struct packet random_packet(struct random *random, const struct model *model);
