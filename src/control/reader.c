/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader of policy text. */
#include "control/reader.h"

#include <errno.h>
#include <fnmatch.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"

static void file_note(struct reader *reader, const char *path, const char *text, uint32_t len)
{
	struct control_load *load = reader->load;

	*vec_add(load->arena, &load->files) = (struct control_file){
		.path = arena_strdup(load->arena, path), .text = text, .len = len};
}

static const struct control_file *snapshot_file(const struct control_snapshot *snapshot,
						const char *path)
{
	vec_each (&snapshot->files, file) {
		if (str_eq(file->path, path))
			return file;
	}
	return NULL;
}

/* The text that stands for `path`; *ret_file NULL: the file system is asked. */
static int kept_file(const struct reader *reader, const char *path,
		     const struct control_file **ret_file, char reason[256])
{
	const struct control_file *file = NULL;

	if (reader->snapshot) {
		file = snapshot_file(reader->snapshot, path);
		if (!file) {
			(void)str_copy(reason, 256, "not among the texts that were kept");
			return -ENOENT;
		}
	} else if (reader->draft && str_eq(reader->draft->path, path)) {
		file = reader->draft;
	}
	if (file && !file->text) {
		(void)str_copy(reason, 256, strerror(ENOENT));
		return -ENOENT;
	}
	*ret_file = file;
	return 0;
}

static int reader_read(void *data, struct arena *arena, const char *path, char **ret_text,
		       uint32_t *ret_len, char reason[256])
{
	struct reader *reader = data;
	/* Texts outlive the tree: messages are printed from them. */
	struct arena *kept = reader->load->arena;
	const struct control_file *file = NULL;
	struct err err = {0};
	int r;

	(void)arena;
	r = kept_file(reader, path, &file, reason);
	if (r < 0)
		return r;
	if (file) {
		*ret_text = arena_memdup(kept, file->text, (size_t)file->len + 1);
		*ret_len = file->len;
	} else {
		r = file_read(kept, path, FILE_PRIVATE, LIMIT_POLICY_BYTES, ret_text, ret_len,
			      &err);
		if (r < 0) {
			(void)str_copy(reason, 256, err.text);
			return r;
		}
	}
	file_note(reader, path, *ret_text, *ret_len);
	return 0;
}

static int path_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

struct path_list {
	VEC(char *) items;
};

static int glob_system(const struct reader *reader, struct arena *arena, const char *pattern,
		       struct path_list *paths)
{
	const struct control_file *draft = reader->draft;
	glob_t found = {0};
	int r = glob(pattern, GLOB_NOSORT, NULL, &found);

	if (r != 0 && r != GLOB_NOMATCH) {
		globfree(&found);
		return r == GLOB_NOSPACE ? -ENOMEM : -EIO;
	}
	for (size_t i = 0; i < found.gl_pathc && i < LIMIT_POLICY_FILES; i++) {
		if (!draft || !str_eq(draft->path, found.gl_pathv[i]))
			*vec_add(arena, &paths->items) = arena_strdup(arena, found.gl_pathv[i]);
	}
	globfree(&found);
	if (draft && draft->text && fnmatch(pattern, draft->path, FNM_PATHNAME | FNM_PERIOD) == 0)
		*vec_add(arena, &paths->items) = arena_strdup(arena, draft->path);
	return 0;
}

static int reader_glob(void *data, struct arena *arena, const char *pattern, char ***ret_paths,
		       uint32_t *ret_count)
{
	struct reader *reader = data;
	struct path_list paths = {0};
	int r = 0;

	if (reader->snapshot) {
		vec_each (&reader->snapshot->files, file) {
			if (fnmatch(pattern, file->path, FNM_PATHNAME | FNM_PERIOD) == 0)
				*vec_add(arena, &paths.items) = arena_strdup(arena, file->path);
		}
	} else {
		r = glob_system(reader, arena, pattern, &paths);
	}
	if (r < 0)
		return r;
	if (paths.items.len)
		qsort(paths.items.items, paths.items.len, sizeof(char *), path_compare);
	*ret_paths = paths.items.items;
	*ret_count = paths.items.len;
	return 0;
}

static const char *reader_identity(void *data, struct arena *arena, const char *path)
{
	const struct reader *reader = data;
	auto_free char *real = NULL;

	if (reader->snapshot)
		return path;
	real = realpath(path, NULL);
	return real ? arena_strdup(arena, real) : path;
}

void reader_init(struct reader *reader, struct control_load *load, const struct control_file *draft,
		 const struct control_snapshot *snapshot)
{
	*reader = (struct reader){
		.load = load,
		.draft = draft,
		.snapshot = snapshot,
		.calls = {.read = reader_read, .glob = reader_glob, .identity = reader_identity},
	};
	reader->calls.data = reader;
}
