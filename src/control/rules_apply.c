/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loading, opening and closing by rules files. */
#include "control/rules_apply.h"

#include <errno.h>
#include <string.h>

#include "control/apply.h"
#include "control/rules_restore.h"
#include "control/rules_table.h"
#include "control/sshd.h"
#include "rules/print.h"

struct job {
	struct control_load *load;
	const struct rules_set *set;
	struct rules_variant variant;
	struct rules_table table;
	struct restore restores[RULES_FAMILIES];
	uint32_t count;
};

static void job_done(struct job *job)
{
	for (uint32_t i = 0; i < job->count; i++)
		restore_done(&job->restores[i]);
}

#define auto_job __attribute__((cleanup(job_done)))

/* A refusal that leads back to a line of the file is the file's mistake. */
static int job_refused(const struct job *job, int code, struct err *err)
{
	bool is_told = false;

	if (code != -EINVAL)
		return code;
	for (uint32_t i = 0; i < job->count; i++) {
		const struct restore *restore = &job->restores[i];

		if (!restore->refusal || !restore->at.source || is_told)
			continue;
		is_told = true;
		(void)diag_error(&job->load->diags, restore->at, DIAG_RULES_REFUSED_LINE,
				 "%s-restore does not take this: %s",
				 restore->family == RULES_V4 ? "iptables" : "ip6tables",
				 restore->refusal);
	}
	if (!is_told)
		(void)err_wrap(err, "cannot load '%s'", job->set->path);
	return -EINVAL;
}

static int job_start(struct job *job, bool force, struct err *err)
{
	int r = rules_variant_find(job->load->arena, &job->variant, err);

	if (r < 0)
		return r;
	if (job->variant.rival && !force)
		return err_set(err, -ENOTUNIQ,
			       "iptables-%s holds rules, but iptables-%s does too: a packet must "
			       "pass both, so what a file allows may still be refused; nothing was "
			       "changed, look at 'iptables-%s-save', remove what is left over "
			       "there, or go on with --force",
			       job->variant.name, job->variant.rival, job->variant.rival);
	r = rules_table_make(job->set, job->load, &job->table, err);
	if (r < 0)
		return r;
	for (int family = 0; family < RULES_FAMILIES; family++) {
		if (!job->variant.restore[family] || !job->table.rest[family])
			continue;
		restore_init(job->load->arena, (enum rules_family)family, job->table.rest[family],
			     &job->variant.before[family], &job->set->added[family],
			     &job->restores[job->count++]);
	}
	r = restore_test(job->load->arena, &job->variant, job->restores, job->count, err);
	return r < 0 ? job_refused(job, r, err) : 0;
}

/* What was loaded, as it was before; false: err says of each family what could not be put back. */
static bool job_put_back(struct job *job, struct err *err)
{
	bool is_back = true;

	for (uint32_t i = 0; i < job->count; i++) {
		struct restore *restore = &job->restores[i];
		struct err again = {0};
		struct err first = *err;

		if (!restore->is_loaded ||
		    restore_put_back(job->load->arena, &job->variant, restore, &again) >= 0)
			continue;
		is_back = false;
		(void)err_set(
			err, -EIO,
			"%s; and the %s rules could not be put back: %s; load them again with "
			"'wharfwall rules apply'",
			first.text, restore->family == RULES_V4 ? "IPv4" : "IPv6", again.text);
	}
	return is_back;
}

static int job_load(struct job *job, struct err *err)
{
	int r = restore_load(job->load->arena, &job->variant, job->restores, job->count, err);
	bool is_taken = r >= 0;

	if (is_taken)
		r = restore_verify(job->load->arena, &job->variant, job->restores, job->count, err);
	if (r >= 0)
		return r;
	if (!job_put_back(job, err))
		return -EIO;
	if (r == -ETIMEDOUT)
		(void)err_wrap(err, "the old rules are in force again; look at what holds it up, "
				    "then 'wharfwall rules apply' again");
	else if (is_taken)
		(void)err_wrap(err, "the old rules are in force again; look for another program "
				    "that changes rules, then 'wharfwall rules apply' again");
	return is_taken ? r : job_refused(job, r, err);
}

