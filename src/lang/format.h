/* The canonical form of policy text: what `fmt` prints.  A fixpoint. */
#pragma once

#include "base/str.h"
#include "lang/tree.h"

void format_file(const struct tree_file *file, struct str_buf *out);
/* One line, no indentation, no newline: "allow tcp 80 to web from @office". */
void format_sentence(const struct tree_sentence *sentence, struct str_buf *out);
void format_container(const struct tree_container *container, struct str_buf *out);
