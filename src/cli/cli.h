/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line: one table of commands, a file each.  Only this folder prints and exits.
 * Every message for people goes to stderr, every answer to stdout; with --json the answer is one
 * object, also when it is that something failed.
 */
#pragma once

#include <jansson.h>

#include "base/str.h"
#include "control/control.h"
#include "control/ssh.h"

enum exit_status {
	EXIT_DONE = 0,
	EXIT_WRONG = 1, /* the policy or another input */
	EXIT_USAGE = 2,
	EXIT_PROTECTED = 3, /* refused to protect the user */
	EXIT_REFUSED = 4,   /* the kernel, the engine or the file system */
	/* apply --boot; 5 to 7 mean something else to systemd */
	EXIT_LAST_GOOD = 8, /* what was applied last, or was loaded before, counts */
	EXIT_CLOSED = 9,    /* closed but for established connections and SSH */
};

/* Said behind the count of errors: what did not happen. */
#define NOTHING_CHANGED ", nothing was changed"

struct cli {
	struct control_options options;
	const struct command *command;
	bool json;
	bool help;
	bool version;
	bool force;		  /* apply */
	bool keep_flows;	  /* apply */
	bool write;		  /* fmt -w */
	bool follow;		  /* log -f */
	bool to_stdout;		  /* init */
	bool open;		  /* stop */
	bool lockdown;		  /* stop */
	bool remove;		  /* allow, deny, reject --delete */
	bool boot;		  /* apply, rules apply */
	bool unit;		  /* rules stop */
	bool dry_run;		  /* rules install-units */
	unsigned given;		  /* bits of enum cli_flag that were given */
	const char *root;	  /* rules install-units */
	const char *as;		  /* show */
	const char *section;	  /* allow, deny, reject: "A -> B" */
	const char *trial;	  /* apply */
	const char *metrics_file; /* watch */
	int argc;		  /* operands */
	char **argv;
};

struct command {
	const char *name;
	const char *usage;			  /* operands and options */
	const char *help;			  /* one line */
	enum exit_status (*run)(struct cli *cli); /* NULL: not built yet */
	unsigned flags;				  /* bits of enum cli_flag that it takes */
	int operands_max;			  /* -1: any number */
};

enum cli_flag {
	CLI_STDOUT = 1 << 0,
	CLI_WRITE = 1 << 1,
	CLI_AS = 1 << 2,
	CLI_TRIAL = 1 << 3,
	CLI_FORCE = 1 << 4,
	CLI_KEEP_FLOWS = 1 << 5,
	CLI_OPEN = 1 << 6,
	CLI_LOCKDOWN = 1 << 7,
	CLI_DELETE = 1 << 8,
	CLI_SECTION = 1 << 9,
	CLI_BOOT = 1 << 10,
	CLI_UNIT = 1 << 11,
	CLI_DRY_RUN = 1 << 12,
	CLI_ROOT = 1 << 13,
	CLI_METRICS = 1 << 20,
	CLI_FOLLOW = 1 << 21,
};

extern const struct command commands[]; /* ends with a NULL name */

/* Reads options and operands; false after it said what is wrong. */
bool cli_parse(struct cli *cli, int argc, char **argv);
void cli_help(void);

/* One sentence on stderr, "wharfwall: ...", or as JSON; returns status. */
__attribute__((format(printf, 3, 4))) enum exit_status
cli_refuse(const struct cli *cli, enum exit_status status, const char *fmt, ...);
/* What the system refused; with a caret when it leads back to the policy.  load may be NULL. */
enum exit_status cli_fail(const struct cli *cli, const struct err *failure,
			  const struct control_load *load);
/*
 * Prints diagnostics on stderr.  With errors: the last line says `consequence`, and the answer
 * for --json is printed; EXIT_WRONG.
 */
enum exit_status cli_diagnose(const struct cli *cli, const struct diag_list *diags,
			      const struct source_set *sources, const char *consequence);
/* Loads options->policy_path, says everything that is wrong. */
enum exit_status cli_load(const struct cli *cli, struct control_load *load,
			  const char *consequence);
/* One line on stderr when there is no engine that answers. */
void cli_say_engine(const struct cli *cli, const struct facts *facts);
/* The frame of an answer with its warnings; load may be NULL. */
json_t *cli_json_new(const struct cli *cli, const struct control_load *load);
/* Prints and releases it. */
enum exit_status cli_json_print(json_t *object);
/* Prints on stdout; EXIT_REFUSED when that fails. */
enum exit_status cli_print(const struct str_buf *text);
/* Colour on stdout. */
bool cli_colour(const struct cli *cli);
/* The administrator's own SSH connection: from the environment, or by the SSH server above us. */
bool cli_ssh(struct ssh_connection *ret);

/* The steps that apply and allow share: guard, lock held by the caller, load, answer. */
enum exit_status cli_guard(const struct cli *cli, struct control_load *load);

/*
 * Behind a load: cuts the connections that it refuses, unless somebody said to keep them.  *ret_cut
 * counts; a failure is said, the load stands.
 */
void cli_cut_flows(const struct cli *cli, const struct control_load *load, uint32_t *ret_cut);

/*
 * The end of an answer after a load, r being apply_load()'s: whether it is kept, in JSON the member
 * "kept"; object (or NULL) is printed.  EXIT_REFUSED when it is not kept (r is not 0).
 */
enum exit_status cli_kept(const struct cli *cli, int r, const struct err *err, json_t *object);

/* Nothing is loaded while a policy is on trial: err is trial_sweep()'s. */
enum exit_status cli_trial_refuse(const struct cli *cli, const struct err *err);

enum exit_status cmd_init(struct cli *cli);
enum exit_status cmd_import(struct cli *cli);
enum exit_status cmd_check(struct cli *cli);
enum exit_status cmd_fmt(struct cli *cli);
enum exit_status cmd_show(struct cli *cli);
enum exit_status cmd_diff(struct cli *cli);
enum exit_status cmd_apply(struct cli *cli);
enum exit_status cmd_apply_boot(struct cli *cli);  /* apply --boot */
enum exit_status cmd_apply_trial(struct cli *cli); /* apply --trial */
enum exit_status cmd_confirm(struct cli *cli);
enum exit_status cmd_revert(struct cli *cli);
enum exit_status cmd_stop(struct cli *cli);
enum exit_status cmd_status(struct cli *cli);
enum exit_status cmd_ports(struct cli *cli);
enum exit_status cmd_sentence(struct cli *cli);
enum exit_status cmd_ban(struct cli *cli);
enum exit_status cmd_unban(struct cli *cli);
enum exit_status cmd_log(struct cli *cli);
enum exit_status cmd_rules(struct cli *cli);
enum exit_status cmd_watch(struct cli *cli);
