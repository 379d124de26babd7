/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starts a fake engine and tells it what to do. */
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "fake_engine.h"

__attribute__((noreturn)) static void give_up(const char *what)
{
	perror(what);
	abort();
}

static void wait_ok(struct fake_engine *fake, unsigned long *ret_requests)
{
	char line[128];

	while (fgets(line, sizeof(line), fake->out)) {
		if (strcmp(line, "ok\n") == 0)
			return;
		if (ret_requests)
			(void)sscanf(line, "requests %lu", ret_requests);
	}
	give_up("the fake engine ended");
}

void fake_engine_start(struct fake_engine *fake, const char *program)
{
	int in[2], out[2];
	char path[100];

	*fake = (struct fake_engine){0};
	(void)str_copy(fake->dir, sizeof(fake->dir), "/tmp/wharfwall-fake-XXXXXX");
	if (!mkdtemp(fake->dir) || pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		give_up("fake engine");
	(void)snprintf(path, sizeof(path), "%s/s", fake->dir);
	(void)snprintf(fake->url, sizeof(fake->url), "unix://%s", path);
	fake->pid = fork();
	if (fake->pid < 0)
		give_up("fork");
	if (fake->pid == 0) {
		if (dup2(in[0], STDIN_FILENO) < 0 || dup2(out[1], STDOUT_FILENO) < 0)
			_exit(1);
		(void)execl(program, program, path, (char *)NULL);
		_exit(1);
	}
	(void)close(in[0]);
	(void)close(out[1]);
	fake->in = in[1];
	fake->out = fdopen(out[0], "r");
	wait_ok(fake, NULL);
}

void fake_engine_stop(struct fake_engine *fake)
{
	(void)close(fake->in); /* its end */
	(void)fclose(fake->out);
	(void)waitpid(fake->pid, NULL, 0);
	(void)rmdir(fake->dir);
}

static void send_line(struct fake_engine *fake, const struct str_buf *line)
{
	size_t sent = 0;

	while (sent < line->len) {
		ssize_t len = write(fake->in, line->data + sent, line->len - sent);

		if (len < 0)
			give_up("fake engine");
		sent += (size_t)len;
	}
}

void fake_engine_tell(struct fake_engine *fake, const char *fmt, ...)
{
	auto_str struct str_buf line = {0};
	char *text = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		give_up("memory");
	va_end(args);
	str_buf_addf(&line, "%s\n", text);
	free(text);
	send_line(fake, &line);
	wait_ok(fake, NULL);
}

unsigned long fake_engine_requests(struct fake_engine *fake)
{
	struct str_buf line = {.data = (char[]){"requests\n"}, .len = strlen("requests\n")};
	unsigned long count = 0;

	send_line(fake, &line);
	wait_ok(fake, &count);
	return count;
}
