/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Follows includes and set files. */
#include "lang/load.h"

#include <errno.h>
#include <string.h>

#include "base/limits.h"
#include "lang/parse.h"

struct loaded {
	const char *identity;
	struct origin include_at; /* the include that named it */
	bool open;		  /* its includes are being read */
};

struct loading {
	struct arena *arena;
	struct source_set *sources;
	const struct load_reader *reader;
	struct policy *policy;
	struct diag_list *diags;
	VEC(struct loaded) loaded;
	uint32_t file_count;
	uint32_t sentence_count;
	bool full; /* a limit was passed and reported: nothing more is read */
};

/* Relative to the folder of the file that names it. */
static const char *resolve_name(struct loading *load, const char *base, const char *name)
{
	const char *slash = strrchr(base, '/');

	if (name[0] == '/' || !slash)
		return name;
	return arena_printf(load->arena, "%.*s/%s", (int)(slash - base), base, name);
}

static void note_remedy(struct diag *diag, int error, bool top)
{
	const char *text = NULL;

	switch (-error) {
	case ENOENT:
		text = top ? "'wharfwall init' writes a first policy"
			   : "a pattern like \"conf.d/*.policy\" may match no file";
		break;
	case EACCES:
		text = "it can be read by root only: run wharfwall as root";
		break;
	case EPERM:
		text = "it must belong to root and be writable by nobody else: chown root FILE; "
		       "chmod go-w FILE";
		break;
	case EISDIR:
		text = "files of a folder are named by a pattern: \"conf.d/*.policy\"";
		break;
	default:
		return;
	}
	diag_note(diag, (struct origin){0}, "%s", text);
}

static void report_unreadable(struct loading *load, struct origin at, const char *path, int error,
			      const char *reason)
{
	enum diag_code code = error == -EPERM	? DIAG_UNSAFE_FILE
			      : error == -EFBIG ? DIAG_TOO_LARGE
						: DIAG_CANNOT_READ;
	struct diag *diag;

	if (reason[0] == '\0')
		reason = strerror(-error);
	/* The reader's sentence may name the file already. */
	if (strstr(reason, path))
		diag = diag_error(load->diags, at, code, "%s", reason);
	else
		diag = diag_error(load->diags, at, code, "cannot read '%s': %s", path, reason);
	if (diag)
		note_remedy(diag, error, at.source == 0);
}

/* Returns the number of the source, 0 if it was reported. */
static uint16_t read_source(struct loading *load, const char *path, struct origin at)
{
	char reason[256] = "";
	char *text = NULL;
	uint32_t len = 0;
	int error;

	if (load->full)
		return 0;
	if (++load->file_count > LIMIT_POLICY_FILES) {
		load->full = true;
		(void)diag_error(load->diags, at, DIAG_TOO_MANY, "more than %u files in one policy",
				 LIMIT_POLICY_FILES);
		return 0;
	}
	error = load->reader->read(load->reader->data, load->arena, path, &text, &len, reason);
	if (error < 0) {
		report_unreadable(load, at, path, error, reason);
		return 0;
	}
	if (len > LIMIT_POLICY_BYTES) {
		(void)diag_error(load->diags, at, DIAG_TOO_LARGE, "'%s' is larger than %u MiB",
				 path, LIMIT_POLICY_BYTES / (1024 * 1024));
		return 0;
	}
	return source_set_add(load->sources, path, text, len);
}

static struct loaded *find_loaded(struct loading *load, const char *identity)
{
	vec_each (&load->loaded, loaded) {
		if (str_eq(loaded->identity, identity))
			return loaded;
	}
	return NULL;
}

static const char *identity_of(struct loading *load, const char *path)
{
	const char *identity = load->reader->identity(load->reader->data, load->arena, path);

	return identity ? identity : path;
}

static void report_cycle(struct loading *load, struct origin at, const char *path,
			 const struct loaded *loaded)
{
	struct diag *diag = diag_error(load->diags, at, DIAG_INCLUDE_CYCLE,
				       "'%s' is included while it is being read", path);

	if (diag && loaded->include_at.source != 0)
		diag_note(diag, loaded->include_at, "it was included here before");
	else if (diag)
		diag_note(diag, (struct origin){0}, "it is the file that reading started with");
}

