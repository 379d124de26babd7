/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One load: from policy text and facts to a table. */
#include "control/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "analyse/doubt.h"
#include "base/hash.h"
#include "compile/compile.h"
#include "control/bans.h"
#include "control/labels.h"
#include "control/reader.h"
#include "control/sentences.h"
#include "control/watch.h"
#include "engine/engine.h"
#include "host/host.h"
#include "host/resting.h"
#include "resolve/resolve.h"

struct control_load *control_load_new(void)
{
	struct arena *arena = arena_new();
	struct control_load *load = arena_new_object(arena, struct control_load);

	load->arena = arena;
	load->sources.arena = arena;
	load->diags.arena = arena;
	load->tree_arena = arena_new();
	return load;
}

void control_load_free(struct control_load *load)
{
	if (!load)
		return;
	arena_free(load->tree_arena);
	arena_free(load->arena);
}

/* Half of the memory of a large policy is its tree, which nobody needs beside table and batch. */
static void tree_drop(struct control_load *load)
{
	load->policy = (struct policy){0};
	arena_free(take_ptr(load->tree_arena));
}

const char *control_time(struct arena *arena)
{
	time_t now = time(NULL);
	struct tm parts = {0};
	char text[32] = "";

	(void)gmtime_r(&now, &parts);
	(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
	return arena_strdup(arena, text);
}

const char *control_dropin_path(struct arena *arena, const char *policy_path)
{
	return arena_printf(arena, "%s.d/command-line.policy", policy_path);
}

/* Whose containers share the host's network, their processes say which ports are theirs. */
static bool owners_wanted(const struct control_options *options, const struct facts *facts)
{
	vec_each (&facts->engine.containers, container) {
		if (container->host_network)
			return true;
	}
	return options->owners;
}

/*
 * docker.socket starts Docker for whoever connects.  A daemon knows whether it is stopped; without
 * one systemd is asked.  The reason not to connect, or NULL.
 */
static const char *engine_rests(const struct control_options *options, struct arena *arena,
				const char *url)
{
	static const char stopped[] = "it is stopped, and is not started by a question";
	struct report_watch watch = {0};

	if (!options->docker_host && watch_read(arena, options->state_dir, &watch))
		return watch.engine_stopped ? stopped : NULL;
	switch (resting_ask(arena, url)) {
	case RESTING_NO:
		return NULL;
	case RESTING_YES:
		return stopped;
	case RESTING_UNKNOWN:
		return "systemd does not say whether it is stopped, and a question may start it: "
		       "look at 'systemctl status docker.socket docker.service'";
	}
	return NULL;
}

int control_read_facts(const struct control_options *options, struct control_load *load,
		       struct err *err)
{
	const char *url = options->docker_host ? options->docker_host : ENGINE_DEFAULT_URL;
	const char *rests;
	int r;

	if (load->facts_read)
		return 0;
	r = host_read(load->arena, &load->facts, err);
	if (r < 0)
		return r;
	rests = engine_rests(options, load->arena, url);
	if (rests)
		load->facts.engine = (struct engine){.url = url, .reason = rests};
	else
		engine_read(load->arena, url, options->engine_timeout_ms, &load->facts);
	if (owners_wanted(options, &load->facts))
		host_read_owners(load->arena, &load->facts);
	load->facts_read = true;
	return 0;
}

void control_share_facts(struct control_load *load, const struct control_load *from)
{
	load->facts = from->facts;
	load->facts_read = from->facts_read;
}

/* Drop-ins come first: the first match wins, and what was typed last shall count. */
static int roots_find(struct control_load *load, struct reader *reader, const char *policy_path,
		      struct err *err)
{
	const char *pattern = arena_printf(load->arena, "%s.d/*.policy", policy_path);
	char **paths = NULL;
	uint32_t count = 0;
	int r = reader->calls.glob(reader->calls.data, load->arena, pattern, &paths, &count);

	if (r < 0)
		return err_set(err, r, "cannot list '%s': %s", pattern, strerror(-r));
	for (uint32_t i = 0; i < count; i++)
		*vec_add(load->arena, &load->roots) = paths[i];
	*vec_add(load->arena, &load->roots) = policy_path;
	return 0;
}

static void roots_read(struct control_load *load, struct reader *reader)
{
	vec_each (&load->roots, root) {
		struct policy part = {0};

		(void)load_policy(load->tree_arena, &load->sources, &reader->calls, *root, &part,
				  &load->diags);
		vec_each (&part.files, file)
			*vec_add(load->tree_arena, &load->policy.files) = *file;
	}
	/* Names of included files were made in the tree's arena. */
	vec_each (&load->sources.items, source)
		source->name = arena_strdup(load->arena, source->name);
	load->sentence_count = sentences_count(&load->policy);
	load->policy_hash = 0;
	vec_each (&load->files, file)
		load->policy_hash = hash_bytes(file->text, file->len, load->policy_hash);
}

static void table_make(const struct control_options *options, struct control_load *load)
{
	struct compile_marker marker = {.policy_hash = load->policy_hash,
					.policy = load->policy_name,
					.applied = load->applied};
	struct model *model;

	labels_read(load);
	model = resolve_policy(load->arena, &load->policy, &load->facts, &load->diags);
	if (!options->keep_tree)
		tree_drop(load);
	if (!model || load->diags.errors)
		return;
	model->name = load->policy_name;
	bans_load(options, load->arena, &load->diags, &model->bans);
	if (!options->doubt_never &&
	    (options->doubt_always || model->rule_count <= CONTROL_DOUBT_RULES))
		doubt_shadowed(model, &load->sources, &load->diags);
	load->model = model;
	load->table = compile_model(load->arena, model, &load->sources, &marker);
}

/* Whoever reads the marker may be in another folder. */
static const char *name_absolute(struct arena *arena, const char *path)
{
	auto_free char *real = realpath(path, NULL);

	return real ? arena_strdup(arena, real) : path;
}

static int texts_read(const struct control_options *options, struct control_load *load,
		      struct err *err)
{
	struct reader reader;
	int r;

	reader_init(&reader, load, options->draft, NULL);
	reader.calls.pack = !options->keep_tree;
	r = roots_find(load, &reader, options->policy_path, err);
	if (r < 0)
		return r;
	roots_read(load, &reader);
	load->applied = control_time(load->arena);
	load->policy_name = name_absolute(load->arena, options->policy_path);
	return 0;
}

static void snapshot_read(bool pack, const struct control_snapshot *snapshot,
			  struct control_load *load)
{
	struct reader reader;

	reader_init(&reader, load, NULL, snapshot);
	reader.calls.pack = pack;
	vec_each (&snapshot->roots, root)
		*vec_add(load->arena, &load->roots) = *root;
	roots_read(load, &reader);
	load->applied = arena_strdup(load->arena, snapshot->applied);
	load->policy_name = arena_strdup(load->arena, snapshot->policy);
}

int control_read_policy(const struct control_options *options, struct control_load *load,
			struct err *err)
{
	int r = texts_read(options, load, err);

	return r < 0 ? r : load->diags.errors ? -EINVAL : 0;
}

int control_read_snapshot(const struct control_snapshot *snapshot, struct control_load *load)
{
	snapshot_read(true, snapshot, load);
	return load->diags.errors ? -EINVAL : 0;
}

int control_make_table(const struct control_options *options, const struct control_load *texts,
		       struct control_load *load)
{
	load->policy = texts->policy;
	/* A label's sentence would become one more source: not in the texts' own list. */
	load->sources.items = texts->sources.items;
	load->sources.items.cap = load->sources.items.len;
	load->sentence_count = texts->sentence_count;
	load->policy_hash = texts->policy_hash;
	load->applied = texts->applied;
	load->policy_name = texts->policy_name;
	table_make(options, load);
	return load->table ? 0 : -EINVAL;
}

int control_load_policy(const struct control_options *options, struct control_load *load,
			struct err *err)
{
	int r = texts_read(options, load, err);

	if (r >= 0)
		r = control_read_facts(options, load, err);
	if (r < 0)
		return r;
	table_make(options, load);
	return load->table ? 0 : -EINVAL;
}

int control_load_snapshot(const struct control_options *options,
			  const struct control_snapshot *snapshot, struct control_load *load,
			  struct err *err)
{
	int r;

	snapshot_read(!options->keep_tree, snapshot, load);
	r = control_read_facts(options, load, err);
	if (r < 0)
		return r;
	table_make(options, load);
	return load->table ? 0 : -EINVAL;
}
