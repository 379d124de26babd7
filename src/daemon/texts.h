/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was applied, and what lies on disk now. */
#pragma once

#include "daemon/watcher.h"

/*
 * Reads the state directory again where it changed.  *ret_changed: the administrator's word is
 * another one now.  The caller holds the state's lock.
 */
int texts_look(struct watcher *watcher, bool *ret_changed, struct err *err);
/*
 * The texts on disk if they are good and differ from what was applied, else NULL; what is wrong
 * with them is said once, and kept for `status`.
 */
struct control_load *texts_on_disk(struct watcher *watcher);
/* Why the policy on disk is not loaded (NULL: it is), said when it is another reason than before.
 */
void texts_refuse(struct watcher *watcher, const char *policy, const char *reason);
/* `texts` were loaded: they are what was applied, also on disk.  Takes them over. */
int texts_adopt(struct watcher *watcher, struct control_load *texts, struct err *err);
