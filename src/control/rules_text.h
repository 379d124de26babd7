/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text that is given to iptables-restore: the file's own lines, made so that it can be loaded
 * any number of times and replaces nothing but the chains that the file names.
 */
#pragma once

#include "base/source.h"
#include "base/str.h"
#include "control/rules_save.h"
#include "rules/rules.h"

#define RULES_USER_CHAIN "DOCKER-USER"

/* What a file does to a chain. */
struct chain_use {
	const char *table;
	const char *name;
	const char *policy; /* that the file sets, NULL: none */
	bool declared;	    /* ":CHAIN" or -N */
	bool flushed;	    /* -F; by ":CHAIN" too where the chain is not built in */
	bool added;	    /* -A, -I */
	bool written;	    /* added, by the file itself and not by table_rest() alone */
	bool dropped;	    /* not added to any more: what an earlier load has added goes */
	bool shared;  /* added, and the engine has rules there: nothing but the file's moves */
	bool edited;  /* -D, -R, -I: what is left is not known from the file alone */
	bool deleted; /* -X */
};

struct rules_uses {
	VEC(struct chain_use) items;
};

/*
 * Rules of a file in chains that the engine has rules in too, as iptables-save wrote them when they
 * had been loaded: what the next load takes out again.
 */
struct rules_added {
	const char *table;
	const char *line; /* "-A FORWARD -i wg0 -j ACCEPT" */
};

struct rules_added_list {
	VEC(struct rules_added) items;
};

struct rules_text {
	struct str_buf text;
	VEC(struct origin) lines; /* of each line of text; zero for those of ours */
};

void rules_text_done(struct rules_text *text);

bool chain_is_built_in(const char *name);
/* The file's rules replace the chain's, so that they are known. */
bool chain_use_replaces(const struct chain_use *use);
/* before: what is loaded now. */
void rules_uses_of(struct arena *arena, const struct rules_file *file, const struct save *before,
		   const struct rules_added_list *added, struct rules_uses *ret);
const struct chain_use *rules_use_find(const struct rules_uses *uses, const char *table,
				       const char *name);
/*
 * Chains that get rules are flushed first; those that the engine has rules in lose `added` only.
 * If the file names DOCKER-USER, FORWARD leads there once and first when the text has been loaded.
 */
void rules_text_make(struct arena *arena, const struct rules_file *file,
		     const struct rules_uses *uses, const struct save *before,
		     const struct rules_added_list *added, struct rules_text *ret);
/* What undoes it: the chains that the file names as they were before. */
void rules_text_undo(struct arena *arena, const struct rules_uses *uses, const struct save *before,
		     struct str_buf *out);
