/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The NFLOG group in the daemon's loop. */
#include "daemon/tell.h"

#include <string.h>
#include <sys/epoll.h>
#include <sys/uio.h>

#include <systemd/sd-journal.h>

#include "compile/compile.h"
#include "control/refused.h"
#include "daemon/journal.h"
#include "daemon/watcher.h"

#define FIELDS_MAX 32u

static void packet_tell(void *data, const struct nflog_packet *packet)
{
	struct watcher *watcher = data;
	auto_of(arena_free) struct arena *arena = NULL;
	struct iovec parts[FIELDS_MAX];
	struct refused_fields fields = {0};
	struct refused refused;
	int count = 0;

	if (!refused_is_ours(packet))
		return;
	arena = arena_new();
	refused_describe(arena, watcher->in_force ? watcher->in_force->model : NULL, &watcher->host,
			 packet, &refused);
	refused_journal(arena, &refused, &fields);
	*vec_add(arena, &fields.items) = "SYSLOG_IDENTIFIER=wharfwall-watch";
	vec_each (&fields.items, field) {
		if (count < (int)FIELDS_MAX)
			parts[count++] = (struct iovec){(void *)(uintptr_t)*field, strlen(*field)};
	}
	/* A journal that is not there is no reason to stop. */
	(void)sd_journal_sendv(parts, count);
}

static int on_packets(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct watcher *watcher = data;
	struct err err = {0};
	bool lost;

	(void)source;
	(void)fd;
	(void)events;
	if (kernel_nflog_read(watcher->tell.nflog, packet_tell, watcher, &lost, &err) >= 0)
		return 0;
	journal_say(JOURNAL_FAILED, NULL, "%s", err.text);
	tell_close(&watcher->tell);
	return 0;
}

void tell_close(struct tell *tell)
{
	tell->source = sd_event_source_disable_unref(tell->source);
	kernel_nflog_free(take_ptr(tell->nflog));
}

/* Another reader may be gone at the next pass. */
static void tell_open(struct watcher *watcher)
{
	struct tell *tell = &watcher->tell;
	struct err err = {0};
	int r = kernel_nflog_open(COMPILE_LOG_GROUP, COMPILE_LOG_SNAPLEN, &tell->nflog, &err);

	if (r >= 0) {
		r = sd_event_add_io(watcher->event, &tell->source, kernel_nflog_fd(tell->nflog),
				    EPOLLIN, on_packets, watcher);
		if (r < 0)
			(void)err_set(&err, r, "cannot wait for refused packets: %s", strerror(-r));
	}
	if (r < 0) {
		tell_close(tell);
		if (!tell->failure_said)
			journal_say(JOURNAL_FAILED, NULL,
				    "refused packets are not in the journal: %s", err.text);
	}
	tell->failure_said = r < 0;
}

void tell_follow(struct watcher *watcher)
{
	const struct control_load *in_force = watcher->in_force;
	bool wanted = in_force && in_force->model && in_force->model->log_refused;

	if (wanted && !watcher->tell.nflog)
		tell_open(watcher);
	else if (!wanted)
		tell_close(&watcher->tell);
}
