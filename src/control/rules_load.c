/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a rules file for this host. */
#include "control/rules_load.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "analyse/rules_doubt.h"
#include "base/file.h"
#include "base/limits.h"
#include "control/rules_table.h"
#include "rules/expand.h"
#include "rules/read.h"
#include "rules/twin.h"

#define NAME_BYTES_MAX 40u /* the marker of a table holds it whole */

bool rules_name_is_good(const char *name)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789_.:-";

	return *name && *name != '.' && *name != '-' && strlen(name) <= NAME_BYTES_MAX &&
	       strspn(name, good) == strlen(name);
}

static int paths_find(const struct rules_request *request, struct control_load *load,
		      struct rules_set *ret, struct err *err)
{
	const char *suffix = request->empty ? "rules.empty" : "rules";

	if (strchr(request->operand, '/')) {
		ret->path = request->operand;
		if (request->empty && !str_ends(ret->path, ".empty"))
			ret->path = arena_printf(load->arena, "%s.empty", ret->path);
		return 0;
	}
	if (!rules_name_is_good(request->operand))
		return err_set(err, -ENAMETOOLONG,
			       "'%s' is no name of a rules file: letters, digits and '_.:-', or a "
			       "path with a '/'",
			       request->operand);
	ret->name = request->operand;
	ret->path = arena_printf(load->arena, RULES_FOLDER "/%s.%s", ret->name, suffix);
	return 0;
}

static int file_load(struct control_load *load, const char *path, struct rules_file **ret,
		     struct err *err)
{
	char *text = NULL;
	uint32_t len = 0;
	int r = file_read(load->arena, path, FILE_PRIVATE, LIMIT_RULES_BYTES, &text, &len, err);

	if (r < 0)
		return r;
	*ret = rules_read(load->arena, &load->sources,
			  source_set_add(&load->sources, path, text, len), &load->diags);
	return load->diags.errors ? -EINVAL : 0;
}

/* "eth0 (from the last load)": what the placeholder stands for now, and what is kept of it. */
static int external_find(const struct rules_request *request, const struct rules_last *last,
			 struct control_load *load, struct rules_set *ret, struct err *err)
{
	int r = rules_external(load->arena, &load->facts, &ret->external, err);

	if (r >= 0)
		ret->remembered = ret->external;
	if (!request->boot)
		return r;
	r = rules_external_boot(load->arena, &load->facts, &last->external, &ret->external, err);
	/* Without routes what was known with them is worth more than what is there. */
	if (r >= 0 && !ret->remembered.items.len)
		ret->remembered = last->external.items.len ? last->external : ret->external;
	return r;
}

static int file_expand(const struct rules_request *request, const struct rules_last *last,
		       struct control_load *load, struct rules_set *ret, struct rules_file **file,
		       struct err *err)
{
	int r;

	if (!rules_has_placeholder(*file))
		return 0;
	if (!ret->placeholder) {
		r = external_find(request, last, load, ret, err);
		if (r < 0)
			return err_wrap(err, "cannot load '%s'", ret->path);
		ret->placeholder = true;
	}
	*file = rules_expand(load->arena, *file, ret->external.items.items, ret->external.items.len,
			     &load->diags);
	return *file ? 0 : -EINVAL;
}

/* NAME.rules6 or FILE6 beside it, where there is one. */
static int twin_load(const struct rules_request *request, const struct rules_last *last,
		     struct control_load *load, const struct rules_file *file,
		     struct rules_set *ret, struct err *err)
{
	const char *path = arena_printf(load->arena, "%s6", ret->path);
	struct rules_file *own = NULL;
	int r;

	if (request->empty || access(path, F_OK) < 0) {
		ret->family[RULES_V6] = rules_twin(load->arena, file, &load->diags);
		return 0;
	}
	ret->twin = path;
	r = file_load(load, path, &own, err);
	if (r >= 0)
		r = file_expand(request, last, load, ret, &own, err);
	ret->family[RULES_V6] = own;
	return r;
}

