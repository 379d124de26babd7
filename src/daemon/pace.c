/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settling and backing off. */
#include "daemon/pace.h"

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static void note_lazy(struct pace *pace, uint64_t now_us)
{
	pace->lazy_last_us = now_us;
	if (!pace->lazy_first_us)
		pace->lazy_first_us = now_us;
	pace->event_since = true;
}

void pace_note(struct pace *pace, uint64_t now_us, enum pace_event event)
{
	if (event == PACE_LAZY) {
		note_lazy(pace, now_us);
		return;
	}
	if (now_us - pace->quiet_since_us > PACE_QUIET_US)
		pace->storm = pace->closing_storm = 0;
	pace->quiet_since_us = pace->last_us = now_us;
	if (!pace->first_us)
		pace->first_us = now_us;
	pace->storm++;
	pace->event_since = true;
	if (event == PACE_OPENS)
		return;
	pace->closing_storm++;
	if (!pace->closing_first_us)
		pace->closing_first_us = now_us;
}

/* Without regard to failures. */
static uint64_t settled(const struct pace *pace)
{
	uint64_t due = pace->first_us ? pace->first_us : PACE_NEVER;

	if (pace->lazy_first_us)
		due = earlier(due, earlier(pace->lazy_last_us + PACE_LAZY_US,
					   pace->lazy_first_us + PACE_LAZY_MAX_US));
	if (!pace->first_us)
		return due;
	if (pace->storm > PACE_SINGLES)
		due = earlier(pace->last_us + PACE_SETTLE_US, pace->first_us + PACE_SETTLE_MAX_US);
	if (!pace->closing_first_us)
		return due;
	if (pace->closing_storm <= PACE_CLOSING_SINGLES)
		return earlier(due, pace->closing_first_us);
	return earlier(due, earlier(pace->last_us + PACE_CLOSING_US,
				    pace->closing_first_us + PACE_CLOSING_MAX_US));
}

static uint64_t retry_us(uint32_t failures)
{
	uint64_t wait = PACE_RETRY_US;

	for (uint32_t i = 1; i < failures && wait < PACE_RETRY_MAX_US; i++)
		wait *= 2;
	return earlier(wait, PACE_RETRY_MAX_US);
}

uint64_t pace_due(const struct pace *pace)
{
	if (pace->failures && !pace->event_since)
		return pace->failed_us + retry_us(pace->failures);
	if (!pace->first_us && !pace->lazy_first_us)
		return PACE_NEVER;
	if (pace->failures)
		return later(settled(pace), pace->failed_us + PACE_RETRY_US);
	return settled(pace);
}

uint64_t pace_begin(struct pace *pace)
{
	uint64_t first = pace->first_us;

	pace->first_us = pace->closing_first_us = pace->lazy_first_us = 0;
	pace->event_since = false;
	return first;
}

void pace_end(struct pace *pace, uint64_t now_us, bool succeeded)
{
	if (succeeded) {
		pace->failures = 0;
		pace->failed_us = 0;
		return;
	}
	pace->failures++;
	pace->failed_us = now_us;
}
