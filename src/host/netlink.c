/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A dump over a netlink socket, repeated while the kernel says that it changed under us. */
#include "host/netlink.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/nlmsg.h"

#define TRIES 10
#define REPLY_BYTES 32768u
#define DEADLINE_S 5

static void socket_close(struct mnl_socket *socket)
{
	if (socket)
		(void)mnl_socket_close(socket);
}
DEFINE_CLEANUP(struct mnl_socket, socket_close)

static int dump_once(struct mnl_socket *socket, struct nlmsghdr *request, mnl_cb_t callback,
		     void *data)
{
	unsigned portid = mnl_socket_get_portid(socket);
	auto_free char *reply = mem_alloc(REPLY_BYTES);

	request->nlmsg_seq++;
	if (mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		return -errno;
	for (;;) {
		ssize_t len = mnl_socket_recvfrom(socket, reply, REPLY_BYTES);
		int r;

		if (len < 0)
			return -errno;
		if (!nlmsg_lengths_fit(reply, (size_t)len))
			return -EBADMSG;
		r = mnl_cb_run(reply, (size_t)len, request->nlmsg_seq, portid, callback, data);
		if (r < 0)
			return -errno;
		if (r == MNL_CB_STOP)
			return 0;
	}
}

int netlink_dump(int bus, struct nlmsghdr *request, mnl_cb_t callback, void (*restart)(void *data),
		 void *data, struct err *err)
{
	struct timeval deadline = {.tv_sec = DEADLINE_S};
	int r = -EINTR;

	for (int i = 0; i < TRIES && (r == -EINTR || r == -ENOBUFS); i++) {
		/* a socket a try: what is left of an interrupted dump goes with it */
		auto_of(socket_close) struct mnl_socket *socket =
			mnl_socket_open2(bus, SOCK_CLOEXEC);

		if (!socket || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0)
			return err_errno(err, "cannot open a netlink socket");
		if (setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVTIMEO, &deadline,
			       sizeof(deadline)) < 0)
			return err_errno(err, "cannot set a deadline for netlink");
		restart(data);
		r = dump_once(socket, request, callback, data);
	}
	if (r < 0)
		return err_set(err, r, "the kernel did not list its network state (errno %d)", -r);
	return 0;
}
