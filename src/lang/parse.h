/*
 * Reading policy text.  Every mistake is reported once; after one the reader goes on at the end
 * of the statement, so that all statements of a file are looked at.
 */
#pragma once

#include "base/diag.h"
#include "lang/tree.h"

/* Never NULL; what could not be read is left out and reported in diags. */
struct tree_file *parse_file(struct arena *arena, const struct source_set *sources, uint16_t source,
			     struct diag_list *diags);
/* The same with runs of plain sentences packed, see tree.h. */
struct tree_file *parse_file_packed(struct arena *arena, const struct source_set *sources,
				    uint16_t source, struct diag_list *diags);
/*
 * The sentences of a label: they allow, and speak of the container that has it.  False if one is
 * wrong, or there are more than max.
 */
struct policy_label;
bool parse_label(struct arena *arena, const struct source_set *sources, uint16_t source,
		 uint32_t max, struct policy_label *label, struct diag_list *diags);
/* One sentence without a section, as on the command line; NULL if it is wrong. */
struct tree_sentence *parse_sentence(struct arena *arena, const struct source_set *sources,
				     uint16_t source, struct diag_list *diags);
/* A set's file: an address, prefix or range a line, '#' comments.  Adds to set->elems. */
void parse_set_file(struct arena *arena, const struct source_set *sources, uint16_t source,
		    struct tree_set *set, struct diag_list *diags);
