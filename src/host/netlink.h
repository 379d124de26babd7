/* A dump over a netlink socket: one request, every reply handed to a callback. */
#pragma once

#include <libmnl/libmnl.h>

#include "base/err.h"

/* request must carry NLM_F_DUMP.  Interrupted dumps are repeated a bounded number of times;
 * restart(data) is called before each repetition to forget what was read. */
int netlink_dump(int bus, struct nlmsghdr *request, mnl_cb_t callback, void (*restart)(void *data),
		 void *data, struct err *err);

/* The fixed header that a message begins with; NULL: it is cut short. */
static inline const void *netlink_header(const struct nlmsghdr *message, size_t size)
{
	return message->nlmsg_len >= sizeof(*message) + size ? mnl_nlmsg_get_payload(message)
							     : NULL;
}

/* libmnl's own loops, free of its implicit conversions, and never past the message's end. */
#define netlink_each_attr(attr, message, header_size)                                              \
	for ((attr) = mnl_nlmsg_get_payload_offset((message), (header_size));                      \
	     mnl_attr_ok((attr), (int)((const char *)(message) + (message)->nlmsg_len -            \
				       (const char *)(attr)));                                     \
	     (attr) = mnl_attr_next(attr))
#define netlink_each_nested(attr, nest)                                                            \
	for ((attr) = mnl_attr_get_payload(nest);                                                  \
	     mnl_attr_ok((attr), (int)((const char *)mnl_attr_get_payload(nest) +                  \
				       mnl_attr_get_payload_len(nest) - (const char *)(attr)));    \
	     (attr) = mnl_attr_next(attr))
