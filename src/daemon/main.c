/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wharfwall-watch: what `wharfwall watch` becomes. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "daemon/loop.h"

#define ENGINE_TIMEOUT_MS 3000u

/* The exit statuses of wharfwall. */
enum { STATUS_USAGE = 2, STATUS_REFUSED = 4 };

struct option_word {
	const char *name;
	const char **value;
};

static bool options_read(struct watcher *watcher, int argc, char **argv)
{
	const struct option_word words[] = {
		{"--policy", &watcher->options.policy_path},
		{"--state-dir", &watcher->options.state_dir},
		{"--docker-host", &watcher->options.docker_host},
		{"--metrics-file", &watcher->metrics_path},
	};

	for (int i = 1; i < argc; i++) {
		const struct option_word *found = NULL;

		for (size_t j = 0; j < sizeof(words) / sizeof(*words); j++) {
			if (str_eq(argv[i], words[j].name))
				found = &words[j];
		}
		if (!found || i + 1 == argc) {
			(void)fprintf(stderr,
				      "wharfwall-watch: '%s' is not an option with its "
				      "value; run 'wharfwall watch'\n",
				      argv[i]);
			return false;
		}
		*found->value = argv[++i];
	}
	return true;
}

int main(int argc, char **argv)
{
	struct watcher watcher = {
		.options = {.policy_path = CONTROL_DEFAULT_POLICY,
			    .state_dir = CONTROL_DEFAULT_STATE_DIR,
			    .engine_timeout_ms = ENGINE_TIMEOUT_MS,
			    .doubt_never = true},
		.socket_fd = -1,
		.route_fd = -1,
		.inotify_fd = -1,
	};
	auto_close int lock = -1;
	struct err err = {0};
	int r;

	if (!options_read(&watcher, argc, argv))
		return STATUS_USAGE;
	r = watch_lock(watcher.options.state_dir, &lock, &err);
	if (r >= 0)
		r = watcher_open(&watcher, &err);
	if (r >= 0)
		r = watcher_loop(&watcher, &err);
	watcher_close(&watcher);
	if (r < 0) {
		(void)fprintf(stderr, "wharfwall: %s\n", err.text);
		return STATUS_REFUSED;
	}
	return r;
}
