/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cutting what lost its permission, and not cutting off the administrator. */
#include "daemon/revoke.h"

#include <string.h>

#include "base/hash.h"
#include "base/protocol.h"
#include "control/flows.h"
#include "control/sshd.h"
#include "kernel/flows.h"

/* What cannot be cut must not be gathered for ever. */
#define REVOKE_TRIES 10u

static void gone_forget(struct revoke *revoke)
{
	arena_free(take_ptr(revoke->gone_arena));
	revoke->gone.items = NULL;
	revoke->gone.len = revoke->gone.cap = 0;
	control_load_free(take_ptr(revoke->before));
	revoke->all = false;
	revoke->failures = 0;
}

void revoke_done(struct revoke *revoke)
{
	gone_forget(revoke);
	arena_free(revoke->known_arena);
	*revoke = (struct revoke){0};
}

struct address_set {
	struct arena *arena;
	struct hash_index index;
	VEC(struct revoke_address) items;
};

static void address_add(struct address_set *set, const char *id, const struct ip_addr *addr)
{
	struct revoke_address *address;
	int is_new;

	if (addr->family == IP_NONE)
		return;
	/* Zeroed, also between its members: it is hashed as bytes. */
	address = vec_add(set->arena, &set->items);
	memset(address, 0, sizeof(*address));
	memcpy(address->id, id, strnlen(id, sizeof(address->id)));
	memcpy(&address->addr, addr, sizeof(*addr));
	(void)hash_index_put(&set->index, address, sizeof(*address), &is_new);
}

static void gone_add(struct revoke *revoke, const struct ip_addr *addr)
{
	if (!revoke->gone_arena)
		revoke->gone_arena = arena_new();
	*vec_add(revoke->gone_arena, &revoke->gone) = *addr;
}

void revoke_addresses(struct revoke *revoke, const struct engine *engine)
{
	struct address_set set = {.arena = arena_new()};

	set.index.arena = set.arena;
	vec_each (&engine->containers, container) {
		vec_each (&container->endpoints, endpoint) {
			address_add(&set, container->id, &endpoint->v4);
			address_add(&set, container->id, &endpoint->v6);
		}
	}
	vec_each (&revoke->known, address) {
		if (!hash_index_get(&set.index, address, sizeof(*address)))
			gone_add(revoke, &address->addr);
	}
	arena_free(revoke->known_arena);
	revoke->known_arena = set.arena;
	revoke->known.items = set.items.items;
	revoke->known.len = revoke->known.cap = set.items.len;
}

void revoke_sentences(struct revoke *revoke, struct control_load *before)
{
	if (revoke->before || !before->model || before->keep_flows)
		control_load_free(before);
	else
		revoke->before = before;
}

void revoke_all(struct revoke *revoke, const struct control_load *now)
{
	revoke->all = revoke->all || !now->keep_flows;
}

bool revoke_is_pending(const struct revoke *revoke)
{
	return revoke->gone.len || revoke->before || revoke->all;
}

int revoke_flows(struct revoke *revoke, struct kernel_session *session, struct model *model,
		 const struct facts *facts, struct err *err)
{
	const struct control_load now = {.model = model, .facts = *facts};
	struct port_list ports = {0};
	struct flow_revocation revocation = {
		.before = revoke->before ? revoke->before->model : NULL,
		.load = &now,
		.addrs = revoke->gone.items,
		.addr_count = revoke->gone.len,
		.all = revoke->all,
	};
	uint32_t cut = 0;
	int r;

	if (revoke->all) {
		if (!revoke->gone_arena)
			revoke->gone_arena = arena_new();
		sshd_ports(revoke->gone_arena, facts, &ports);
		revocation.spared = ports.items.items;
		revocation.spared_count = ports.items.len;
	}
	r = flows_cut_revoked(session, &revocation, &cut, err);
	revoke->cut += cut;
	revoke->failures = r < 0 ? revoke->failures + 1 : 0;
	if (r >= 0 || revoke->failures >= REVOKE_TRIES)
		gone_forget(revoke);
	return r;
}

struct ssh_question {
	const struct control_load *now;
	struct port_list ports;
};

static bool is_ssh_refused(void *data, const struct flow *flow)
{
	const struct ssh_question *question = data;
	bool is_ssh = false;

	if (flow->protocol != PROTOCOL_TCP || flow->dnat ||
	    !facts_is_own_address(&question->now->facts, &flow->server))
		return false;
	vec_each (&question->ports.items, port)
		is_ssh = is_ssh || *port == flow->server_port;
	return is_ssh && flow_is_refused(question->now->model, &question->now->facts, flow);
}

const char *revoke_ssh(struct kernel_session *session, const struct control_load *now)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct ssh_question question = {.now = now};
	struct flow_list flows = {0};
	char client[IP_TEXT_MAX];

	sshd_ports(arena, &now->facts, &question.ports);
	if (kernel_flows_read(session, arena, is_ssh_refused, &question, &flows, NULL) < 0 ||
	    !flows.items.len)
		return NULL;
	return arena_printf(now->arena,
			    "it would refuse the SSH connection from %s to port %u that is open "
			    "now; 'wharfwall apply --force' loads it all the same",
			    ip_addr_format(&flows.items.items[0].src, client),
			    (unsigned)flows.items.items[0].server_port);
}
