/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon.  Whatever happens only marks facts as dirty and is noted in `pace`; a pass then looks
 * at everything afresh and leads the kernel's table to what the policy says about it.
 *
 * One process, one loop, no threads.  What is known of the kernel's table is kept between passes
 * (`in_force`, while `table_known`) and believed as long as the listener has seen nobody else touch
 * it: a commit is bound to the generation of the last transaction that the listener saw, so what it
 * has not seen makes the commit fail, not go wrong.
 */
#pragma once

#include <systemd/sd-event.h>

#include "control/control.h"
#include "control/lockdown.h"
#include "control/watch.h"
#include "daemon/pace.h"
#include "daemon/processes.h"
#include "daemon/revoke.h"
#include "daemon/tell.h"
#include "engine/client.h"
#include "kernel/listen.h"

#define WATCHER_FDS_MAX ENGINE_CLIENT_FDS

/* A file as it was when it was read; all zero: it was not there. */
struct file_stamp {
	uint64_t inode;
	int64_t mtime_ns;
	int64_t size;
};

struct engine_fd {
	int fd;
	sd_event_source *source; /* owned; NULL: free */
};

struct watcher {
	struct control_options options;
	const char *metrics_path; /* or NULL */
	char *metrics_text;	  /* as they were written last */
	sd_event *event;
	uint64_t started_us;

	struct kernel_session *session;
	struct kernel_listener *listener;
	struct engine_client *engine;
	struct engine_fd engine_fds[WATCHER_FDS_MAX];
	int socket_fd; /* inotify of the folder of the engine's socket */
	struct processes processes;
	int route_fd;
	int inotify_fd;
	int state_wd; /* inotify's number of the state directory */

	sd_event_source *pass_timer;
	sd_event_source *engine_timer;
	sd_event_source *foreign_timer;
	sd_event_source *recheck_timer;
	sd_event_source *publish_timer;
	sd_event_source *metrics_timer;
	sd_event_source *check_timer;
	sd_event_source *deadline_timer;
	sd_event_source *revoke_timer;

	struct pace pace;
	struct revoke revoke;
	struct tell tell;
	bool host_dirty;       /* interfaces, addresses or routes */
	bool policy_dirty;     /* the files on disk */
	bool full_check;       /* nothing that is known is believed */
	bool ready;	       /* the first pass has succeeded */
	bool reloading;	       /* systemd waits for READY=1 after SIGHUP */
	bool failure_said;     /* that watch.json cannot be written */
	bool metrics_said;     /* that the metrics cannot be */
	bool trimmed;	       /* what only the start has needed is given back */
	uint64_t committed_us; /* the last commit, verified */
	uint64_t trial_end_us; /* a pass then; 0: none */
	uint64_t busy_us;      /* since when somebody else holds the state's lock; 0: nobody */

	struct arena *host_arena; /* of host */
	struct facts host;	  /* everything but listeners and engine */

	struct control_load *applied; /* texts of what was applied; NULL: nothing was */
	struct file_stamp applied_stamp;
	struct arena *lockdown_arena;
	struct lockdown lockdown; /* applied NULL: there is none */
	struct file_stamp lockdown_stamp;

	struct control_load *in_force; /* the last verified table and its model, or NULL */
	bool table_known;	       /* the kernel holds in_force->table */
	uint32_t generation;	       /* of the last transaction that was seen */
	uint32_t known_at;	       /* generation that table_known was found in */
	struct kernel_news news;       /* who changed our table, since the last pass */

	bool engine_is_docker;
	bool published;		   /* a container's port is published by the engine's rules */
	bool foreign_published;	   /* as it was when the engine's rules were looked for */
	bool host_network;	   /* a container shares the host's network */
	unsigned rechecks;	   /* made since something changed for such a container */
	char firewall_backend[32]; /* of the engine, "" when it does not say */

	struct report_watch said; /* texts of it: */
	char *since;
	char *error;
	char *policy_error;
	struct report_repair found; /* drift that is being repaired; changes 0: none */
	struct arena *repair_arena; /* of it, and of said.repair */
	bool publish_dirty;	    /* numbers */
	bool publish_now;	    /* what an administrator waits for */
	uint64_t published_us;
};

/* Monotonic microseconds. */
uint64_t watcher_now(const struct watcher *watcher);
/* Something happened: a pass is due. */
void watcher_note(struct watcher *watcher, enum pace_event event);
/* Sets the timer of the next pass. */
void watcher_schedule(struct watcher *watcher);
