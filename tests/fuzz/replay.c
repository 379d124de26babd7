/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gives a fuzzer the files of folders, and every beginning of the shorter ones. */
#include "fuzz/replay.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/str.h"

static void replay_file(const char *path)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct err err = {0};
	char *text;
	uint32_t len;

	if (file_read(arena, path, FILE_ANY, LIMIT_POLICY_BYTES, &text, &len, &err) < 0) {
		(void)fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
	(void)fprintf(stderr, "%s\n", path); /* the last one printed is the one that aborts */
	(void)LLVMFuzzerTestOneInput((const uint8_t *)text, len);
	/* Every beginning of it is a text, too. */
	for (uint32_t cut = 0; cut < len && len < 4096; cut++)
		(void)LLVMFuzzerTestOneInput((const uint8_t *)text, cut);
}

int main(int argc, char **argv)
{
	int done = 0;

	for (int i = 1; i < argc; i++) {
		struct dirent **names = NULL;
		int count = scandir(argv[i], &names, NULL, alphasort);

		for (int k = 0; k < count; k++) {
			auto_of(arena_free) struct arena *arena = arena_new();

			if (names[k]->d_name[0] != '.' && !str_ends(names[k]->d_name, ".want") &&
			    !str_ends(names[k]->d_name, ".c") &&
			    !str_ends(names[k]->d_name, ".build")) {
				replay_file(
					arena_printf(arena, "%s/%s", argv[i], names[k]->d_name));
				done++;
			}
			free(names[k]);
		}
		free((void *)names);
	}
	(void)printf("%d texts\n", done);
	return done == 0;
}
