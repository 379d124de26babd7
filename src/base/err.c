/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the system refused: a sentence a level. */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

__attribute__((format(printf, 3, 0))) static int err_fill(struct err *err, int code,
							  const char *fmt, va_list args)
{
	if (!err)
		return code;
	err->code = code;
	err->origin = (struct origin){0};
	(void)vsnprintf(err->text, sizeof(err->text), fmt, args);
	return code;
}

int err_errno(struct err *err, const char *fmt, ...)
{
	int code = errno ? -errno : -EIO;
	va_list args;

	va_start(args, fmt);
	(void)err_fill(err, code, fmt, args);
	va_end(args);
	if (err) {
		size_t len = strlen(err->text);

		(void)snprintf(err->text + len, sizeof(err->text) - len, ": %s", strerror(-code));
	}
	return code;
}

int err_set(struct err *err, int code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)err_fill(err, code, fmt, args);
	va_end(args);
	return code;
}

int err_wrap(struct err *err, const char *fmt, ...)
{
	char inner[ERR_TEXT_MAX];
	struct origin origin;
	va_list args;
	size_t len;

	if (!err)
		return -EIO;
	origin = err->origin;
	(void)str_copy(inner, sizeof(inner), err->text);
	va_start(args, fmt);
	(void)err_fill(err, err->code, fmt, args);
	va_end(args);
	err->origin = origin;
	len = strlen(err->text);
	(void)snprintf(err->text + len, sizeof(err->text) - len, ": %s", inner);
	return err->code;
}
