/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our own table in the place of DOCKER-USER. */
#include "control/rules_table.h"

#include <errno.h>
#include <string.h>

#include <jansson.h>

#include "base/file.h"
#include "base/hash.h"
#include "compile/compile.h"
#include "control/apply.h"
#include "kernel/commit.h"
#include "kernel/dump.h"
#include "lift/table.h"
#include "rules/print.h"

#define DAEMON_CONFIG "/etc/docker/daemon.json"
#define CONFIG_BYTES_MAX 1048576u

enum table_owner { OWNER_NONE, OWNER_POLICY, OWNER_RULES, OWNER_RULES_LOCKDOWN };

static const char *config_backend(struct arena *arena)
{
	const char *backend = NULL;
	char *text = NULL;
	uint32_t len = 0;
	json_t *config;

	if (file_read(arena, DAEMON_CONFIG, FILE_ANY, CONFIG_BYTES_MAX, &text, &len, NULL) < 0)
		return NULL;
	config = json_loadb(text, len, 0, NULL);
	if (config) {
		backend = json_string_value(json_object_get(config, "firewall-backend"));
		backend = backend ? arena_strdup(arena, backend) : NULL;
		json_decref(config);
	}
	return backend;
}

const char *rules_backend(struct arena *arena, const struct facts *facts, const char *remembered)
{
	if (facts->engine.state == ENGINE_ANSWERED)
		return facts->engine.firewall_backend;
	return remembered ? remembered : config_backend(arena);
}

static int owner_find(struct arena *arena, enum table_owner *ret, struct compile_marker *ret_marker,
		      struct err *err)
{
	auto_of(kernel_session_free) struct kernel_session *session = NULL;
	struct compile_marker marker = {0};
	struct ir_table *table = NULL;
	uint32_t generation = 0;
	bool lockdown = false;
	int r = kernel_session_open(&session, err);

	*ret = OWNER_NONE;
	if (r >= 0)
		r = kernel_dump_table(session, arena, COMPILE_TABLE_NAME, &table, &generation, err);
	if (r < 0 || !table)
		return r;
	*ret = OWNER_POLICY;
	if (!compile_marker_read(arena, table, &marker, &lockdown) || !marker.policy)
		return 0;
	*ret_marker = marker;
	if (marker.rules)
		*ret = OWNER_RULES;
	else if (lockdown && str_starts(marker.policy, RULES_MARKER_PREFIX))
		*ret = OWNER_RULES_LOCKDOWN;
	return 0;
}

static uint64_t files_hash(const struct rules_set *set)
{
	auto_str struct str_buf text = {0};

	for (int family = 0; family < RULES_FAMILIES; family++) {
		if (set->family[family])
			rules_print(set->family[family], &text);
	}
	return hash_bytes(str_buf_text(&text), text.len, 0);
}

/* Of a file that no NAME stands for its path; the file that `stop` loads has the same. */
static const char *set_name(struct arena *arena, const struct rules_set *set)
{
	size_t len = strlen(set->path);

	if (set->name)
		return set->name;
	if (str_ends(set->path, ".empty"))
		len -= strlen(".empty");
	return arena_strndup(arena, set->path, len);
}

bool rules_table_is_live(struct arena *arena, const struct rules_set *set)
{
	enum table_owner owner = OWNER_NONE;
	struct compile_marker marker = {0};

	return owner_find(arena, &owner, &marker, NULL) >= 0 && owner == OWNER_RULES &&
	       marker.policy_hash == files_hash(set);
}

static bool wants_table(const struct rules_set *set)
{
	for (int family = 0; family < RULES_FAMILIES; family++) {
		if (set->family[family] && table_is_wanted(set->family[family]))
			return true;
	}
	return false;
}

static int lift(const struct rules_set *set, struct control_load *load, struct rules_table *ret)
{
	struct compile_marker marker = {.policy_hash = files_hash(set),
					.policy = set_name(load->arena, set),
					.applied = load->applied};
	struct table_marker text = {.table = COMPILE_TABLE_NAME,
				    .chain = COMPILE_MARKER_CHAIN,
				    .comment = compile_marker_rules(load->arena, &marker)};
	const struct rules_file *files[TABLE_FAMILIES] = {set->family[RULES_V4],
							  set->family[RULES_V6]};

	ret->want = table_lift(load->arena, files, &text, &load->diags);
	return ret->want ? 0 : -EINVAL;
}

int rules_table_make(const struct rules_set *set, struct control_load *load,
		     struct rules_table *ret, struct err *err)
{
	enum table_owner owner = OWNER_NONE;
	struct compile_marker marker = {0};
	int r;

	ret->is_needed = set->backend && str_eq(set->backend, RULES_BACKEND_NFTABLES);
	for (int family = 0; family < RULES_FAMILIES; family++) {
		ret->rest[family] = set->family[family];
		if (ret->is_needed && set->family[family])
			ret->rest[family] = table_rest(load->arena, set->family[family]);
	}
	if (!ret->is_needed || !wants_table(set))
		return 0;
	r = owner_find(load->arena, &owner, &marker, err);
	if (r < 0)
		return r;
	if (owner == OWNER_POLICY)
		return err_set(err, -ENOTUNIQ,
			       "Docker runs with its nftables backend, which has no DOCKER-USER: "
			       "the rules of '%s' for containers need the table 'inet %s', and a "
			       "policy is loaded there; nothing was changed, 'wharfwall import' "
			       "makes sentences of them",
			       set->path, COMPILE_TABLE_NAME);
	return lift(set, load, ret);
}

int rules_table_put(const struct rules_set *set, const struct rules_table *table,
		    struct arena *arena, bool *ret_lockdown_ended, struct err *err)
{
	auto_of(kernel_session_free) struct kernel_session *session = NULL;
	enum table_owner owner = OWNER_NONE;
	struct compile_marker marker = {0};
	uint32_t changes = 0;
	struct err unseen = {0};
	int r = owner_find(arena, &owner, &marker, &unseen);

	/* A kernel whose tables cannot be looked at has none of ours. */
	if (r < 0 && !table->want)
		return 0;
	if (!table->want && owner != OWNER_RULES_LOCKDOWN &&
	    !(owner == OWNER_RULES && str_eq(marker.policy, set_name(arena, set))))
		return 0;
	if (owner == OWNER_POLICY)
		return err_set(err, -ENOTUNIQ, "a policy was loaded meanwhile; try again");
	r = kernel_session_open(&session, err);
	if (r >= 0)
		r = kernel_replace_table(session, COMPILE_TABLE_NAME, table->want, &changes, err);
	if (r >= 0)
		*ret_lockdown_ended = owner == OWNER_RULES_LOCKDOWN;
	return r;
}
