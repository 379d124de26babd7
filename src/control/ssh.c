/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The administrator's own connection. */
#include "control/ssh.h"

#include <string.h>

#include "analyse/path.h"
#include "base/protocol.h"
#include "base/str.h"

#define HOP_LIMIT 64

/* The next word of *text, "" at the end. */
static size_t word_take(const char **text, const char **ret_word)
{
	size_t len;

	*text += strspn(*text, " ");
	*ret_word = *text;
	len = strcspn(*text, " ");
	*text += len;
	return len;
}

static bool addr_take(const char **text, struct ip_addr *ret)
{
	const char *word;
	size_t len = word_take(text, &word);
	const char *scope = memchr(word, '%', len);

	return ip_addr_parse(word, scope ? (size_t)(scope - word) : len, ret);
}

static bool port_take(const char **text, uint16_t *ret)
{
	const char *word;
	size_t len = word_take(text, &word);
	uint32_t port;

	if (!str_parse_u32(word, len, 1, UINT16_MAX, &port))
		return false;
	*ret = (uint16_t)port;
	return true;
}

bool ssh_connection_parse(const char *text, struct ssh_connection *ret)
{
	struct ssh_connection ssh = {0};

	if (!addr_take(&text, &ssh.client) || !port_take(&text, &ssh.client_port) ||
	    !addr_take(&text, &ssh.server) || !port_take(&text, &ssh.server_port))
		return false;
	*ret = ssh;
	return true;
}

bool ssh_is_cut_off(const struct ssh_connection *ssh, const struct model *model,
		    const struct facts *facts, struct decision *ret_decision)
{
	const struct route *route = facts_route_to(facts, &ssh->client);
	struct dial dial = {.src = ssh->client,
			    .dst = ssh->server,
			    .protocol = PROTOCOL_TCP,
			    .src_port = ssh->client_port,
			    .port = ssh->server_port};
	struct packet packet = {0};

	if (!route || ip_addr_is_loopback(&ssh->client) ||
	    facts_is_own_address(facts, &ssh->client) || !facts_is_own_address(facts, &ssh->server))
		return false;
	dial.in_iface = route->iface;
	if (!path_of_dial(model, facts, &dial, &packet))
		return false;
	packet.hop_limit = HOP_LIMIT;
	packet.state = PACKET_NEW;
	*ret_decision = eval_packet(model, &packet);
	return ret_decision->verdict != VERDICT_ALLOW;
}
