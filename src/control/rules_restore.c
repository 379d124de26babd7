/* SPDX-License-Identifier: GPL-2.0-or-later */
/* iptables-restore. */
#include "control/rules_restore.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/program.h"

#define COMMIT "COMMIT"
#define LOCK_WAIT_S "5"
#define RESTORE_TIMEOUT_MS 30000u
#define COMPLAINT_BYTES 100u /* of what it says; one refusal brings one line for each rule */

static const char *const family_names[RULES_FAMILIES] = {"IPv4", "IPv6"};

void restore_init(struct arena *arena, enum rules_family family, const struct rules_file *file,
		  const struct save *before, const struct rules_added_list *added,
		  struct restore *ret)
{
	*ret = (struct restore){.family = family, .file = file, .before = before, .added = added};
	rules_uses_of(arena, file, before, added, &ret->uses);
	rules_text_make(arena, file, &ret->uses, before, added, &ret->text);
}

void restore_done(struct restore *restore)
{
	rules_text_done(&restore->text);
}

/* The number behind "line", in any of the ways that iptables-restore writes it; 0: none. */
static uint32_t line_number(const char *text)
{
	const char *at = strstr(text, "line");
	uint32_t number;

	if (!at)
		return 0;
	at += strlen("line");
	at += strspn(at, ": ");
	return str_parse_u32(at, strspn(at, "0123456789"), 1, UINT32_MAX, &number) ? number : 0;
}

/* What is left of a line of its complaint when the program's name is taken off; "" is nothing. */
static const char *complaint_core(const char *line)
{
	const char *colon = strstr(line, "): ");

	if (str_starts(line, "Try `") || str_starts(line, "Error occurred at line"))
		return "";
	if (str_starts(line, "line ") && strchr(line, ':'))
		return strchr(line, ':') + strspn(strchr(line, ':'), ": ");
	if (!str_starts(line, "ip"))
		return line;
	if (colon)
		return colon + strlen("): ");
	colon = strstr(line, "restore: ");
	return colon ? colon + strlen("restore: ") : line;
}

/* "Chain 'X' does not exist" is told at COMMIT: the rule that leads there is meant. */
static void missing_chain_find(struct arena *arena, struct restore *restore)
{
	const char *name = strstr(restore->refusal, "Chain '");
	const char *end = name ? strstr(name, "' does not exist") : NULL;

	if (!end)
		return;
	name += strlen("Chain '");
	name = arena_strndup(arena, name, (size_t)(end - name));
	vec_each (&restore->file->lines, line) {
		const char *jump;

		if (line->kind != RULES_COMMAND)
			continue;
		jump = rules_option_value(line->command, "-j");
		if (!jump)
			jump = rules_option_value(line->command, "-g");
		if (!jump || !str_eq(jump, name))
			continue;
		restore->at = line->origin;
		return;
	}
}

/* Turns what it wrote on stderr into one line, and finds the line of text that it speaks of. */
static void complaint_read(struct arena *arena, char *complaint, struct restore *restore)
{
	auto_str struct str_buf all = {0};
	uint32_t number = 0;

	for (char *line = complaint; *line;) {
		char *end = line + strcspn(line, "\n");
		char *next = *end ? end + 1 : end;
		const char *core;

		*end = '\0';
		if (!number)
			number = line_number(line);
		core = complaint_core(line);
		if (*core && all.len < COMPLAINT_BYTES) {
			if (all.len)
				str_buf_adds(&all, "; ");
			str_buf_add_visible(&all, core, strlen(core));
		}
		line = next;
	}
	restore->refusal = arena_strdup(arena, all.len ? str_buf_text(&all) : "no reason is given");
	if (number && number <= restore->text.lines.len)
		restore->at = restore->text.lines.items[number - 1];
	if (restore->file)
		missing_chain_find(arena, restore);
}

/* A crash; -R behind -A of the same chain makes iptables-nft-restore 1.8.9 do so. */
static int crash_read(const struct program_run *run, struct restore *restore, struct err *err)
{
	const struct rules_line *replaces = NULL;

	if (restore->file) {
		vec_each (&restore->file->lines, line) {
			if (!replaces && line->kind == RULES_COMMAND &&
			    line->command->verb == RULES_REPLACE)
				replaces = line;
		}
	}
	if (replaces) {
		restore->at = replaces->origin;
		restore->refusal = "it crashes at '-R' behind '-A'; write the rule in its place "
				   "instead";
	}
	return err_set(err, -EINVAL,
		       "iptables-restore crashed on the %s rules (signal %d), which is a fault of "
		       "its own; the old rules are still in force: take out what you changed last, "
		       "or upgrade iptables",
		       family_names[restore->family], run->status - PROGRAM_SIGNALLED);
}

