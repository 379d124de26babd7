/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Netlink attributes by number, with their lengths checked. */
#include "kernel/attr.h"

#include <arpa/inet.h>
#include <endian.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

void attr_parse(const struct nlmsghdr *message, const struct nlattr **ret, unsigned count)
{
	memset(ret, 0, count * sizeof(const struct nlattr *));
	attr_each(attr, message, sizeof(struct nfgenmsg))
	{
		if (mnl_attr_get_type(attr) < count)
			ret[mnl_attr_get_type(attr)] = attr;
	}
}

void attr_parse_nested(const struct nlattr *nest, const struct nlattr **ret, unsigned count)
{
	memset(ret, 0, count * sizeof(const struct nlattr *));
	if (!nest)
		return;
	attr_each_nested(attr, nest)
	{
		if (mnl_attr_get_type(attr) < count)
			ret[mnl_attr_get_type(attr)] = attr;
	}
}

uint32_t attr_u32(const struct nlattr *attr)
{
	return attr && mnl_attr_get_payload_len(attr) >= 4 ? ntohl(mnl_attr_get_u32(attr)) : 0;
}

uint64_t attr_u64(const struct nlattr *attr)
{
	return attr && mnl_attr_get_payload_len(attr) >= 8 ? be64toh(mnl_attr_get_u64(attr)) : 0;
}

const char *attr_text(const struct nlattr *attr)
{
	if (!attr || mnl_attr_get_payload_len(attr) == 0 ||
	    memchr(mnl_attr_get_payload(attr), '\0', mnl_attr_get_payload_len(attr)) == NULL)
		return "";
	return mnl_attr_get_str(attr);
}

const char *udata_text(const void *udata, size_t len, uint8_t type)
{
	const uint8_t *at = udata;

	while (len >= 2 && len >= (size_t)at[1] + 2) {
		size_t step = (size_t)at[1] + 2;

		if (at[0] == type && at[1] && at[step - 1] == '\0')
			return (const char *)at + 2;
		at += step;
		len -= step;
	}
	return NULL;
}
