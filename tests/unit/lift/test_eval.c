/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fate of a packet: hooks, order, chains of the user's, what is not understood. */
#include "unit/lift/lifting.h"

#include "base/protocol.h"
#include "lift/eval.h"

static const char *const bridge_names[] = {"docker0"};
static const struct fate_bridges bridges = {bridge_names, 1};

static struct packet tcp_to(const char *in, const char *out, uint16_t port)
{
	struct packet packet = {.in_iface = in,
				.out_iface = out,
				.protocol = PROTOCOL_TCP,
				.src_port = 40000,
				.dst_port = port,
				.dialled_port = port};

	assert_true(ip_addr_parse("192.0.2.1", 9, &packet.src));
	assert_true(ip_addr_parse("198.51.100.1", 12, &packet.dst));
	packet.dialled_addr = packet.dst;
	return packet;
}

static struct fate fate_of(const char *rules, struct packet packet)
{
	auto_str struct str_buf text = {0};
	struct lift_chains chains;
	struct lifting l;
	struct fate fate;

	str_buf_addf(&text, "*filter\n%sCOMMIT\n", rules);
	lifting_of(&l, str_buf_text(&text));
	lift_chains_make(l.arena, l.file, &chains);
	fate = fate_of_packet(&chains, &bridges, &packet);
	fate.rule = NULL; /* goes with the arena */
	arena_free(l.arena);
	return fate;
}

static void assert_fate(const char *rules, struct packet packet, enum fate_verdict want)
{
	enum fate_verdict got = fate_of(rules, packet).verdict;

	if (got != want)
		print_error("%s", rules);
	assert_int_equal(got, want);
}

static void the_first_that_matches_decides(void **state)
{
	struct packet ssh = tcp_to("eth0", NULL, 22);

	(void)state;
	assert_fate(":INPUT DROP\n-A INPUT -p tcp --dport 22 -j ACCEPT\n-A INPUT -j DROP\n", ssh,
		    FATE_ACCEPT);
	assert_fate(":INPUT ACCEPT\n-A INPUT -p udp --dport 22 -j DROP\n-A INPUT -j REJECT\n", ssh,
		    FATE_REJECT);
	assert_fate(":INPUT DROP\n-A INPUT -i eth1 -j ACCEPT\n", ssh, FATE_DROP);
	assert_fate(":INPUT ACCEPT\n", ssh, FATE_ACCEPT);
	assert_fate(":OUTPUT DROP\n", ssh, FATE_ENGINE);
}

static void commands_are_carried_out_in_their_order(void **state)
{
	struct packet ssh = tcp_to("eth0", NULL, 22);

	(void)state;
	assert_fate(":INPUT DROP\n-A INPUT -j DROP\n-I INPUT -j ACCEPT\n", ssh, FATE_ACCEPT);
	assert_fate(":INPUT DROP\n-A INPUT -j LOG\n-I INPUT 2 -j ACCEPT\n-A INPUT -j DROP\n", ssh,
		    FATE_ACCEPT);
	assert_fate(":INPUT DROP\n-A INPUT -j ACCEPT\n-D INPUT 1\n", ssh, FATE_DROP);
	assert_fate(":INPUT DROP\n-A INPUT -i eth0 -j ACCEPT\n-D INPUT -i eth0 -j ACCEPT\n", ssh,
		    FATE_DROP);
	assert_fate(":INPUT DROP\n-A INPUT -j ACCEPT\n-R INPUT 1 -j REJECT\n", ssh, FATE_REJECT);
	assert_fate(":INPUT DROP\n-A INPUT -j ACCEPT\n-F INPUT\n", ssh, FATE_DROP);
	assert_fate(":INPUT DROP\n-A INPUT -j ACCEPT\n-F\n", ssh, FATE_DROP);
	assert_fate("-P INPUT DROP\n", ssh, FATE_DROP);
}

