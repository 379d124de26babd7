/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An attacker: connects RATE times a second, to its targets in turn, and counts what came of it,
 * for SECONDS or until SIGTERM.  Each target "ADDRESS/PORT" then gives a line
 *	TARGET opened N refused N silent N failed N first SECONDS last SECONDS
 * opened: a handshake was completed, whoever answered; refused: an error came back; silent: nothing
 * came within WAIT ms; failed: this machine could not even send, so that nothing is proved by it.
 * first and last: of the opened ones, in seconds of CLOCK_REALTIME when they began ("-": none).
 * usage: knock [-r RATE] [-t SECONDS] [-w WAIT_MS] ADDRESS/PORT ...
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TARGETS_MAX 32
#define OPEN_MAX 8192
#define BURST_MAX 64

struct target {
	const char *name;
	struct sockaddr_storage to;
	socklen_t to_len;
	unsigned long opened, refused, silent, failed;
	double first, last;
};

/* A connection under way; a ring of them in the order of their beginning. */
struct attempt {
	int fd; /* -1: done with */
	struct target *target;
	double began;
};

static struct target targets[TARGETS_MAX];
static unsigned target_count;
static struct attempt ring[OPEN_MAX];
static unsigned long ring_head, ring_tail;
static volatile sig_atomic_t stopped;

static void on_term(int number)
{
	(void)number;
	stopped = 1;
}

static double clock_now(clockid_t id)
{
	struct timespec time;

	(void)clock_gettime(id, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static bool target_parse(struct target *target, char *text)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&target->to;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&target->to;
	char *slash = strchr(text, '/');
	char addr[INET6_ADDRSTRLEN] = "";
	uint16_t port;

	if (!slash || slash - text >= (long)sizeof(addr))
		return false;
	memcpy(addr, text, (size_t)(slash - text));
	port = htons((uint16_t)strtoul(slash + 1, NULL, 10));
	target->name = text;
	if (inet_pton(AF_INET, addr, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = port;
		target->to_len = sizeof(*v4);
		return port;
	}
	if (inet_pton(AF_INET6, addr, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = port;
		target->to_len = sizeof(*v6);
		return port;
	}
	return false;
}

/* The result of an attempt whose socket is ready, or that has waited long enough. */
static void attempt_end(struct attempt *attempt, bool ready)
{
	struct target *target = attempt->target;
	struct linger reset = {.l_onoff = 1};
	int error = 0;
	socklen_t len = sizeof(error);

	(void)getsockopt(attempt->fd, SOL_SOCKET, SO_ERROR, &error, &len);
	if (!ready && !error) {
		target->silent++;
	} else if (error) {
		target->refused++;
	} else {
		double began =
			clock_now(CLOCK_REALTIME) - (clock_now(CLOCK_MONOTONIC) - attempt->began);

		if (!target->opened++)
			target->first = began;
		target->last = began;
	}
	/* reset at once: no port of ours is to wait */
	(void)setsockopt(attempt->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	(void)close(attempt->fd);
	attempt->fd = -1;
}

static void attempt_begin(int epoll, struct target *target, double now)
{
	struct attempt *attempt = &ring[ring_head % OPEN_MAX];
	struct epoll_event event = {.events = EPOLLOUT | EPOLLERR | EPOLLHUP,
				    .data = {.ptr = attempt}};
	int fd = socket(target->to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	*attempt = (struct attempt){.fd = fd, .target = target, .began = now};
	if (fd < 0 || (connect(fd, (struct sockaddr *)&target->to, target->to_len) < 0 &&
		       errno != EINPROGRESS)) {
		/* an answer can be as quick as this only on the machine itself */
		if (fd >= 0 && errno == ECONNREFUSED)
			target->refused++;
		else
			target->failed++;
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	(void)epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
	ring_head++;
}

static void attempts_expire(double before)
{
	for (; ring_tail < ring_head; ring_tail++) {
		struct attempt *attempt = &ring[ring_tail % OPEN_MAX];

		if (attempt->fd >= 0 && attempt->began > before)
			return;
		if (attempt->fd >= 0)
			attempt_end(attempt, false);
	}
}

static void knock(double rate, double seconds, double wait)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	double start = clock_now(CLOCK_MONOTONIC), now = start;
	struct epoll_event events[BURST_MAX];
	unsigned long begun = 0, skipped = 0;

	while (!stopped || ring_tail < ring_head) {
		if (now - start >= seconds)
			stopped = 1;
		for (unsigned burst = 0;
		     !stopped && (double)(begun + skipped) < (now - start) * rate;) {
			/* what was slept through is not made up for in a flood */
			if (burst++ >= BURST_MAX || ring_head - ring_tail >= OPEN_MAX) {
				skipped = (unsigned long)((now - start) * rate) - begun;
				break;
			}
			attempt_begin(epoll, &targets[begun++ % target_count], now);
		}
		int ready = epoll_wait(epoll, events, BURST_MAX, 1);

		for (int i = 0; i < ready; i++)
			attempt_end(events[i].data.ptr, true);
		now = clock_now(CLOCK_MONOTONIC);
		attempts_expire(now - wait);
	}
	(void)close(epoll);
}

static void print_time(const char *name, const struct target *target, double time)
{
	if (target->opened)
		(void)printf(" %s %.3f", name, time);
	else
		(void)printf(" %s -", name);
}

int main(int argc, char **argv)
{
	double rate = 2000, seconds = 3600, wait = 0.5;
	struct rlimit files = {OPEN_MAX + 64, OPEN_MAX + 64};
	int option;

	while ((option = getopt(argc, argv, "r:t:w:")) != -1) {
		if (option == 'r')
			rate = strtod(optarg, NULL);
		else if (option == 't')
			seconds = strtod(optarg, NULL);
		else if (option == 'w')
			wait = strtod(optarg, NULL) / 1e3;
		else
			return 2;
	}
	for (; optind < argc && target_count < TARGETS_MAX; optind++)
		if (!target_parse(&targets[target_count++], argv[optind]))
			target_count = TARGETS_MAX + 1;
	if (target_count == 0 || target_count > TARGETS_MAX || optind < argc || rate <= 0) {
		(void)fprintf(stderr, "usage: knock [-r RATE] [-t SECONDS] [-w WAIT_MS] "
				      "ADDRESS/PORT ...\n");
		return 2;
	}
	if (setrlimit(RLIMIT_NOFILE, &files) < 0)
		perror("knock: setrlimit");
	(void)signal(SIGTERM, on_term);
	knock(rate, seconds, wait);
	for (unsigned i = 0; i < target_count; i++) {
		const struct target *target = &targets[i];

		(void)printf("%s opened %lu refused %lu silent %lu failed %lu", target->name,
			     target->opened, target->refused, target->silent, target->failed);
		print_time("first", target, target->first);
		print_time("last", target, target->last);
		(void)printf("\n");
	}
	return 0;
}
