/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * To be preloaded: a kernel that refuses.  NETLINK_FAULT says what is wrong with nf_tables:
 *
 *	socket=ERRNO	there is no socket for it
 *	absent		the subsystem is not there: the kernel itself answers, of one that never is
 *	send=ERRNO	a batch cannot be sent
 *	lost=ERRNO	a batch is taken, its answer is not
 *	rule=TEXT	the rule with TEXT in its comment uses an expression that the kernel lacks
 *	element=TEXT	the key of the element with TEXT in its comment is of no known kind
 *
 * What is sent is changed on its way, so the answers of the last two are the kernel's own.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#define NO_SUBSYSTEM 0x63

static bool answer_is_due; /* of a batch */

/* What stands behind "NAME=", or NULL. */
static const char *fault(const char *name)
{
	const char *text = getenv("NETLINK_FAULT");
	size_t len = strlen(name);

	return text && strncmp(text, name, len) == 0 && text[len] == '=' ? text + len + 1 : NULL;
}

static bool fails(const char *name)
{
	const char *code = fault(name);

	if (code)
		errno = (int)strtol(code, NULL, 10);
	return code;
}

int socket(int domain, int type, int protocol)
{
	int (*real)(int, int, int) = (int (*)(int, int, int))dlsym(RTLD_NEXT, "socket");

	if (domain == AF_NETLINK && protocol == NETLINK_NETFILTER && fails("socket"))
		return -1;
	return real(domain, type, protocol);
}

static bool is_batch(const struct nlmsghdr *message)
{
	return message->nlmsg_type == NFNL_MSG_BATCH_BEGIN;
}

static bool is_of(const struct nlmsghdr *message, unsigned type)
{
	return message->nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 | type);
}

static void make_absent(struct nlmsghdr *message)
{
	struct nfgenmsg *extra = mnl_nlmsg_get_payload(message);

	if (is_batch(message))
		extra->res_id = (uint16_t)(NO_SUBSYSTEM << 8); /* big endian */
	else if (message->nlmsg_type >> 8 == NFNL_SUBSYS_NFTABLES)
		message->nlmsg_type = (uint16_t)(NO_SUBSYSTEM << 8 | (message->nlmsg_type & 0xff));
}

static void break_rule(struct nlmsghdr *message, const char *text)
{
	char *name;

	if (!is_of(message, NFT_MSG_NEWRULE) ||
	    !memmem(message, message->nlmsg_len, text, strlen(text)))
		return;
	name = memmem(message, message->nlmsg_len, "cmp", sizeof("cmp"));
	if (name)
		name[2] = '?';
}

static void break_element(struct nlmsghdr *message, const char *text)
{
	struct nlattr *list, *element, *part;

	if (!is_of(message, NFT_MSG_NEWSETELEM))
		return;
	mnl_attr_for_each(list, message, sizeof(struct nfgenmsg))
	{
		if (mnl_attr_get_type(list) != NFTA_SET_ELEM_LIST_ELEMENTS)
			continue;
		mnl_attr_for_each_nested(element, list)
		{
			if (!memmem(element, element->nla_len, text, strlen(text)))
				continue;
			mnl_attr_for_each_nested(part, element) if (mnl_attr_get_type(part) ==
								    NFTA_SET_ELEM_KEY)
				part->nla_type = NFTA_SET_ELEM_PAD | NLA_F_NESTED;
		}
	}
}

static void change(struct nlmsghdr *message, int len)
{
	const char *absent = getenv("NETLINK_FAULT");

	for (; mnl_nlmsg_ok(message, len); message = mnl_nlmsg_next(message, &len)) {
		if (absent && strcmp(absent, "absent") == 0)
			make_absent(message);
		if (fault("rule"))
			break_rule(message, fault("rule"));
		if (fault("element"))
			break_element(message, fault("element"));
	}
}

static bool is_netfilter(int fd)
{
	int protocol = 0, domain = 0;
	socklen_t len = sizeof(int);

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 && domain == AF_NETLINK &&
	       getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len) == 0 &&
	       protocol == NETLINK_NETFILTER;
}

ssize_t sendto(int fd, const void *data, size_t len, int flags, const struct sockaddr *to,
	       socklen_t to_len)
{
	ssize_t (*real)(int, const void *, size_t, int, const struct sockaddr *, socklen_t) =
		(ssize_t(*)(int, const void *, size_t, int, const struct sockaddr *,
			    socklen_t))dlsym(RTLD_NEXT, "sendto");

	if (!is_netfilter(fd) || len < sizeof(struct nlmsghdr))
		return real(fd, data, len, flags, to, to_len);
	answer_is_due = is_batch(data);
	if (answer_is_due && fails("send"))
		return -1;
	change((struct nlmsghdr *)(uintptr_t)data, (int)len);
	return real(fd, data, len, flags, to, to_len);
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	ssize_t (*real)(int, struct msghdr *, int) =
		(ssize_t(*)(int, struct msghdr *, int))dlsym(RTLD_NEXT, "recvmsg");
	ssize_t len = real(fd, message, flags);

	if (len >= 0 && answer_is_due && is_netfilter(fd) && fails("lost")) {
		answer_is_due = false;
		return -1;
	}
	return len;
}
