/* What is reachable, from where, by which sentence: one entry for each port and each zone. */
#pragma once

#include "facts/facts.h"
#include "model/model.h"

enum exposure_kind { EXPOSURE_LISTENER, EXPOSURE_PUBLISHED, EXPOSURE_HOST_NETWORK };

struct exposure_access {
	uint32_t zone;			/* the client's */
	uint8_t verdict;		/* what a client that `from` contains gets */
	const struct source_list *from; /* NULL: everybody (that no earlier entry holds) */
	const struct rule *rule;	/* NULL: the end of the section, or the pair as a whole */
};

struct exposure {
	uint8_t kind;
	uint8_t protocol;
	struct ip_addr addr; /* family IP_NONE: any */
	uint16_t port;
	uint16_t container_port; /* published */
	const char *holder;	 /* program or container, or NULL */
	bool loopback_only;
	bool rootless; /* a container's of a rootless engine, as far as the holder's name tells */
	VEC(struct exposure_access) access; /* in the order in which they are asked */
};

struct exposure_list {
	VEC(struct exposure) items; /* sorted by port, protocol, address */
};

void exposure_of(struct arena *arena, const struct model *model, const struct facts *facts,
		 struct exposure_list *ret);
/* Somebody in `zone` gets through to it. */
bool exposure_is_open(const struct exposure *exposure, uint32_t zone);
