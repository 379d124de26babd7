/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of a packet that is refused: it is counted, and where the policy wants that, told
 * before, within a rate for each way.  What is not refused never comes to these chains.
 */
#pragma once

#include "compile/build.h"

void refuse_init(struct build *build, bool told);
/* counter: BUILD_REFUSED_IN, _FORWARD or _OUT. */
struct goal refuse_goal(struct build *build, const char *counter);
/* The same with an answer to the sender. */
struct goal refuse_answer_goal(struct build *build, const char *counter);
/* The last rules of a base chain: the drop itself stands there. */
void refuse_end(struct build *build, uint32_t chain, const char *counter);
