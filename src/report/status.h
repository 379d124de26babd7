/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an administrator wants to know first: is it loaded, from which file, does it still hold. */
#pragma once

#include <jansson.h>

#include "base/str.h"
#include "facts/facts.h"
#include "model/model.h"
#include "report/numbers.h"

enum report_disk {
	REPORT_DISK_SAME, /* the policy on disk is what was applied */
	REPORT_DISK_DIFFERS,
	REPORT_DISK_WRONG, /* it holds mistakes, or cannot be read */
};

enum report_drift {
	REPORT_DRIFT_UNKNOWN,
	REPORT_DRIFT_NONE,
	REPORT_DRIFT_FOUND,
};

struct report_counter {
	const char *name;
	uint64_t packets;
	uint64_t bytes;
};

struct report_status {
	bool loaded;
	bool lockdown;
	bool rules; /* the rules for containers of a rules file, not a policy */
	bool newer; /* the table was made by a newer version */
	bool trial; /* another policy counts for a time, or did until nobody confirmed it */
	const char *trial_policy; /* or NULL */
	uint32_t trial_left_s;	  /* 0: its time is over */
	const char *since;	  /* RFC 3339; NULL: not known */
	const char *policy;	  /* the file, or NAME of a rules file; NULL: not known */
	uint64_t policy_hash;
	const char *disk_path; /* the policy that `disk` speaks of */
	uint8_t disk;	       /* enum report_disk */
	uint8_t drift;	       /* enum report_drift */
	uint32_t drift_changes;
	VEC(const char *) drift_lines; /* the first few */
	VEC(struct report_counter) counters;
	struct report_numbers numbers;
	uint32_t sentences;
	const char *boot_loaded; /* in the place of the policy: last, stays, lockdown; or NULL */
	const char *boot_reason; /* why not the policy */
	const char *boot_last;	 /* why not what was applied last; or NULL */
	const struct facts *facts;
	const struct model *model; /* of what is loaded, else of the file; or NULL */
};

void report_status_text(const struct report_status *status, struct str_buf *out);
/* Adds its members to object. */
void report_status_json(const struct report_status *status, json_t *object);
/* "docker 20.10.24 at unix:///..., API 1.41, firewall iptables", or why it does not answer. */
void report_engine(const struct engine *engine, struct str_buf *out);
