/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Canonical form: for each NAME.policy of a folder, what format_file() prints of it must be
 * NAME.want, and what it prints of that must be the same again.  --update rewrites NAME.want.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "lang/format.h"
#include "lang/parse.h"

static bool print_canonical(const char *name, const char *text, uint32_t len, struct str_buf *out)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct source_set sources = {.arena = arena};
	struct diag_list diags = {.arena = arena};
	uint16_t source = source_set_add(&sources, name, text, len);
	struct tree_file *file = parse_file(arena, &sources, source, &diags);
	auto_str struct str_buf messages = {0};

	format_file(file, out);
	if (diags.errors == 0)
		return true;
	diag_list_format(&diags, &sources, &messages);
	(void)fputs(str_buf_text(&messages), stdout);
	return false;
}

static bool check(const char *name, const char *what, const char *want, const char *is)
{
	if (str_eq(want, is))
		return true;
	(void)printf("not ok %s: %s\n--- want\n%s--- is\n%s", name, what, want, is);
	return false;
}

static bool run(const char *folder, const char *name, bool update)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	const char *in_path = arena_printf(arena, "%s/%s.policy", folder, name);
	const char *want_path = arena_printf(arena, "%s/%s.want", folder, name);
	auto_str struct str_buf first = {0};
	auto_str struct str_buf second = {0};
	struct err err = {0};
	char *text;
	char *want;
	uint32_t len;

	if (file_read(arena, in_path, FILE_ANY, LIMIT_POLICY_BYTES, &text, &len, &err) < 0)
		return check(name, "cannot read", "", err.text);
	if (!print_canonical(name, text, len, &first) ||
	    !print_canonical(name, str_buf_text(&first), (uint32_t)first.len, &second))
		return check(name, "must be a policy", "", str_buf_text(&first));
	if (update && file_write_atomic(want_path, str_buf_text(&first), first.len, 0644, &err) < 0)
		return check(name, "cannot write", "", err.text);
	if (file_read(arena, want_path, FILE_ANY, LIMIT_POLICY_BYTES, &want, &len, &err) < 0)
		return check(name, "cannot read", "", err.text);
	return check(name, "in -> out", want, str_buf_text(&first)) &&
	       check(name, "out -> out", str_buf_text(&first), str_buf_text(&second));
}

int main(int argc, char **argv)
{
	bool update = argc > 2 && str_eq(argv[2], "--update");
	struct dirent **names = NULL;
	int failed = 0;
	int done = 0;
	int count;

	if (argc < 2)
		return 2;
	count = scandir(argv[1], &names, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		char *dot = strrchr(names[i]->d_name, '.');

		if (dot && str_eq(dot, ".policy")) {
			*dot = '\0';
			failed += !run(argv[1], names[i]->d_name, update);
			done++;
		}
		free(names[i]);
	}
	free((void *)names);
	(void)printf("%d policies, %d failed\n", done, failed);
	return failed > 0 || done == 0;
}
