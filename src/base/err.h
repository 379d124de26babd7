/*
 * What the system refused: -errno and a sentence per level, outermost first.
 *
 *	struct err err = {0};
 *	if (kernel_session_open(&session, &err) < 0) ... err_text(&err)
 * Functions return the -errno, so a failing call reads `return err_errno(err, "cannot ...");`.
 */
#pragma once

#include "base/source.h"

#define ERR_TEXT_MAX 1024

struct err {
	int code;	      /* -errno of the innermost failure, 0 while nothing failed */
	struct origin origin; /* policy text that the failure leads back to, or zero */
	char text[ERR_TEXT_MAX];
};

/* Sets text "fmt: strerror(errno)", code -errno; returns code.  err may be NULL. */
__attribute__((format(printf, 2, 3))) int err_errno(struct err *err, const char *fmt, ...);
/* Sets text and code (negative errno); returns code. */
__attribute__((format(printf, 3, 4))) int err_set(struct err *err, int code, const char *fmt, ...);
/* Puts "fmt: " in front of what err says; returns its code. */
__attribute__((format(printf, 2, 3))) int err_wrap(struct err *err, const char *fmt, ...);
