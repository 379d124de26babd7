/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every command says in the same way. */
#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/flows.h"
#include "control/own.h"
#include "report/json.h"
#include "report/status.h"

#define MESSAGE_MAX 2048

enum exit_status cli_print(const struct str_buf *text)
{
	if (fwrite(str_buf_text(text), 1, text->len, stdout) == text->len && fflush(stdout) == 0)
		return EXIT_DONE;
	(void)fprintf(stderr, "wharfwall: cannot write the answer: %s\n", strerror(errno));
	return EXIT_REFUSED;
}

enum exit_status cli_json_print(json_t *object)
{
	auto_str struct str_buf text = {0};

	report_json_print(object, &text);
	json_decref(object);
	return cli_print(&text);
}

json_t *cli_json_new(const struct cli *cli, const struct control_load *load)
{
	json_t *object = report_json_new(cli->command ? cli->command->name : NULL);

	if (load)
		json_object_set_new(
			object, "warnings",
			report_json_diags(&load->diags, DIAG_LEVEL_WARNING, &load->sources));
	return object;
}

enum exit_status cli_refuse(const struct cli *cli, enum exit_status status, const char *fmt, ...)
{
	char text[MESSAGE_MAX];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (cli->json) {
		json_t *object = cli_json_new(cli, NULL);

		json_object_set_new(object, "errors",
				    json_pack("[{s:o}]", "message", report_json_text(text)));
		(void)cli_json_print(object);
	} else {
		(void)fprintf(stderr, "wharfwall: %s\n", text);
	}
	return status;
}

/* "1 error", "3 errors" */
static const char *plural(uint32_t count)
{
	return count == 1 ? "" : "s";
}

enum exit_status cli_diagnose(const struct cli *cli, const struct diag_list *diags,
			      const struct source_set *sources, const char *consequence)
{
	auto_str struct str_buf text = {0};

	if (cli->json) {
		json_t *object;

		if (!diags->errors)
			return EXIT_DONE;
		object = cli_json_new(cli, NULL);
		json_object_set_new(object, "errors",
				    report_json_diags(diags, DIAG_LEVEL_ERROR, sources));
		json_object_set_new(object, "warnings",
				    report_json_diags(diags, DIAG_LEVEL_WARNING, sources));
		(void)cli_json_print(object);
		return EXIT_WRONG;
	}
	diag_list_format(diags, sources, &text);
	(void)fputs(str_buf_text(&text), stderr);
	if (!diags->errors)
		return EXIT_DONE;
	(void)fprintf(stderr, "wharfwall: %u error%s%s\n", (unsigned)diags->errors,
		      plural(diags->errors), consequence);
	return EXIT_WRONG;
}

/* What root could have done says so, where the failure itself does not. */
static void remedy_add(struct err *err)
{
	size_t len = strlen(err->text);

	if ((err->code != -EACCES && err->code != -EPERM) || geteuid() == 0 ||
	    strstr(err->text, "root"))
		return;
	(void)snprintf(err->text + len, sizeof(err->text) - len, "; run wharfwall as root");
}

enum exit_status cli_fail(const struct cli *cli, const struct err *failure,
			  const struct control_load *load)
{
	const struct source_set *sources = load ? &load->sources : NULL;
	struct err explained = *failure;
	const struct err *err = &explained;

	remedy_add(&explained);

	if (cli->json) {
		json_t *object = cli_json_new(cli, NULL);
		json_t *errors = json_array();

		json_array_append_new(errors, report_json_err(err, sources));
		json_object_set_new(object, "errors", errors);
		(void)cli_json_print(object);
	} else if (load && err->origin.source) {
		/* The kernel's refusal of a rule leads back to its sentence. */
		auto_of(arena_free) struct arena *arena = arena_new();
		struct diag_list diags = {.arena = arena};

		(void)diag_error(&diags, err->origin, DIAG_KERNEL_REFUSED, "%s", err->text);
		(void)cli_diagnose(cli, &diags, sources, NOTHING_CHANGED);
	} else {
		(void)fprintf(stderr, "wharfwall: %s\n", err->text);
	}
	return EXIT_REFUSED;
}

