/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notifications of nf_tables, on a socket of their own. */
#include "kernel/listen.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/nlmsg.h"
#include "base/str.h"
#include "kernel/attr.h"
#include "kernel/session_internal.h"

/* A change of 20,000 elements by anybody overflows the default. */
#define LISTEN_BUFFER_BYTES (8 * 1024 * 1024)
#define LISTEN_TABLE_MAX 32u

struct kernel_listener {
	struct mnl_socket *socket;
	int fd;
	uint32_t own_port; /* of the session whose changes are no news */
	char table[LISTEN_TABLE_MAX];
	bool touched; /* the transaction that is being read changes our table */
	uint8_t *reply;
};

static int group_join(struct mnl_socket *socket)
{
	int bytes = LISTEN_BUFFER_BYTES, group = NFNLGRP_NFTABLES;
	int fd = mnl_socket_get_fd(socket);

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_setsockopt(socket, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0)
		return -errno;
	return 0;
}

int kernel_listener_open(const char *table, const struct kernel_session *session,
			 struct kernel_listener **ret, struct err *err)
{
	auto_of(kernel_listener_free) struct kernel_listener *listener =
		mem_alloc(sizeof(*listener));
	int r;

	*listener = (struct kernel_listener){.own_port = mnl_socket_get_portid(session->socket)};
	(void)str_copy(listener->table, sizeof(listener->table), table);
	listener->reply = mem_alloc(SESSION_REPLY_BYTES);
	listener->socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!listener->socket)
		return err_errno(err, "cannot open a netlink socket");
	listener->fd = mnl_socket_get_fd(listener->socket);
	r = group_join(listener->socket);
	if (r < 0)
		return err_set(err, r, "cannot listen to changes of the rule set: %s",
			       strerror(-r));
	*ret = take_ptr(listener);
	return 0;
}

void kernel_listener_free(struct kernel_listener *listener)
{
	if (!listener)
		return;
	if (listener->socket)
		(void)mnl_socket_close(listener->socket);
	free(listener->reply);
	free(listener);
}

int kernel_listener_fd(const struct kernel_listener *listener)
{
	return listener->fd;
}

/* The end of a transaction: who made it. */
static void generation_read(struct kernel_listener *listener, const struct nlmsghdr *message,
			    struct kernel_news *news)
{
	const struct nlattr *attrs[NFTA_GEN_MAX + 1];

	attr_parse(message, attrs, NFTA_GEN_MAX + 1);
	news->generation = attr_u32(attrs[NFTA_GEN_ID]);
	if (!listener->touched)
		return;
	listener->touched = false;
	/* Another session of this process. */
	if (attr_u32(attrs[NFTA_GEN_PROC_PID]) == (uint32_t)getpid())
		return;
	news->ours = true;
	news->ours_at = news->generation;
	news->pid = attr_u32(attrs[NFTA_GEN_PROC_PID]);
	(void)str_copy(news->program, sizeof(news->program), attr_text(attrs[NFTA_GEN_PROC_NAME]));
}

/* NFTA_x_TABLE and NFTA_TABLE_NAME are attribute 1 of every kind of message. */
static bool message_is_ours(const struct kernel_listener *listener, const struct nlmsghdr *message)
{
	const struct nfgenmsg *extra = mnl_nlmsg_get_payload(message);
	const struct nlattr *attrs[NFTA_TABLE_NAME + 1];

	attr_parse(message, attrs, NFTA_TABLE_NAME + 1);
	return extra->nfgen_family == NFPROTO_INET &&
	       str_eq(attr_text(attrs[NFTA_TABLE_NAME]), listener->table);
}

static void message_read(struct kernel_listener *listener, const struct nlmsghdr *message,
			 struct kernel_news *news)
{
	if (message->nlmsg_type >> 8 != NFNL_SUBSYS_NFTABLES ||
	    mnl_nlmsg_get_payload_len(message) < sizeof(struct nfgenmsg))
		return;
	if ((message->nlmsg_type & 0xff) == NFT_MSG_NEWGEN) {
		generation_read(listener, message, news);
		return;
	}
	if (message->nlmsg_pid == listener->own_port)
		return;
	/* Whose transaction it is says its end. */
	if (message_is_ours(listener, message))
		listener->touched = true;
	else
		news->others = true;
}

int kernel_listener_read(struct kernel_listener *listener, struct kernel_news *news,
			 struct err *err)
{
	for (;;) {
		ssize_t got =
			mnl_socket_recvfrom(listener->socket, listener->reply, SESSION_REPLY_BYTES);
		const struct nlmsghdr *message = (const void *)listener->reply;
		int len = (int)got;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return 0;
		/* A message that did not fit is a lost one, too. */
		if (got < 0 && (errno == ENOBUFS || errno == ENOSPC)) {
			news->overrun = news->ours = news->others = true;
			news->ours_at = 0;
			listener->touched = false;
			continue;
		}
		if (got < 0)
			return err_errno(err, "cannot read notifications of nf_tables");
		if (!nlmsg_lengths_fit(listener->reply, (size_t)got))
			continue;
		for (; mnl_nlmsg_ok(message, len); message = mnl_nlmsg_next(message, &len))
			message_read(listener, message, news);
	}
}