/* What belongs into our own table; a lockdown that is left is no reason to take the rules out. */
static int job_table(struct job *job, struct rules_applied *ret, struct err *err)
{
	struct err trouble = {0};
	int r = rules_table_put(job->set, &job->table, job->load->arena, &ret->lockdown_ended,
				&trouble);

	if (r >= 0)
		return 0;
	if (!job->table.want) {
		ret->trouble = trouble;
		(void)err_wrap(&ret->trouble, "the lockdown is still there");
		return 0;
	}
	(void)job_put_back(job, &trouble);
	if (err)
		*err = trouble;
	return trouble.code;
}

static void job_tell(const struct job *job, struct rules_applied *ret)
{
	ret->variant = job->variant.name;
	ret->table = job->table.want != NULL;
	for (uint32_t i = 0; i < job->count; i++) {
		const struct restore *restore = &job->restores[i];

		ret->loaded[restore->family] = true;
		vec_each (&restore->file->lines, line)
			ret->rules[restore->family] += line->kind == RULES_COMMAND &&
						       (line->command->verb == RULES_APPEND ||
							line->command->verb == RULES_INSERT);
		if (restore->family == RULES_V4)
			ret->chains = restore->uses.items.len;
	}
}

static int job_run(struct job *job, bool force, struct rules_applied *ret, struct err *err)
{
	int r = job_start(job, force, err);

	if (r >= 0)
		r = job_load(job, err);
	if (r >= 0)
		r = job_table(job, ret, err);
	if (r < 0)
		return r;
	job_tell(job, ret);
	return 0;
}

static void last_keep(const struct control_options *options, const struct job *job, struct err *err)
{
	struct rules_last last = {.applied = job->load->applied,
				  .source = job->set->path,
				  .backend = job->set->backend,
				  .external = job->set->remembered};
	struct str_buf texts[RULES_FAMILIES] = {{0}, {0}};

	for (uint32_t i = 0; i < job->count; i++)
		last.added[job->restores[i].family] = job->restores[i].added_now;
	for (int family = 0; family < RULES_FAMILIES; family++) {
		if (!job->set->family[family])
			continue;
		rules_print(job->set->family[family], &texts[family]);
		last.text[family] = str_buf_text(&texts[family]);
		last.len[family] = (uint32_t)texts[family].len;
	}
	if (rules_last_write(options->state_dir, job->set->name, &last, err) < 0)
		(void)err_wrap(err, "a boot will not know these rules as good");
	for (int family = 0; family < RULES_FAMILIES; family++)
		str_buf_done(&texts[family]);
}

int rules_apply(const struct control_options *options, const struct rules_set *set, bool force,
		struct control_load *load, struct rules_applied *ret, struct err *err)
{
	auto_job struct job job = {.load = load, .set = set};
	int r = job_run(&job, force, ret, err);

	if (r >= 0 && set->name && !ret->trouble.code)
		last_keep(options, &job, &ret->trouble);
	return r;
}

int rules_put(const struct rules_set *set, bool force, struct control_load *load,
	      struct rules_applied *ret, struct err *err)
{
	auto_job struct job job = {.load = load, .set = set};

	return job_run(&job, force, ret, err);
}

int rules_close(const struct control_options *options, const char *name, struct control_load *load,
		bool *ret_protected, struct err *err)
{
	struct control_options mine = *options;
	struct port_list ports = {0};
	bool is_loaded = false;
	int r = apply_is_loaded(load->arena, &is_loaded, err);

	if (r < 0)
		return r;
	*ret_protected = is_loaded;
	if (is_loaded)
		return 0;
	sshd_ports(load->arena, &load->facts, &ports);
	mine.policy_path = arena_printf(load->arena, RULES_MARKER_PREFIX "%s", name);
	return apply_lockdown(&mine, load->arena, ports.items.items, ports.items.len, err);
}
