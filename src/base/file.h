/* Files of the system: read whole and with care, replaced whole or not at all. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

enum file_trust {
	FILE_ANY,    /* no demands on owner and mode */
	FILE_PRIVATE /* regular, owned by root or us, not writable by group or others; -EPERM else
		      */
};

/*
 * Reads all of `path` (at most max_bytes; -EFBIG past that) in one snapshot, NUL-terminated.
 * "-" is not special.  Opened without following a symlink in the last component for FILE_PRIVATE
 * unless the link itself is owned by root or us.
 */
int file_read(struct arena *arena, const char *path, enum file_trust trust, uint32_t max_bytes,
	      char **ret_text, uint32_t *ret_len, struct err *err);
/* Writes a temporary file beside path, fsync, rename, fsync of the folder. */
int file_write_atomic(const char *path, const char *data, size_t len, uint32_t mode,
		      struct err *err);
/*
 * The same without waiting for the disk: whole or not at all for whoever reads it, but not behind
 * a power cut.
 */
int file_write_quick(const char *path, const char *data, size_t len, uint32_t mode,
		     struct err *err);
/* What was made, renamed or removed in the folder that holds `path` outlives a power cut. */
int file_sync_folder(const char *path, struct err *err);
int file_make_dir(const char *path, uint32_t mode, struct err *err); /* with parents */
