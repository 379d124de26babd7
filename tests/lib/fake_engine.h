/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fake engine from a test's side: a process of its own, told over a pipe what to do. */
#pragma once

#include <stdio.h>
#include <sys/types.h>

struct fake_engine {
	pid_t pid;
	int in;	   /* commands */
	FILE *out; /* answers */
	char dir[64];
	char url[128];
};

/* The id of the container that was named as the number-th, from 0. */
static inline void fake_engine_id(unsigned number, char id[65])
{
	for (int i = 0; i < 8; i++)
		(void)snprintf(id + i * 8, 9, "%08x", number);
}

/* `program` is the path of fake_engine; ends the process when that cannot be. */
void fake_engine_start(struct fake_engine *fake, const char *program);
void fake_engine_stop(struct fake_engine *fake);
/* Does not return before it is done. */
__attribute__((format(printf, 2, 3))) void fake_engine_tell(struct fake_engine *fake,
							    const char *fmt, ...);
unsigned long fake_engine_requests(struct fake_engine *fake);
