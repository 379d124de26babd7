/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an event of the engine means for what we know. */
#include <errno.h>

#include "engine/container.h"
#include "engine/json.h"

struct action {
	const char *type;
	const char *name;
	enum event_kind kind;
};

/* Docker's words, and Podman's where it has others.  A container that is made does not run yet. */
static const struct action actions[] = {
	{"container", "die", EVENT_GONE},	   {"container", "died", EVENT_GONE},
	{"container", "destroy", EVENT_GONE},	   {"container", "remove", EVENT_GONE},
	{"container", "cleanup", EVENT_GONE},	   {"container", "start", EVENT_CHANGED},
	{"container", "restart", EVENT_CHANGED},   {"container", "unpause", EVENT_CHANGED},
	{"container", "update", EVENT_CHANGED},	   {"container", "rename", EVENT_RENAMED},
	{"network", "connect", EVENT_CONNECTED},   {"network", "disconnect", EVENT_LEFT},
	{"network", "create", EVENT_NETWORKS},	   {"network", "update", EVENT_NETWORKS},
	{"network", "prune", EVENT_NETWORKS},	   {"network", "destroy", EVENT_NETWORK_GONE},
	{"network", "remove", EVENT_NETWORK_GONE}, {"service", "create", EVENT_UNCLEAR},
	{"service", "update", EVENT_UNCLEAR},	   {"service", "remove", EVENT_UNCLEAR},
};

static enum event_kind kind_of(const char *type, const char *name)
{
	for (size_t i = 0; type && name && i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (str_eq(actions[i].type, type) && str_eq(actions[i].name, name))
			return actions[i].kind;
	}
	return EVENT_NOTHING;
}

struct actor {
	const char *id;
	const char *container; /* of a network's event */
	const char *name;
};

static int read_actor(const json_t *json, struct actor *ret, struct err *err)
{
	json_t *actor, *attributes = NULL;
	int r = json_member(json, "Actor", JSON_OBJECT, &actor, err);

	*ret = (struct actor){0};
	if (r < 0 || !actor)
		return r;
	r = json_member_text(actor, "ID", &ret->id, err);
	if (r == 0)
		r = json_member(actor, "Attributes", JSON_OBJECT, &attributes, err);
	if (r == 0 && attributes)
		r = json_member_text(attributes, "container", &ret->container, err);
	if (r == 0 && attributes)
		r = json_member_text(attributes, "name", &ret->name, err);
	return r;
}

static const char *keep(struct arena *arena, const char *text)
{
	return text ? arena_strdup(arena, text) : NULL;
}

static void understand(struct arena *arena, const struct actor *actor, struct engine_event *ret)
{
	switch ((enum event_kind)ret->kind) {
	case EVENT_CHANGED:
	case EVENT_RENAMED:
	case EVENT_GONE:
		ret->id = keep(arena, actor->id);
		break;
	case EVENT_CONNECTED:
	case EVENT_LEFT:
		ret->id = keep(arena, actor->container);
		ret->network = keep(arena, actor->name);
		break;
	case EVENT_NETWORK_GONE:
		ret->network = keep(arena, actor->id);
		return;
	case EVENT_NOTHING:
	case EVENT_NETWORKS:
	case EVENT_UNCLEAR:
		return;
	}
	/* Podman does not always say of which container it speaks */
	if (!container_id_is_proper(ret->id))
		*ret = (struct engine_event){.kind = EVENT_UNCLEAR};
}

int reply_event(struct arena *arena, const struct str_buf *item, struct engine_event *ret,
		struct err *err)
{
	auto_of(json_release) json_t *json = json_read(item, JSON_OBJECT, "event", err);
	const char *type = NULL, *name = NULL;
	struct actor actor = {0};
	int r;

	*ret = (struct engine_event){0};
	if (!json)
		return -EPROTO;
	r = json_member_text(json, "Type", &type, err);
	if (r == 0)
		r = json_member_text(json, "Action", &name, err);
	if (r == 0)
		r = read_actor(json, &actor, err);
	if (r < 0)
		return r;
	ret->kind = (uint8_t)kind_of(type, name);
	understand(arena, &actor, ret);
	return 0;
}
