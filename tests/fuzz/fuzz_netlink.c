/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whatever arrives on a netlink socket may be given to the readers of tables, counters, elements
 * and tracked connections: they read it or refuse it, in bounded memory, and what they read can be
 * printed and compared.  The text is
 *
 *	KIND, then any number of datagrams: length (2 bytes, low one first) BYTES
 *
 * Sequence numbers are put in as the reader asks for them; else nothing but noise would be tried.
 * The corpus was recorded from a real kernel.  libnftnl trusts the kernel more than this: it ends
 * the process when an attribute has a length that no kernel gives it, and follows names that are
 * not there.  Inside of it both are taken for a refusal, which leaks what the reader held.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libnftnl/rule.h>

#include "base/limits.h"
#include "fuzz/replay.h"
#include "ir/diff.h"
#include "ir/print.h"
#include "kernel/dump.h"
#include "kernel/flows.h"
#include "kernel/session_internal.h"

#define BYTES_A_BYTE 512u /* of memory for each byte that arrived */
#define BYTES_ALWAYS (512u * 1024u)

static struct {
	const uint8_t *at;
	const uint8_t *end;
	const struct kernel_session *session;
} wire;

static sigjmp_buf refused;
static bool in_libnftnl;

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* These stand in for the ones of libc, libnftnl and libmnl. */
void exit(int status)
{
	if (in_libnftnl)
		siglongjmp(refused, 1);
	_exit(status);
}

static void faulted(int number)
{
	if (in_libnftnl)
		siglongjmp(refused, 1);
	(void)signal(number, SIG_DFL);
}

int nftnl_rule_nlmsg_parse(const struct nlmsghdr *message, struct nftnl_rule *rule)
{
	static int (*parse)(const struct nlmsghdr *message, struct nftnl_rule *rule);
	int r = -1;

	if (!parse) {
		*(void **)&parse = dlsym(RTLD_NEXT, "nftnl_rule_nlmsg_parse");
		must(parse && signal(SIGSEGV, faulted) != SIG_ERR);
	}
	if (sigsetjmp(refused, 1) == 0) {
		in_libnftnl = true;
		r = parse(message, rule);
	}
	in_libnftnl = false;
	return r;
}

ssize_t mnl_socket_sendto(const struct mnl_socket *socket, const void *data, size_t len)
{
	(void)socket;
	(void)data;
	return (ssize_t)len;
}

unsigned int mnl_socket_get_portid(const struct mnl_socket *socket)
{
	(void)socket;
	return 0;
}

int poll(struct pollfd *fds, nfds_t count, int timeout)
{
	(void)timeout;
	if (count)
		fds->revents = POLLIN;
	return count > 0;
}

static void headers_mend(uint8_t *datagram, size_t len)
{
	struct nlmsghdr header;

	for (size_t at = 0; len - at >= sizeof(header);) {
		size_t step;

		memcpy(&header, datagram + at, sizeof(header));
		header.nlmsg_seq = wire.session->seq;
		header.nlmsg_pid = 0;
		memcpy(datagram + at, &header, sizeof(header));
		step = NLMSG_ALIGN((size_t)header.nlmsg_len);
		if (step < sizeof(header) || step > len - at)
			break;
		at += step;
	}
}

ssize_t mnl_socket_recvfrom(const struct mnl_socket *socket, void *ret, size_t size)
{
	size_t len;

	(void)socket;
	if (wire.end - wire.at < 2) {
		errno = ECONNRESET;
		return -1;
	}
	len = wire.at[0] | (size_t)wire.at[1] << 8;
	wire.at += 2;
	if (len > (size_t)(wire.end - wire.at))
		len = (size_t)(wire.end - wire.at);
	if (len > size)
		len = size;
	memcpy(ret, wire.at, len);
	wire.at += len;
	headers_mend(ret, len);
	return (ssize_t)len;
}

static void table_check(struct arena *arena, const struct ir_table *table)
{
	struct ir_change_list changes = {0};
	auto_str struct str_buf text = {0};

	ir_print_table(table, &text);
	ir_diff(arena, table, NULL, &changes);
	must(changes.items.len > 0);
	ir_diff(arena, table, table, &changes);
	vec_each (&table->sets, set)
		must(set->field_count <= IR_KEY_FIELDS_MAX);
}

static bool flow_take(void *data, const struct flow *flow)
{
	++*(unsigned *)data;
	must(flow->src.family == IP_V4 || flow->src.family == IP_V6);
	must(flow->server.family == IP_V4 || flow->server.family == IP_V6);
	must(flow->tuple && flow->tuple_len > 0);
	return true;
}

static void read_as(uint8_t kind, struct kernel_session *session, struct arena *arena)
{
	struct ir_table *table = NULL;
	struct flow_list flows = {0};
	struct err err = {0};
	uint32_t generation;
	unsigned seen = 0;
	uint64_t left_ms;

	switch (kind % 4) {
	case 0:
		if (kernel_dump_table(session, arena, "wharfwall", &table, &generation, &err) < 0)
			must(err.text[0]);
		else if (table)
			table_check(arena, table);
		break;
	case 1:
		if (kernel_dump_counters(session, arena, "wharfwall", &table, &err) < 0)
			must(err.text[0]);
		else
			table_check(arena, table);
		break;
	case 2:
		(void)kernel_set_left(session, "wharfwall", "trial", &left_ms, &err);
		break;
	case 3:
		if (kernel_flows_read(session, arena, flow_take, &seen, &flows, &err) >= 0)
			must(flows.items.len <= seen);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct kernel_session session = {.fd = -1, .seq = 1};

	if (!size)
		return 0;
	session.reply = mem_alloc(SESSION_REPLY_BYTES);
	session.request = mem_alloc(SESSION_REPLY_BYTES);
	wire.at = data + 1;
	wire.end = data + size;
	wire.session = &session;
	read_as(data[0], &session, arena);
	must(arena_bytes(arena) <= size * BYTES_A_BYTE + BYTES_ALWAYS);
	free(session.reply);
	free(session.request);
	return 0;
}
