/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The drop-in file of the command line. */
#include "control/dropin.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "lang/format.h"
#include "lang/parse.h"

#define DROPIN_MODE 0600
#define DROPIN_DIR_MODE 0755
static const char dropin_head[] = "# Written by 'wharfwall allow', 'deny' and 'reject'; asked "
				  "before the policy, from top to bottom.\n";

int dropin_read(struct arena *arena, const char *path, struct dropin *ret, struct err *err)
{
	int r;

	*ret = (struct dropin){.path = path};
	r = file_read(arena, path, FILE_PRIVATE, LIMIT_POLICY_BYTES, &ret->old_text, &ret->old_len,
		      err);
	if (r != -ENOENT)
		return r;
	if (err)
		*err = (struct err){0};
	ret->old_text = NULL;
	ret->old_len = 0;
	return 0;
}

static struct tree_item *section_find(struct tree_file *file, const struct dropin_edit *edit)
{
	vec_each (&file->items, item) {
		const struct tree_section *section = item->section;

		if (item->kind != TREE_SECTION || section->from.len != 1 || section->to.len != 1)
			continue;
		if (str_eq(section->from.items[0].text, edit->from) &&
		    str_eq(section->to.items[0].text, edit->to))
			return item;
	}
	return NULL;
}

/* The same words behind the verb; with `any_verb` the verb does not matter. */
static bool sentence_same(const struct tree_sentence *a, const struct tree_sentence *b,
			  bool any_verb)
{
	struct tree_sentence bare_a = *a;
	struct tree_sentence bare_b = *b;
	auto_str struct str_buf text_a = {0};
	auto_str struct str_buf text_b = {0};

	bare_a.comments = NULL;
	bare_b.comments = NULL;
	if (any_verb)
		bare_a.verb = bare_b.verb;
	format_sentence(&bare_a, &text_a);
	format_sentence(&bare_b, &text_b);
	return str_eq(str_buf_text(&text_a), str_buf_text(&text_b));
}

/* Returns how many were taken out. */
static uint32_t section_remove(struct tree_section *section, const struct tree_sentence *sentence,
			       bool any_verb)
{
	uint32_t kept = 0;
	uint32_t had = section->sentences.len;

	for (uint32_t i = 0; i < had; i++) {
		if (!sentence_same(&section->sentences.items[i], sentence, any_verb))
			section->sentences.items[kept++] = section->sentences.items[i];
	}
	section->sentences.len = kept;
	return had - kept;
}

/* "default" has to stay the first sentence of its section. */
static void section_put_on_top(struct arena *arena, struct tree_section *section,
			       const struct tree_sentence *sentence)
{
	uint32_t at = 0;

	(void)vec_add(arena, &section->sentences);
	while (at + 1 < section->sentences.len && section->sentences.items[at].is_default)
		at++;
	memmove(&section->sentences.items[at + 1], &section->sentences.items[at],
		sizeof(*sentence) * (section->sentences.len - 1 - at));
	section->sentences.items[at] = *sentence;
}

static const char **comments_join(struct arena *arena, const char **first, const char **second)
{
	VEC(const char *) all = {0};

	for (uint32_t i = 0; first && first[i]; i++)
		*vec_add(arena, &all) = first[i];
	for (uint32_t i = 0; second && second[i]; i++)
		*vec_add(arena, &all) = second[i];
	if (!all.len)
		return NULL;
	*vec_add(arena, &all) = NULL;
	return all.items;
}

/* An empty section still names its pair, which closes an open one: it has to go as a whole. */
static void section_drop(struct arena *arena, struct tree_file *file, struct tree_item *item)
{
	const char **comments =
		comments_join(arena, item->comments.before, item->section->comments_at_end);
	uint32_t at = (uint32_t)(item - file->items.items);

	memmove(item, item + 1, sizeof(*item) * (file->items.len - 1 - at));
	file->items.len--;
	if (at < file->items.len)
		item->comments.before = comments_join(arena, comments, item->comments.before);
	else
		file->comments_at_end = comments_join(arena, comments, file->comments_at_end);
}

static struct tree_file *text_parse(struct arena *arena, const struct dropin *dropin,
				    const char *text, size_t len, struct source_set *sources,
				    struct diag_list *diags)
{
	uint16_t source = source_set_add(sources, dropin->path, text, (uint32_t)len);
	struct tree_file *file = parse_file(arena, sources, source, diags);

	return diags->errors ? NULL : file;
}

/* The file with a section for the edit, which is added at the end if there is none. */
static struct tree_file *file_with_section(struct arena *arena, const struct dropin *dropin,
					   const struct dropin_edit *edit,
					   struct source_set *sources, struct diag_list *diags)
{
	const char *old = dropin->old_text ? dropin->old_text : dropin_head;
	size_t old_len = dropin->old_text ? dropin->old_len : strlen(dropin_head);
	struct tree_file *file = text_parse(arena, dropin, old, old_len, sources, diags);
	char *text;

	if (!file || edit->remove || section_find(file, edit))
		return file;
	text = arena_printf(arena, "%.*s\n%s -> %s {\n}\n", (int)old_len, old, edit->from,
			    edit->to);
	return text_parse(arena, dropin, text, strlen(text), sources, diags);
}

const char *dropin_text(struct arena *arena, const struct dropin *dropin,
			const struct dropin_edit *edit, struct source_set *sources,
			struct diag_list *diags)
{
	struct tree_file *file = file_with_section(arena, dropin, edit, sources, diags);
	struct tree_item *item = file ? section_find(file, edit) : NULL;
	auto_str struct str_buf out = {0};
	uint32_t removed;

	if (!item)
		return NULL;
	removed = section_remove(item->section, edit->sentence, !edit->remove);
	if (edit->remove && !removed)
		return NULL;
	if (!edit->remove)
		section_put_on_top(arena, item->section, edit->sentence);
	else if (!item->section->sentences.len)
		section_drop(arena, file, item);
	format_file(file, &out);
	return arena_strdup(arena, str_buf_text(&out));
}

int dropin_write(const struct dropin *dropin, const char *text, struct err *err)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	const char *slash = strrchr(dropin->path, '/');
	int r;

	if (slash) {
		r = file_make_dir(
			arena_strndup(arena, dropin->path, (size_t)(slash - dropin->path)),
			DROPIN_DIR_MODE, err);
		if (r < 0)
			return r;
	}
	return file_write_atomic(dropin->path, text, strlen(text), DROPIN_MODE, err);
}

static bool is_as_it_was(const struct dropin *dropin)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct dropin now;

	if (dropin_read(arena, dropin->path, &now, NULL) < 0 || !now.old_text != !dropin->old_text)
		return false;
	return !now.old_text || (now.old_len == dropin->old_len &&
				 memcmp(now.old_text, dropin->old_text, now.old_len) == 0);
}

int dropin_restore(const struct dropin *dropin, struct err *err)
{
	if (is_as_it_was(dropin))
		return 0;
	if (dropin->old_text)
		return file_write_atomic(dropin->path, dropin->old_text, dropin->old_len,
					 DROPIN_MODE, err);
	if (unlink(dropin->path) < 0 && errno != ENOENT)
		return err_errno(err, "cannot remove '%s'", dropin->path);
	return 0;
}
