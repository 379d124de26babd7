/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A lockdown on disk. */
#include "control/lockdown.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "control/control.h"
#include "control/seal.h"

#define LOCKDOWN_BYTES_MAX (512u * 1024)
#define LOCKDOWN_HEAD "wharfwall-lockdown"

static const char *lockdown_path(struct arena *arena, const char *state_dir)
{
	return arena_printf(arena, "%s/lockdown", state_dir);
}

int lockdown_keep(const char *state_dir, const char *policy, const uint16_t *ports,
		  uint32_t port_count, struct err *err)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	auto_str struct str_buf text = {0};

	str_buf_addf(&text, LOCKDOWN_HEAD " 1 %s ", control_time(arena));
	for (const char *at = policy; *at; at++)
		str_buf_addc(&text, *at == ' ' || *at == '\n' ? '_' : *at);
	for (uint32_t i = 0; i < port_count; i++)
		str_buf_addf(&text, " %u", (unsigned)ports[i]);
	str_buf_addc(&text, '\n');
	seal_add(&text);
	return file_write_atomic(lockdown_path(arena, state_dir), text.data, text.len, 0600, err);
}

/* The next word of the line, NULL at its end. */
static char *word_take(char **at)
{
	char *word = *at;
	size_t len = strcspn(word, " \n");

	if (!len)
		return NULL;
	*at = word + len + (word[len] == ' ');
	word[len] = '\0';
	return word;
}

int lockdown_parse(struct arena *arena, char *text, struct lockdown *ret, struct err *err)
{
	char *end = strchr(text, '\n');
	struct lockdown lockdown = {0};
	const char *head, *version, *word;
	char *at = text;

	if (!end || end[1])
		return err_set(err, -EBADMSG, "the file of the lockdown was cut off");
	*end = '\0';
	head = word_take(&at);
	version = word_take(&at);
	if (!head || !version || !str_eq(head, LOCKDOWN_HEAD) || !str_eq(version, "1"))
		return err_set(err, -EBADMSG, "not a lockdown of this version");
	lockdown.applied = word_take(&at);
	lockdown.policy = word_take(&at);
	if (!lockdown.applied || !lockdown.policy)
		return err_set(err, -EBADMSG, "the file of the lockdown was cut off");
	while ((word = word_take(&at))) {
		uint32_t port;

		if (!str_parse_u32(word, strlen(word), 1, 65535, &port))
			return err_set(err, -EBADMSG, "not a port of a lockdown: '%s'", word);
		*vec_add(arena, &lockdown.ports) = (uint16_t)port;
	}
	*ret = lockdown;
	return 0;
}

int lockdown_read(struct arena *arena, const char *state_dir, struct lockdown *ret, struct err *err)
{
	const char *path = lockdown_path(arena, state_dir);
	char *text = NULL;
	uint32_t len = 0;
	int r = file_read(arena, path, FILE_PRIVATE, LOCKDOWN_BYTES_MAX, &text, &len, err);

	if (r >= 0)
		r = seal_take(text, &len, err);
	if (r >= 0)
		r = lockdown_parse(arena, text, ret, err);
	return r;
}

int lockdown_forget(const char *state_dir, struct err *err)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	const char *path = lockdown_path(arena, state_dir);

	if (unlink(path) < 0 && errno != ENOENT)
		return err_errno(err, "cannot remove '%s'", path);
	return 0;
}
