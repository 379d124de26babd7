/* A netlink socket to nf_tables.  Acts on the network namespace that the process is in. */
#pragma once

#include "base/cleanup.h"
#include "base/err.h"

struct kernel_session;

/* Fails with a sentence that tells apart: not root, no nf_tables in this kernel. */
int kernel_session_open(struct kernel_session **ret, struct err *err);
void kernel_session_free(struct kernel_session *session);
DEFINE_CLEANUP(struct kernel_session, kernel_session_free)
