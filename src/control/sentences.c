/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two policies compared, sentence by sentence. */
#include "control/sentences.h"

#include <inttypes.h>
#include <string.h>

#include "base/hash.h"
#include "lang/format.h"

struct line {
	const char *key;
	const char *text;
};

struct line_list {
	struct arena *arena;
	VEC(struct line) items;
};

static void names_format(const struct tree_name *names, uint32_t count, struct str_buf *out)
{
	for (uint32_t i = 0; i < count; i++)
		str_buf_addf(out, "%s%s", i ? ", " : "", names[i].text);
}

static void section_lines(struct line_list *lines, const struct tree_section *section)
{
	auto_str struct str_buf text = {0};
	size_t head;

	names_format(section->from.items, section->from.len, &text);
	str_buf_adds(&text, " -> ");
	names_format(section->to.items, section->to.len, &text);
	str_buf_adds(&text, ": ");
	head = text.len;
	vec_each (&section->sentences, sentence) {
		struct tree_sentence bare = *sentence;
		struct line *line = vec_add(lines->arena, &lines->items);

		bare.comments = NULL;
		text.len = head;
		format_sentence(&bare, &text);
		line->text = arena_strndup(lines->arena, text.data, text.len);
		line->key = line->text;
	}
}

/* A set from a file is another one when the file's text is. */
static uint64_t set_file_hash(const struct tree_set *set, const struct source_set *sources)
{
	const struct source *source = NULL;

	if (set->file_origin.source)
		source = source_set_get(sources, set->file_origin.source);
	return source ? hash_bytes(source->text, source->len, 0) : 0;
}

static void item_line(struct line_list *lines, const struct tree_item *item,
		      const struct source_set *sources)
{
	struct tree_item bare = *item;
	struct tree_file file = {0};
	auto_str struct str_buf text = {0};
	struct line *line = vec_add(lines->arena, &lines->items);
	size_t len;

	bare.comments = (struct tree_comments){0};
	file.items.items = &bare;
	file.items.len = 1;
	format_file(&file, &text);
	len = text.len;
	while (len && text.data[len - 1] == '\n')
		len--;
	line->text = arena_strndup(lines->arena, str_buf_text(&text), len);
	line->key = line->text;
	if (item->kind == TREE_SET && item->set->file) {
		line->key = arena_printf(lines->arena, "%s %016" PRIx64, line->text,
					 set_file_hash(item->set, sources));
		line->text = arena_printf(lines->arena, "%s (%u elements)", line->text,
					  (unsigned)item->set->elems.len);
	}
}

static void policy_lines(struct line_list *lines, const struct policy *policy,
			 const struct source_set *sources)
{
	vec_each (&policy->files, file) {
		vec_each (&(*file)->items, item) {
			if (item->kind == TREE_SECTION)
				section_lines(lines, item->section);
			else
				item_line(lines, item, sources);
		}
	}
}

/* Adds the lines that `other` does not have; a line that stands twice must be there twice. */
static void lines_missing(const struct line_list *lines, const struct line_list *other, bool added,
			  struct sentence_changes *ret)
{
	struct hash_index counts = {.arena = lines->arena};
	int is_new;

	vec_each (&other->items, line)
		*hash_index_put(&counts, line->key, (uint32_t)strlen(line->key), &is_new) += 1;
	vec_each (&lines->items, line) {
		uint32_t *count = hash_index_get(&counts, line->key, (uint32_t)strlen(line->key));

		if (count && *count) {
			*count -= 1;
			continue;
		}
		*vec_add(lines->arena, &ret->items) =
			(struct sentence_change){.added = added, .text = line->text};
	}
}

void sentences_compare(struct arena *arena, const struct policy *before,
		       const struct source_set *before_sources, const struct policy *after,
		       const struct source_set *after_sources, struct sentence_changes *ret)
{
	struct line_list was = {.arena = arena};
	struct line_list is = {.arena = arena};

	if (before)
		policy_lines(&was, before, before_sources);
	policy_lines(&is, after, after_sources);
	lines_missing(&was, &is, false, ret);
	lines_missing(&is, &was, true, ret);
}

uint32_t sentences_count(const struct policy *policy)
{
	uint32_t count = 0;

	vec_each (&policy->files, file) {
		vec_each (&(*file)->items, item) {
			if (item->kind == TREE_SECTION)
				count += tree_section_count(item->section);
		}
	}
	return count;
}
