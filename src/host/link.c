/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interfaces, addresses and routes: the dumps of rtnetlink. */
#include "host/link.h"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "host/link_parse.h"
#include "host/netlink.h"

struct reader {
	struct link_reader into; /* first: what the parsers are handed */
	uint32_t *known;	 /* the list that a repeated dump starts anew */
	uint32_t start;
};

static void forget(void *data)
{
	struct reader *reader = data;

	*reader->known = reader->start;
}

int link_read(struct arena *arena, struct facts *facts, struct err *err)
{
	char buffer[128] = {0};
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct ifinfomsg *info;
	struct reader reader = {{arena, facts}, &facts->ifaces.len, facts->ifaces.len};
	int r;

	request->nlmsg_type = RTM_GETLINK;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	info = mnl_nlmsg_put_extra_header(request, sizeof(*info));
	info->ifi_family = AF_UNSPEC;
	r = netlink_dump(NETLINK_ROUTE, request, link_parse, forget, &reader, err);
	if (r < 0)
		return r;
	uplinks_mark(facts);
	return 0;
}

static void forget_addresses(void *data)
{
	struct reader *reader = data;

	vec_each (&reader->into.facts->ifaces, iface)
		iface->addrs.len = 0;
}

int address_read(struct arena *arena, struct facts *facts, struct err *err)
{
	char buffer[128] = {0};
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct ifaddrmsg *info;
	struct reader reader = {.into = {arena, facts}};

	request->nlmsg_type = RTM_GETADDR;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	info = mnl_nlmsg_put_extra_header(request, sizeof(*info));
	info->ifa_family = AF_UNSPEC;
	return netlink_dump(NETLINK_ROUTE, request, address_parse, forget_addresses, &reader, err);
}

int route_read(struct arena *arena, struct facts *facts, struct err *err)
{
	static const unsigned char families[] = {AF_INET, AF_INET6};

	for (size_t i = 0; i < sizeof(families); i++) {
		char buffer[128] = {0};
		struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
		struct reader reader = {{arena, facts}, &facts->routes.len, facts->routes.len};
		struct rtmsg *info;
		int r;

		request->nlmsg_type = RTM_GETROUTE;
		request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
		info = mnl_nlmsg_put_extra_header(request, sizeof(*info));
		info->rtm_family = families[i];
		r = netlink_dump(NETLINK_ROUTE, request, route_parse, forget, &reader, err);
		if (r < 0)
			return r;
	}
	return 0;
}
