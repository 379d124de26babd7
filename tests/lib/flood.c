/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counts packets.  "flood send ADDRESS RATE SECONDS PORT ..." sends UDP datagrams from a fresh
 * source port each (so that each is a new connection) at RATE a second to the ports in turn;
 * "flood count PORT ..." counts what arrives until SIGTERM and prints "PORT COUNT" lines.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PORTS_MAX 8

static volatile sig_atomic_t stopped;

static void on_term(int number)
{
	(void)number;
	stopped = 1;
}

static double now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int udp_socket(unsigned port)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int size = 64 * 1024 * 1024;

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0) {
		perror("flood: socket");
		exit(1);
	}
	return fd;
}

static int send_all(char **argv)
{
	double rate = strtod(argv[1], NULL), until, start = now();
	struct sockaddr_in to = {.sin_family = AF_INET};
	unsigned ports[PORTS_MAX], count = 0, source = 20000;
	unsigned long sent[PORTS_MAX] = {0}, total = 0;
	int fd = -1;

	(void)signal(SIGTERM, on_term);
	if (inet_pton(AF_INET, argv[0], &to.sin_addr) != 1)
		return 2;
	until = start + strtod(argv[2], NULL);
	for (char **at = argv + 3; *at && count < PORTS_MAX; at++)
		ports[count++] = (unsigned)strtoul(*at, NULL, 10);
	for (unsigned turn = 0; !stopped && now() < until; turn++) {
		unsigned port = turn % count;

		/* a source port for each round of ports */
		if (port == 0) {
			if (fd >= 0)
				(void)close(fd);
			fd = udp_socket(source);
			source = source == 60000 ? 20000 : source + 1;
		}
		to.sin_port = htons((uint16_t)ports[port]);
		if (sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof(to)) == 1)
			sent[port]++;
		total++;
		while ((double)total / rate > now() - start)
			(void)usleep(50);
	}
	for (unsigned i = 0; i < count; i++)
		(void)printf("%u %lu\n", ports[i], sent[i]);
	return 0;
}

static int count_all(char **argv)
{
	struct pollfd fds[PORTS_MAX];
	unsigned ports[PORTS_MAX], count = 0;
	unsigned long got[PORTS_MAX] = {0};
	bool drained = false;
	char data[16];

	(void)signal(SIGTERM, on_term);
	for (char **at = argv; *at && count < PORTS_MAX; at++) {
		ports[count] = (unsigned)strtoul(*at, NULL, 10);
		fds[count] = (struct pollfd){.fd = udp_socket(ports[count]), .events = POLLIN};
		count++;
	}
	/* after SIGTERM what is still on its way is counted, until nothing came for a while */
	while (!drained) {
		int ready = poll(fds, count, stopped ? 500 : 100);

		drained = stopped && ready == 0; /* not -1: the signal itself wakes poll */
		for (unsigned i = 0; ready > 0 && i < count; i++) {
			if (!(fds[i].revents & POLLIN))
				continue;
			while (recv(fds[i].fd, data, sizeof(data), MSG_DONTWAIT) > 0)
				got[i]++;
		}
	}
	for (unsigned i = 0; i < count; i++)
		(void)printf("%u %lu\n", ports[i], got[i]);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc >= 6 && strcmp(argv[1], "send") == 0)
		return send_all(argv + 2);
	if (argc >= 3 && strcmp(argv[1], "count") == 0)
		return count_all(argv + 2);
	(void)fprintf(stderr, "usage: flood send ADDRESS RATE SECONDS PORT ... | count PORT ...\n");
	return 2;
}
