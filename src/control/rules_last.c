/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last good load of a rules file. */
#include "control/rules_last.h"

#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/str.h"
#include "control/seal.h"

#define LAST_HEAD "wharfwall-rules 1"
#define LAST_END "end"
#define LAST_BYTES_MAX (2u * LIMIT_RULES_BYTES + 1048576u)

static const char *last_path(struct arena *arena, const char *state_dir, const char *name)
{
	return arena_printf(arena, "%s/rules/%s.good", state_dir, name);
}

static char *line_take(char **at, const char *end)
{
	char *line = *at;
	char *newline = line < end ? memchr(line, '\n', (size_t)(end - line)) : NULL;

	if (!newline)
		return NULL;
	*newline = '\0';
	*at = newline + 1;
	return line;
}

/* "LEN 4", then LEN bytes and a newline. */
static bool text_take(const char *line, char **at, const char *end, struct rules_last *ret)
{
	size_t digits = strcspn(line, " ");
	int family;
	uint32_t len;

	if (!str_parse_u32(line, digits, 0, LIMIT_RULES_BYTES, &len))
		return false;
	if (str_eq(line + digits, " 4"))
		family = RULES_V4;
	else if (str_eq(line + digits, " 6"))
		family = RULES_V6;
	else
		return false;
	if ((size_t)(end - *at) < (size_t)len + 1 || (*at)[len] != '\n' || ret->text[family])
		return false;
	(*at)[len] = '\0';
	ret->text[family] = *at;
	ret->len[family] = len;
	*at += (size_t)len + 1;
	return true;
}

/* "4 filter -A FORWARD ..." */
static bool added_take(struct arena *arena, char *line, struct rules_last *ret)
{
	enum rules_family family = *line == '6' ? RULES_V6 : RULES_V4;
	char *table = line + 2;
	char *space;

	if ((*line != '4' && *line != '6') || line[1] != ' ')
		return false;
	space = strchr(table, ' ');
	if (!space || !str_starts(space + 1, "-A "))
		return false;
	*space = '\0';
	*vec_add(arena, &ret->added[family].items) =
		(struct rules_added){.table = table, .line = space + 1};
	return true;
}

static bool line_parse(struct arena *arena, char *line, char **at, const char *end,
		       struct rules_last *ret)
{
	if (str_starts(line, "applied "))
		ret->applied = line + strlen("applied ");
	else if (str_starts(line, "source "))
		ret->source = line + strlen("source ");
	else if (str_starts(line, "backend "))
		ret->backend = line + strlen("backend ");
	else if (str_starts(line, "external "))
		*vec_add(arena, &ret->external.items) = line + strlen("external ");
	else if (str_starts(line, "added "))
		return added_take(arena, line + strlen("added "), ret);
	else if (str_starts(line, "text "))
		return text_take(line + strlen("text "), at, end, ret);
	else
		return false;
	return true;
}

int rules_last_parse(struct arena *arena, char *text, uint32_t len, struct rules_last *ret,
		     struct err *err)
{
	struct rules_last last = {0};
	const char *end = text + len;
	char *at = text;
	char *line = line_take(&at, end);

	if (!line || !str_eq(line, LAST_HEAD))
		return err_set(err, -EBADMSG, "not a file of this version");
	while ((line = line_take(&at, end)) && !str_eq(line, LAST_END)) {
		if (!line_parse(arena, line, &at, end, &last))
			return err_set(err, -EBADMSG, "a line that no such file has");
	}
	if (!line || at != end || !last.applied || !last.source || !last.text[RULES_V4])
		return err_set(err, -EBADMSG, "the file was cut off");
	*ret = last;
	return 0;
}

int rules_last_read(struct arena *arena, const char *state_dir, const char *name,
		    struct rules_last *ret, struct err *err)
{
	const char *path = last_path(arena, state_dir, name);
	char *text = NULL;
	uint32_t len = 0;
	int r = file_read(arena, path, FILE_PRIVATE, LAST_BYTES_MAX, &text, &len, err);

	if (r < 0)
		return r;
	r = seal_take(text, &len, err);
	if (r >= 0)
		r = rules_last_parse(arena, text, len, ret, err);
	if (r < 0)
		return err_wrap(err, "cannot understand '%s'", path);
	return 0;
}

int rules_last_write(const char *state_dir, const char *name, const struct rules_last *last,
		     struct err *err)
{
	static const char digits[RULES_FAMILIES] = {'4', '6'};
	auto_of(arena_free) struct arena *arena = arena_new();
	auto_str struct str_buf out = {0};
	int r;

	str_buf_addf(&out, LAST_HEAD "\napplied %s\nsource %s\n", last->applied, last->source);
	if (last->backend)
		str_buf_addf(&out, "backend %s\n", last->backend);
	vec_each (&last->external.items, iface)
		str_buf_addf(&out, "external %s\n", *iface);
	for (int family = 0; family < RULES_FAMILIES; family++) {
		vec_each (&last->added[family].items, item)
			str_buf_addf(&out, "added %c %s %s\n", digits[family], item->table,
				     item->line);
	}
	for (int family = 0; family < RULES_FAMILIES; family++) {
		if (!last->text[family])
			continue;
		str_buf_addf(&out, "text %u %c\n", (unsigned)last->len[family], digits[family]);
		str_buf_add(&out, last->text[family], last->len[family]);
		str_buf_addc(&out, '\n');
	}
	str_buf_adds(&out, LAST_END "\n");
	seal_add(&out);
	r = file_make_dir(arena_printf(arena, "%s/rules", state_dir), 0700, err);
	if (r < 0)
		return r;
	return file_write_atomic(last_path(arena, state_dir, name), out.data, out.len, 0600, err);
}
