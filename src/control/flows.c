/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cutting connections: what servers send is refused first, then the kernel forgets them. */
#include "control/flows.h"

#include <errno.h>

#include "base/protocol.h"
#include "compile/compile.h"
#include "host/connection.h"
#include "kernel/commit.h"
#include "kernel/flows.h"
#include "model/eval.h"

#define HOP_LIMIT 64u

/* The interface towards an address; *ret_name NULL: this host itself.  False: not known. */
static bool iface_towards(const struct facts *facts, const struct ip_addr *addr,
			  const char **ret_name)
{
	const struct route *route;

	*ret_name = NULL;
	if (facts_is_own_address(facts, addr))
		return true;
	route = facts_route_to(facts, addr);
	if (!route || !route->iface)
		return false;
	*ret_name = route->iface;
	return true;
}

bool flow_is_refused(const struct model *model, const struct facts *facts, const struct flow *flow)
{
	struct packet packet = {
		.src = flow->src,
		.dst = flow->server,
		.protocol = flow->protocol,
		.hop_limit = HOP_LIMIT,
		.state = PACKET_NEW,
		.dnat = flow->dnat,
		.src_port = flow->sport,
		.dst_port = flow->server_port,
		.dialled_addr = flow->dst,
		.dialled_port = flow->dport,
	};

	if (flow->expected || flow->protocol == PROTOCOL_ICMP ||
	    flow->protocol == PROTOCOL_ICMPV6 ||
	    !iface_towards(facts, &flow->src, &packet.in_iface) ||
	    !iface_towards(facts, &flow->server, &packet.out_iface))
		return false;
	return eval_packet(model, &packet).verdict != VERDICT_ALLOW;
}

struct refusing {
	const struct control_load *load;
	const struct ssh_connection *own;
};

static bool is_refused(void *data, const struct flow *flow)
{
	const struct refusing *refusing = data;
	const struct ssh_connection *own = refusing->own;

	if (own && flow->protocol == PROTOCOL_TCP && ip_addr_eq(&flow->src, &own->client) &&
	    flow->dport == own->server_port)
		return false;
	return flow_is_refused(refusing->load->model, &refusing->load->facts, flow);
}

static int cuts_put(struct kernel_session *session, struct arena *arena,
		    const struct flow_list *flows, struct err *err)
{
	static const uint8_t families[] = {IP_V4, IP_V6};
	struct compile_cut *cuts = arena_new_array(arena, struct compile_cut, flows->items.len);
	int r = 0;

	for (uint32_t i = 0; i < flows->items.len; i++)
		cuts[i] = (struct compile_cut){
			.server = flows->items.items[i].server,
			.client = flows->items.items[i].client,
			.server_port = flows->items.items[i].server_port,
			.client_port = flows->items.items[i].client_port,
			.protocol = flows->items.items[i].protocol,
		};
	for (size_t i = 0; r == 0 && i < sizeof(families); i++) {
		struct ir_set *set = compile_cut_set(arena, families[i], cuts, flows->items.len);

		if (set->count)
			r = kernel_elements_put(session, COMPILE_TABLE_NAME, set, err);
	}
	return r;
}

static int cut(struct kernel_session *session, flow_filter is_wanted, void *data, uint32_t *ret_cut,
	       struct err *err)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct flow_list flows = {0};
	int r;

	*ret_cut = 0;
	r = kernel_flows_read(session, arena, is_wanted, data, &flows, err);
	if (r < 0 || !flows.items.len)
		return r;
	r = cuts_put(session, arena, &flows, err);
	if (r < 0)
		return err_wrap(err, "established connections go on");
	return kernel_flows_forget(session, &flows, ret_cut, err);
}

int flows_cut_refused(const struct control_load *load, const struct ssh_connection *own,
		      uint32_t *ret_cut, struct err *err)
{
	auto_of(kernel_session_free) struct kernel_session *session = NULL;
	struct refusing refusing = {.load = load, .own = own};
	int r = kernel_session_open(&session, err);

	*ret_cut = 0;
	return r < 0 ? r : cut(session, is_refused, &refusing, ret_cut, err);
}

struct revoking {
	const struct flow_revocation *revocation;
	struct flow_list sockets; /* refused connections of this host that nobody tracked */
};

static bool is_of(const struct flow *flow, const struct ip_addr *addr)
{
	return ip_addr_eq(&flow->src, addr) || ip_addr_eq(&flow->server, addr);
}

static bool is_spared(const struct flow_revocation *revocation, const struct flow *flow)
{
	if (flow->protocol != PROTOCOL_TCP ||
	    !facts_is_own_address(&revocation->load->facts, &flow->server))
		return false;
	for (uint32_t i = 0; i < revocation->spared_count; i++) {
		if (flow->server_port == revocation->spared[i])
			return true;
	}
	return false;
}

static bool is_revoked(const struct flow_revocation *revocation, const struct flow *flow)
{
	const struct facts *facts = &revocation->load->facts;

	for (uint32_t i = 0; i < revocation->addr_count; i++) {
		if (is_of(flow, &revocation->addrs[i]))
			return true;
	}
	if (!flow_is_refused(revocation->load->model, facts, flow))
		return false;
	return revocation->all
		       ? !is_spared(revocation, flow)
		       : revocation->before && !flow_is_refused(revocation->before, facts, flow);
}

/*
 * While the table was not there nothing may have been tracked.  A connection that began then is
 * taken up in the middle, and its server, when it sends first, for who began it.
 */
static bool is_taken_up(const struct flow_list *sockets, const struct flow *flow)
{
	if (flow->protocol != PROTOCOL_TCP)
		return false;
	vec_each (&sockets->items, socket) {
		if (flow->sport == socket->server_port && flow->dport == socket->client_port &&
		    ip_addr_eq(&flow->src, &socket->server) &&
		    ip_addr_eq(&flow->dst, &socket->client))
			return true;
	}
	return false;
}

static bool is_wanted(void *data, const struct flow *flow)
{
	const struct revoking *revoking = data;

	return is_revoked(revoking->revocation, flow) || is_taken_up(&revoking->sockets, flow);
}

/* What their servers send is refused before anything is forgotten: nothing is taken up again. */
static int sockets_cut(struct kernel_session *session, struct arena *arena,
		       struct revoking *revoking, struct err *err)
{
	struct connection_list connections = {0};
	int r = connections_read(arena, &connections, err);

	if (r < 0)
		return r;
	vec_each (&connections.items, connection) {
		const struct flow flow = {
			.protocol = PROTOCOL_TCP,
			.src = connection->peer,
			.dst = connection->own,
			.sport = connection->peer_port,
			.dport = connection->own_port,
			.server = connection->own,
			.client = connection->peer,
			.server_port = connection->own_port,
			.client_port = connection->peer_port,
		};

		if (is_revoked(revoking->revocation, &flow))
			*vec_add(arena, &revoking->sockets.items) = flow;
	}
	return revoking->sockets.items.len ? cuts_put(session, arena, &revoking->sockets, err) : 0;
}

int flows_cut_revoked(struct kernel_session *session, const struct flow_revocation *revocation,
		      uint32_t *ret_cut, struct err *err)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct revoking revoking = {.revocation = revocation};
	int r = 0;

	*ret_cut = 0;
	if (revocation->all)
		r = sockets_cut(session, arena, &revoking, err);
	return r < 0 ? r : cut(session, is_wanted, &revoking, ret_cut, err);
}
