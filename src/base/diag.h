/*
 * What is wrong, or doubtful, in the user's text: spans, carets, notes and a stable code.
 *
 *	web.policy:4:17: error: port range 9-8 is empty [E0203]
 *		allow tcp 9-8 from @office
 *		          ^~~
 * Wording: lower-case start, no full stop, the offending word in single quotes, what was
 * expected, then what would be right.  The codes are listed in diag_codes.def; the manual has an
 * entry for each, a test compares the two.
 */
#pragma once

#include "base/arena.h"
#include "base/source.h"
#include "base/vec.h"

enum diag_code {
#define DIAG(name, code, title) DIAG_##name,
#include "base/diag_codes.def"
#undef DIAG
	DIAG_CODE_COUNT
};

enum diag_level { DIAG_LEVEL_ERROR, DIAG_LEVEL_WARNING };

struct diag_note {
	struct origin at; /* zero: a note without a place */
	const char *text;
};

struct diag {
	enum diag_level level;
	enum diag_code code;
	struct origin at;
	const char *text;
	VEC(struct diag_note) notes;
	struct arena *arena;
};

struct diag_list {
	struct arena *arena;
	VEC(struct diag *) items;
	uint32_t errors;
	uint32_t warnings;
	struct diag *dropped; /* stands in for those that are counted only */
};

/* A second error at the same span with the same code is dropped (each mistake once). */
__attribute__((format(printf, 4, 5))) struct diag *
diag_error(struct diag_list *diags, struct origin at, enum diag_code code, const char *fmt, ...);
__attribute__((format(printf, 4, 5))) struct diag *
diag_warning(struct diag_list *diags, struct origin at, enum diag_code code, const char *fmt, ...);
__attribute__((format(printf, 3, 4))) void diag_note(struct diag *diag, struct origin at,
						     const char *fmt, ...);
/*
 * What is wrong in a text that others wrote and that is left out for it: each error of `from`
 * becomes a warning of `to`, with that code.  Warnings of `from` are kept only without errors.
 */
void diag_list_demote(const struct diag_list *from, struct diag_list *to, enum diag_code code);
const char *diag_code_text(enum diag_code code);  /* "E0104" */
const char *diag_code_title(enum diag_code code); /* "unknown service" */
/* Sorted by source and place; a note at the very place of its message shows no line of its own; at
 * most LIMIT_DIAGNOSTICS, the rest is counted in a last line. */
void diag_list_format(const struct diag_list *diags, const struct source_set *sources,
		      struct str_buf *out);
