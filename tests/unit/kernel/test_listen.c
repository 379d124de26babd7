/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the listener makes of changes, in a namespace of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <poll.h>
#include <string.h>

#include <cmocka.h>

#include <linux/netfilter.h>

#include "kernel/commit.h"
#include "kernel/dump.h"
#include "kernel/listen.h"
#include "kernel/others.h"
#include "kernel_lab.h"

struct lab {
	struct kernel_session *session;
	struct kernel_listener *listener;
};

static void nft(const char *text)
{
	auto_str struct str_buf output = {0};

	assert_int_equal(lab_nft(NULL, text, &output), 0);
}

/* All that is queued, after at least one message came. */
static struct kernel_news news_of(const struct lab *lab)
{
	struct pollfd wait = {.fd = kernel_listener_fd(lab->listener), .events = POLLIN};
	struct kernel_news news = {0};
	struct err err = {0};

	assert_true(poll(&wait, 1, 5000) == 1);
	assert_int_equal(kernel_listener_read(lab->listener, &news, &err), 0);
	return news;
}

static int lab_open(void **state)
{
	static struct lab lab;
	struct err err = {0};

	assert_int_equal(kernel_session_open(&lab.session, &err), 0);
	assert_int_equal(kernel_listener_open("test", lab.session, &lab.listener, &err), 0);
	*state = &lab;
	return 0;
}

static int lab_close(void **state)
{
	struct lab *lab = *state;

	kernel_listener_free(lab->listener);
	kernel_session_free(lab->session);
	nft("flush ruleset\n");
	return 0;
}

static void others_changes_are_told_apart(void **state)
{
	const struct lab *lab = *state;
	struct kernel_news news;
	uint32_t before;

	nft("add table inet test\nadd chain inet test c\n");
	news = news_of(lab);
	assert_true(news.ours);
	assert_false(news.overrun);
	assert_int_equal(news.ours_at, news.generation);
	assert_string_equal(news.program, "nft");
	assert_true(news.pid > 0);
	before = news.generation;
	nft("add table ip other\nadd table inet testing\nadd table ip test\n");
	news = news_of(lab);
	assert_false(news.ours);
	assert_true(news.others);
	assert_int_equal(news.generation, before + 1);
	nft("flush ruleset\n");
	news = news_of(lab);
	assert_true(news.ours && news.others);
}

/* What we send ourselves is no news, but counts as a generation. */
static void own_changes_are_no_news(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	const struct lab *lab = *state;
	struct ir_table *table = lab_table(arena);
	struct kernel_news news;
	struct err err = {0};
	uint32_t sent = 0;

	table->name = "test";
	assert_int_equal(kernel_replace_table(lab->session, "test", table, &sent, &err), 0);
	assert_true(sent > 0);
	news = news_of(lab);
	assert_false(news.ours);
	assert_true(news.generation > 0);
}

/* The kernel drops what does not fit: then everything may have changed. */
static void an_overrun_is_told(void **state)
{
	const struct lab *lab = *state;
	auto_str struct str_buf text = {0};
	struct kernel_news news = {0};
	struct err err = {0};

	nft("add table ip many\nadd set ip many s { type ipv4_addr . inet_service; }\n");
	str_buf_adds(&text, "add element ip many s {");
	for (unsigned i = 0; i < 60000; i++)
		str_buf_addf(&text, "%s 10.%u.%u.%u . %u", i ? "," : "", i >> 16, i >> 8 & 255,
			     i & 255, 1 + i % 65000);
	str_buf_adds(&text, " }\n");
	for (unsigned i = 0; i < 8 && !news.overrun; i++) {
		nft(str_buf_text(&text));
		nft("flush set ip many s\n");
		if (i == 3) /* some were read, some were lost */
			assert_int_equal(kernel_listener_read(lab->listener, &news, &err), 0);
	}
	assert_int_equal(kernel_listener_read(lab->listener, &news, &err), 0);
	assert_true(news.overrun && news.ours && news.others);
	assert_int_equal(news.ours_at, 0);
}

static void rules_of_others_are_counted(void **state)
{
	const struct lab *lab = *state;
	struct err err = {0};
	uint32_t count = 7;

	assert_int_equal(
		kernel_count_rules(lab->session, NFPROTO_IPV4, "nat", "DOCKER", &count, &err), 0);
	assert_int_equal(count, 0);
	nft("add table ip nat\nadd chain ip nat DOCKER\nadd chain ip nat OTHER\n"
	    "add rule ip nat DOCKER return\nadd rule ip nat DOCKER counter\n"
	    "add rule ip nat OTHER return\nadd table ip6 nat\nadd chain ip6 nat DOCKER\n"
	    "add rule ip6 nat DOCKER return\n");
	assert_int_equal(
		kernel_count_rules(lab->session, NFPROTO_IPV4, "nat", "DOCKER", &count, &err), 0);
	assert_int_equal(count, 2);
	assert_int_equal(kernel_count_rules(lab->session, NFPROTO_IPV4, "nat", NULL, &count, &err),
			 0);
	assert_int_equal(count, 3);
}

static void counters_are_read_alone(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	const struct lab *lab = *state;
	struct ir_table *table = NULL;
	struct err err = {0};

	assert_int_equal(kernel_dump_counters(lab->session, arena, "test", &table, &err), 0);
	assert_int_equal(table->counters.len, 0);
	nft("add table inet test\nadd counter inet test refused { packets 3 bytes 99 }\n"
	    "add table ip test\nadd counter ip test not_ours\n");
	assert_int_equal(kernel_dump_counters(lab->session, arena, "test", &table, &err), 0);
	assert_int_equal(table->counters.len, 1);
	assert_string_equal(table->counters.items[0].name, "refused");
	assert_true(table->counters.items[0].packets == 3);
	nft("add chain inet test c\n"
	    "add rule inet test c counter packets 5 bytes 60 accept\n"
	    "add set inet test plain { type ipv4_addr; elements = { 192.0.2.1 } }\n"
	    "add set inet test counted { type ipv4_addr; counter; elements = { 192.0.2.2, "
	    "192.0.2.1 counter packets 7 bytes 80 } }\n");
	assert_int_equal(kernel_dump_counters(lab->session, arena, "test", &table, &err), 0);
	assert_int_equal(table->chains.items[0].rules.items[0].stmts.items[0].packets, 5);
	assert_int_equal(table->chains.items[0].rules.items[0].stmts.items[0].bytes, 60);
	assert_int_equal(ir_table_set(table, "plain")->count, 0);
	assert_false(ir_table_set(table, "plain")->counted);
	assert_true(ir_table_set(table, "counted")->counted);
	assert_int_equal(ir_table_set(table, "counted")->count, 2);
	assert_int_equal(ir_table_set(table, "counted")->counts[0].packets, 7);
	assert_int_equal(ir_table_set(table, "counted")->counts[0].bytes, 80);
	assert_int_equal(ir_table_set(table, "counted")->counts[1].packets, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(others_changes_are_told_apart, lab_open, lab_close),
		cmocka_unit_test_setup_teardown(own_changes_are_no_news, lab_open, lab_close),
		cmocka_unit_test_setup_teardown(an_overrun_is_told, lab_open, lab_close),
		cmocka_unit_test_setup_teardown(rules_of_others_are_counted, lab_open, lab_close),
		cmocka_unit_test_setup_teardown(counters_are_read_alone, lab_open, lab_close),
	};
	int skip = lab_enter();

	return skip ? skip : cmocka_run_group_tests(tests, NULL, NULL);
}
