/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A netlink socket that is bound to an NFLOG group. */
#include "kernel/nflog.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <libmnl/libmnl.h>

#include "base/arena.h"

#define BUFFER_BYTES 65536u
#define REQUEST_BYTES 256u
#define DEADLINE_MS 5000
#define FREE_GROUP 65535u
#define DATAGRAMS_MAX 64u /* of one call: whoever reads has other work too */

struct kernel_nflog {
	struct mnl_socket *socket;
	int fd;
	uint32_t seq;
	uint8_t *buffer;
};

static struct nlmsghdr *config_begin(struct kernel_nflog *nflog, void *buffer, uint16_t group)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct nfgenmsg *extra;

	request->nlmsg_type = (NFNL_SUBSYS_ULOG << 8) | NFULNL_MSG_CONFIG;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	request->nlmsg_seq = ++nflog->seq;
	extra = mnl_nlmsg_put_extra_header(request, sizeof(*extra));
	extra->nfgen_family = AF_UNSPEC;
	extra->version = NFNETLINK_V0;
	extra->res_id = htons(group);
	return request;
}

/* 1: no answer in it.  Packets that come in between are left out. */
static int ack_find(const struct kernel_nflog *nflog, size_t len)
{
	const struct nlmsghdr *message = (const struct nlmsghdr *)(const void *)nflog->buffer;
	int left = (int)len;

	for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
		const struct nlmsgerr *answer = mnl_nlmsg_get_payload(message);

		if (message->nlmsg_type == NLMSG_ERROR && message->nlmsg_seq == nflog->seq &&
		    mnl_nlmsg_get_payload_len(message) >= sizeof(*answer))
			return answer->error > 0 ? -EPROTO : answer->error;
	}
	return 1;
}

static ssize_t receive(const struct kernel_nflog *nflog, int flags)
{
	ssize_t len;

	do
		len = recv(nflog->fd, nflog->buffer, BUFFER_BYTES, flags);
	while (len < 0 && errno == EINTR);
	return len < 0 ? -errno : len;
}

static int config_call(struct kernel_nflog *nflog, const struct nlmsghdr *request)
{
	struct pollfd pollfd = {.fd = nflog->fd, .events = POLLIN};
	int answer = 1;

	if (mnl_socket_sendto(nflog->socket, request, request->nlmsg_len) < 0)
		return -errno;
	while (answer > 0) {
		int ready = poll(&pollfd, 1, DEADLINE_MS);
		ssize_t len;

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return ready < 0 ? -errno : -ETIMEDOUT;
		len = receive(nflog, MSG_DONTWAIT);
		if (len == -ENOBUFS || len == -EAGAIN)
			continue;
		answer = len < 0 ? (int)len : ack_find(nflog, (size_t)len);
	}
	return answer;
}

static int group_bind(struct kernel_nflog *nflog, uint16_t group, uint16_t bytes)
{
	_Alignas(NLMSG_ALIGNTO) uint8_t buffer[REQUEST_BYTES] = {0};
	struct nfulnl_msg_config_cmd bind = {.command = NFULNL_CFG_CMD_BIND};
	struct nfulnl_msg_config_mode mode = {.copy_range = htonl(bytes),
					      .copy_mode = NFULNL_COPY_PACKET};
	struct nlmsghdr *request = config_begin(nflog, buffer, group);
	int r;

	mnl_attr_put(request, NFULA_CFG_CMD, sizeof(bind), &bind);
	mnl_attr_put(request, NFULA_CFG_MODE, sizeof(mode), &mode);
	mnl_attr_put_u32(request, NFULA_CFG_QTHRESH, htonl(1)); /* each at once */
	r = config_call(nflog, request);
	if (r < 0)
		return r;
	/* Not every kernel hands over what it knows of the connection: facts must do then. */
	request = config_begin(nflog, buffer, group);
	mnl_attr_put_u16(request, NFULA_CFG_FLAGS, htons(NFULNL_CFG_F_CONNTRACK));
	(void)config_call(nflog, request);
	return 0;
}

/* EPERM also means that another one holds the group: nothing asked of a free one tells. */
static bool is_permitted(struct kernel_nflog *nflog)
{
	_Alignas(NLMSG_ALIGNTO) uint8_t buffer[REQUEST_BYTES] = {0};

	return config_call(nflog, config_begin(nflog, buffer, FREE_GROUP)) != -EPERM;
}

int kernel_nflog_open(uint16_t group, uint16_t bytes, struct kernel_nflog **ret, struct err *err)
{
	auto_of(kernel_nflog_free) struct kernel_nflog *nflog = mem_alloc(sizeof(*nflog));
	int r;

	*nflog = (struct kernel_nflog){.fd = -1};
	nflog->buffer = mem_alloc(BUFFER_BYTES);
	nflog->socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!nflog->socket)
		return err_errno(err, "cannot open a netlink socket");
	nflog->fd = mnl_socket_get_fd(nflog->socket);
	if (mnl_socket_bind(nflog->socket, 0, MNL_SOCKET_AUTOPID) < 0)
		return err_errno(err, "cannot bind a netlink socket");
	r = group_bind(nflog, group, bytes);
	if (r == -EBUSY || (r == -EPERM && is_permitted(nflog)))
		return err_set(err, -EBUSY, "another program reads NFLOG group %u",
			       (unsigned)group);
	if (r == -EPERM)
		return err_set(err, r, "must be root (CAP_NET_ADMIN) to see refused packets");
	if (r == -EINVAL || r == -EOPNOTSUPP)
		return err_set(err, r, "this kernel has no NFLOG: modprobe nfnetlink_log");
	if (r < 0)
		return err_set(err, r, "cannot read NFLOG group %u: %s", (unsigned)group,
			       strerror(-r));
	*ret = take_ptr(nflog);
	return 0;
}

void kernel_nflog_free(struct kernel_nflog *nflog)
{
	if (!nflog)
		return;
	if (nflog->socket)
		(void)mnl_socket_close(nflog->socket);
	free(nflog->buffer);
	free(nflog);
}

int kernel_nflog_fd(const struct kernel_nflog *nflog)
{
	return nflog->fd;
}

struct reading {
	nflog_take take;
	void *data;
	uint64_t now_us;
};

/* The kernel notes the time of what came in only, and not always. */
static void take_with_time(void *data, const struct nflog_packet *packet)
{
	const struct reading *reading = data;
	struct nflog_packet timed = *packet;

	if (!timed.time_us)
		timed.time_us = reading->now_us;
	reading->take(reading->data, &timed);
}

static uint64_t now_us(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

int kernel_nflog_read(struct kernel_nflog *nflog, nflog_take take, void *data, bool *ret_lost,
		      struct err *err)
{
	struct reading reading = {.take = take, .data = data, .now_us = now_us()};

	*ret_lost = false;
	for (unsigned i = 0; i < DATAGRAMS_MAX; i++) {
		ssize_t len = receive(nflog, MSG_DONTWAIT);

		if (len == -EAGAIN)
			break;
		if (len == -ENOBUFS) {
			*ret_lost = true;
			continue;
		}
		if (len < 0)
			return err_set(err, (int)len, "cannot read refused packets: %s",
				       strerror((int)-len));
		nflog_parse(nflog->buffer, (size_t)len, take_with_time, &reading);
	}
	return 0;
}
