/* The socket inside a session and how requests and answers go over it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <libmnl/libmnl.h>

#include "kernel/session.h"

#define SESSION_REPLY_BYTES 65536u
#define SESSION_DEADLINE_MS 5000

struct kernel_session {
	struct mnl_socket *socket;
	int fd;
	uint32_t seq;	  /* of the last message sent */
	uint8_t *reply;	  /* SESSION_REPLY_BYTES */
	uint8_t *request; /* the same */
	size_t reply_len;
};

/* Sends data at once, after making the send buffer large enough. */
int session_send(struct kernel_session *session, const void *data, size_t len);
/* One datagram into session->reply; -ETIMEDOUT past the deadline, -ENOBUFS if some were lost. */
int session_receive(struct kernel_session *session, int timeout_ms);
/* Throws away what is queued, and the rest of a dump. */
void session_drain(struct kernel_session *session);
/*
 * A request that the caller fills and its answers: `answer` is called for each message.
 * dump: NLM_F_DUMP, -EINTR when the kernel says that the rule set changed meanwhile.
 */
struct nlmsghdr *session_request(struct kernel_session *session, uint16_t type, uint16_t flags);
int session_call(struct kernel_session *session, const struct nlmsghdr *request, mnl_cb_t answer,
		 void *data);
int session_generation(struct kernel_session *session, uint32_t *ret);
/* Waits between attempts: 1, 2, 4 ... at most 32 ms. */
void session_pause(unsigned attempt);
