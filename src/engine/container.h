/*
 * Parts of a container that the engine tells alike in its list and in its answer about one
 * container.  What is of the wrong kind sets an error and refuses the whole container.
 */
#pragma once

#include <stdbool.h>

#include <jansson.h>

#include "base/err.h"
#include "engine/reply.h"
#include "facts/facts.h"

#define CONTAINER_ID_LEN 64u

bool container_id_is_proper(const char *id); /* 64 small hex digits; NULL is none */
/* Sets id and name; a container without a name is called by the first 12 digits of its id. */
int container_set_name(struct arena *arena, const char *id, const char *name,
		       struct container *container, struct err *err);
/* The member "Labels" of json. */
int container_read_labels(struct arena *arena, const json_t *json, struct container *container,
			  struct err *err);
/* Whether the member "HostConfig" of json says that it is in the host's network. */
int container_read_mode(const json_t *json, struct container *container, struct err *err);
/* "NetworkSettings" of json; -ERANGE for an address outside its network in engine->networks. */
int container_read_endpoints(struct arena *arena, const json_t *json, const struct engine *engine,
			     struct container *container, struct err *err);
/* An address; family IP_NONE if absent or empty. */
int container_read_addr(const json_t *json, const char *key, struct ip_addr *ret, struct err *err);
/* No address means any of IPv4. */
int container_add_port(struct arena *arena, const struct port_binding *port,
		       struct container *container, struct err *err);
const struct network *container_network(const struct engine *engine, const char *name);
