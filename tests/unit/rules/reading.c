/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For tests of rules files. */
#include "unit/rules/reading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "rules/print.h"
#include "rules/read.h"

void reading_of(struct reading *r, const char *text, uint32_t len)
{
	uint16_t source;

	*r = (struct reading){.arena = arena_new()};
	r->sources.arena = r->arena;
	r->diags.arena = r->arena;
	source = source_set_add(&r->sources, "test", text, len);
	r->file = rules_read(r->arena, &r->sources, source, &r->diags);
}

static void assert_no_mistake(const struct reading *r)
{
	auto_str struct str_buf messages = {0};

	if (r->diags.errors + r->diags.warnings == 0)
		return;
	diag_list_format(&r->diags, &r->sources, &messages);
	print_error("%s", str_buf_text(&messages));
	fail();
}

const struct rules_line *reading_rule(struct reading *r, const char *rule)
{
	auto_str struct str_buf text = {0};
	const struct rules_line *line;

	str_buf_addf(&text, "*filter\n%s\nCOMMIT\n", rule);
	reading_of(r, text.data, (uint32_t)text.len);
	assert_no_mistake(r);
	assert_int_equal(r->file->lines.len, 3);
	line = &r->file->lines.items[1];
	assert_int_equal(line->kind, RULES_COMMAND);
	assert_string_equal(line->table, "filter");
	return line;
}

void assert_same_when_printed(const char *text, uint32_t len)
{
	auto_str struct str_buf out = {0};
	struct reading r;

	reading_of(&r, text, len);
	assert_no_mistake(&r);
	rules_print(r.file, &out);
	assert_int_equal(out.len, len);
	assert_memory_equal(str_buf_text(&out), text, len);
	arena_free(r.arena);
}
