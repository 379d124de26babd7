/*
 * What the messages of rtnetlink say: one interface, address or route each, added to the facts.
 * Nothing is believed of a message: one that is cut short, or whose attributes are not what they
 * must be, adds nothing.
 */
#pragma once

#include <libmnl/libmnl.h>

#include "base/arena.h"
#include "facts/facts.h"

struct link_reader {
	struct arena *arena;
	struct facts *facts;
};

/* Callbacks of libmnl; `reader` is a struct link_reader.  They always go on. */
int link_parse(const struct nlmsghdr *message, void *reader);
/* Of interfaces that are known. */
int address_parse(const struct nlmsghdr *message, void *reader);
/* Unicast routes of the main table by interfaces that are known; of several next hops the first. */
int route_parse(const struct nlmsghdr *message, void *reader);

/* When every interface is known: a bridge with a port that is no veth is an uplink. */
void uplinks_mark(struct facts *facts);
