/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When a pass is made: settling, storms, failures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/pace.h"

#define START 1000000u
#define MS 1000u

static void single_events_are_due_at_once(void **state)
{
	struct pace pace = {0};

	(void)state;
	assert_true(pace_due(&pace) == PACE_NEVER);
	pace_note(&pace, START, PACE_OPENS);
	assert_int_equal(pace_due(&pace), START);
	pace_note(&pace, START + 5 * MS, PACE_CLOSES);
	assert_int_equal(pace_due(&pace), START);
	assert_int_equal(pace_begin(&pace), START);
	assert_true(pace_due(&pace) == PACE_NEVER);
	pace_end(&pace, START + 6 * MS, true);
	assert_true(pace_due(&pace) == PACE_NEVER);
}

/* One event a millisecond: the pass waits, but not for longer than the bound. */
static void a_storm_settles_and_is_bounded(void **state)
{
	struct pace pace = {0};
	uint64_t now = START;

	(void)state;
	for (unsigned i = 0; i < 50; i++)
		pace_note(&pace, now += MS, PACE_OPENS);
	assert_int_equal(pace_due(&pace), now + PACE_SETTLE_US);
	for (unsigned i = 0; i < 1000; i++)
		pace_note(&pace, now += MS, PACE_OPENS);
	assert_int_equal(pace_due(&pace), START + MS + PACE_SETTLE_MAX_US);
}

static void a_storm_ends_when_it_is_quiet(void **state)
{
	struct pace pace = {0};
	uint64_t now = START;

	(void)state;
	for (unsigned i = 0; i < 50; i++)
		pace_note(&pace, now += MS, PACE_OPENS);
	(void)pace_begin(&pace);
	pace_end(&pace, now, true);
	pace_note(&pace, now += MS, PACE_OPENS);
	assert_int_equal(pace_due(&pace), now + PACE_SETTLE_US);
	(void)pace_begin(&pace);
	pace_end(&pace, now, true);
	now += PACE_QUIET_US + 1;
	pace_note(&pace, now, PACE_OPENS);
	assert_int_equal(pace_due(&pace), now);
}

/* What closes does not wait for a storm of what opens. */
static void closing_is_not_late_in_a_storm(void **state)
{
	struct pace pace = {0};
	uint64_t now = START;

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		pace_note(&pace, now += MS, PACE_OPENS);
	pace_note(&pace, now += MS, PACE_CLOSES);
	assert_true(pace_due(&pace) <= now);
}

static void ten_thousand_closing_events_are_few_passes(void **state)
{
	struct pace pace = {0};
	uint64_t now = START;
	unsigned passes = 0;

	(void)state;
	/* a quarter of a second, each pass is made as soon as it is due */
	for (unsigned i = 0; i < 10000; i++) {
		pace_note(&pace, now += 25, PACE_CLOSES);
		if (pace_due(&pace) > now)
			continue;
		assert_true(now - pace_begin(&pace) <= PACE_CLOSING_MAX_US);
		pace_end(&pace, now, true);
		passes++;
	}
	assert_in_range(passes, 1, 40);
}

/* An interface's many notifications neither hurry a pass nor make a storm of what does. */
static void lazy_events_wait_and_do_not_storm(void **state)
{
	struct pace pace = {0};
	uint64_t now = START;

	(void)state;
	for (unsigned i = 0; i < 20; i++)
		pace_note(&pace, now += MS, PACE_LAZY);
	assert_int_equal(pace_due(&pace), now + PACE_LAZY_US);
	for (unsigned i = 0; i < 200; i++)
		pace_note(&pace, now += MS, PACE_LAZY);
	assert_int_equal(pace_due(&pace), START + MS + PACE_LAZY_MAX_US);
	(void)pace_begin(&pace);
	pace_end(&pace, now, true);
	assert_true(pace_due(&pace) == PACE_NEVER);
	for (unsigned i = 0; i < 20; i++)
		pace_note(&pace, now += MS, PACE_LAZY);
	pace_note(&pace, now, PACE_OPENS);
	assert_int_equal(pace_due(&pace), now);
}

static void failures_back_off_to_a_bound(void **state)
{
	struct pace pace = {0};
	uint64_t now = START;

	(void)state;
	pace_note(&pace, now, PACE_CLOSES);
	for (unsigned i = 0; i < 20; i++) {
		(void)pace_begin(&pace);
		pace_end(&pace, now, false);
		assert_true(pace_due(&pace) >= now + PACE_RETRY_US);
		assert_true(pace_due(&pace) <= now + PACE_RETRY_MAX_US);
		now = pace_due(&pace);
	}
	(void)pace_begin(&pace);
	pace_end(&pace, now, false);
	assert_int_equal(pace_due(&pace), now + PACE_RETRY_MAX_US);
	/* something happened: tried soon, but not at once */
	pace_note(&pace, now + MS, PACE_CLOSES);
	assert_int_equal(pace_due(&pace), now + PACE_RETRY_US);
	(void)pace_begin(&pace);
	pace_end(&pace, now + PACE_RETRY_US, true);
	assert_true(pace_due(&pace) == PACE_NEVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(single_events_are_due_at_once),
		cmocka_unit_test(a_storm_settles_and_is_bounded),
		cmocka_unit_test(a_storm_ends_when_it_is_quiet),
		cmocka_unit_test(closing_is_not_late_in_a_storm),
		cmocka_unit_test(ten_thousand_closing_events_are_few_passes),
		cmocka_unit_test(lazy_events_wait_and_do_not_storm),
		cmocka_unit_test(failures_back_off_to_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
