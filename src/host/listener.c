/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets that wait for somebody, over sock_diag. */
#include "host/listener.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "base/limits.h"
#include "base/protocol.h"
#include "host/netlink.h"

#define STATE_LISTEN (1u << 10)
#define STATE_UNCONNECTED (1u << 7)

struct reader {
	struct arena *arena;
	struct facts *facts;
	uint32_t start;
	uint8_t protocol;
};

static void forget(void *data)
{
	struct reader *reader = data;

	reader->facts->listeners.len = reader->start;
}

static void attributes_read(const struct nlmsghdr *message, struct listener *ret)
{
	const struct nlattr *attr;

	netlink_each_attr(attr, message, sizeof(struct inet_diag_msg))
	{
		uint16_t type = mnl_attr_get_type(attr);

		if (type == INET_DIAG_SKV6ONLY && mnl_attr_get_payload_len(attr) >= 1)
			ret->dual = mnl_attr_get_u8(attr) == 0;
		else if (type == INET_DIAG_CGROUP_ID && mnl_attr_get_payload_len(attr) >= 8)
			ret->cgroup = mnl_attr_get_u64(attr);
	}
}

static int on_socket(const struct nlmsghdr *message, void *data)
{
	struct reader *reader = data;
	const struct inet_diag_msg *info = netlink_header(message, sizeof(*info));
	struct listener listener = {.protocol = reader->protocol};
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	if (!info || info->id.idiag_sport == 0 || reader->facts->listeners.len >= LIMIT_SOCKETS)
		return MNL_CB_OK;
	listener.port = ntohs(info->id.idiag_sport);
	attributes_read(message, &listener);
	listener.addr.family = info->idiag_family == AF_INET ? IP_V4 : IP_V6;
	memcpy(listener.addr.bytes, info->id.idiag_src, ip_family_bytes(listener.addr.family));
	if (listener.addr.family == IP_V6 &&
	    memcmp(listener.addr.bytes, mapped, sizeof(mapped)) == 0) {
		struct ip_addr v4 = {.family = IP_V4};

		memcpy(v4.bytes, listener.addr.bytes + 12, 4);
		listener.addr = v4;
	}
	listener.inode = info->idiag_inode;
	*vec_add(reader->arena, &reader->facts->listeners) = listener;
	return MNL_CB_OK;
}

int listener_read(struct arena *arena, struct facts *facts, struct err *err)
{
	static const struct {
		unsigned char family;
		unsigned char protocol;
		unsigned states;
	} kinds[] = {
		{AF_INET, PROTOCOL_TCP, STATE_LISTEN},
		{AF_INET6, PROTOCOL_TCP, STATE_LISTEN},
		{AF_INET, PROTOCOL_UDP, STATE_UNCONNECTED},
		{AF_INET6, PROTOCOL_UDP, STATE_UNCONNECTED},
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		char buffer[256] = {0};
		struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
		struct reader reader = {arena, facts, facts->listeners.len, kinds[i].protocol};
		struct inet_diag_req_v2 *query;
		int r;

		request->nlmsg_type = SOCK_DIAG_BY_FAMILY;
		request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
		query = mnl_nlmsg_put_extra_header(request, sizeof(*query));
		query->sdiag_family = kinds[i].family;
		query->sdiag_protocol = kinds[i].protocol;
		query->idiag_states = kinds[i].states;
		r = netlink_dump(NETLINK_SOCK_DIAG, request, on_socket, forget, &reader, err);
		if (r < 0)
			return r;
	}
	return 0;
}
