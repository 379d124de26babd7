/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a command and appends "wall user system peak" (microseconds, KiB) to a file: finer than
 * time(1), and small itself, so that the peak is the command's own.
 * usage: spawn FILE COMMAND ARGUMENT ...
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long time_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static long long timeval_us(const struct timeval *time)
{
	return time->tv_sec * 1000000LL + time->tv_usec;
}

int main(int argc, char **argv)
{
	struct rusage usage;
	long long start, wall;
	int status = 0;
	FILE *file;
	pid_t pid;

	if (argc < 3) {
		(void)fprintf(stderr, "usage: spawn FILE COMMAND ARGUMENT ...\n");
		return 2;
	}
	start = time_us();
	pid = fork();
	if (pid == 0) {
		(void)execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) < 0) {
		perror("spawn");
		return 1;
	}
	wall = time_us() - start;
	file = fopen(argv[1], "ae");
	if (!file ||
	    fprintf(file, "%lld %lld %lld %ld\n", wall, timeval_us(&usage.ru_utime),
		    timeval_us(&usage.ru_stime), usage.ru_maxrss) < 0 ||
	    fclose(file) != 0) {
		perror(argv[1]);
		return 1;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
