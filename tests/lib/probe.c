/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asks many ports at once.  Reads lines "ID PROTO SRC DST PORT" (SRC "-": any; PROTO tcp, udp,
 * ping) and prints "ID open|refused|silent" for each: open means that tests/lib/answer.c answered.
 * usage: probe DEADLINE_MS <lines
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PROBES_MAX 512

struct probe {
	char id[64];
	char proto[8];
	const char *result;
	struct sockaddr_storage dst;
	socklen_t dst_len;
};

static struct probe probes[PROBES_MAX];
static struct pollfd fds[PROBES_MAX];

static socklen_t address_make(const char *text, unsigned port, struct sockaddr_storage *ret)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret;

	memset(ret, 0, sizeof(*ret));
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		return sizeof(*v4);
	}
	if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)port);
		return sizeof(*v6);
	}
	(void)fprintf(stderr, "probe: '%s' is not an address\n", text);
	exit(2);
}

static int socket_make(const struct probe *probe, const char *src)
{
	int family = probe->dst.ss_family;
	bool ping = strcmp(probe->proto, "ping") == 0;
	int kind = strcmp(probe->proto, "tcp") == 0 ? SOCK_STREAM : SOCK_DGRAM;
	int protocol = ping ? (family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6) : 0;
	int fd = socket(family, kind | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	struct sockaddr_storage local;
	int on = 1;

	if (fd < 0) {
		perror("probe: socket");
		exit(2);
	}
	/* ICMP errors for UDP arrive on the socket */
	(void)setsockopt(fd, family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6,
			 family == AF_INET ? IP_RECVERR : IPV6_RECVERR, &on, sizeof(on));
	if (strcmp(src, "-") != 0) {
		socklen_t len = address_make(src, 0, &local);

		if (bind(fd, (struct sockaddr *)&local, len) < 0) {
			perror("probe: bind");
			exit(2);
		}
	}
	return fd;
}

static void probe_start(struct probe *probe, struct pollfd *pollfd, const char *src)
{
	static const unsigned char echo4[8] = {8}, echo6[8] = {128};
	bool tcp = strcmp(probe->proto, "tcp") == 0;
	int fd = socket_make(probe, src);
	ssize_t sent = 0;

	*pollfd = (struct pollfd){.fd = fd, .events = POLLIN};
	if (connect(fd, (struct sockaddr *)&probe->dst, probe->dst_len) < 0 &&
	    errno != EINPROGRESS) {
		probe->result = "refused";
		return;
	}
	if (strcmp(probe->proto, "udp") == 0)
		sent = send(fd, "ask", 3, 0);
	else if (!tcp)
		sent = send(fd, probe->dst.ss_family == AF_INET ? echo4 : echo6, 8, 0);
	/* EPERM: our own output chain dropped it, which a caller sees as silence */
	if (sent < 0)
		probe->result = errno == EPERM ? "silent" : "refused";
}

static void probe_read(struct probe *probe, int fd)
{
	char reply[64];
	ssize_t len = recv(fd, reply, sizeof(reply), 0);

	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	probe->result = len > 0 ? "open" : "refused";
}

static long now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int main(int argc, char **argv)
{
	long until = now_ms() + (argc > 1 ? strtol(argv[1], NULL, 10) : 500);
	char src[64], dst[64];
	unsigned port;
	nfds_t count = 0;

	while (count < PROBES_MAX && scanf("%63s %7s %63s %63s %u", probes[count].id,
					   probes[count].proto, src, dst, &port) == 5) {
		probes[count].dst_len = address_make(dst, port, &probes[count].dst);
		probe_start(&probes[count], &fds[count], src);
		count++;
	}
	for (;;) {
		bool waiting = false;
		long left = until - now_ms();

		for (nfds_t i = 0; i < count; i++) {
			fds[i].events = probes[i].result ? 0 : POLLIN;
			if (probes[i].result && fds[i].fd >= 0) {
				(void)close(fds[i].fd);
				fds[i].fd = -1;
			}
			waiting |= !probes[i].result;
		}
		if (!waiting || left <= 0 || poll(fds, count, (int)left) <= 0)
			break;
		for (nfds_t i = 0; i < count; i++)
			if (fds[i].fd >= 0 && fds[i].revents)
				probe_read(&probes[i], fds[i].fd);
	}
	for (nfds_t i = 0; i < count; i++)
		(void)printf("%s %s\n", probes[i].id,
			     probes[i].result ? probes[i].result : "silent");
	return 0;
}
