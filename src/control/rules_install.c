/* SPDX-License-Identifier: GPL-2.0-or-later */
/* install-units: what to write, and what stands in the way. */
#include "control/rules_install.h"

#include <sys/stat.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "control/rules_conflict.h"

#define UNIT_FOLDER "/etc/systemd/system"
#define RULES_FOLDER "/etc/iptables"
#define FILE_BYTES_MAX 1048576u
#define OWN_HEAD "# Part of wharfwall"
#define FILE_MODE 0644
#define FOLDER_MODE 0755

struct item {
	const char *source; /* in the data folder */
	const char *folder;
	const char *name;
	bool unit;
};

static const struct item items[] = {
	{"units/iptables.service", UNIT_FOLDER, "iptables.service", true},
	{"units/iptables@.service", UNIT_FOLDER, "iptables@.service", true},
	{"rules/base.rules", RULES_FOLDER, "base.rules", false},
	{"rules/base.rules.empty", RULES_FOLDER, "base.rules.empty", false},
};

struct plan_job {
	struct arena *arena;
	const char *root;
	bool force;
	struct install_plan *plan;
};

static void refuse(struct plan_job *job, struct install_file *file, const char *reason)
{
	file->step = INSTALL_REFUSE;
	file->reason = reason;
	job->plan->refused++;
}

static const char *link_target(struct arena *arena, const char *path)
{
	char target[4096];
	ssize_t len = readlink(path, target, sizeof(target) - 1);

	if (len < 0)
		return "?";
	target[len] = '\0';
	return arena_strdup(arena, target);
}

static void link_refuse(struct plan_job *job, struct install_file *file)
{
	const char *target = link_target(job->arena, file->target);

	if (strstr(target, "netfilter-persistent"))
		refuse(job, file,
		       arena_printf(job->arena,
				    "it is a link to '%s': iptables-persistent has this name as "
				    "an alias, and writing here would overwrite its own unit; "
				    "'systemctl disable netfilter-persistent' takes the alias away",
				    target));
	else
		refuse(job, file,
		       arena_printf(job->arena,
				    "it is a link to '%s', and writing here would overwrite that; "
				    "remove the link if nobody needs it",
				    target));
}

/* The units that wharfwall was asked to replace run iptables-restore on the same files. */
static bool is_predecessor(const char *text)
{
	return strstr(text, "ExecStart=/sbin/iptables-restore -v -n $IPTABLES_RULES") ||
	       (strstr(text, "ExecStart=/bin/true") &&
		strstr(text, "Documentation=man:iptables man:iptables-restore"));
}

/* A unit of the same name that a package put elsewhere would be hidden by ours. */
static const char *package_unit(struct plan_job *job, const char *name)
{
	static const char *const folders[] = {"/usr/lib/systemd/system", "/lib/systemd/system",
					      "/usr/local/lib/systemd/system",
					      "/run/systemd/system"};

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		const char *path = arena_printf(job->arena, "%s%s/%s", job->root, folders[i], name);

		if (access(path, F_OK) == 0)
			return path;
	}
	return NULL;
}

static int existing_judge(struct plan_job *job, const struct item *item, struct install_file *file,
			  struct err *err)
{
	char *text = NULL;
	uint32_t len = 0;
	int r;

	if (!item->unit) {
		file->step = INSTALL_KEEP;
		return 0;
	}
	r = file_read(job->arena, file->target, FILE_ANY, FILE_BYTES_MAX, &text, &len, err);
	if (r < 0)
		return r;
	if (len == file->len && memcmp(text, file->text, len) == 0)
		file->step = INSTALL_SAME;
	else if (str_starts(text, OWN_HEAD))
		file->step = INSTALL_WRITE;
	else if (is_predecessor(text) || job->force)
		file->step = INSTALL_SAVE;
	else
		refuse(job, file,
		       "somebody else's unit has this name; look at it, then remove it, or --force "
		       "keeps it as FILE.saved and goes on");
	return 0;
}

static int item_plan(struct plan_job *job, const struct item *item, const char *data_dir,
		     struct err *err)
{
	struct install_file *file = vec_add(job->arena, &job->plan->files);
	const char *source = arena_printf(job->arena, "%s/%s", data_dir, item->source);
	const char *other;
	char *text = NULL;
	struct stat info;
	int r = file_read(job->arena, source, FILE_ANY, FILE_BYTES_MAX, &text, &file->len, err);

	if (r < 0)
		return err_wrap(err, "wharfwall is not wholly installed ('make install')");
	file->text = text;
	file->target = arena_printf(job->arena, "%s%s/%s", job->root, item->folder, item->name);
	if (lstat(file->target, &info) == 0) {
		if (item->unit && S_ISLNK(info.st_mode))
			link_refuse(job, file);
		else
			return existing_judge(job, item, file, err);
		return 0;
	}
	if (errno != ENOENT && errno != ENOTDIR)
		return err_errno(err, "cannot look at '%s'", file->target);
	other = item->unit ? package_unit(job, item->name) : NULL;
	if (other && !job->force)
		refuse(job, file,
		       arena_printf(job->arena,
				    "the unit '%s' has the same name and would be hidden; remove "
				    "its package, or go on with --force",
				    other));
	return 0;
}

int rules_install_plan(struct arena *arena, const char *root, const char *data_dir, bool force,
		       struct install_plan *ret, struct err *err)
{
	struct plan_job job = {.arena = arena, .root = root, .force = force, .plan = ret};
	const char *inside = arena_printf(arena, "%s%s", root, data_dir);

	/* Installed with DESTDIR, the files lie below the root too. */
	if (*root && access(inside, F_OK) == 0)
		data_dir = inside;
	for (size_t i = 0; i < sizeof(items) / sizeof(*items); i++) {
		int r = item_plan(&job, &items[i], data_dir, err);

		if (r < 0)
			return r;
	}
	rules_conflicts(arena, root, ret);
	return 0;
}

static int file_install(struct arena *arena, const struct install_file *file, struct err *err)
{
	const char *slash = strrchr(file->target, '/');
	const char *saved = arena_printf(arena, "%s.saved", file->target);
	int r;

	if (file->step != INSTALL_WRITE && file->step != INSTALL_SAVE)
		return 0;
	r = file_make_dir(arena_strndup(arena, file->target, (size_t)(slash - file->target)),
			  FOLDER_MODE, err);
	if (r < 0)
		return r;
	if (file->step == INSTALL_SAVE && link(file->target, saved) < 0 && errno != EEXIST)
		return err_errno(err, "cannot keep '%s' as '%s'", file->target, saved);
	return file_write_atomic(file->target, file->text, file->len, FILE_MODE, err);
}

int rules_install(struct arena *arena, const struct install_plan *plan, struct err *err)
{
	if (plan->refused)
		return err_set(err, -EEXIST, "something stands in the way; nothing was written");
	vec_each (&plan->files, file) {
		int r = file_install(arena, file, err);

		if (r < 0)
			return r;
	}
	return 0;
}
