/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The floor of a load: sends a batch that was made before (tests/bench/batch) to the kernel, and
 * prints the microseconds of send and answer.  Linked with nothing but libmnl, so that the whole
 * process can be compared too.
 * usage: floor FILE
 */
#include <fcntl.h>
#include <linux/netlink.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#include <libmnl/libmnl.h>

#define SPARE_BYTES 65536

static long long time_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

/* The only ack, of the last message, or the first refusal. */
static int answer_read(struct mnl_socket *socket)
{
	static uint64_t reply[8192];
	const struct nlmsghdr *message = (const struct nlmsghdr *)(const void *)reply;
	const struct nlmsgerr *error = mnl_nlmsg_get_payload(message);
	ssize_t len = mnl_socket_recvfrom(socket, reply, sizeof(reply));

	if (len < (ssize_t)(sizeof(*message) + sizeof(*error)) ||
	    message->nlmsg_type != NLMSG_ERROR || error->error != 0) {
		(void)fprintf(stderr, "batch: the kernel refuses the batch\n");
		return 1;
	}
	return 0;
}

static int send_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), bytes, r;
	struct mnl_socket *socket;
	struct stat stat;
	long long start;
	void *data;

	if (fd < 0 || fstat(fd, &stat) < 0)
		return perror(path), 1;
	data = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (data == MAP_FAILED || !socket || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0)
		return perror("batch"), 1;
	bytes = (int)stat.st_size + SPARE_BYTES;
	(void)setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_SNDBUFFORCE, &bytes,
			 sizeof(bytes));
	start = time_us();
	if (mnl_socket_sendto(socket, data, (size_t)stat.st_size) < 0)
		return perror("batch: send"), 1;
	r = answer_read(socket);
	(void)printf("%lld\n", time_us() - start);
	return r;
}

int main(int argc, char **argv)
{
	if (argc == 2)
		return send_file(argv[1]);
	(void)fprintf(stderr, "usage: floor FILE\n");
	return 2;
}
