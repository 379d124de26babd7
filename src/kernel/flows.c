/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tracked connections over ctnetlink. */
#include "kernel/flows.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <string.h>

#include "kernel/attr.h"
#include "kernel/session_internal.h"

#define READ_TRIES 5u

struct reading {
	struct arena *arena;
	flow_filter is_wanted;
	void *data;
	struct flow_list *list;
};

static struct nlmsghdr *request_begin(struct kernel_session *session, uint16_t type, uint16_t flags,
				      uint8_t family)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(session->request);
	struct nfgenmsg *extra;

	request->nlmsg_type = (uint16_t)((NFNL_SUBSYS_CTNETLINK << 8) | type);
	request->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	request->nlmsg_seq = ++session->seq;
	extra = mnl_nlmsg_put_extra_header(request, sizeof(*extra));
	extra->nfgen_family = family;
	extra->version = NFNETLINK_V0;
	return request;
}

static bool addr_read(const struct nlattr *v4, const struct nlattr *v6, struct ip_addr *ret)
{
	const struct nlattr *attr = v4 ? v4 : v6;
	uint8_t family = v4 ? IP_V4 : IP_V6;

	*ret = (struct ip_addr){.family = family};
	if (!attr || mnl_attr_get_payload_len(attr) < ip_family_bytes(family))
		return false;
	memcpy(ret->bytes, mnl_attr_get_payload(attr), ip_family_bytes(family));
	return true;
}

static uint16_t port_read(const struct nlattr *attr)
{
	uint16_t port = 0;

	if (attr && mnl_attr_get_payload_len(attr) >= sizeof(port))
		memcpy(&port, mnl_attr_get_payload(attr), sizeof(port));
	return ntohs(port);
}

struct tuple {
	struct ip_addr src;
	struct ip_addr dst;
	uint16_t sport;
	uint16_t dport;
	uint8_t protocol;
};

static bool tuple_read(const struct nlattr *nest, struct tuple *ret)
{
	const struct nlattr *parts[CTA_TUPLE_MAX + 1], *ip[CTA_IP_MAX + 1],
		*proto[CTA_PROTO_MAX + 1];

	if (!nest)
		return false;
	attr_parse_nested(nest, parts, CTA_TUPLE_MAX + 1);
	if (!parts[CTA_TUPLE_IP] || !parts[CTA_TUPLE_PROTO])
		return false;
	attr_parse_nested(parts[CTA_TUPLE_IP], ip, CTA_IP_MAX + 1);
	attr_parse_nested(parts[CTA_TUPLE_PROTO], proto, CTA_PROTO_MAX + 1);
	if (!proto[CTA_PROTO_NUM] || !mnl_attr_get_payload_len(proto[CTA_PROTO_NUM]))
		return false;
	ret->protocol = *(const uint8_t *)mnl_attr_get_payload(proto[CTA_PROTO_NUM]);
	ret->sport = port_read(proto[CTA_PROTO_SRC_PORT]);
	ret->dport = port_read(proto[CTA_PROTO_DST_PORT]);
	return addr_read(ip[CTA_IP_V4_SRC], ip[CTA_IP_V6_SRC], &ret->src) &&
	       addr_read(ip[CTA_IP_V4_DST], ip[CTA_IP_V6_DST], &ret->dst);
}

static bool flow_read(const struct nlmsghdr *message, struct flow *ret)
{
	const struct nlattr *attrs[CTA_MAX + 1];
	struct tuple orig, reply;
	uint32_t status;

	attr_parse(message, attrs, CTA_MAX + 1);
	if (!tuple_read(attrs[CTA_TUPLE_ORIG], &orig) ||
	    !tuple_read(attrs[CTA_TUPLE_REPLY], &reply))
		return false;
	status = attr_u32(attrs[CTA_STATUS]);
	*ret = (struct flow){
		.protocol = orig.protocol,
		.dnat = status & IPS_DST_NAT,
		.expected = status & IPS_EXPECTED,
		.src = orig.src,
		.dst = orig.dst,
		.sport = orig.sport,
		.dport = orig.dport,
		.server = reply.src,
		.client = reply.dst,
		.server_port = reply.sport,
		.client_port = reply.dport,
		.tuple = mnl_attr_get_payload(attrs[CTA_TUPLE_ORIG]),
		.tuple_len = mnl_attr_get_payload_len(attrs[CTA_TUPLE_ORIG]),
		.zone = port_read(attrs[CTA_ZONE]),
		.id = attr_u32(attrs[CTA_ID]),
	};
	return true;
}

