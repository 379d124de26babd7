/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Are the rules there by which the engine publishes ports? */
#include "daemon/foreign.h"

#include <linux/netfilter.h>
#include <string.h>

#include "base/file.h"
#include "base/str.h"
#include "daemon/journal.h"
#include "kernel/others.h"

/* The old tables of iptables cannot be read without the program: what is there is not judged. */
static bool legacy_nat_is_used(void)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	char *text = NULL;
	uint32_t len = 0;

	return file_read(arena, "/proc/net/ip_tables_names", FILE_ANY, 4096, &text, &len, NULL) ==
		       0 &&
	       strstr(text, "nat");
}

static enum watch_foreign foreign_state(struct watcher *watcher)
{
	bool nftables = str_eq(watcher->firewall_backend, "nftables");
	uint32_t count = 0;
	int r;

	/* Podman's rules have other names in each version. */
	if (!watcher->published || !watcher->engine_is_docker)
		return WATCH_FOREIGN_UNKNOWN;
	if (nftables)
		r = kernel_count_rules(watcher->session, NFPROTO_IPV4, "docker-bridges", NULL,
				       &count, NULL);
	else
		r = kernel_count_rules(watcher->session, NFPROTO_IPV4, "nat", "DOCKER", &count,
				       NULL);
	if (r < 0)
		return WATCH_FOREIGN_UNKNOWN;
	if (count)
		return WATCH_FOREIGN_PRESENT;
	return !nftables && legacy_nat_is_used() ? WATCH_FOREIGN_UNKNOWN : WATCH_FOREIGN_MISSING;
}

void foreign_look(struct watcher *watcher)
{
	enum watch_foreign state = foreign_state(watcher);
	enum watch_foreign before = (enum watch_foreign)watcher->said.foreign;

	if (state == before)
		return;
	watcher->said.foreign = (uint8_t)state;
	watcher->publish_now = true;
	if (state == WATCH_FOREIGN_MISSING)
		journal_say(JOURNAL_FOREIGN_MISSING, NULL,
			    "the engine's own rules are gone, published ports do not work: "
			    "'systemctl restart docker' brings them back");
	if (before == WATCH_FOREIGN_MISSING)
		journal_say(JOURNAL_FOREIGN_BACK, NULL, "the engine's own rules are back");
}
