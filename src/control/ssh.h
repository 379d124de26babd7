/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The administrator's own connection: would a policy let a new one of its kind in? */
#pragma once

#include "facts/facts.h"
#include "model/eval.h"

struct ssh_connection {
	struct ip_addr client;
	struct ip_addr server;
	uint16_t client_port;
	uint16_t server_port;
};

/* As sshd writes it: "CLIENT PORT SERVER PORT". */
bool ssh_connection_parse(const char *text, struct ssh_connection *ret);
/*
 * Best effort: true only when it is sure that a new connection of that kind would be refused.
 * A connection to another namespace or host is none of ours.
 */
bool ssh_is_cut_off(const struct ssh_connection *ssh, const struct model *model,
		    const struct facts *facts, struct decision *ret_decision);
