/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For tests of lift: a rules file of a text. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "rules/read.h"

struct lifting {
	struct arena *arena;
	struct source_set sources;
	struct diag_list diags;
	struct rules_file *file;
};

static inline void lifting_of(struct lifting *l, const char *text)
{
	*l = (struct lifting){.arena = arena_new()};
	l->sources.arena = l->arena;
	l->diags.arena = l->arena;
	text = arena_strdup(l->arena, text);
	l->file = rules_read(
		l->arena, &l->sources,
		source_set_add(&l->sources, "test.rules", text, (uint32_t)strlen(text)), &l->diags);
	assert_int_equal(l->diags.errors, 0);
}
