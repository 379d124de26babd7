/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the messages of rtnetlink say: one interface, address or route each. */
#include "host/link_parse.h"

#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "base/limits.h"
#include "base/str.h"
#include "host/netlink.h"

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

/* A text that ends within its attribute, or NULL. */
static const char *attr_text(const struct nlattr *attr)
{
	return mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) == 0 ? mnl_attr_get_str(attr) : NULL;
}

static const char *attr_name(const struct nlattr *attr)
{
	const char *name = attr_text(attr);

	return name && *name && strlen(name) < IFNAMSIZ ? name : NULL;
}

static const char *link_kind(const struct nlattr *attr)
{
	const struct nlattr *nested;

	netlink_each_nested(nested, attr)
	{
		if (mnl_attr_get_type(nested) == IFLA_INFO_KIND)
			return attr_text(nested);
	}
	return NULL;
}

static struct iface *iface_by_index(struct facts *facts, uint32_t index)
{
	vec_each (&facts->ifaces, iface) {
		if (iface->index == index)
			return iface;
	}
	return NULL;
}

int link_parse(const struct nlmsghdr *message, void *data)
{
	struct link_reader *reader = data;
	const struct ifinfomsg *info = netlink_header(message, sizeof(*info));
	const char *name = NULL, *kind = NULL;
	const struct nlattr *attr;
	uint32_t master = 0;

	if (!info)
		return MNL_CB_OK;
	netlink_each_attr(attr, message, sizeof(*info))
	{
		uint16_t type = mnl_attr_get_type(attr);

		if (type == IFLA_IFNAME)
			name = attr_name(attr);
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

void uplinks_mark(struct facts *facts)
{
	vec_each (&facts->ifaces, iface) {
		struct iface *master = iface->master ? iface_by_index(facts, iface->master) : NULL;

		if (master && iface->kind != IFACE_VETH)
			master->physical_port = true;
	}
}

static bool addr_from(struct ip_addr *addr, int family, const struct nlattr *attr)
{
	size_t size = family == AF_INET ? 4 : 16;

	if ((family != AF_INET && family != AF_INET6) || mnl_attr_get_payload_len(attr) != size)
		return false;
	*addr = (struct ip_addr){.family = family == AF_INET ? IP_V4 : IP_V6};
	memcpy(addr->bytes, mnl_attr_get_payload(attr), size);
	return true;
}

int address_parse(const struct nlmsghdr *message, void *data)
{
	struct link_reader *reader = data;
	const struct ifaddrmsg *info = netlink_header(message, sizeof(*info));
	struct iface *iface = info ? iface_by_index(reader->facts, info->ifa_index) : NULL;
	const struct nlattr *attr, *own = NULL;
	struct iface_addr added;

	if (!iface)
		return MNL_CB_OK;
	netlink_each_attr(attr, message, sizeof(*info))
	{
		uint16_t type = mnl_attr_get_type(attr);

		/* on a point-to-point link IFA_ADDRESS is the peer, IFA_LOCAL is ours */
		if (type == IFA_LOCAL || (type == IFA_ADDRESS && !own))
			own = attr;
	}
	added.prefix_len = info->ifa_prefixlen;
	if (own && addr_from(&added.addr, info->ifa_family, own) &&
	    added.prefix_len <= ip_family_bits(added.addr.family))
		*vec_add(reader->arena, &iface->addrs) = added;
	return MNL_CB_OK;
}

/* The interface of a route with one next hop, or the first of several. */
static uint32_t first_hop(const struct nlattr *attr)
{
	const struct rtnexthop *hop = mnl_attr_get_payload(attr);

	return mnl_attr_get_payload_len(attr) >= sizeof(*hop) ? (uint32_t)hop->rtnh_ifindex : 0;
}

struct route_attrs {
	const struct nlattr *dest;
	uint32_t table;
	uint32_t index;
};

static void route_attrs_read(const struct nlmsghdr *message, struct route_attrs *ret)
{
	const struct nlattr *attr;

	netlink_each_attr(attr, message, sizeof(struct rtmsg))
	{
		uint16_t type = mnl_attr_get_type(attr);

		if (type == RTA_DST)
			ret->dest = attr;
		else if (type == RTA_OIF && mnl_attr_validate(attr, MNL_TYPE_U32) == 0)
			ret->index = mnl_attr_get_u32(attr);
		else if (type == RTA_TABLE && mnl_attr_validate(attr, MNL_TYPE_U32) == 0)
			ret->table = mnl_attr_get_u32(attr);
		else if (type == RTA_MULTIPATH && ret->index == 0)
			ret->index = first_hop(attr);
	}
}

/* Only a default route has no destination. */
static bool route_dest(const struct rtmsg *info, const struct nlattr *attr, struct ip_prefix *ret)
{
	struct ip_addr addr = {.family = info->rtm_family == AF_INET ? IP_V4 : IP_V6};

	if (attr ? !addr_from(&addr, info->rtm_family, attr) : info->rtm_dst_len > 0)
		return false;
	if (info->rtm_dst_len > ip_family_bits(addr.family))
		return false;
	*ret = ip_prefix_of(&addr, info->rtm_dst_len);
	return true;
}

int route_parse(const struct nlmsghdr *message, void *data)
{
	struct link_reader *reader = data;
	const struct rtmsg *info = netlink_header(message, sizeof(*info));
	struct route_attrs attrs = {0};
	const struct iface *iface;
	struct ip_prefix dest;

	if (!info || (info->rtm_family != AF_INET && info->rtm_family != AF_INET6) ||
	    info->rtm_type != RTN_UNICAST || (info->rtm_flags & RTM_F_CLONED))
		return MNL_CB_OK;
	attrs.table = info->rtm_table;
	route_attrs_read(message, &attrs);
	iface = iface_by_index(reader->facts, attrs.index);
	if (attrs.table != RT_TABLE_MAIN || !iface || !route_dest(info, attrs.dest, &dest))
		return MNL_CB_OK;
	*vec_add(reader->arena, &reader->facts->routes) =
		(struct route){.dest = dest, .iface = iface->name};
	return MNL_CB_OK;
}
