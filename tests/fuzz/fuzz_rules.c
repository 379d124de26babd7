/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any text may be given to the reader of rules files.  Without a mistake it is printed as it was;
 * what was read of one with mistakes has none when it is printed, and is printed the same again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/replay.h"
#include "rules/print.h"
#include "rules/read.h"

/* The number of mistakes but a missing COMMIT: what has no COMMIT is read whole. */
static uint32_t print_again(struct arena *arena, const char *text, size_t len, struct str_buf *out)
{
	struct source_set sources = {.arena = arena};
	struct diag_list diags = {.arena = arena};
	uint16_t source = source_set_add(&sources, "fuzz", text, (uint32_t)len);
	struct rules_file *file = rules_read(arena, &sources, source, &diags);
	auto_str struct str_buf messages = {0};
	uint32_t mistakes = 0;

	diag_list_format(&diags, &sources, &messages);
	vec_each (&diags.items, diag)
		mistakes += (*diag)->code != DIAG_RULES_COMMIT;
	rules_print(file, out);
	return mistakes;
}

/* Told when the texts differ; their own lengths, as they may hold NUL bytes. */
static void must_be_same(const char *what, const struct str_buf *a, const char *b, size_t b_len)
{
	if (a->len == b_len && (b_len == 0 || memcmp(a->data, b, b_len) == 0))
		return;
	(void)fprintf(stderr, "%s\n--- printed\n%s\n--- wanted\n%.*s\n", what, str_buf_text(a),
		      (int)b_len, b);
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	const char *text = arena_strndup(arena, (const char *)data, size);
	auto_str struct str_buf first = {0};
	auto_str struct str_buf second = {0};
	uint32_t mistakes = print_again(arena, text, size, &first);

	if (mistakes == 0)
		must_be_same("no mistake, but not the same", &first, text, size);
	if (print_again(arena, str_buf_text(&first), first.len, &second) != 0) {
		(void)fprintf(stderr, "what was printed has a mistake\n%s\n", str_buf_text(&first));
		abort();
	}
	must_be_same("not the same when it is read again", &second, str_buf_text(&first),
		     first.len);
	return 0;
}
