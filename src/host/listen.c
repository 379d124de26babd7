/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rtnetlink's notifications, reduced to "look again". */
#include "host/listen.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "host/netlink.h"

#define LISTEN_BUFFER_BYTES (1024 * 1024)
#define LISTEN_MESSAGE_BYTES 65536u

int host_listen(int *ret_fd, struct err *err)
{
	struct sockaddr_nl own = {
		.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR |
			     RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE,
	};
	int bytes = LISTEN_BUFFER_BYTES;
	auto_close int fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

	if (fd < 0)
		return err_errno(err, "cannot open a netlink socket");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	if (bind(fd, (const struct sockaddr *)&own, sizeof(own)) < 0)
		return err_errno(err, "cannot listen to changes of interfaces");
	*ret_fd = take_fd(&fd);
	return 0;
}

/* A cloned route is one destination's cache entry; only the main table is a fact. */
static bool route_counts(const struct nlmsghdr *message)
{
	const struct rtmsg *info = mnl_nlmsg_get_payload(message);

	return mnl_nlmsg_get_payload_len(message) < sizeof(*info) ||
	       (!(info->rtm_flags & RTM_F_CLONED) && info->rtm_type == RTN_UNICAST &&
		(info->rtm_table == RT_TABLE_MAIN || info->rtm_table == RT_TABLE_COMPAT));
}

static bool message_counts(const struct nlmsghdr *message)
{
	switch (message->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
	case RTM_NEWADDR:
	case RTM_DELADDR:
		return true;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		return route_counts(message);
	default:
		return false;
	}
}

int host_listen_read(int fd, bool *ret_changed, struct err *err)
{
	auto_free uint8_t *reply = mem_alloc(LISTEN_MESSAGE_BYTES);
	bool changed = false;

	for (;;) {
		ssize_t got = recv(fd, reply, LISTEN_MESSAGE_BYTES, MSG_DONTWAIT);
		const struct nlmsghdr *message = (const void *)reply;
		int len = (int)got;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			break;
		if (got < 0 && errno == ENOBUFS) {
			changed = true; /* some were lost */
			continue;
		}
		if (got < 0)
			return err_errno(err, "cannot read notifications of interfaces");
		for (; mnl_nlmsg_ok(message, len); message = mnl_nlmsg_next(message, &len))
			changed = changed || message_counts(message);
	}
	*ret_changed = changed;
	return 0;
}
