/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bans: the file that keeps them. */
#include "control/bans.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/limits.h"
#include "compile/compile.h"
#include "control/apply.h"
#include "control/seal.h"
#include "control/state.h"
#include "ir/trial.h"
#include "kernel/commit.h"
#include "kernel/dump.h"

#define BANS_NAME "bans"
#define BANS_HEAD "wharfwall-bans 1\n"
#define SET_KEPT_SECONDS (UINT64_C(86400) * 30)
#define BANS_BYTES_MAX (LIMIT_BANS * 80u)
#define BAN_TRIES 10u
#define BAN_PAUSE_MS 2u

/* kernel_elements_put() or kernel_elements_take() */
typedef int (*ban_change)(struct kernel_session *session, const char *table,
			  const struct ir_set *set, struct err *err);

static bool is_one_address(const struct ip_prefix *prefix)
{
	return prefix->len == ip_family_bits(prefix->family);
}

static bool is_over(const struct ban_entry *entry, uint64_t now)
{
	return entry->until && entry->until <= now;
}

static bool is_kept(const struct ban_entry *entry, uint64_t now)
{
	return !is_over(entry, now) ||
	       (!is_one_address(&entry->prefix) && entry->until + SET_KEPT_SECONDS > now);
}

/* "ADDRESS/LEN UNTIL SECONDS" */
static bool line_parse(const char *line, size_t len, struct ban_entry *ret)
{
	const char *end = line + len;
	const char *until = memchr(line, ' ', len);
	const char *seconds = until ? memchr(until + 1, ' ', (size_t)(end - until - 1)) : NULL;
	bool host_bits;

	if (!seconds || !ip_prefix_parse(line, (size_t)(until - line), &ret->prefix, &host_bits) ||
	    host_bits || !ret->prefix.len)
		return false;
	return str_parse_u64(until + 1, (size_t)(seconds - until - 1), 0, UINT64_MAX / 2,
			     &ret->until) &&
	       str_parse_u32(seconds + 1, (size_t)(end - seconds - 1), 0, BAN_SECONDS_MAX,
			     &ret->seconds) &&
	       (ret->until == 0) == (ret->seconds == 0);
}

int bans_parse(struct arena *arena, const char *text, uint32_t len, uint64_t now,
	       struct ban_entries *ret, struct err *err)
{
	const char *end = text + len;
	const char *at = text + strlen(BANS_HEAD);

	*ret = (struct ban_entries){0};
	if (len < strlen(BANS_HEAD) || memcmp(text, BANS_HEAD, strlen(BANS_HEAD)) != 0)
		return err_set(err, -EBADMSG, "not a file of bans of this version");
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		struct ban_entry entry = {0};

		if (!newline || !line_parse(at, (size_t)(newline - at), &entry) ||
		    ret->items.len == LIMIT_BANS)
			return err_set(err, -EBADMSG, "a line that no file of bans has");
		if (is_kept(&entry, now))
			*vec_add(arena, &ret->items) = entry;
		at = newline + 1;
	}
	return 0;
}

static const char *bans_path(struct arena *arena, const char *state_dir)
{
	return arena_printf(arena, "%s/" BANS_NAME, state_dir);
}

int bans_read(struct arena *arena, const char *state_dir, uint64_t now, struct ban_entries *ret,
	      struct err *err)
{
	const char *path = bans_path(arena, state_dir);
	uint32_t len = 0;
	char *text = NULL;
	int r = file_read(arena, path, FILE_PRIVATE, BANS_BYTES_MAX, &text, &len, err);

	*ret = (struct ban_entries){0};
	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = seal_take(text, &len, err);
	if (r == 0)
		r = bans_parse(arena, text, len, now, ret, err);
	if (r == -EBADMSG)
		return err_wrap(err, "cannot understand '%s': remove it to begin anew", path);
	return r;
}

static int bans_write(const char *state_dir, const struct ban_entries *entries, struct err *err)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	auto_str struct str_buf text = {0};
	char prefix[IP_TEXT_MAX];

	str_buf_adds(&text, BANS_HEAD);
	vec_each (&entries->items, entry) {
		str_buf_addf(&text, "%s %" PRIu64 " %u\n", ip_prefix_format(&entry->prefix, prefix),
			     entry->until, (unsigned)entry->seconds);
	}
	seal_add(&text);
	return file_write_atomic(bans_path(arena, state_dir), str_buf_text(&text), text.len, 0600,
				 err);
}

