/* Changes to a table in one netlink batch: all of it or nothing. */
#pragma once

#include <stdint.h>

#include "ir/diff.h"
#include "kernel/session.h"

/*
 * What changes decisions is one batch; changes->cleanup, which changes none, is a second one behind
 * it.  When only the second fails the next diff finds what is left: -EAGAIN.
 * -EAGAIN as well when the kernel's answer was lost: only another look at the table tells.
 * Bound to `generation`: -ERESTART if somebody changed the rule set since.  When the kernel
 * refuses a rule or an element, err->origin is the policy text that it was made from.
 */
int kernel_commit(struct kernel_session *session, const struct ir_change_list *changes,
		  uint32_t generation, struct err *err);
/*
 * Puts the elements of a timed set in, each for its time, or takes them out.  Elements that are
 * there already get the new time; taking out what is not there is -ENOENT, and so is a set that
 * the kernel does not have.
 */
int kernel_elements_put(struct kernel_session *session, const char *table, const struct ir_set *set,
			struct err *err);
int kernel_elements_take(struct kernel_session *session, const char *table,
			 const struct ir_set *set, struct err *err);
/*
 * Makes the table `name` equal to want (NULL: no table): dump, diff, commit, again while others
 * change the rule set, a bounded number of times.  *ret_changes counts what was sent.
 */
int kernel_replace_table(struct kernel_session *session, const char *name,
			 const struct ir_table *want, uint32_t *ret_changes, struct err *err);
