/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interfaces, addresses and routes over rtnetlink. */
#include "host/link.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "base/limits.h"
#include "base/str.h"
#include "host/netlink.h"

struct reader {
	struct arena *arena;
	struct facts *facts;
	uint32_t *known; /* the list that a repeated dump starts anew */
	uint32_t start;
};

static void forget(void *data)
{
	struct reader *reader = data;

	*reader->known = reader->start;
}

static uint8_t kind_of(const struct ifinfomsg *info, const char *kind)
{
	static const struct {
		const char *name;
		uint8_t kind;
	} kinds[] = {
		{"bridge", IFACE_BRIDGE}, {"veth", IFACE_VETH},	    {"wireguard", IFACE_TUNNEL},
		{"tun", IFACE_TUNNEL},	  {"gre", IFACE_TUNNEL},    {"vxlan", IFACE_TUNNEL},
		{"ipip", IFACE_TUNNEL},	  {"sit", IFACE_TUNNEL},    {"xfrm", IFACE_TUNNEL},
		{"ip6tnl", IFACE_TUNNEL}, {"geneve", IFACE_TUNNEL},
	};

	if (info->ifi_flags & IFF_LOOPBACK)
		return IFACE_LOOPBACK;
	for (size_t i = 0; kind && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (str_eq(kinds[i].name, kind))
			return kinds[i].kind;
	return IFACE_OTHER;
}

static const char *link_kind(const struct nlattr *attr)
{
	const struct nlattr *nested;

	netlink_each_nested(nested, attr) if (mnl_attr_get_type(nested) == IFLA_INFO_KIND &&
					      mnl_attr_validate(nested, MNL_TYPE_STRING) ==
						      0) return mnl_attr_get_str(nested);
	return NULL;
}

static int on_link(const struct nlmsghdr *message, void *data)
{
	struct reader *reader = data;
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
	const char *name = NULL, *kind = NULL;
	const struct nlattr *attr;
	uint32_t master = 0;

	netlink_each_attr(attr, message, sizeof(*info))
	{
		uint16_t type = mnl_attr_get_type(attr);

		if (type == IFLA_IFNAME && mnl_attr_validate(attr, MNL_TYPE_STRING) == 0)
			name = mnl_attr_get_str(attr);
		else if (type == IFLA_MASTER && mnl_attr_validate(attr, MNL_TYPE_U32) == 0)
			master = mnl_attr_get_u32(attr);
		else if (type == IFLA_LINKINFO)
			kind = link_kind(attr);
	}
	if (!name || reader->facts->ifaces.len >= LIMIT_INTERFACES)
		return MNL_CB_OK;
	*vec_add(reader->arena, &reader->facts->ifaces) = (struct iface){
		.name = arena_strdup(reader->arena, name),
		.index = (uint32_t)info->ifi_index,
		.master = master,
		.kind = kind_of(info, kind),
		.up = info->ifi_flags & IFF_UP,
	};
	return MNL_CB_OK;
}

static struct iface *iface_by_index(struct facts *facts, uint32_t index)
{
	vec_each (&facts->ifaces, iface) {
		if (iface->index == index)
			return iface;
	}
	return NULL;
}

int link_read(struct arena *arena, struct facts *facts, struct err *err)
{
	char buffer[128] = {0};
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct ifinfomsg *info;
	struct reader reader = {arena, facts, &facts->ifaces.len, facts->ifaces.len};
	int r;

	request->nlmsg_type = RTM_GETLINK;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	info = mnl_nlmsg_put_extra_header(request, sizeof(*info));
	info->ifi_family = AF_UNSPEC;
	r = netlink_dump(NETLINK_ROUTE, request, on_link, forget, &reader, err);
	if (r < 0)
		return r;
	/* a bridge with a port that is no veth is an uplink, whatever its name */
	vec_each (&facts->ifaces, iface) {
		struct iface *master = iface->master ? iface_by_index(facts, iface->master) : NULL;

		if (master && iface->kind != IFACE_VETH)
			master->physical_port = true;
	}
	return 0;
}

static bool addr_from(struct ip_addr *addr, int family, const void *bytes, size_t len)
{
	size_t size = family == AF_INET ? 4 : 16;

	if ((family != AF_INET && family != AF_INET6) || len < size)
		return false;
	*addr = (struct ip_addr){.family = family == AF_INET ? IP_V4 : IP_V6};
	memcpy(addr->bytes, bytes, size);
	return true;
}

static int on_address(const struct nlmsghdr *message, void *data)
{
	struct reader *reader = data;
	const struct ifaddrmsg *info = mnl_nlmsg_get_payload(message);
	struct iface *iface = iface_by_index(reader->facts, info->ifa_index);
	struct iface_addr own = {.prefix_len = info->ifa_prefixlen};
	bool local = false, found = false;
	const struct nlattr *attr;

	if (!iface)
		return MNL_CB_OK;
	netlink_each_attr(attr, message, sizeof(*info))
	{
		uint16_t type = mnl_attr_get_type(attr);

		/* on a point-to-point link IFA_ADDRESS is the peer, IFA_LOCAL is ours */
		if (type == IFA_LOCAL || (type == IFA_ADDRESS && !local)) {
			found |= addr_from(&own.addr, info->ifa_family, mnl_attr_get_payload(attr),
					   mnl_attr_get_payload_len(attr));
			local |= type == IFA_LOCAL;
		}
	}
	if (found)
		*vec_add(reader->arena, &iface->addrs) = own;
	return MNL_CB_OK;
}

static void forget_addresses(void *data)
{
	struct reader *reader = data;

	vec_each (&reader->facts->ifaces, iface)
		iface->addrs.len = 0;
}

int address_read(struct arena *arena, struct facts *facts, struct err *err)
{
	char buffer[128] = {0};
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct ifaddrmsg *info;
	struct reader reader = {arena, facts, NULL, 0};

	request->nlmsg_type = RTM_GETADDR;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	info = mnl_nlmsg_put_extra_header(request, sizeof(*info));
	info->ifa_family = AF_UNSPEC;
	return netlink_dump(NETLINK_ROUTE, request, on_address, forget_addresses, &reader, err);
}

/* The interface of a route with one next hop, or the first of several. */
static uint32_t route_iface(const struct nlattr *attr)
{
	const struct rtnexthop *hop = mnl_attr_get_payload(attr);

	return mnl_attr_get_payload_len(attr) >= sizeof(*hop) ? (uint32_t)hop->rtnh_ifindex : 0;
}

static int on_route(const struct nlmsghdr *message, void *data)
{
	struct reader *reader = data;
	const struct rtmsg *info = mnl_nlmsg_get_payload(message);
	struct ip_addr dest = {.family = info->rtm_family == AF_INET ? IP_V4 : IP_V6};
	uint32_t table = info->rtm_table, index = 0;
	const struct iface *iface;
	const struct nlattr *attr;

	netlink_each_attr(attr, message, sizeof(*info))
	{
		uint16_t type = mnl_attr_get_type(attr);

		if (type == RTA_DST)
			(void)addr_from(&dest, info->rtm_family, mnl_attr_get_payload(attr),
					mnl_attr_get_payload_len(attr));
		else if (type == RTA_OIF && mnl_attr_validate(attr, MNL_TYPE_U32) == 0)
			index = mnl_attr_get_u32(attr);
		else if (type == RTA_TABLE && mnl_attr_validate(attr, MNL_TYPE_U32) == 0)
			table = mnl_attr_get_u32(attr);
		else if (type == RTA_MULTIPATH && index == 0)
			index = route_iface(attr);
	}
	iface = iface_by_index(reader->facts, index);
	if (table != RT_TABLE_MAIN || info->rtm_type != RTN_UNICAST || !iface ||
	    info->rtm_dst_len > ip_family_bits(dest.family) || (info->rtm_flags & RTM_F_CLONED))
		return MNL_CB_OK;
	*vec_add(reader->arena, &reader->facts->routes) = (struct route){
		.dest = ip_prefix_of(&dest, info->rtm_dst_len), .iface = iface->name};
	return MNL_CB_OK;
}

int route_read(struct arena *arena, struct facts *facts, struct err *err)
{
	static const unsigned char families[] = {AF_INET, AF_INET6};

	for (size_t i = 0; i < sizeof(families); i++) {
		char buffer[128] = {0};
		struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
		struct reader reader = {arena, facts, &facts->routes.len, facts->routes.len};
		struct rtmsg *info;
		int r;

		request->nlmsg_type = RTM_GETROUTE;
		request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
		info = mnl_nlmsg_put_extra_header(request, sizeof(*info));
		info->rtm_family = families[i];
		r = netlink_dump(NETLINK_ROUTE, request, on_route, forget, &reader, err);
		if (r < 0)
			return r;
	}
	return 0;
}
