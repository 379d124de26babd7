/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connected sockets and those that wait, in one dump of sock_diag for each family. */
#include "host/connection.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <string.h>
#include <sys/socket.h>

#include "base/limits.h"
#include "base/protocol.h"
#include "host/netlink.h"

/* As the kernel numbers them: established, syn-recv, fin-wait-1 and -2, close-wait, last-ack. */
#define STATES_CONNECTED (1u << 1 | 1u << 3 | 1u << 4 | 1u << 5 | 1u << 8 | 1u << 9)
#define STATE_LISTEN 10u
#define PORTS 65536u

struct reader {
	struct arena *arena;
	struct connection_list *list;
	uint32_t start;
	uint8_t *listens; /* a bit for each port */
};

static void forget(void *data)
{
	struct reader *reader = data;

	reader->list->items.len = reader->start;
}

static struct ip_addr addr_of(uint8_t family, const __be32 *words)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	struct ip_addr addr = {.family = family == AF_INET ? IP_V4 : IP_V6};

	memcpy(addr.bytes, words, ip_family_bytes(addr.family));
	if (addr.family == IP_V6 && memcmp(addr.bytes, mapped, sizeof(mapped)) == 0) {
		struct ip_addr v4 = {.family = IP_V4};

		memcpy(v4.bytes, addr.bytes + sizeof(mapped), 4);
		return v4;
	}
	return addr;
}

static int on_socket(const struct nlmsghdr *message, void *data)
{
	struct reader *reader = data;
	const struct inet_diag_msg *info = netlink_header(message, sizeof(*info));
	uint16_t port;

	if (!info)
		return MNL_CB_OK;
	port = ntohs(info->id.idiag_sport);
	if (info->idiag_state == STATE_LISTEN) {
		reader->listens[port / 8] |= (uint8_t)(1u << port % 8);
		return MNL_CB_OK;
	}
	if (reader->list->items.len >= LIMIT_SOCKETS)
		return MNL_CB_OK;
	*vec_add(reader->arena, &reader->list->items) = (struct connection){
		.own = addr_of(info->idiag_family, info->id.idiag_src),
		.peer = addr_of(info->idiag_family, info->id.idiag_dst),
		.own_port = port,
		.peer_port = ntohs(info->id.idiag_dport),
	};
	return MNL_CB_OK;
}

static void others_drop(struct connection_list *list, const uint8_t *listens)
{
	uint32_t kept = 0;

	vec_each (&list->items, connection) {
		if (listens[connection->own_port / 8] & 1u << connection->own_port % 8)
			list->items.items[kept++] = *connection;
	}
	list->items.len = kept;
}

int connections_read(struct arena *arena, struct connection_list *ret, struct err *err)
{
	static const unsigned char families[] = {AF_INET, AF_INET6};
	uint8_t *listens = arena_new_array(arena, uint8_t, PORTS / 8);

	for (size_t i = 0; i < sizeof(families); i++) {
		char buffer[256] = {0};
		struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
		struct reader reader = {arena, ret, ret->items.len, listens};
		struct inet_diag_req_v2 *query;
		int r;

		request->nlmsg_type = SOCK_DIAG_BY_FAMILY;
		request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
		query = mnl_nlmsg_put_extra_header(request, sizeof(*query));
		query->sdiag_family = families[i];
		query->sdiag_protocol = PROTOCOL_TCP;
		query->idiag_states = STATES_CONNECTED | 1u << STATE_LISTEN;
		r = netlink_dump(NETLINK_SOCK_DIAG, request, on_socket, forget, &reader, err);
		if (r < 0)
			return r;
	}
	others_drop(ret, listens);
	return 0;
}