static int result_read(struct arena *arena, const struct program_run *run, struct restore *restore,
		       struct err *err)
{
	const char *family = family_names[restore->family];

	if (run->status == 0)
		return 0;
	if (run->status > PROGRAM_SIGNALLED)
		return crash_read(run, restore, err);
	if (strstr(run->complaint, "xtables lock"))
		return err_set(err, -EBUSY,
			       "somebody holds the lock of iptables (/run/xtables.lock) for longer "
			       "than " LOCK_WAIT_S
			       " seconds; the old rules are still in force: look "
			       "with 'fuser -v /run/xtables.lock', then try again");
	if (strstr(run->complaint, "Permission denied"))
		return err_set(err, -EPERM, "no permission to load rules; run wharfwall as root");
	complaint_read(arena, run->complaint, restore);
	if (strstr(restore->refusal, "Operation not permitted") ||
	    strstr(restore->refusal, "is incompatible"))
		return err_set(err, -EACCES,
			       "the kernel does not let iptables change its tables for %s: another "
			       "program owns them, or filled them with what iptables does not know "
			       "(%s); the old rules are still in force, 'nft list tables' shows "
			       "the owner's flag",
			       family, restore->refusal);
	return err_set(err, -EINVAL, "iptables-restore refuses the %s rules: %s", family,
		       restore->refusal);
}

/*
 * iptables-nft ends a test by aborting a transaction, for which the kernel makes everybody wait as
 * long as for a load.  Without the last COMMIT it reads all and says nothing but that this line is
 * missing; what only the kernel can refuse is found by the load, which changes nothing then.
 */
static bool lacks_commit_only(const struct program_run *run)
{
	const char *end = strchr(run->complaint, '\n');

	return run->status != 0 && strstr(run->complaint, "COMMIT expected at line") && end &&
	       !end[1];
}

static size_t test_len(const struct rules_variant *variant, const struct str_buf *text)
{
	bool cut =
		!str_eq(variant->name, "legacy") && str_ends(str_buf_text(text), "\n" COMMIT "\n");

	return cut ? text->len - strlen(COMMIT "\n") : text->len;
}

/* Every family at once: they share nothing but a lock, which each waits for. */
static int all_run(struct arena *arena, const struct rules_variant *variant,
		   struct restore *restores, uint32_t count, bool test, struct err *err)
{
	struct program_run runs[RULES_FAMILIES] = {0};
	const char *argv[RULES_FAMILIES][6];
	int first = 0;
	int r;

	for (uint32_t i = 0; i < count; i++) {
		const char *const words[] = {variant->restore[restores[i].family],
					     "-w",
					     LOCK_WAIT_S,
					     "-n",
					     test ? "--test" : NULL,
					     NULL};

		memcpy(argv[i], words, sizeof(words));
		runs[i] = (struct program_run){.argv = argv[i],
					       .input = str_buf_text(&restores[i].text.text),
					       .input_len = restores[i].text.text.len};
		if (test)
			runs[i].input_len = test_len(variant, &restores[i].text.text);
	}
	r = program_run_all(arena, runs, count, RESTORE_TIMEOUT_MS, err);
	/* who was ended at the deadline may have loaded them before, the other family as well */
	for (uint32_t i = 0; i < count && r < 0; i++)
		restores[i].is_loaded = !test;
	if (r < 0)
		return r;
	for (uint32_t i = 0; i < count; i++) {
		if (test && lacks_commit_only(&runs[i]))
			continue;
		r = result_read(arena, &runs[i], &restores[i], first < 0 ? NULL : err);
		/* who crashed may have loaded them before */
		restores[i].is_loaded = !test && (r >= 0 || runs[i].status > PROGRAM_SIGNALLED);
		first = first < 0 ? first : r;
	}
	return first;
}

int restore_test(struct arena *arena, const struct rules_variant *variant, struct restore *restores,
		 uint32_t count, struct err *err)
{
	return all_run(arena, variant, restores, count, true, err);
}

int restore_load(struct arena *arena, const struct rules_variant *variant, struct restore *restores,
		 uint32_t count, struct err *err)
{
	return all_run(arena, variant, restores, count, false, err);
}

int restore_put_back(struct arena *arena, const struct rules_variant *variant,
		     const struct restore *restore, struct err *err)
{
	struct restore back = {.family = restore->family};
	int r;

	rules_text_undo(arena, &restore->uses, restore->before, &back.text.text);
	r = all_run(arena, variant, &back, 1, false, err);
	restore_done(&back);
	return r < 0 ? r : restore_verify_back(arena, variant, restore, err);
}
