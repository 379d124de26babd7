/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DOCKER-USER as a table of our own does to each routed packet what the file's chain does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "ir/print.h"
#include "lib/ir_eval.h"
#include "lift/table.h"
#include "property/import_scene.h"
#include "rules/read.h"
#include "rules/twin.h"

#define FILES 600u
#define PACKETS_A_FILE 300u
#define PICK(random, array) ((array)[random_below(random, sizeof(array) / sizeof((array)[0]))])

static const struct table_marker marker = {"wharfwall", "loaded", "rules test"};

static void random_match(struct random *random, struct str_buf *out)
{
	static const char *const ifaces[] = {"-i wan0", "-i e+",    "! -i eth1",  "! -i e+",
					     "-o wan0", "! -o br+", "-o docker0", "! -o docker0"};
	static const char *const addrs[] = {"-s 10.1.1.0/24",	       "! -s 10.1.1.0/24",
					    "-s 203.0.113.7,10.1.2.3", "! -s 203.0.113.7",
					    "-d 172.17.0.0/16",	       "! -d 172.17.0.2"};
	static const char *const ports[] = {"-p tcp -m tcp --dport 22",
					    "-p tcp -m multiport --dports 80,443,8000:9000",
					    "-p udp -m udp ! --dport 53",
					    "-p tcp -m multiport ! --dports 80,443,5000:6000",
					    "-p tcp -m conntrack --ctorigdstport 80",
					    "-m conntrack --ctorigdstport 53:443",
					    "-p tcp -m conntrack ! --ctorigdstport 443",
					    "-p tcp -m tcp --sport 32768:33000",
					    "-p tcp",
					    "! -p tcp",
					    "-p icmp",
					    "-p icmp -m icmp --icmp-type 8",
					    "-p icmp -m icmp ! --icmp-type 8"};
	static const char *const states[] = {"NEW", "ESTABLISHED,RELATED", "INVALID", "NEW,DNAT",
					     "DNAT"};

	if (random_one_in(random, 2))
		str_buf_addf(out, " %s", PICK(random, ifaces));
	if (random_one_in(random, 3))
		str_buf_addf(out, " %s", PICK(random, addrs));
	if (random_one_in(random, 2))
		str_buf_addf(out, " %s", PICK(random, ports));
	if (random_one_in(random, 3))
		str_buf_addf(out, " -m conntrack%s --ctstate %s",
			     random_one_in(random, 3) ? " !" : "", PICK(random, states));
	if (random_one_in(random, 5))
		str_buf_adds(out, " -m limit --limit 10/minute --limit-burst 20");
}

static void random_chain(struct random *random, const char *name, const char *below,
			 struct str_buf *out)
{
	static const char *const targets[] = {"-j ACCEPT", "-j DROP",	"-j REJECT", "-j RETURN",
					      "-j LOG",	   "-j RETURN", "-j DROP"};

	for (uint32_t i = 1 + random_below(random, 8); i > 0; i--) {
		str_buf_addf(out, "-A %s", name);
		random_match(random, out);
		if (below && random_one_in(random, 4))
			str_buf_addf(out, " %s %s\n", random_one_in(random, 3) ? "-g" : "-j",
				     below);
		else
			str_buf_addf(out, " %s\n", PICK(random, targets));
	}
}

static enum ir_outcome wanted(const struct fate *fate)
{
	if (fate->verdict == FATE_DROP)
		return IR_OUTCOME_DROP;
	return fate->verdict == FATE_REJECT ? IR_OUTCOME_REJECT : IR_OUTCOME_ACCEPT;
}

static void packets_compare(const struct lift_chains chains[2], const struct ir_table *table,
			    const char *text, struct random *random, uint32_t *ret_compared)
{
	static const struct fate_bridges none = {0};

	for (uint32_t i = 0; i < PACKETS_A_FILE; i++) {
		struct packet packet = import_scene_packet(random);
		struct fate fate =
			fate_of_packet(&chains[packet.src.family == IP_V6], &none, &packet);
		enum ir_outcome got;

		if (!packet.in_iface || !packet.out_iface || fate.verdict == FATE_UNKNOWN)
			continue;
		got = ir_eval(table, &packet);
		if (got != wanted(&fate)) {
			auto_str struct str_buf nft = {0};

			ir_print_table(table, &nft);
			fprintf(stderr,
				"%s\n%s\n%s -> %s, protocol %u, %u -> %u (dialled %u), state %u, "
				"dnat %d, "
				"over %d: file %d, table %d\n",
				text, str_buf_text(&nft), packet.in_iface, packet.out_iface,
				packet.protocol, packet.src_port, packet.dst_port,
				packet.dialled_port, packet.state, packet.dnat, packet.over_rate,
				(int)fate.verdict, (int)got);
			fail();
		}
		(*ret_compared)++;
	}
}

static void random_chains_are_the_same_table(void **state)
{
	struct random random = random_of_run();
	uint32_t made = 0, compared = 0;

	(void)state;
	for (uint32_t i = 0; i < FILES; i++) {
		auto_of(arena_free) struct arena *arena = arena_new();
		auto_str struct str_buf text = {0};
		struct source_set sources = {.arena = arena};
		struct diag_list diags = {.arena = arena};
		struct lift_chains chains[2];
		const struct rules_file *families[TABLE_FAMILIES];
		const struct rules_file *file;
		const struct ir_table *table;

		str_buf_adds(&text, "*filter\n:DOCKER-USER - [0:0]\n:ONE - [0:0]\n:TWO - [0:0]\n");
		random_chain(&random, "DOCKER-USER", random_one_in(&random, 2) ? "ONE" : "TWO",
			     &text);
		random_chain(&random, "ONE", "TWO", &text);
		random_chain(&random, "TWO", NULL, &text);
		str_buf_adds(&text, "COMMIT\n");
		file = rules_read(
			arena, &sources,
			source_set_add(&sources, "random.rules", text.data, (uint32_t)text.len),
			&diags);
		assert_int_equal(diags.errors, 0);
		families[0] = rules_only4(arena, file, &diags);
		families[1] = rules_twin(arena, file, &diags);
		table = table_lift(arena, families, &marker, &diags);
		assert_true((table != NULL) == (diags.errors == 0));
		if (!table)
			continue;
		made++;
		lift_chains_make(arena, families[0], &chains[0]);
		lift_chains_make(arena, families[1], &chains[1]);
		packets_compare(chains, table, str_buf_text(&text), &random, &compared);
	}
	printf("# %u of %u files became tables, %u packets compared\n", made, FILES, compared);
	assert_true(made > FILES / 4 && compared > 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_chains_are_the_same_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
