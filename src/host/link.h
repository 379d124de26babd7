/* Interfaces, addresses and routes over rtnetlink. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "facts/facts.h"

int link_read(struct arena *arena, struct facts *facts, struct err *err);
int address_read(struct arena *arena, struct facts *facts, struct err *err);
int route_read(struct arena *arena, struct facts *facts, struct err *err);
