/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stands where sshd stands: holds a connection, and runs a command below itself, without telling it
 * which.  Must be called "sshd", for that is what is looked for.
 * usage: sshd PORT COMMAND...   exits as the command does
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_ANY_INIT};
	int listener = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1, status = 0;
	pid_t child;

	if (argc < 3)
		return 2;
	any.sin6_port = htons((uint16_t)strtoul(argv[1], NULL, 10));
	(void)setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(listener, (struct sockaddr *)&any, sizeof(any)) < 0 || listen(listener, 1) < 0 ||
	    accept4(listener, NULL, NULL, SOCK_CLOEXEC) < 0) {
		perror("sshd");
		return 2;
	}
	child = fork();
	if (child == 0) {
		(void)execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	(void)waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 126;
}
