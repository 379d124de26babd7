/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Established TCP over sock_diag, and the walk up to the SSH server. */
#include "host/session.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/protocol.h"
#include "base/str.h"
#include "host/netlink.h"
#include "host/owner.h"

#define STATE_ESTABLISHED (1u << 1)
#define ANCESTORS_MAX 64u
#define STAT_BYTES_MAX 4096u

struct reader {
	struct arena *arena;
	struct tcp_sessions *sessions;
	uint32_t start;
};

static void forget(void *data)
{
	struct reader *reader = data;

	reader->sessions->items.len = reader->start;
}

static struct ip_addr addr_of(unsigned char family, const void *bytes)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	struct ip_addr addr = {.family = family == AF_INET ? IP_V4 : IP_V6};

	memcpy(addr.bytes, bytes, ip_family_bytes(addr.family));
	if (addr.family == IP_V6 && memcmp(addr.bytes, mapped, sizeof(mapped)) == 0) {
		struct ip_addr v4 = {.family = IP_V4};

		memcpy(v4.bytes, addr.bytes + 12, 4);
		return v4;
	}
	return addr;
}

static int on_session(const struct nlmsghdr *message, void *data)
{
	struct reader *reader = data;
	const struct inet_diag_msg *info = netlink_header(message, sizeof(*info));

	if (!info || reader->sessions->items.len >= LIMIT_SOCKETS)
		return MNL_CB_OK;
	*vec_add(reader->arena, &reader->sessions->items) = (struct tcp_session){
		.local = addr_of(info->idiag_family, info->id.idiag_src),
		.remote = addr_of(info->idiag_family, info->id.idiag_dst),
		.local_port = ntohs(info->id.idiag_sport),
		.remote_port = ntohs(info->id.idiag_dport),
		.inode = info->idiag_inode,
	};
	return MNL_CB_OK;
}

int host_read_sessions(struct arena *arena, struct tcp_sessions *ret, struct err *err)
{
	static const unsigned char families[] = {AF_INET, AF_INET6};

	for (size_t i = 0; i < sizeof(families); i++) {
		char buffer[256] = {0};
		struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
		struct reader reader = {arena, ret, ret->items.len};
		struct inet_diag_req_v2 *query;
		int r;

		request->nlmsg_type = SOCK_DIAG_BY_FAMILY;
		request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
		query = mnl_nlmsg_put_extra_header(request, sizeof(*query));
		query->sdiag_family = families[i];
		query->sdiag_protocol = PROTOCOL_TCP;
		query->idiag_states = STATE_ESTABLISHED;
		r = netlink_dump(NETLINK_SOCK_DIAG, request, on_session, forget, &reader, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* "PID (NAME) STATE PARENT ...", where NAME may hold anything, also ')'. */
static bool process_read(uint32_t pid, struct arena *arena, const char **ret_name,
			 uint32_t *ret_parent)
{
	char path[64];
	char *text, *name, *end;
	uint32_t len;

	(void)snprintf(path, sizeof(path), "/proc/%u/stat", pid);
	if (file_read(arena, path, FILE_ANY, STAT_BYTES_MAX, &text, &len, NULL) < 0)
		return false;
	name = strchr(text, '(');
	end = strrchr(text, ')');
	if (!name || !end || strlen(end) < 5)
		return false;
	*end = '\0';
	*ret_name = name + 1;
	end += 4; /* ") S " */
	return str_parse_u32(end, strspn(end, "0123456789"), 0, INT32_MAX, ret_parent);
}

/* sshd, sshd-session, sshd-auth, dropbear. */
static bool is_ssh_server(const char *name)
{
	return str_starts(name, "sshd") || str_eq(name, "dropbear");
}

static const struct tcp_session *session_of(const struct tcp_sessions *sessions,
					    const struct hash_index *inodes)
{
	vec_each (&sessions->items, session) {
		if (session->inode &&
		    hash_index_get(inodes, &session->inode, sizeof(session->inode)))
			return session;
	}
	return NULL;
}

const struct tcp_session *host_own_session(const struct tcp_sessions *sessions)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	uint32_t pid = (uint32_t)getppid();

	for (unsigned i = 0; i < ANCESTORS_MAX && pid > 1; i++) {
		struct hash_index inodes = {.arena = arena};
		const struct tcp_session *found;
		const char *name;
		uint32_t parent;

		if (!process_read(pid, arena, &name, &parent))
			return NULL;
		if (is_ssh_server(name)) {
			owner_add_sockets(&inodes, pid);
			found = session_of(sessions, &inodes);
			if (found)
				return found;
		}
		pid = parent;
	}
	return NULL;
}
