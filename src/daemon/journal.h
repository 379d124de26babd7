/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line of the daemon in the journal, with an identity that does not change. */
#pragma once

/* In wharfwall.8 with the 128-bit number of each. */
enum journal_message {
	JOURNAL_STARTED,
	JOURNAL_STOPPED,
	JOURNAL_APPLIED,      /* a changed policy file was loaded */
	JOURNAL_POLICY_WRONG, /* a changed policy file was not */
	JOURNAL_REPAIRED,     /* somebody had changed the table */
	JOURNAL_FAILED,	      /* a pass */
	JOURNAL_RECOVERED,    /* the first pass that did not, behind it */
	JOURNAL_ENGINE_LOST,
	JOURNAL_ENGINE_BACK,
	JOURNAL_FOREIGN_MISSING, /* the engine's own rules */
	JOURNAL_FOREIGN_BACK,
	JOURNAL_MODE, /* what is kept in force is another thing now */
};

/*
 * Into the journal, and on stderr where that is not the journal.  `field` NULL or "NAME=value": one
 * more field of the entry.
 */
__attribute__((format(printf, 3, 4))) void journal_say(enum journal_message message,
						       const char *field, const char *fmt, ...);
