/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stays in memory while nothing happens. */
#pragma once

/*
 * Gives back what only the start has needed: free heap, and the pages of programs and libraries
 * that were read while forty of them were linked and set up.  What is used afterwards comes back by
 * itself, out of the page cache.
 */
void resident_trim(void);