void bans_left(struct arena *arena, const struct ban_entries *entries, uint64_t now,
	       struct ban_list *ret)
{
	vec_each (&entries->items, entry) {
		struct ban ban = {.prefix = entry->prefix, .over = is_over(entry, now)};

		if (entry->until && !ban.over)
			ban.timeout_s = entry->until - now < entry->seconds
						? (uint32_t)(entry->until - now)
						: entry->seconds;
		*vec_add(arena, &ret->items) = ban;
	}
}

static uint64_t time_now(void)
{
	return (uint64_t)time(NULL);
}

void bans_load(const struct control_options *options, struct arena *arena, struct diag_list *diags,
	       struct ban_list *ret)
{
	struct ban_entries entries;
	struct err err = {0};
	uint64_t now = time_now();

	if (bans_read(arena, options->state_dir, now, &entries, &err) < 0)
		diag_warning(diags, (struct origin){0}, DIAG_BANS, "bans are left out: %s",
			     err.text);
	bans_left(arena, &entries, now, ret);
}

static struct ban_entry *entry_find(const struct ban_entries *entries,
				    const struct ip_prefix *prefix)
{
	vec_each (&entries->items, entry) {
		if (entry->prefix.family == prefix->family && entry->prefix.len == prefix->len &&
		    memcmp(entry->prefix.bytes, prefix->bytes, ip_family_bytes(prefix->family)) ==
			    0)
			return entry;
	}
	return NULL;
}

/* The table has no set for it: one of another length, or of an older version, or none at all. */
static int table_remake(const struct control_options *options, bool *ret_loaded, struct err *err)
{
	auto_of(kernel_session_free) struct kernel_session *session = NULL;
	auto_of(control_load_free) struct control_load *load = control_load_new();
	struct control_snapshot snapshot = {0};
	struct compile_marker marker;
	struct ir_table *have = NULL;
	uint32_t generation, changes;
	bool lockdown = false;
	int r = kernel_session_open(&session, err);

	*ret_loaded = false;
	if (r == 0)
		r = kernel_dump_table(session, load->arena, COMPILE_TABLE_NAME, &have, &generation,
				      err);
	if (r < 0 || !have)
		return r;
	if (ir_trial_is(have) || !compile_marker_read(load->arena, have, &marker, &lockdown) ||
	    lockdown || marker.rules)
		return 0;
	r = state_read(load->arena, options->state_dir, &snapshot, err);
	if (r == 0)
		r = control_load_snapshot(options, &snapshot, load, err);
	if (r == -EINVAL)
		return err_set(err, r,
			       "the policy that was applied cannot be loaded any more: see "
			       "'wharfwall check'");
	if (r == 0)
		r = apply_load(options, load, &changes, err);
	*ret_loaded = r >= 0;
	return r < 0 ? r : 0;
}

/*
 * Both ways of changing an element end the same however often they are done: an answer that was
 * lost is asked for again.  *sent: one may have been taken though no answer says so.
 */
static int elements_change(ban_change change, const struct ir_set *set, bool *sent, struct err *err)
{
	static const struct timespec pause = {.tv_nsec = BAN_PAUSE_MS * 1000000L};
	auto_of(kernel_session_free) struct kernel_session *session = NULL;
	int r = kernel_session_open(&session, err);

	if (r < 0)
		return r;
	for (unsigned i = 0; i < BAN_TRIES; i++) {
		r = change(session, COMPILE_TABLE_NAME, set, err);
		if (r != -EAGAIN && r != -EINTR && r != -ENOBUFS)
			break;
		*sent = *sent || r == -EAGAIN;
		(void)nanosleep(&pause, NULL);
	}
	if (r < 0 && r != -ENOENT && *sent)
		(void)err_wrap(err, "whether it is in force is not known, the same command again "
				    "tells");
	return r;
}

