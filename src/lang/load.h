/*
 * A policy with everything that it includes: set files and include globs are followed through a
 * reader that the caller gives, so that this stays free of descriptors.  Cycles, depth and sizes
 * are checked here.
 */
#pragma once

#include "base/diag.h"
#include "lang/tree.h"

struct load_reader {
	void *data;
	bool pack; /* large policies take a third of the memory, but their tree cannot be printed */
	/* Text of a file, NUL-terminated, in the arena; negative errno and a sentence otherwise. */
	int (*read)(void *data, struct arena *arena, const char *path, char **ret_text,
		    uint32_t *ret_len, char reason[256]);
	/* Sorted paths that match; 0 matches is not a failure. */
	int (*glob)(void *data, struct arena *arena, const char *pattern, char ***ret_paths,
		    uint32_t *ret_count);
	/* One name for one file (realpath), for the cycle check; may return path itself. */
	const char *(*identity)(void *data, struct arena *arena, const char *path);
};

/* Sentences that a container says of itself in a label: "allow" without "to". */
struct policy_label {
	uint32_t container; /* its number in the facts */
	VEC(struct tree_sentence) sentences;
};

/* Files in reading order: each file once, the ones that it includes after it. */
struct policy {
	VEC(struct tree_file *) files;
	VEC(struct policy_label) labels; /* of the running containers, filled by the caller */
};

/*
 * Reads `path` and what it includes.  Relative names are relative to the file that names them.
 * Returns false when diags holds errors; policy is then as much as could be read.
 */
bool load_policy(struct arena *arena, struct source_set *sources, const struct load_reader *reader,
		 const char *path, struct policy *policy, struct diag_list *diags);
