/* Netlink datagrams before libmnl looks at them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * True if each message in it ends where the datagram does, or before.  libmnl compares lengths as
 * signed numbers: one of 2 GiB and more would lead it far behind the end.
 */
bool nlmsg_lengths_fit(const void *datagram, size_t len);
