/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When to make a pass.  Time is given by the caller, so that this is a function from events to a
 * moment.
 *
 * What closes or repairs is done at once, what opens too, as long as it comes singly.  In a storm
 * a pass waits until it is quiet for a moment, but never longer than a bound.  After a failure the
 * next try waits, twice as long each time, up to a bound; a new event shortens that wait to the
 * first one.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define PACE_NEVER UINT64_MAX
#define PACE_SINGLES 4u		    /* events at once before it is a storm */
#define PACE_CLOSING_SINGLES 16u    /* of those that close */
#define PACE_QUIET_US 100000u	    /* so long without events ends a storm */
#define PACE_SETTLE_US 20000u	    /* quiet that a pass waits for in a storm */
#define PACE_SETTLE_MAX_US 200000u  /* bound of that */
#define PACE_CLOSING_US 2000u	    /* the same where something closes */
#define PACE_CLOSING_MAX_US 20000u  /* */
#define PACE_LAZY_US 5000u	    /* quiet that what is in no hurry waits for */
#define PACE_LAZY_MAX_US 50000u	    /* bound of that */
#define PACE_RETRY_US 100000u	    /* after a failure, the first time */
#define PACE_RETRY_MAX_US 30000000u /* bound of that */

enum pace_event {
	PACE_OPENS,
	PACE_CLOSES, /* or repairs */
	PACE_LAZY,   /* comes in dozens around what matters: interfaces of a container */
};

struct pace {
	uint64_t first_us; /* of the events that no pass has seen, but lazy ones; 0: none */
	uint64_t last_us;
	uint64_t quiet_since_us; /* the last event of all */
	uint64_t closing_first_us;
	uint64_t lazy_first_us;
	uint64_t lazy_last_us;
	uint32_t storm; /* events since it was quiet */
	uint32_t closing_storm;
	uint64_t failed_us; /* when the last pass failed; 0: it did not */
	uint32_t failures;  /* in a row */
	bool event_since;   /* something happened since that failure */
};

void pace_note(struct pace *pace, uint64_t now_us, enum pace_event event);
/* The moment of the next pass, perhaps past; PACE_NEVER. */
uint64_t pace_due(const struct pace *pace);
/* A pass begins: it sees all events so far.  Returns when the first of them was, 0: none. */
uint64_t pace_begin(struct pace *pace);
void pace_end(struct pace *pace, uint64_t now_us, bool succeeded);