enum exit_status cli_load(const struct cli *cli, struct control_load *load, const char *consequence)
{
	struct err err = {0};
	int r = control_load_policy(&cli->options, load, &err);

	if (r < 0 && !load->diags.errors)
		return cli_fail(cli, &err, load);
	return cli_diagnose(cli, &load->diags, &load->sources, consequence);
}

void cli_say_engine(const struct cli *cli, const struct facts *facts)
{
	auto_str struct str_buf text = {0};

	if (cli->json || facts->engine.state == ENGINE_ANSWERED)
		return;
	report_engine(&facts->engine, &text);
	(void)fprintf(stderr, "wharfwall: %s\n", str_buf_text(&text));
}

bool cli_colour(const struct cli *cli)
{
	const char *no_colour = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	return !cli->json && isatty(STDOUT_FILENO) && !(no_colour && *no_colour) &&
	       !(terminal && str_eq(terminal, "dumb"));
}

bool cli_ssh(struct ssh_connection *ret)
{
	return own_connection_find(getenv("SSH_CONNECTION"), ret);
}

void cli_cut_flows(const struct cli *cli, const struct control_load *load, uint32_t *ret_cut)
{
	struct ssh_connection ssh;
	struct err err = {0};

	*ret_cut = 0;
	if (cli->keep_flows || load->keep_flows)
		return;
	if (flows_cut_refused(load, cli_ssh(&ssh) ? &ssh : NULL, ret_cut, &err) < 0) {
		(void)fprintf(stderr, "wharfwall: the policy is loaded, but %s\n", err.text);
		return;
	}
	if (*ret_cut && !cli->json)
		(void)fprintf(stderr, "wharfwall: cut %u connection%s that the policy refuses\n",
			      (unsigned)*ret_cut, plural(*ret_cut));
}

enum exit_status cli_kept(const struct cli *cli, int r, const struct err *err, json_t *object)
{
	enum exit_status status = EXIT_DONE;

	if (object) {
		json_object_set_new(object, "kept", json_boolean(r == 0));
		status = cli_json_print(object);
	}
	if (r == 0)
		return status;
	if (!cli->json)
		(void)fflush(stdout);
	(void)fprintf(stderr, "wharfwall: %s; make room or make it writable, then do it again\n",
		      err->text);
	return EXIT_REFUSED;
}

/* "internet -> host: allow tcp 22 from 198.51.100.7" */
static void missing_sentence(const struct control_load *load, const struct decision *decision,
			     const struct ssh_connection *ssh, struct str_buf *out)
{
	char client[IP_TEXT_MAX];

	str_buf_addf(out, "%s -> %s: allow tcp %u from %s",
		     load->model->zones.items[decision->from].name,
		     load->model->zones.items[decision->to].name, (unsigned)ssh->server_port,
		     ip_addr_format(&ssh->client, client));
}

enum exit_status cli_guard(const struct cli *cli, struct control_load *load)
{
	struct own_connections all = {0};

	if (cli->force)
		return EXIT_DONE;
	own_connections_read(getenv("SSH_CONNECTION"), load, &all);
	vec_each (&all.items, item) {
		auto_str struct str_buf missing = {0};
		struct decision decision = {0};
		char client[IP_TEXT_MAX];

		if (!ssh_is_cut_off(&item->ssh, load->model, &load->facts, &decision))
			continue;
		missing_sentence(load, &decision, &item->ssh, &missing);
		return cli_refuse(
			cli, EXIT_PROTECTED,
			"the policy would refuse %s (tcp %u from %s: %s); missing is "
			"'%s'; nothing was changed, --trial tries it, --force goes on",
			item->own ? "your own connection" : "an SSH connection that is open now",
			(unsigned)item->ssh.server_port, ip_addr_format(&item->ssh.client, client),
			decision.rule && decision.rule->text
				? decision.rule->text
				: decision_reason_text(decision.reason),
			str_buf_text(&missing));
	}
	return EXIT_DONE;
}
