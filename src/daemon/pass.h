/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pass: from fresh facts to a verified table. */
#pragma once

#include "daemon/watcher.h"

/*
 * Takes what the listener has queued: what it says of the generation, of our table and of the
 * engine's rules is noted in the watcher.
 */
int pass_listen(struct watcher *watcher, struct err *err);
/*
 * One pass.  A failure leaves the kernel as it was and is said once.  True: it was made, or failed;
 * false: it waits for somebody who holds the state's lock.
 */
bool pass_run(struct watcher *watcher);
