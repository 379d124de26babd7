/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changing lines of a rules file: a copy of what is changed, the rest is shared. */
#pragma once

#include "rules/rules.h"

/* Its command, options and arguments are its own; texts are shared. */
struct rules_line rules_line_copy(struct arena *arena, const struct rules_line *line);
/* Another text in the place of a word, made by us. */
void rules_word_set(struct rules_word *word, const char *text);
void rules_option_rename(struct rules_option *option, const char *name);
void rules_option_remove(struct rules_command *command, uint32_t number);
/* "NAME VALUE" at the end of a command that is made by us. */
void rules_option_add(struct arena *arena, struct rules_command *command, const char *name,
		      const char *value);
