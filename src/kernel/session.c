/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A netlink socket to nf_tables: opening it, sending, receiving within a deadline. */
#include "kernel/session_internal.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "base/nlmsg.h"
#include "kernel/attr.h"

#define RECEIVE_BUFFER_BYTES (4 * 1024 * 1024)
#define SESSION_SPARE_BYTES 65536
#define ERRNO_MAX 4096
/* The kernel tells of an overrun once, then goes on with what fits: more in one drain is no queue.
 */
#define OVERRUNS_MAX 64

static void session_grow(int fd, int forced, int plain, int bytes)
{
	/* FORCE may pass the administrator's limit, but wants CAP_NET_ADMIN of the first namespace.
	 */
	if (setsockopt(fd, SOL_SOCKET, forced, &bytes, sizeof(bytes)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, plain, &bytes, sizeof(bytes));
}

int session_send(struct kernel_session *session, const void *data, size_t len)
{
	ssize_t sent;

	if (len > INT32_MAX / 2)
		return -EMSGSIZE;
	/* A message counts with its overhead; the default takes about 200 KiB. */
	if (len > SESSION_SPARE_BYTES)
		session_grow(session->fd, SO_SNDBUFFORCE, SO_SNDBUF,
			     (int)len + SESSION_SPARE_BYTES);
	do
		sent = mnl_socket_sendto(session->socket, data, len);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

int session_receive(struct kernel_session *session, int timeout_ms)
{
	struct pollfd pollfd = {.fd = session->fd, .events = POLLIN};
	ssize_t len;
	int ready;

	do
		ready = poll(&pollfd, 1, timeout_ms);
	while (ready < 0 && errno == EINTR);
	if (ready < 0)
		return -errno;
	if (ready == 0)
		return -ETIMEDOUT;
	do
		len = mnl_socket_recvfrom(session->socket, session->reply, SESSION_REPLY_BYTES);
	while (len < 0 && errno == EINTR);
	if (len < 0)
		return -errno;
	session->reply_len = (size_t)len;
	return nlmsg_lengths_fit(session->reply, session->reply_len) ? 0 : -EBADMSG;
}

struct nlmsghdr *session_request(struct kernel_session *session, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(session->request);
	struct nfgenmsg *extra;

	request->nlmsg_type = (uint16_t)((NFNL_SUBSYS_NFTABLES << 8) | (type & 0xff));
	request->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	request->nlmsg_seq = ++session->seq;
	extra = mnl_nlmsg_put_extra_header(request, sizeof(*extra));
	extra->nfgen_family = type == NFT_MSG_GETGEN ? AF_UNSPEC : NFPROTO_INET;
	extra->version = NFNETLINK_V0;
	return request;
}

/* Answers to an earlier request that ran into its deadline may still be in the queue. */
static bool reply_is_stale(const struct kernel_session *session, uint32_t seq)
{
	const struct nlmsghdr *first = (const struct nlmsghdr *)(const void *)session->reply;

	return session->reply_len < sizeof(*first) || first->nlmsg_seq != seq;
}

/* Reading on is what ends a dump that nobody wants any more: until then another one is EBUSY. */
void session_drain(struct kernel_session *session)
{
	unsigned overruns = 0;
	int rc;

	do {
		rc = session_receive(session, 0);
		if (rc == -ENOBUFS)
			overruns++;
	} while (rc >= 0 || (rc == -ENOBUFS && overruns < OVERRUNS_MAX));
}

int session_call(struct kernel_session *session, const struct nlmsghdr *request, mnl_cb_t answer,
		 void *data)
{
	uint32_t seq = request->nlmsg_seq;
	int rc = session_send(session, request, request->nlmsg_len);

	while (rc >= 0) {
		rc = session_receive(session, SESSION_DEADLINE_MS);
		if (rc < 0)
			break;
		if (reply_is_stale(session, seq)) {
			rc = 0;
			continue;
		}
		/* NLM_F_DUMP_INTR comes back as EINTR from here. */
		errno = 0;
		rc = mnl_cb_run(session->reply, session->reply_len, seq,
				mnl_socket_get_portid(session->socket), answer, data);
		if (rc < 0) {
			/* an error number that is none would be taken for success */
			rc = errno > 0 && errno < ERRNO_MAX ? -errno : -EPROTO;
			session_drain(session);
			return rc;
		}
		if (rc == MNL_CB_STOP)
			return 0;
	}
	return rc;
}

static int generation_answer(const struct nlmsghdr *message, void *data)
{
	const struct nlattr *attrs[NFTA_GEN_MAX + 1];

	attr_parse(message, attrs, NFTA_GEN_MAX + 1);
	*(uint32_t *)data = attr_u32(attrs[NFTA_GEN_ID]);
	return MNL_CB_STOP;
}

int session_generation(struct kernel_session *session, uint32_t *ret)
{
	struct nlmsghdr *request = session_request(session, NFT_MSG_GETGEN, 0);

	return session_call(session, request, generation_answer, ret);
}

void session_pause(unsigned attempt)
{
	(void)poll(NULL, 0, 1 << (attempt < 5 ? attempt : 5));
}

static int session_probe(struct kernel_session *session, struct err *err)
{
	uint32_t generation;
	int rc = session_generation(session, &generation);

	if (rc >= 0)
		return 0;
	if (rc == -EPERM || rc == -EACCES)
		return err_set(
			err, rc,
			"must be root (CAP_NET_ADMIN) to read and change the rules of the kernel");
	/* nfnetlink says EINVAL to a subsystem that it does not have */
	if (rc == -EINVAL || rc == -EOPNOTSUPP || rc == -ENOENT)
		return err_set(err, -EOPNOTSUPP,
			       "this kernel has no nf_tables: modprobe nf_tables");
	return err_set(err, rc, "nf_tables does not answer: %s", strerror(-rc));
}

int kernel_session_open(struct kernel_session **ret, struct err *err)
{
	auto_of(kernel_session_free) struct kernel_session *session = NULL;
	int rc;

	session = mem_alloc(sizeof(*session));
	*session = (struct kernel_session){.fd = -1, .seq = 1};
	session->reply = mem_alloc(SESSION_REPLY_BYTES);
	session->request = mem_alloc(SESSION_REPLY_BYTES);
	session->socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (!session->socket) {
		rc = -errno;
		if (rc == -EPROTONOSUPPORT || rc == -EAFNOSUPPORT)
			return err_set(err, rc, "this kernel has no nf_tables: modprobe nf_tables");
		return err_set(err, rc, "cannot open a netlink socket: %s", strerror(-rc));
	}
	session->fd = mnl_socket_get_fd(session->socket);
	if (mnl_socket_bind(session->socket, 0, MNL_SOCKET_AUTOPID) < 0)
		return err_errno(err, "cannot bind a netlink socket");
	/* Both since 4.12: the reason in words, and refusals without a copy of the message. */
	(void)mnl_socket_setsockopt(session->socket, NETLINK_EXT_ACK, &(int){1}, sizeof(int));
	(void)mnl_socket_setsockopt(session->socket, NETLINK_CAP_ACK, &(int){1}, sizeof(int));
	session_grow(session->fd, SO_RCVBUFFORCE, SO_RCVBUF, RECEIVE_BUFFER_BYTES);
	rc = session_probe(session, err);
	if (rc < 0)
		return rc;
	*ret = take_ptr(session);
	return 0;
}

void kernel_session_free(struct kernel_session *session)
{
	if (!session)
		return;
	if (session->socket)
		(void)mnl_socket_close(session->socket);
	free(session->reply);
	free(session->request);
	free(session);
}
