/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exact diagnostics: for each NAME.policy of a folder, what is printed about it must be NAME.want.
 * Each file holds one mistake and is named for it; so each has one message with its notes.
 * --update rewrites NAME.want.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "lang/parse.h"

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
	const char *label = arena_printf(arena, "%s.policy", name);
	const char *in_path = arena_printf(arena, "%s/%s.policy", folder, name);
	const char *want_path = arena_printf(arena, "%s/%s.want", folder, name);
	struct source_set sources = {.arena = arena};
	struct diag_list diags = {.arena = arena};
	auto_str struct str_buf out = {0};
	struct err err = {0};
	char *text;
	char *want;
	uint32_t len;

	if (file_read(arena, in_path, FILE_ANY, LIMIT_POLICY_BYTES, &text, &len, &err) < 0)
		return check(name, "cannot read", "", err.text);
	(void)parse_file(arena, &sources, source_set_add(&sources, label, text, len), &diags);
	diag_list_format(&diags, &sources, &out);
	if (update && file_write_atomic(want_path, str_buf_text(&out), out.len, 0644, &err) < 0)
		return check(name, "cannot write", "", err.text);
	if (file_read(arena, want_path, FILE_ANY, LIMIT_POLICY_BYTES, &want, &len, &err) < 0)
		return check(name, "cannot read", "", err.text);
	if (diags.errors + diags.warnings != 1)
		return check(name, "one mistake, one message", "", str_buf_text(&out));
	return check(name, "message", want, str_buf_text(&out));
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
