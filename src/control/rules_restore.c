/* SPDX-License-Identifier: GPL-2.0-or-later */
/* iptables-restore. */
#include "control/rules_restore.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/program.h"

#define LOCK_WAIT_S "5"
#define RESTORE_TIMEOUT_MS 30000u

static const char *const family_names[RULES_FAMILIES] = {"IPv4", "IPv6"};

void restore_init(struct arena *arena, enum rules_family family, const struct rules_file *file,
		  const struct save *before, struct restore *ret)
{
	*ret = (struct restore){.family = family, .file = file, .before = before};
	rules_uses_of(arena, file, &ret->uses);
	rules_text_make(arena, file, &ret->uses, before, &ret->text);
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
		if (*core && all.len)
			str_buf_adds(&all, "; ");
		str_buf_add_visible(&all, core, strlen(core));
		line = next;
	}
	restore->refusal = arena_strdup(arena, all.len ? str_buf_text(&all) : "no reason is given");
	if (number && number <= restore->text.lines.len)
		restore->at = restore->text.lines.items[number - 1];
}

static int result_read(struct arena *arena, const struct program_run *run, struct restore *restore,
		       struct err *err)
{
	const char *family = family_names[restore->family];

	if (run->status == 0)
		return 0;
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

int restore_test(struct arena *arena, const struct rules_variant *variant, struct restore *restores,
		 uint32_t count, struct err *err)
{
	struct program_run runs[RULES_FAMILIES] = {0};
	const char *argv[RULES_FAMILIES][8];
	int r;

	for (uint32_t i = 0; i < count; i++) {
		const char *const words[] = {variant->restore[restores[i].family],
					     "-w",
					     LOCK_WAIT_S,
					     "-n",
					     "--test",
					     NULL};

		memcpy(argv[i], words, sizeof(words));
		runs[i] = (struct program_run){.argv = argv[i],
					       .input = str_buf_text(&restores[i].text.text),
					       .input_len = restores[i].text.text.len};
	}
	r = program_run_all(arena, runs, count, RESTORE_TIMEOUT_MS, err);
	for (uint32_t i = 0; i < count && r >= 0; i++)
		r = result_read(arena, &runs[i], &restores[i], err);
	return r;
}

static int text_load(struct arena *arena, const struct rules_variant *variant,
		     struct restore *restore, const struct str_buf *text, struct err *err)
{
	const char *argv[] = {variant->restore[restore->family], "-w", LOCK_WAIT_S, "-n", NULL};
	struct program_run run = {
		.argv = argv, .input = str_buf_text(text), .input_len = text->len};
	int r = program_run_all(arena, &run, 1, RESTORE_TIMEOUT_MS, err);

	return r < 0 ? r : result_read(arena, &run, restore, err);
}

int restore_load(struct arena *arena, const struct rules_variant *variant, struct restore *restore,
		 struct err *err)
{
	return text_load(arena, variant, restore, &restore->text.text, err);
}

int restore_put_back(struct arena *arena, const struct rules_variant *variant,
		     const struct restore *restore, struct err *err)
{
	auto_str struct str_buf text = {0};
	struct restore back = {.family = restore->family};

	rules_text_undo(arena, &restore->uses, restore->before, &text);
	return text_load(arena, variant, &back, &text, err);
}
