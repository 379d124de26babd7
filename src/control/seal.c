/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The checksum at the end of a file. */
#include "control/seal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"

#define SEAL_BYTES 23u /* "check ", 16 digits, a newline */

/* Without the line that it makes. */
static void seal_format(const char *text, size_t len, char ret[SEAL_BYTES + 1])
{
	(void)snprintf(ret, SEAL_BYTES + 1, "check %016" PRIx64 "\n", hash_bytes(text, len, 0));
}

void seal_add(struct str_buf *text)
{
	char line[SEAL_BYTES + 1];

	seal_format(str_buf_text(text), text->len, line);
	str_buf_adds(text, line);
}

int seal_take(char *text, uint32_t *len, struct err *err)
{
	char line[SEAL_BYTES + 1];
	uint32_t body;

	if (*len < SEAL_BYTES)
		return err_set(err, -EBADMSG, "the file was cut off");
	body = *len - SEAL_BYTES;
	seal_format(text, body, line);
	if (memcmp(text + body, line, SEAL_BYTES) != 0)
		return err_set(err, -EBADMSG, "its checksum does not match");
	text[body] = '\0';
	*len = body;
	return 0;
}
