/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table made of DOCKER-USER is taken by the kernel, and read back as it was sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ir/diff.h"
#include "ir/print.h"
#include "kernel/commit.h"
#include "kernel/dump.h"
#include "kernel_lab.h"
#include "lift/table.h"
#include "rules/read.h"
#include "rules/twin.h"

/* Each kind of match and target that a table can hold. */
static const char text[] =
	"*filter\n:DOCKER-USER - [0:0]\n:OWN-1 - [0:0]\n"
	"-A DOCKER-USER -i wan0 -m state --state RELATED,ESTABLISHED -j ACCEPT\n"
	"-A DOCKER-USER ! -i br+ ! -o docker0 -p udp -m multiport --dports 53,1000:2000 -j RETURN\n"
	"-A DOCKER-USER -i wan0 ! -s 10.1.0.0/16 -p tcp -m conntrack --ctorigdstport 80 -j RETURN\n"
	"-A DOCKER-USER -i wan0 -s 203.0.113.0/24,192.0.2.1 -d 172.17.0.0/12 -j OWN-1\n"
	"-A DOCKER-USER -p tcp -m tcp ! --dport 22 --sport 1024:65535 -g OWN-1\n"
	"-A DOCKER-USER ! -p tcp -m conntrack ! --ctstate NEW -j DROP\n"
	"-A DOCKER-USER -m conntrack --ctstate NEW,DNAT -j LOG --log-prefix \"a long one, cut "
	"where "
	"it ends \"\n"
	"-A DOCKER-USER -p icmp -m icmp ! --icmp-type 8 -j REJECT --reject-with "
	"icmp-host-prohibited\n"
	"-A DOCKER-USER -p tcp -j REJECT --reject-with tcp-reset\n"
	"-A DOCKER-USER -i wan0 -m limit --limit 3/minute --limit-burst 7 -j LOG\n"
	"-A DOCKER-USER -i wan0 -m comment --comment \"all others\" -j REJECT\n"
	"-A OWN-1 -p tcp -m multiport --dports 80,443 -m limit --limit 9/second -j ACCEPT\n"
	"-A OWN-1 -j RETURN\nCOMMIT\n";

static struct ir_table *table_make(struct arena *arena, struct source_set *sources,
				   struct diag_list *diags)
{
	static const struct table_marker marker = {"lab", "loaded", "rules test hash 0"};
	const struct rules_file *file =
		rules_read(arena, sources,
			   source_set_add(sources, "test.rules", text, sizeof(text) - 1), diags);
	const struct rules_file *families[TABLE_FAMILIES] = {rules_only4(arena, file, diags),
							     rules_twin(arena, file, diags)};

	return table_lift(arena, families, &marker, diags);
}

static void it_is_read_back_as_it_was_sent(void **state)
{
	auto_of(kernel_session_free) struct kernel_session *session = NULL;
	auto_of(arena_free) struct arena *arena = arena_new();
	auto_str struct str_buf printed = {0};
	struct source_set sources = {.arena = arena};
	struct diag_list diags = {.arena = arena};
	struct ir_change_list changes = {0};
	struct ir_table *want = table_make(arena, &sources, &diags), *have = NULL;
	uint32_t generation, sent = 0;
	struct err err = {0};

	(void)state;
	if (!want) {
		diag_list_format(&diags, &sources, &printed);
		fail_msg("%s", str_buf_text(&printed));
	}
	assert_int_equal(kernel_session_open(&session, &err), 0);
	if (kernel_replace_table(session, "lab", want, &sent, &err) < 0)
		fail_msg("%s", err.text);
	assert_true(sent > 20);
	assert_int_equal(kernel_dump_table(session, arena, "lab", &have, &generation, &err), 0);
	ir_diff(arena, have, want, &changes);
	if (changes.items.len) {
		ir_print_table(have, &printed);
		ir_print_table(want, &printed);
		fprintf(stderr, "%s", str_buf_text(&printed));
	}
	assert_int_equal(changes.items.len, 0);
	assert_int_equal(kernel_replace_table(session, "lab", want, &sent, &err), 0);
	assert_int_equal(sent, 0);
}

static void nft_takes_its_text(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	auto_str struct str_buf printed = {0}, output = {0};
	struct source_set sources = {.arena = arena};
	struct diag_list diags = {.arena = arena};

	(void)state;
	ir_print_table(table_make(arena, &sources, &diags), &printed);
	if (lab_nft(NULL, str_buf_text(&printed), &output) != 0)
		fail_msg("%s", str_buf_text(&output));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_read_back_as_it_was_sent),
		cmocka_unit_test(nft_takes_its_text),
	};
	int rc = lab_enter();

	if (rc != 0)
		return rc;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
