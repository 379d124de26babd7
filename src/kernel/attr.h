/* Walking netlink attributes; libmnl's own macros do not pass -Wconversion. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <libmnl/libmnl.h>

#define attr_each(attr, message, offset)                                                           \
	for (const struct nlattr *attr =                                                           \
		     mnl_nlmsg_get_payload_offset((message), (size_t)(offset));                    \
	     mnl_attr_ok(attr, (int)((const char *)mnl_nlmsg_get_payload_tail(message) -           \
				     (const char *)attr));                                         \
	     attr = mnl_attr_next(attr))

#define attr_each_nested(attr, nest)                                                               \
	for (const struct nlattr *attr = mnl_attr_get_payload(nest);                               \
	     mnl_attr_ok(attr, (int)((const char *)mnl_attr_get_payload(nest) +                    \
				     mnl_attr_get_payload_len(nest) - (const char *)attr));        \
	     attr = mnl_attr_next(attr))

/* Attributes by number, NULL where there is none; numbers from count on are left out. */
void attr_parse(const struct nlmsghdr *message, const struct nlattr **ret, unsigned count);
void attr_parse_nested(const struct nlattr *nest, const struct nlattr **ret, unsigned count);
/* 0 or "" when the attribute is not there or too short. */
uint32_t attr_u32(const struct nlattr *attr);
uint64_t attr_u64(const struct nlattr *attr);
const char *attr_text(const struct nlattr *attr);
/* The user data of type `type` as a string, or NULL: comments of rules and elements. */
const char *udata_text(const void *udata, size_t len, uint8_t type);
