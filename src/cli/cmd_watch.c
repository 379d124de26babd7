/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wharfwall watch: becomes the daemon, which is a program of its own. */
#include "cli/cli.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "wharfwall-watch"
#define BUILT_AS "/src/cli/wharfwall"

extern char **environ;

/* In a build tree the two lie side by side; the environment is not asked. */
static const char *program_path(struct arena *arena)
{
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (len > 0) {
		self[len] = '\0';
		if (str_ends(self, BUILT_AS))
			return arena_printf(arena, "%.*s/src/daemon/" PROGRAM,
					    (int)((size_t)len - strlen(BUILT_AS)), self);
	}
	return WHARFWALL_LIBEXEC "/" PROGRAM;
}

enum exit_status cmd_watch(struct cli *cli)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	const char *path = program_path(arena);
	const char *words[] = {PROGRAM,
			       "--policy",
			       cli->options.policy_path,
			       "--state-dir",
			       cli->options.state_dir,
			       "--docker-host",
			       cli->options.docker_host,
			       "--metrics-file",
			       cli->metrics_file};
	char *argv[sizeof(words) / sizeof(*words) + 1] = {arena_strdup(arena, words[0])};
	unsigned count = 1;

	if (cli->json)
		return cli_refuse(cli, EXIT_USAGE,
				  "'watch' answers nothing; 'wharfwall --json status' says how it "
				  "goes");
	for (unsigned i = 1; i < sizeof(words) / sizeof(*words); i += 2) {
		if (!words[i + 1])
			continue;
		argv[count++] = arena_strdup(arena, words[i]);
		argv[count++] = arena_strdup(arena, words[i + 1]);
	}
	(void)execve(path, argv, environ);
	return cli_refuse(cli, EXIT_REFUSED, "cannot run '%s': %s; is wharfwall installed whole?",
			  path, strerror(errno));
}
