/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running programs of the system: no shell, no environment of the caller's, a deadline, and all
 * that they print in memory.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

#define PROGRAM_SIGNALLED 128

struct program_run {
	const char *const *argv; /* argv[0] is a path; ends with NULL */
	const char *input;	 /* what it reads, or NULL: nothing */
	size_t input_len;
	/* What came of it: */
	int status; /* of exit; PROGRAM_SIGNALLED + number of the signal that ended it */
	char *out;  /* NUL-terminated, in the arena */
	uint32_t out_len;
	char *complaint; /* what it wrote on stderr */
	uint32_t complaint_len;
};

/* The path of a program in the folders of the system (no PATH is asked), NULL: there is none. */
const char *program_find(struct arena *arena, const char *name);
/*
 * Ends this program and goes on as the other one, with this one's input and output; returns only
 * when that fails.
 */
int program_become(const char *const *argv, struct err *err);
/*
 * Runs all of them at once and waits for all.  An error: one could not be started, did not end
 * within the deadline (all of them are ended then), or printed more than
 * LIMIT_PROGRAM_OUTPUT_BYTES.  How each of them ended is for the caller to look at.
 */
int program_run_all(struct arena *arena, struct program_run *runs, uint32_t count,
		    unsigned timeout_ms, struct err *err);
