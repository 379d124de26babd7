/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wharfwall log: refused packets, from the journal or as they come. */
#include "cli/cli.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "compile/compile.h"
#include "control/refused.h"
#include "host/program.h"
#include "kernel/nflog.h"

#define JOURNAL_DEADLINE_MS 60000u
#define JOURNAL_LAST "1000"
/* Facts are read again for a packet when they are older than this, or than what reading takes. */
#define FRESH_MS 1000u
#define READING_SHARE 10u

struct follower {
	struct cli *cli;
	struct kernel_nflog *nflog;
	struct control_load *load; /* policy and facts of a moment ago */
	uint64_t read_ms;	   /* when they were read */
	uint64_t fresh_ms;	   /* and how long they may be used */
	enum exit_status status;
};

static uint64_t now_ms(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* The words of journalctl; only what root wrote counts: anybody may write to the journal. */
static const char *const *journal_argv(const struct cli *cli, struct arena *arena, struct err *err)
{
	const char *path = program_find(arena, "journalctl");
	const char **argv = arena_new_array(arena, const char *, 12);
	unsigned count = 0;

	if (!path) {
		(void)err_set(err, -ENOENT, "there is no journalctl on this host");
		return NULL;
	}
	argv[count++] = path;
	argv[count++] = "--no-pager";
	argv[count++] = "--quiet";
	argv[count++] = "--output=cat";
	argv[count++] = cli->json ? "--output-fields=" REFUSED_FIELD_JSON
				  : "--output-fields=" REFUSED_FIELD_LINE;
	argv[count++] = "--lines=" JOURNAL_LAST;
	if (cli->follow)
		argv[count++] = "--follow";
	argv[count++] = "MESSAGE_ID=" REFUSED_MESSAGE_ID;
	argv[count++] = "_UID=0";
	return argv;
}

static void add_visible_lines(const char *text, uint32_t len, struct str_buf *out)
{
	const char *end = text + len;

	while (text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		size_t line = (size_t)((stop ? stop : end) - text);

		str_buf_add_visible(out, text, line);
		str_buf_addc(out, '\n');
		text += line + 1;
	}
}

static enum exit_status journal_print(const struct cli *cli)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	auto_str struct str_buf out = {0};
	struct program_run run = {0};
	struct err err = {0};

	run.argv = journal_argv(cli, arena, &err);
	if (!run.argv || program_run_all(arena, &run, 1, JOURNAL_DEADLINE_MS, &err) < 0)
		return cli_fail(cli, &err, NULL);
	if (run.status && run.complaint_len) {
		str_buf_add_visible(&out, run.complaint, strcspn(run.complaint, "\n"));
		return cli_refuse(cli, EXIT_REFUSED, "journalctl: %s", str_buf_text(&out));
	}
	if (!run.out_len && !cli->json)
		(void)fprintf(stderr,
			      "wharfwall: the journal holds no refused packets; the daemon writes "
			      "them there when the policy has 'option log = refused', and "
			      "'wharfwall log -f' shows them as they come\n");
	add_visible_lines(run.out, run.out_len, &out);
	return cli_print(&out);
}

static enum exit_status journal_follow(const struct cli *cli)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct err err = {0};
	const char *const *argv = journal_argv(cli, arena, &err);

	if (!cli->json)
		(void)fprintf(stderr, "wharfwall: another program reads refused packets, the "
				      "daemon if it runs; this is its journal\n");
	if (argv)
		(void)program_become(argv, &err);
	return cli_fail(cli, &err, NULL);
}

/* A policy that became wrong meanwhile leaves what was known. */
static void follower_refresh(struct follower *follower)
{
	auto_of(control_load_free) struct control_load *load = NULL;
	uint64_t start = now_ms();
	struct err err = {0};
	uint64_t took;

	if (start - follower->read_ms < follower->fresh_ms)
		return;
	load = control_load_new();
	if (control_load_policy(&follower->cli->options, load, &err) >= 0 && load->model) {
		struct control_load *old = follower->load;

		follower->load = take_ptr(load);
		control_load_free(old);
	}
	follower->read_ms = now_ms();
	took = follower->read_ms - start;
	follower->fresh_ms = took * READING_SHARE > FRESH_MS ? took * READING_SHARE : FRESH_MS;
}

static void packet_print(void *data, const struct nflog_packet *packet)
{
	struct follower *follower = data;
	auto_of(arena_free) struct arena *arena = NULL;
	auto_str struct str_buf out = {0};
	struct refused refused;

	if (!refused_is_ours(packet) || follower->status != EXIT_DONE)
		return;
	arena = arena_new();
	follower_refresh(follower);
	refused_describe(arena, follower->load->model, &follower->load->facts, packet, &refused);
	if (follower->cli->json)
		refused_json_line(&refused, &out);
	else
		refused_text(&refused, &out);
	follower->status = cli_print(&out);
}

static enum exit_status follower_loop(struct follower *follower)
{
	struct pollfd pollfd = {.fd = kernel_nflog_fd(follower->nflog), .events = POLLIN};
	struct err err = {0};

	while (follower->status == EXIT_DONE) {
		bool lost;

		if (poll(&pollfd, 1, -1) < 0 && errno != EINTR) {
			(void)err_errno(&err, "cannot wait for refused packets");
			return cli_fail(follower->cli, &err, NULL);
		}
		if (kernel_nflog_read(follower->nflog, packet_print, follower, &lost, &err) < 0)
			return cli_fail(follower->cli, &err, NULL);
		if (lost && !follower->cli->json)
			(void)fprintf(stderr, "wharfwall: more were refused than could be told\n");
	}
	return follower->status;
}

static enum exit_status packets_follow(struct cli *cli)
{
	auto_of(kernel_nflog_free) struct kernel_nflog *nflog = NULL;
	struct follower follower = {.cli = cli, .load = control_load_new()};
	struct err err = {0};
	enum exit_status status;
	int r = kernel_nflog_open(COMPILE_LOG_GROUP, COMPILE_LOG_SNAPLEN, &nflog, &err);

	follower.nflog = nflog;
	if (r == -EBUSY)
		status = journal_follow(cli);
	else if (r < 0)
		status = cli_fail(cli, &err, NULL);
	else
		status = cli_load(cli, follower.load, "");
	if (r >= 0 && status == EXIT_DONE) {
		cli->options.doubt_never = true;
		cli_say_engine(cli, &follower.load->facts);
		if (!follower.load->model->log_refused)
			(void)fprintf(stderr,
				      "wharfwall: '%s' does not have 'option log = refused', so "
				      "nothing is told; add it, then 'wharfwall apply'\n",
				      cli->options.policy_path);
		follower.read_ms = now_ms();
		follower.fresh_ms = FRESH_MS;
		status = follower_loop(&follower);
	}
	control_load_free(follower.load);
	return status;
}

enum exit_status cmd_log(struct cli *cli)
{
	return cli->follow ? packets_follow(cli) : journal_print(cli);
}
