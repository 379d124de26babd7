/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the daemon says of itself: the same in its file, in `status` and in its metrics. */
#pragma once

#include <jansson.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/vec.h"
#include "report/numbers.h"

/* What the daemon keeps in force. */
enum watch_mode {
	WATCH_STARTING, /* nothing was decided yet */
	WATCH_POLICY,	/* what was applied */
	WATCH_LOCKDOWN, /* the administrator's lockdown */
	WATCH_IDLE,	/* nothing: nothing was applied, or the table was taken down */
	WATCH_TRIAL, /* a policy is on trial: names follow the containers in both, nothing else is
			done */
};

/* The engine's own rules, which others may have removed. */
enum watch_foreign {
	WATCH_FOREIGN_UNKNOWN,
	WATCH_FOREIGN_PRESENT,
	WATCH_FOREIGN_MISSING, /* containers publish ports, but the rules for it are gone */
};

struct report_repair {
	const char *at;	     /* RFC 3339; NULL: there was none */
	const char *program; /* that had changed the table, or NULL */
	uint32_t pid;
	uint32_t changes;
	VEC(const char *) lines; /* the first few */
};

struct report_watch {
	uint32_t pid;
	const char *since;   /* RFC 3339 */
	uint8_t mode;	     /* enum watch_mode */
	uint8_t foreign;     /* enum watch_foreign */
	uint8_t engine;	     /* enum engine_state */
	bool engine_stopped; /* by the administrator: to connect would start it */
	uint32_t containers;
	uint64_t passes;
	uint64_t commits;
	uint64_t repairs;
	uint64_t failures;
	uint64_t events; /* of the engine */
	uint64_t losses; /* of the connection to it */
	uint64_t flows_cut;
	uint64_t lag_us; /* of the last pass: from the first event to the committed table */
	uint64_t lag_max_us;
	uint64_t commit_us;	  /* of the last commit: from the batch to the kernel's answer */
	const char *error;	  /* why the last pass failed, or NULL */
	const char *policy_error; /* why the policy on disk is not loaded, or NULL */
	struct report_repair repair;
};

const char *watch_mode_name(enum watch_mode mode);
const char *watch_mode_text(enum watch_mode mode); /* "keeps what was applied in force" */
/* Lines for `status`. */
void report_watch_text(const struct report_watch *watch, struct str_buf *out);
/* The caller owns it. */
json_t *report_watch_json(const struct report_watch *watch);
/* The inverse; false if it is none.  Texts live in arena. */
bool report_watch_read(struct arena *arena, const json_t *object, struct report_watch *ret);

struct report_metric_counter { /* of refused packets */
	const char *name;
	uint64_t packets;
	uint64_t bytes;
};

struct report_metrics {
	const struct report_watch *watch;
	VEC(struct report_metric_counter) counters;
	struct report_numbers numbers;
};
/* Text for the textfile collector of Prometheus' node_exporter. */
void report_watch_metrics(const struct report_metrics *metrics, struct str_buf *out);