static void load_set(struct loading *load, const char *base, struct tree_set *set)
{
	const char *path = resolve_name(load, base, set->file);
	const struct loaded *loaded = find_loaded(load, identity_of(load, path));
	uint16_t source;

	if (loaded && loaded->open) {
		report_cycle(load, set->file_at, path, loaded);
		return;
	}
	source = read_source(load, path, set->file_at);
	if (source != 0)
		parse_set_file(load->arena, load->sources, source, set, load->diags);
}

static struct tree_file *load_file(struct loading *load, const char *path, struct origin at,
				   uint32_t depth);

static void load_one(struct loading *load, const char *path, struct tree_include *include,
		     uint32_t depth)
{
	struct tree_file *file = load_file(load, path, include->pattern.at, depth);

	if (file)
		*vec_add(load->arena, &include->files) = file;
}

static void load_include(struct loading *load, const char *base, struct tree_include *include,
			 uint32_t depth)
{
	const char *pattern = resolve_name(load, base, include->pattern.text);
	char **paths = NULL;
	uint32_t count = 0;
	struct diag *diag;
	int error;

	if (depth >= LIMIT_INCLUDE_DEPTH) {
		diag = diag_error(load->diags, include->pattern.at, DIAG_INCLUDE_DEPTH,
				  "includes are nested more than %u deep", LIMIT_INCLUDE_DEPTH);
		(void)diag;
		return;
	}
	/* A name without a pattern must be there, and says why it is not. */
	if (!strpbrk(pattern, "*?[")) {
		load_one(load, pattern, include, depth + 1);
		return;
	}
	error = load->reader->glob(load->reader->data, load->arena, pattern, &paths, &count);
	if (error < 0) {
		report_unreadable(load, include->pattern.at, pattern, error, "");
		return;
	}
	if (count == 0)
		(void)diag_warning(load->diags, include->pattern.at, DIAG_EMPTY_INCLUDE,
				   "no file matches '%s'", pattern);
	for (uint32_t i = 0; i < count && !load->full; i++)
		load_one(load, paths[i], include, depth + 1);
}

static void count_sentences(struct loading *load, const struct tree_item *item)
{
	uint32_t count = tree_section_count(item->section);
	bool was_full = load->sentence_count > LIMIT_SENTENCES;

	load->sentence_count += count;
	if (load->sentence_count <= LIMIT_SENTENCES || was_full)
		return;
	load->full = true;
	(void)diag_error(load->diags, item->at, DIAG_TOO_MANY,
			 "more than %u sentences in one policy", LIMIT_SENTENCES);
}

static void load_items(struct loading *load, const char *path, struct tree_file *file,
		       uint32_t depth)
{
	vec_each (&file->items, item) {
		if (load->full)
			return;
		switch ((enum tree_item_kind)item->kind) {
		case TREE_SET:
			if (item->set->file)
				load_set(load, path, item->set);
			break;
		case TREE_INCLUDE:
			load_include(load, path, item->include, depth);
			break;
		case TREE_SECTION:
			count_sentences(load, item);
			break;
		case TREE_ZONE:
		case TREE_OPTION:
			break;
		}
	}
}

/* NULL if it cannot be read, or was read before. */
static struct tree_file *load_file(struct loading *load, const char *path, struct origin at,
				   uint32_t depth)
{
	const char *identity = identity_of(load, path);
	const struct loaded *before = find_loaded(load, identity);
	uint32_t index = load->loaded.len;
	struct tree_file *file;
	uint16_t source;

	if (before) {
		if (before->open)
			report_cycle(load, at, path, before);
		return NULL;
	}
	source = read_source(load, path, at);
	if (source == 0)
		return NULL;
	*vec_add(load->arena, &load->loaded) =
		(struct loaded){.identity = identity, .include_at = at, .open = true};
	file = (load->reader->pack ? parse_file_packed : parse_file)(load->arena, load->sources,
								     source, load->diags);
	*vec_add(load->arena, &load->policy->files) = file;
	load_items(load, path, file, depth);
	load->loaded.items[index].open = false;
	return file;
}

bool load_policy(struct arena *arena, struct source_set *sources, const struct load_reader *reader,
		 const char *path, struct policy *policy, struct diag_list *diags)
{
	struct loading load = {.arena = arena,
			       .sources = sources,
			       .reader = reader,
			       .policy = policy,
			       .diags = diags};
	uint32_t errors = diags->errors;

	*policy = (struct policy){0};
	(void)load_file(&load, path, (struct origin){0}, 0);
	return diags->errors == errors;
}
