/* Sockets that wait for somebody: listening TCP, bound UDP. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "facts/facts.h"

int listener_read(struct arena *arena, struct facts *facts, struct err *err);
