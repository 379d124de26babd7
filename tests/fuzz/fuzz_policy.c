/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any text may be given to the readers; what they could read, printed and read again, must print
 * the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/replay.h"
#include "lang/format.h"
#include "lang/parse.h"

static uint32_t print_again(struct arena *arena, const char *text, size_t len, struct str_buf *out)
{
	struct source_set sources = {.arena = arena};
	struct diag_list diags = {.arena = arena};
	uint16_t source = source_set_add(&sources, "fuzz", text, (uint32_t)len);
	struct tree_file *file = parse_file(arena, &sources, source, &diags);
	auto_str struct str_buf messages = {0};

	diag_list_format(&diags, &sources, &messages);
	format_file(file, out);
	return diags.errors;
}

static void read_otherwise(struct arena *arena, const char *text, size_t len)
{
	struct source_set sources = {.arena = arena};
	struct diag_list diags = {.arena = arena};
	uint16_t source = source_set_add(&sources, "fuzz", text, (uint32_t)len);
	struct tree_sentence *sentence = parse_sentence(arena, &sources, source, &diags);
	struct tree_set set = {0};
	auto_str struct str_buf out = {0};

	if (sentence)
		format_sentence(sentence, &out);
	if (!sentence && diags.errors == 0)
		abort();
	parse_set_file(arena, &sources, source, &set, &diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	const char *text = arena_strndup(arena, (const char *)data, size);
	auto_str struct str_buf first = {0};
	auto_str struct str_buf second = {0};
	uint32_t errors = print_again(arena, text, size, &first);

	/* Of a wrong text the tree is what could be read; that is a policy too, if not empty names.
	 */
	if (errors == 0) {
		if (print_again(arena, str_buf_text(&first), first.len, &second) != 0 ||
		    !str_eq(str_buf_text(&first), str_buf_text(&second))) {
			(void)fprintf(stderr, "--- once\n%s--- twice\n%s", str_buf_text(&first),
				      str_buf_text(&second));
			abort();
		}
	}
	read_otherwise(arena, text, size);
	return 0;
}
