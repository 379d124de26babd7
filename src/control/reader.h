/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where policy text comes from: files of the system, which others must not be able to write, or
 * texts that were kept.  Every text that is read is noted in the load, so that it can be kept.
 */
#pragma once

#include "control/control.h"

struct reader {
	struct control_load *load;
	const struct control_file *draft;	 /* or NULL */
	const struct control_snapshot *snapshot; /* or NULL: the file system */
	struct load_reader calls;
};

void reader_init(struct reader *reader, struct control_load *load, const struct control_file *draft,
		 const struct control_snapshot *snapshot);