static int flow_answer(const struct nlmsghdr *message, void *data)
{
	struct reading *reading = data;
	struct flow flow;

	if (!flow_read(message, &flow) || !reading->is_wanted(reading->data, &flow))
		return MNL_CB_OK;
	flow.tuple = arena_memdup(reading->arena, flow.tuple, flow.tuple_len);
	*vec_add(reading->arena, &reading->list->items) = flow;
	return MNL_CB_OK;
}

static int count_answer(const struct nlmsghdr *message, void *data)
{
	const struct nlattr *attrs[CTA_STATS_GLOBAL_MAX + 1];
	bool *any = data;

	attr_parse(message, attrs, CTA_STATS_GLOBAL_MAX + 1);
	*any = !attrs[CTA_STATS_GLOBAL_ENTRIES] || attr_u32(attrs[CTA_STATS_GLOBAL_ENTRIES]);
	return MNL_CB_OK;
}

/*
 * A dump walks the hash of all network namespaces, 14 ms where memory is ample; the count is of
 * ours, those of packets under way included.  In doubt there are some.
 */
static bool is_any_tracked(struct kernel_session *session)
{
	bool any = true;
	int r = session_call(session, request_begin(session, IPCTNL_MSG_CT_GET_STATS, NLM_F_ACK, 0),
			     count_answer, &any);

	return r < 0 || any;
}

/* A table that changes under the dump may show a flow twice or not: not twice is for forgetting. */
int kernel_flows_read(struct kernel_session *session, struct arena *arena, flow_filter is_wanted,
		      void *data, struct flow_list *ret, struct err *err)
{
	struct reading reading = {
		.arena = arena, .is_wanted = is_wanted, .data = data, .list = ret};
	uint32_t before = ret->items.len;
	int r = -EINTR;

	if (!is_any_tracked(session))
		return 0;
	for (unsigned i = 0; i < READ_TRIES && r == -EINTR; i++) {
		ret->items.len = before;
		r = session_call(session,
				 request_begin(session, IPCTNL_MSG_CT_GET, NLM_F_DUMP, AF_UNSPEC),
				 flow_answer, &reading);
	}
	/* nfnetlink says EINVAL to a subsystem that it does not have: nothing is tracked */
	if (r >= 0 || r == -EINTR || r == -EINVAL || r == -EOPNOTSUPP)
		return 0;
	return err_set(err, r, "cannot read the connections that the kernel tracks: %s",
		       strerror(-r));
}

static int flow_forget(struct kernel_session *session, const struct flow *flow)
{
	uint8_t family = flow->src.family == IP_V4 ? AF_INET : AF_INET6;
	struct nlmsghdr *request = request_begin(session, IPCTNL_MSG_CT_DELETE, NLM_F_ACK, family);

	mnl_attr_put(request, NLA_F_NESTED | CTA_TUPLE_ORIG, flow->tuple_len, flow->tuple);
	if (flow->zone)
		mnl_attr_put_u16(request, CTA_ZONE, htons(flow->zone));
	/* the same tuple may be another connection by now */
	mnl_attr_put_u32(request, CTA_ID, htonl(flow->id));
	return session_call(session, request, NULL, NULL);
}

int kernel_flows_forget(struct kernel_session *session, const struct flow_list *flows,
			uint32_t *ret_forgotten, struct err *err)
{
	*ret_forgotten = 0;
	vec_each (&flows->items, flow) {
		int r = flow_forget(session, flow);

		if (r < 0 && r != -ENOENT)
			return err_set(err, r, "cannot make the kernel forget a connection: %s",
				       strerror(-r));
		*ret_forgotten += r >= 0;
	}
	return 0;
}
