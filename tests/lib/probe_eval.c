/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the model says of the packets that tests/lib/probe.c sends.  Runs in the host's namespace.
 * Reads lines "ID IFACE PROTO SRC DST PORT" (IFACE "-": the host dials) and prints
 * "ID allow|deny|reject ZONE->ZONE REASON" with the sentence where one decided.
 * usage: probe_eval POLICY DOCKER_URL <lines
 */
#include <stdio.h>
#include <string.h>

#include "analyse/path.h"
#include "base/cleanup.h"
#include "base/protocol.h"
#include "control/control.h"

static bool addr_read(const char *text, struct ip_addr *ret)
{
	return ip_addr_parse(text, strlen(text), ret);
}

static bool dial_make(const char *iface, const char *proto, const char *src, const char *dst,
		      unsigned port, struct dial *ret)
{
	*ret = (struct dial){.in_iface = strcmp(iface, "-") == 0 ? NULL : iface,
			     .src_port = 40000,
			     .port = (uint16_t)port};
	if (!addr_read(src, &ret->src) || !addr_read(dst, &ret->dst))
		return false;
	if (strcmp(proto, "ping") == 0) {
		bool v4 = ret->dst.family == IP_V4;

		ret->protocol = v4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6;
		ret->icmp_type = v4 ? 8 : 128;
		ret->port = 0;
		return true;
	}
	return protocol_parse(proto, strlen(proto), &ret->protocol);
}

static void answer(const struct control_load *load, const char *id, const struct dial *dial)
{
	struct decision decision;
	struct packet packet;

	if (!path_of_dial(load->model, &load->facts, dial, &packet)) {
		(void)printf("%s deny no-route\n", id);
		return;
	}
	decision = eval_packet(load->model, &packet);
	(void)printf("%s %s %s->%s %s%s%s\n", id, verdict_name(decision.verdict),
		     load->model->zones.items[decision.from].name,
		     load->model->zones.items[decision.to].name,
		     decision_reason_text(decision.reason),
		     decision.rule && decision.rule->text ? ": " : "",
		     decision.rule && decision.rule->text ? decision.rule->text : "");
}

int main(int argc, char **argv)
{
	auto_of(control_load_free) struct control_load *load = control_load_new();
	struct control_options options = {.state_dir = "/nonexistent", .engine_timeout_ms = 5000};
	char id[64], iface[32], proto[8], src[64], dst[64];
	struct err err = {0};
	unsigned port;

	if (argc != 3)
		return 2;
	options.policy_path = argv[1];
	options.docker_host = argv[2];
	if (control_load_policy(&options, load, &err) < 0 || !load->model) {
		auto_str struct str_buf text = {0};

		diag_list_format(&load->diags, &load->sources, &text);
		(void)fprintf(stderr, "probe_eval: %s\n%s", err.text, str_buf_text(&text));
		return 1;
	}
	while (scanf("%63s %31s %7s %63s %63s %u", id, iface, proto, src, dst, &port) == 6) {
		struct dial dial;

		if (!dial_make(iface, proto, src, dst, port, &dial)) {
			(void)fprintf(stderr, "probe_eval: cannot read probe %s\n", id);
			return 1;
		}
		answer(load, id, &dial);
	}
	return 0;
}
