/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers for machines: pieces of the one object with "version": 1 that a command prints. */
#pragma once

#include <stdint.h>

#include <jansson.h>

#include "base/diag.h"
#include "base/err.h"
#include "base/str.h"

#define REPORT_JSON_VERSION 1

/* {"version": 1, "command": command}; the caller owns what is returned, here and below. */
json_t *report_json_new(const char *command);
/* A string, bytes that are not UTF-8 made visible; null for NULL. */
json_t *report_json_text(const char *text);
/* The errors or the warnings of a list: file, line, column, code, message, notes. */
json_t *report_json_diags(const struct diag_list *diags, enum diag_level level,
			  const struct source_set *sources);
/* {"code": errno, "message": ...} and the place in the policy that the failure leads back to. */
json_t *report_json_err(const struct err *err, const struct source_set *sources);
void report_json_print(const json_t *object, struct str_buf *out);
