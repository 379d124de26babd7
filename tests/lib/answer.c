/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Answers on ports, IPv4 and IPv6: greets who connects and goes on echoing, returns what comes by
 * UDP.  Statically linked, so that it runs in a bare image.
 * usage: answer [-v] PROTO:PORT ...
 * -v: says who connected, as a server that refuses logins would
 * push-tcp:PORT, push-udp:PORT: goes on sending to whoever once came, until that fails
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKETS_MAX 1024

#define PUSH_MS 20

enum kind { KIND_LISTEN, KIND_UDP, KIND_CLIENT, KIND_LISTEN_PUSH, KIND_UDP_PUSH, KIND_CLIENT_PUSH };

static struct pollfd fds[SOCKETS_MAX];
static enum kind kinds[SOCKETS_MAX];
static nfds_t count;
static bool verbose;
static bool pushing;
/* The last that sent to a KIND_UDP_PUSH. */
static struct sockaddr_storage push_peer;
static socklen_t push_peer_len;

static void add(int fd, enum kind kind)
{
	if (count == SOCKETS_MAX) {
		(void)close(fd);
		return;
	}
	fds[count] = (struct pollfd){.fd = fd, .events = POLLIN};
	kinds[count++] = kind;
}

static void open_port(const char *text)
{
	bool push = strncmp(text, "push-", 5) == 0;
	bool udp = strncmp(push ? text + 5 : text, "udp:", 4) == 0;
	struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_ANY_INIT};
	struct sockaddr_in any4 = {.sin_family = AF_INET};
	struct sockaddr *addr = (struct sockaddr *)&any;
	socklen_t len = sizeof(any);
	int on = 1, off = 0;
	int kind = (udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | SOCK_NONBLOCK;
	int fd = socket(AF_INET6, kind, 0);

	pushing = pushing || push;
	any.sin6_port = any4.sin_port = htons((uint16_t)strtoul(text + (push ? 9 : 4), NULL, 10));
	if (fd < 0) { /* no IPv6 in this namespace */
		fd = socket(AF_INET, kind, 0);
		addr = (struct sockaddr *)&any4;
		len = sizeof(any4);
	}
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (bind(fd, addr, len) < 0 || (!udp && listen(fd, 128) < 0)) {
		perror(text);
		exit(1);
	}
	if (push)
		add(fd, udp ? KIND_UDP_PUSH : KIND_LISTEN_PUSH);
	else
		add(fd, udp ? KIND_UDP : KIND_LISTEN);
}

static void say_peer(const struct sockaddr_storage *peer)
{
	char text[INET6_ADDRSTRLEN] = "?";

	if (!verbose)
		return;
	if (peer->ss_family == AF_INET6)
		(void)inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)peer)->sin6_addr, text,
				sizeof(text));
	else
		(void)inet_ntop(AF_INET, &((const struct sockaddr_in *)peer)->sin_addr, text,
				sizeof(text));
	(void)printf("refused login from %s\n", text);
	(void)fflush(stdout);
}

static void serve(nfds_t i)
{
	char data[2048];
	struct sockaddr_storage from;
	socklen_t from_len = sizeof(from);
	ssize_t len;

	if (kinds[i] == KIND_LISTEN || kinds[i] == KIND_LISTEN_PUSH) {
		int client = accept4(fds[i].fd, (struct sockaddr *)&from, &from_len,
				     SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (client >= 0) {
			say_peer(&from);
			(void)send(client, "answer\n", 7, MSG_NOSIGNAL);
			add(client, kinds[i] == KIND_LISTEN ? KIND_CLIENT : KIND_CLIENT_PUSH);
		}
		return;
	}
	len = recvfrom(fds[i].fd, data, sizeof(data), 0, (struct sockaddr *)&from, &from_len);
	if (kinds[i] == KIND_UDP_PUSH && len >= 0) {
		push_peer = from;
		push_peer_len = from_len;
		return;
	}
	if (kinds[i] == KIND_UDP) {
		if (len >= 0)
			(void)sendto(fds[i].fd, data, (size_t)len, 0, (struct sockaddr *)&from,
				     from_len);
		return;
	}
	if (len <= 0 && !(len < 0 && errno == EAGAIN)) {
		(void)close(fds[i].fd);
		fds[i].fd = -1;
	} else if (len > 0) {
		(void)send(fds[i].fd, data, (size_t)len, MSG_NOSIGNAL);
	}
}

static void push_all(void)
{
	for (nfds_t i = 0; i < count; i++) {
		if (kinds[i] == KIND_CLIENT_PUSH && fds[i].fd >= 0)
			(void)send(fds[i].fd, "push\n", 5, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (kinds[i] == KIND_UDP_PUSH && push_peer_len)
			(void)sendto(fds[i].fd, "push\n", 5, MSG_DONTWAIT,
				     (struct sockaddr *)&push_peer, push_peer_len);
	}
}

int main(int argc, char **argv)
{
	(void)signal(SIGPIPE, SIG_IGN);
	verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
	for (int i = 1 + verbose; i < argc; i++)
		open_port(argv[i]);
	for (;;) {
		nfds_t now = count;

		if (poll(fds, count, pushing ? PUSH_MS : -1) < 0 && errno != EINTR)
			return 1;
		push_all();
		for (nfds_t i = 0; i < now; i++)
			if (fds[i].revents)
				serve(i);
		/* places of closed clients are used again */
		for (nfds_t i = 0; i < count; i++)
			if (fds[i].fd < 0) {
				fds[i] = fds[--count];
				kinds[i] = kinds[count];
			}
	}
}
