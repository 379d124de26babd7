/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The note of a boot that could not load the policy. */
#include "control/boot_note.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "control/seal.h"

#define NOTE_HEAD "wharfwall-boot 1"
#define NOTE_BYTES_MAX 65536u

static const enum boot_state states[] = {BOOT_LAST, BOOT_STAYS, BOOT_LOCKDOWN};

const char *boot_state_name(enum boot_state state)
{
	switch (state) {
	case BOOT_LAST:
		return "last";
	case BOOT_STAYS:
		return "stays";
	case BOOT_LOCKDOWN:
		return "lockdown";
	}
	return "";
}

static const char *note_path(struct arena *arena, const char *state_dir)
{
	return arena_printf(arena, "%s/boot", state_dir);
}

/* A sentence of several lines becomes one. */
static void line_add(struct str_buf *out, const char *key, const char *text)
{
	str_buf_addf(out, "%s ", key);
	for (; text && *text; text++)
		str_buf_addc(out, *text == '\n' ? ' ' : *text);
	str_buf_addc(out, '\n');
}

int boot_note_write(const char *state_dir, const struct boot_note *note, struct err *err)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	auto_str struct str_buf text = {0};

	str_buf_adds(&text, NOTE_HEAD "\n");
	line_add(&text, "table", note->table);
	line_add(&text, "loaded", boot_state_name(note->state));
	line_add(&text, "reason", note->reason);
	if (note->last)
		line_add(&text, "last", note->last);
	seal_add(&text);
	return file_write_quick(note_path(arena, state_dir), text.data, text.len, 0600, err);
}

static bool state_find(const char *name, enum boot_state *ret)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
		if (!str_eq(name, boot_state_name(states[i])))
			continue;
		*ret = states[i];
		return true;
	}
	return false;
}

/* The value of "key value" at *at, which moves on; NULL: another line. */
static char *line_take(char **at, const char *key)
{
	char *line = *at;
	size_t len = strlen(key);
	char *end = strchr(line, '\n');

	if (!end || strncmp(line, key, len) != 0 || line[len] != ' ')
		return NULL;
	*end = '\0';
	*at = end + 1;
	return line + len + 1;
}

int boot_note_parse(char *text, struct boot_note *ret, struct err *err)
{
	struct boot_note note = {0};
	const char *loaded;
	char *at = text;

	if (strncmp(text, NOTE_HEAD "\n", strlen(NOTE_HEAD "\n")) != 0)
		return err_set(err, -EBADMSG, "not a note of this version");
	at += strlen(NOTE_HEAD "\n");
	note.table = line_take(&at, "table");
	loaded = line_take(&at, "loaded");
	note.reason = line_take(&at, "reason");
	note.last = line_take(&at, "last");
	if (!note.table || !loaded || !note.reason || *at || !state_find(loaded, &note.state))
		return err_set(err, -EBADMSG, "the note was cut off");
	*ret = note;
	return 0;
}

int boot_note_read(struct arena *arena, const char *state_dir, struct boot_note *ret,
		   struct err *err)
{
	const char *path = note_path(arena, state_dir);
	char *text = NULL;
	uint32_t len = 0;
	int r = file_read(arena, path, FILE_PRIVATE, NOTE_BYTES_MAX, &text, &len, err);

	if (r >= 0)
		r = seal_take(text, &len, err);
	if (r >= 0)
		r = boot_note_parse(text, ret, err);
	return r;
}

void boot_note_forget(const char *state_dir)
{
	auto_of(arena_free) struct arena *arena = arena_new();

	(void)unlink(note_path(arena, state_dir)); /* void anyway: it speaks of another table */
}