/* What `stop` would load, to be judged beside the file; it may be missing or wrong. */
static const struct rules_file *empty_file(struct control_load *load, const struct rules_set *set)
{
	const char *path = arena_printf(load->arena, "%s.empty", set->path);
	struct diag_list unheard = {.arena = load->arena};
	struct source_set sources = {.arena = load->arena};
	char *text = NULL;
	uint32_t len = 0;

	if (file_read(load->arena, path, FILE_ANY, LIMIT_RULES_BYTES, &text, &len, NULL) < 0)
		return NULL;
	return rules_read(load->arena, &sources, source_set_add(&sources, path, text, len),
			  &unheard);
}

static void file_doubt(const struct rules_request *request, struct control_load *load,
		       const struct rules_set *set, const struct rules_file *file)
{
	struct rules_doubt_scene scene = {.facts = &load->facts};
	struct rules_doubt_ssh ssh;

	if (request->ssh) {
		ssh = (struct rules_doubt_ssh){.client = request->ssh->client,
					       .server = request->ssh->server,
					       .client_port = request->ssh->client_port,
					       .server_port = request->ssh->server_port};
		scene.ssh = &ssh;
	}
	scene.external = set->external.items.items;
	scene.external_count = set->external.items.len;
	scene.has_rules6 = access(arena_printf(load->arena, "%s6", set->path), F_OK) == 0;
	scene.empty = request->check ? empty_file(load, set) : NULL;
	rules_doubt(file, &scene, &load->diags);
}

int rules_load(const struct control_options *options, const struct rules_request *request,
	       struct control_load *load, struct rules_set *ret, struct err *err)
{
	struct rules_file *file = NULL;
	struct rules_file *expanded;
	struct rules_last last = {0};
	int r = paths_find(request, load, ret, err);

	if (r >= 0)
		r = file_load(load, ret->path, &file, err);
	if (r >= 0)
		r = control_read_facts(options, load, err);
	if (r < 0)
		return r;
	load->applied = control_time(load->arena);
	if (ret->name)
		(void)rules_last_read(load->arena, options->state_dir, ret->name, &last, NULL);
	memcpy(ret->added, last.added, sizeof(ret->added));
	ret->backend = rules_backend(load->arena, &load->facts, last.backend);
	expanded = file;
	r = file_expand(request, &last, load, ret, &expanded, err);
	if (!request->empty)
		file_doubt(request, load, ret, file);
	if (r >= 0 && load->diags.errors)
		r = -EINVAL;
	if (r >= 0)
		r = twin_load(request, &last, load, expanded, ret, err);
	if (r < 0)
		return r;
	ret->family[RULES_V4] = rules_only4(load->arena, expanded, &load->diags);
	return load->diags.errors ? -EINVAL : 0;
}

static int text_read(struct control_load *load, const char *name, const char *text, uint32_t len,
		     struct rules_file **ret)
{
	*ret = rules_read(load->arena, &load->sources,
			  source_set_add(&load->sources, name, text, len), &load->diags);
	return load->diags.errors ? -EINVAL : 0;
}

int rules_load_last(const struct control_options *options, const char *name,
		    struct control_load *load, struct rules_set *ret, struct err *err)
{
	struct rules_last last = {0};
	int r = rules_last_read(load->arena, options->state_dir, name, &last, err);

	for (int family = 0; family < RULES_FAMILIES && r >= 0; family++) {
		if (last.text[family])
			r = text_read(load, last.source, last.text[family], last.len[family],
				      &ret->family[family]);
	}
	if (r < 0)
		return r;
	ret->name = name;
	ret->path = last.source;
	ret->external = last.external;
	ret->remembered = last.external;
	memcpy(ret->added, last.added, sizeof(ret->added));
	ret->backend = rules_backend(load->arena, &load->facts, last.backend);
	load->applied = last.applied;
	return 0;
}
