/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a new TCP connection costs.  "connect to ADDRESS PORT COUNT" opens COUNT connections one
 * after the other and prints the nanoseconds of one; "connect accept PORT" takes them until it is
 * killed.  Both end a connection with a reset, so that none stays behind in TIME_WAIT.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BACKLOG 1024

static const struct linger reset = {.l_onoff = 1, .l_linger = 0};

static long long time_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static int accept_all(const char *port)
{
	struct sockaddr_in any = {.sin_family = AF_INET,
				  .sin_port = htons((uint16_t)strtoul(port, NULL, 10))};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) < 0 ||
	    bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0 || listen(fd, BACKLOG) < 0) {
		perror("connect: listen");
		return 1;
	}
	for (;;) {
		int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

		if (client >= 0)
			(void)close(client);
	}
}

/* A connection is open when connect() returns: its SYN has met all of the other side's rules. */
static int connect_many(const char *addr, const char *port, const char *count)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)strtoul(port, NULL, 10))};
	unsigned long left = strtoul(count, NULL, 10), total = left;
	long long spent = 0;

	if (!total || inet_pton(AF_INET, addr, &to.sin_addr) != 1)
		return 2;
	while (left--) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		long long start;

		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		start = time_ns();
		if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0) {
			perror("connect");
			return 1;
		}
		spent += time_ns() - start;
		(void)close(fd);
	}
	(void)printf("%lld\n", spent / (long long)total);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "accept") == 0)
		return accept_all(argv[2]);
	if (argc == 5 && strcmp(argv[1], "to") == 0)
		return connect_many(argv[2], argv[3], argv[4]);
	(void)fprintf(stderr, "usage: connect accept PORT | connect to ADDRESS PORT COUNT\n");
	return 2;
}
