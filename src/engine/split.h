/*
 * Cuts JSON that comes in pieces into its objects, so that neither a list nor a stream of events is
 * ever held as a whole.  What is inside of an object is not looked at but for where it ends; an
 * object that is cut short, too long or too deep is an error, and so is anything between objects
 * that does not belong there.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

enum split_form {
	SPLIT_SEQUENCE, /* one object behind the other, with white space or nothing between */
	SPLIT_ARRAY,	/* an array of objects, and nothing behind it */
};

/* Zeroed but for form, what and take; split_done() gives its memory back. */
struct split {
	enum split_form form;
	const char *what; /* "list of containers", for messages */
	void *data;
	/* Takes an object; an error ends the reading. */
	int (*take)(void *data, const struct str_buf *item, struct err *err);
	uint8_t state;
	unsigned depth;
	bool in_string;
	bool escaped;
	struct str_buf item; /* as much of it as came */
};

int split_feed(struct split *split, const char *data, size_t len, struct err *err);
/* Nothing more comes: was everything there? */
int split_end(const struct split *split, struct err *err);
bool split_is_inside(const struct split *split); /* of an object whose end did not come yet */
void split_done(struct split *split);
