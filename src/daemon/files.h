/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The policy's files and the state directory, watched by folder: files are replaced by rename. */
#pragma once

#include "daemon/watcher.h"

int files_watch(struct watcher *watcher, struct err *err);
/* Folders that came with other texts are watched too; those that are watched stay. */
void files_rewatch(struct watcher *watcher);
/* How the file is now. */
struct file_stamp file_stamp_of(const char *folder, const char *name);
bool file_stamp_eq(const struct file_stamp *a, const struct file_stamp *b);