static void chains_come_back_and_gotos_do_not(void **state)
{
	struct packet ssh = tcp_to("eth0", NULL, 22);

	(void)state;
	assert_fate(":INPUT DROP\n:A -\n-A A -p udp -j DROP\n-A INPUT -j A\n-A INPUT -j ACCEPT\n",
		    ssh, FATE_ACCEPT);
	assert_fate(":INPUT DROP\n:A -\n-A A -j RETURN\n-A A -j DROP\n-A INPUT -j A\n-A INPUT -j "
		    "ACCEPT\n",
		    ssh, FATE_ACCEPT);
	assert_fate(":INPUT DROP\n:A -\n-A A -j RETURN\n-A INPUT -g A\n-A INPUT -j ACCEPT\n", ssh,
		    FATE_DROP);
	assert_fate(":INPUT DROP\n:A -\n-A A -j A\n-A INPUT -j A\n", ssh, FATE_UNKNOWN);
}

static void routed_packets_meet_docker_user_first(void **state)
{
	struct packet to_container = tcp_to("eth0", "docker0", 80);
	struct packet through = tcp_to("eth0", "eth1", 80);

	(void)state;
	assert_fate(":FORWARD DROP\n:DOCKER-USER -\n-A DOCKER-USER -j RETURN\n", to_container,
		    FATE_ENGINE);
	assert_fate(":FORWARD DROP\n:DOCKER-USER -\n-A DOCKER-USER -j RETURN\n", through,
		    FATE_DROP);
	assert_fate(":FORWARD DROP\n:DOCKER-USER -\n-A DOCKER-USER -i eth0 -j REJECT\n",
		    to_container, FATE_REJECT);
	assert_fate(":FORWARD DROP\n", to_container, FATE_ENGINE);
	to_container.dnat = true;
	to_container.dialled_port = 8080;
	assert_fate(":DOCKER-USER -\n-A DOCKER-USER -p tcp -m conntrack --ctorigdstport 8080 -j "
		    "DROP\n",
		    to_container, FATE_DROP);
	assert_fate(":DOCKER-USER -\n-A DOCKER-USER -p tcp --dport 8080 -j DROP\n", to_container,
		    FATE_ENGINE);
}

static void what_is_not_understood_is_told(void **state)
{
	struct packet ssh = tcp_to("eth0", NULL, 22);

	(void)state;
	assert_fate(":INPUT DROP\n-A INPUT -m geoip --src-cc DE -j ACCEPT\n", ssh, FATE_UNKNOWN);
	assert_fate(":INPUT DROP\n-A INPUT -i eth9 -m geoip --src-cc DE -j ACCEPT\n", ssh,
		    FATE_DROP);
	assert_fate(":INPUT DROP\n-A INPUT -m geoip --src-cc DE -j LOG\n", ssh, FATE_DROP);
	assert_fate(":INPUT DROP\n-A INPUT -j TARPIT\n", ssh, FATE_UNKNOWN);
	assert_fate(":INPUT DROP\n-A INPUT -j MARK --set-mark 1\n", ssh, FATE_DROP);
}

static void limits_hold_until_they_are_exceeded(void **state)
{
	static const char rules[] = ":INPUT DROP\n-A INPUT -m limit --limit 3/minute -j ACCEPT\n";
	struct packet ssh = tcp_to("eth0", NULL, 22);

	(void)state;
	assert_fate(rules, ssh, FATE_ACCEPT);
	ssh.over_rate = true;
	assert_fate(rules, ssh, FATE_DROP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_that_matches_decides),
		cmocka_unit_test(commands_are_carried_out_in_their_order),
		cmocka_unit_test(chains_come_back_and_gotos_do_not),
		cmocka_unit_test(routed_packets_meet_docker_user_first),
		cmocka_unit_test(what_is_not_understood_is_told),
		cmocka_unit_test(limits_hold_until_they_are_exceeded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
