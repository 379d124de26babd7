/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lengths that netlink messages claim. */
#include "base/nlmsg.h"

#include <linux/netlink.h>
#include <stdint.h>
#include <string.h>

bool nlmsg_lengths_fit(const void *datagram, size_t len)
{
	const char *bytes = datagram;
	struct nlmsghdr header;
	size_t step;

	for (size_t at = 0; len - at >= sizeof(header); at += step) {
		memcpy(&header, bytes + at, sizeof(header));
		if (header.nlmsg_len < sizeof(header) || header.nlmsg_len > len - at)
			return false;
		step = NLMSG_ALIGN((size_t)header.nlmsg_len);
		if (step > len - at)
			return true;
	}
	return true;
}
