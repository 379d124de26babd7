/* From interfaces to zones: a map of exact names, wildcards behind it, the rest is auto. */
#pragma once

#include "compile/pairs.h"

/* goals by zone; an entry for a zone without interfaces is not looked at. */
void zones_dispatch(struct build *build, const struct model *model, uint32_t chain,
		    enum ir_field field, const struct goal *goals, const char *map_name);
/* Can a packet come from or go to it? */
bool zone_has_ifaces(const struct model *model, uint32_t zone);
