/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cutting what lost its permission, and not cutting off the administrator. */
#include "daemon/revoke.h"

#include <string.h>

#include "base/hash.h"
#include "base/protocol.h"
#include "control/flows.h"
#include "control/sshd.h"
#include "kernel/flows.h"

void revoke_done(struct revoke *revoke)
{
	arena_free(revoke->arena);
	*revoke = (struct revoke){0};
}

struct address_set {
	struct hash_index index;
	struct revoke next;
};

static void address_add(struct address_set *set, const char *id, const struct ip_addr *addr)
{
	struct revoke_address *address;
	int is_new;

	if (addr->family == IP_NONE)
		return;
	/* Zeroed, also between its members: it is hashed as bytes. */
	address = vec_add(set->next.arena, &set->next.known);
	memset(address, 0, sizeof(*address));
	memcpy(address->id, id, strnlen(id, sizeof(address->id)));
	memcpy(&address->addr, addr, sizeof(*addr));
	(void)hash_index_put(&set->index, address, sizeof(*address), &is_new);
}

static void addresses_read(struct address_set *set, const struct engine *engine)
{
	set->next.arena = arena_new();
	set->index.arena = set->next.arena;
	vec_each (&engine->containers, container) {
		vec_each (&container->endpoints, endpoint) {
			address_add(set, container->id, &endpoint->v4);
			address_add(set, container->id, &endpoint->v6);
		}
	}
}

int revoke_flows(struct revoke *revoke, struct kernel_session *session, const struct model *before,
		 const struct control_load *now, struct err *err)
{
	struct address_set set = {.next = {.cut = revoke->cut}};
	struct flow_revocation revocation = {.before = now->keep_flows ? NULL : before,
					     .load = now};
	struct {
		VEC(struct ip_addr) items;
	} gone = {0};
	uint32_t cut = 0;
	int r = 0;

	addresses_read(&set, &now->facts.engine);
	vec_each (&revoke->known, address) {
		if (!hash_index_get(&set.index, address, sizeof(*address)))
			*vec_add(set.next.arena, &gone.items) = address->addr;
	}
	revocation.addrs = gone.items.items;
	revocation.addr_count = gone.items.len;
	if (gone.items.len || revocation.before)
		r = flows_cut_revoked(session, &revocation, &cut, err);
	set.next.cut += cut;
	revoke_done(revoke);
	*revoke = set.next;
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