/* The list, and what a failure puts back. */
struct ban_edit {
	struct ban_entries entries;
	struct ban_entry *entry; /* of the address, or NULL */
	struct ban_entry old;
	bool added;
};

static int edit_read(struct arena *arena, const struct control_options *options,
		     const struct ip_prefix *prefix, uint64_t now, struct ban_edit *ret,
		     struct err *err)
{
	int r = bans_read(arena, options->state_dir, now, &ret->entries, err);

	if (r < 0)
		return r;
	ret->entry = entry_find(&ret->entries, prefix);
	if (ret->entry)
		ret->old = *ret->entry;
	return 0;
}

/* The kernel has refused it: nor may the next table have it. */
static void edit_undo(const struct control_options *options, struct ban_edit *edit, struct err *err)
{
	if (edit->added)
		edit->entries.items.len--;
	else if (edit->entry)
		*edit->entry = edit->old;
	if (bans_write(options->state_dir, &edit->entries, NULL) < 0)
		(void)err_wrap(err, "the list of bans could not be put back, see 'wharfwall ban'");
}

/* r: of the kernel; 1: done, but not kept as err says. */
static int edit_end(const struct control_options *options, struct ban_edit *edit, int r, bool sent,
		    const struct err *unkept, struct err *err)
{
	if (r < 0) {
		if (!sent)
			edit_undo(options, edit, err);
		return r;
	}
	if (unkept->code >= 0)
		return 0;
	if (err)
		*err = *unkept;
	return 1;
}

int ban_add(const struct control_options *options, const struct ip_prefix *prefix, uint32_t seconds,
	    bool *ret_loaded, struct err *err)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct ban ban = {.prefix = *prefix, .timeout_s = seconds};
	uint64_t now = time_now();
	struct ban_edit edit = {0};
	struct err unkept = {0};
	bool sent = false;
	int r = edit_read(arena, options, prefix, now, &edit, err);

	if (r < 0)
		return r;
	if (!edit.entry && edit.entries.items.len == LIMIT_BANS)
		return err_set(err, -ENOSPC, "%u addresses are banned already; 'unban' some",
			       LIMIT_BANS);
	edit.added = !edit.entry;
	if (edit.added)
		edit.entry = vec_add(arena, &edit.entries.items);
	*edit.entry = (struct ban_entry){
		.prefix = *prefix, .until = seconds ? now + seconds : 0, .seconds = seconds};
	if (bans_write(options->state_dir, &edit.entries, &unkept) < 0)
		(void)err_wrap(&unkept, "the ban is in force, but not kept on disk");
	r = elements_change(kernel_elements_put, compile_ban_set(arena, &ban), &sent, err);
	*ret_loaded = r == 0;
	/* A table that is made anew, now or later, has it from the file alone. */
	if (r == -ENOENT && unkept.code < 0)
		r = bans_write(options->state_dir, &edit.entries, err);
	else if (r == -ENOENT)
		r = table_remake(options, ret_loaded, err);
	sent = sent || r == -EINPROGRESS;
	return edit_end(options, &edit, r, sent, &unkept, err);
}

int ban_remove(const struct control_options *options, const struct ip_prefix *prefix,
	       bool *ret_was_banned, struct err *err)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct ban ban = {.prefix = *prefix};
	uint64_t now = time_now();
	struct ban_edit edit = {0};
	struct err unkept = {0};
	bool sent = false;
	int r = edit_read(arena, options, prefix, now, &edit, err);

	if (r < 0)
		return r;
	*ret_was_banned = edit.entry && !is_over(edit.entry, now);
	if (*ret_was_banned) {
		edit.entry->until = now;
		edit.entry->seconds = 1;
		if (bans_write(options->state_dir, &edit.entries, &unkept) < 0)
			(void)err_wrap(&unkept, "the ban is taken back, but still kept on disk: "
						"the next table has it");
	} else {
		edit.entry = NULL;
	}
	r = elements_change(kernel_elements_take, compile_ban_set(arena, &ban), &sent, err);
	*ret_was_banned |= r == 0;
	return edit_end(options, &edit, r == -ENOENT ? 0 : r, sent, &unkept, err);
}
