/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Live chains against a rules file. */
#include "control/rules_diff.h"

#include <sched.h>
#include <string.h>

#include "compile/compile.h"
#include "control/rules_restore.h"
#include "control/rules_table.h"

#define FORWARD "FORWARD"
#define LINES_MAX 4096u /* compared line by line; past that as a whole */
#define JUMP "-A " FORWARD " -j " RULES_USER_CHAIN

struct lines {
	VEC(const char *) items;
};

static bool has_jump(const struct save_chain *chain)
{
	return chain && chain->lines.len && str_eq(chain->lines.items[0], JUMP);
}

static bool holds(const struct save_chain *chain, const char *line)
{
	if (!chain)
		return false;
	vec_each (&chain->lines, own) {
		if (str_eq(*own, line))
			return true;
	}
	return false;
}

static bool was_added(const struct rules_added_list *added, const char *table, const char *line)
{
	vec_each (&added->items, item) {
		if (str_eq(item->table, table) && str_eq(item->line, line))
			return true;
	}
	return false;
}

/* What is compared: a chain in the kernel, and as the file would leave it in an empty one. */
struct comparing {
	struct arena *arena;
	const struct rules_uses *uses;
	const struct save *live;
	const struct save *want;
	const struct rules_added_list *added; /* by the last load */
};

/*
 * The lines of a chain that the file decides: of FORWARD, maybe, the policy and the jump only; of a
 * chain that the engine has rules in too those that are the file's, now or at its last load.
 */
static void lines_of(const struct comparing *comparing, const struct chain_use *use,
		     const struct save_chain *chain, struct lines *ret)
{
	const struct save_chain *want = save_find(comparing->want, use->table, use->name);
	bool jumps = rules_use_find(comparing->uses, "filter", RULES_USER_CHAIN);
	bool whole = chain_use_replaces(use) || use->edited;
	bool jump = jumps && str_eq(use->table, "filter") && str_eq(use->name, FORWARD);

	if (!chain)
		return;
	if (use->policy)
		*vec_add(comparing->arena, &ret->items) =
			arena_printf(comparing->arena, ":%s %s", use->name, chain->policy);
	if (!whole && jump && has_jump(chain))
		*vec_add(comparing->arena, &ret->items) = JUMP;
	if (!whole && !use->shared && !use->dropped)
		return;
	vec_each (&chain->lines, line) {
		if (!whole &&
		    ((jump && str_eq(*line, JUMP)) ||
		     (!holds(want, *line) && !was_added(comparing->added, use->table, *line))))
			continue;
		*vec_add(comparing->arena, &ret->items) = *line;
	}
}

static void line_add(struct str_buf *out, char sign, const char *line)
{
	str_buf_addc(out, sign);
	str_buf_add_visible(out, line, strlen(line));
	str_buf_addc(out, '\n');
}

/* The longest common subsequence of what stands from i and k on. */
static uint32_t *common_make(struct arena *arena, const struct lines *a, const struct lines *b)
{
	uint32_t width = b->items.len + 1;
	uint32_t *common = arena_new_array(arena, uint32_t, (size_t)(a->items.len + 1) * width);

	for (uint32_t i = a->items.len; i-- > 0;) {
		for (uint32_t k = b->items.len; k-- > 0;) {
			uint32_t down = common[(i + 1) * width + k];
			uint32_t right = common[i * width + k + 1];

			if (str_eq(a->items.items[i], b->items.items[k]))
				common[i * width + k] = common[(i + 1) * width + k + 1] + 1;
			else
				common[i * width + k] = down > right ? down : right;
		}
	}
	return common;
}

static void lines_diff(struct arena *arena, const struct lines *a, const struct lines *b,
		       struct str_buf *out)
{
	bool small = a->items.len <= LINES_MAX && b->items.len <= LINES_MAX;
	uint32_t *common = small ? common_make(arena, a, b) : NULL;
	uint32_t width = b->items.len + 1;
	uint32_t i = 0;
	uint32_t k = 0;

	while (i < a->items.len || k < b->items.len) {
		bool both = i < a->items.len && k < b->items.len;

		if (both && small && str_eq(a->items.items[i], b->items.items[k])) {
			line_add(out, ' ', a->items.items[i++]);
			k++;
		} else if (k == b->items.len ||
			   (both &&
			    (!small || common[(i + 1) * width + k] >= common[i * width + k + 1]))) {
			line_add(out, '-', a->items.items[i++]);
		} else {
			line_add(out, '+', b->items.items[k++]);
		}
	}
}

static bool lines_equal(const struct lines *a, const struct lines *b)
{
	if (a->items.len != b->items.len)
		return false;
	for (uint32_t i = 0; i < a->items.len; i++) {
		if (!str_eq(a->items.items[i], b->items.items[i]))
			return false;
	}
	return true;
}

static void chains_diff(const struct comparing *comparing, const char *title, struct str_buf *out)
{
	bool titled = false;

	vec_each (&comparing->uses->items, use) {
		struct lines a = {0};
		struct lines b = {0};

		lines_of(comparing, use, save_find(comparing->live, use->table, use->name), &a);
		lines_of(comparing, use, save_find(comparing->want, use->table, use->name), &b);
		if (lines_equal(&a, &b))
			continue;
		if (!titled)
			str_buf_adds(out, title);
		titled = true;
		str_buf_addf(out, "@@ %s %s @@\n", use->table, use->name);
		lines_diff(comparing->arena, &a, &b, out);
	}
}

/* FORWARD belongs to what is compared as soon as a jump is wanted there. */
static void forward_add(struct arena *arena, struct rules_uses *uses)
{
	struct chain_use *use;

	if (!rules_use_find(uses, "filter", RULES_USER_CHAIN) ||
	    rules_use_find(uses, "filter", FORWARD))
		return;
	use = vec_add(arena, &uses->items);
	use->table = "filter";
	use->name = FORWARD;
}

static int family_diff(const struct rules_set *set, const struct rules_file *file,
		       const struct rules_variant *variant, enum rules_family family,
		       struct control_load *load, struct str_buf *out, struct err *err)
{
	struct arena *arena = load->arena;
	const struct rules_added_list none_added = {0};
	struct save nothing = {0};
	struct save want[RULES_FAMILIES] = {0};
	struct rules_uses uses = {0};
	struct restore restore;
	const char *title;
	int r;

	restore_init(arena, family, file, &nothing, &none_added, &restore);
	r = restore_load(arena, variant, &restore, 1, err);
	if (r >= 0)
		r = rules_variant_save(arena, variant, want, err);
	if (r < 0 && restore.refusal && restore.at.source)
		(void)diag_error(&load->diags, restore.at, DIAG_RULES_REFUSED_LINE,
				 "iptables-restore does not take this: %s", restore.refusal);
	restore_done(&restore);
	if (r < 0)
		return r;
	rules_uses_of(arena, file, &variant->before[family], &set->added[family], &uses);
	forward_add(arena, &uses);
	title = arena_printf(arena, "--- live, IPv%c (iptables-%s)\n+++ %s\n",
			     family == RULES_V4 ? '4' : '6', variant->name,
			     family == RULES_V6 && set->twin ? set->twin : set->path);
	chains_diff(&(struct comparing){arena, &uses, &variant->before[family], &want[family],
					&set->added[family]},
		    title, out);
	return 0;
}

int rules_diff(const struct rules_set *set, struct control_load *load, struct str_buf *out,
	       struct err *err)
{
	struct rules_table table = {0};
	struct rules_variant variant;
	int r = rules_variant_find(load->arena, &variant, err);

	if (r >= 0)
		r = rules_table_make(set, load, &table, err);
	if (r < 0)
		return r;
	if (table.want && !rules_table_is_live(load->arena, set))
		str_buf_addf(out, "@@ table inet " COMPILE_TABLE_NAME " @@\n"
				  "+the rules of " RULES_USER_CHAIN "\n");
	if (unshare(CLONE_NEWNET) < 0)
		return err_errno(err, "cannot make a network namespace to compare in");
	for (int family = 0; family < RULES_FAMILIES && r >= 0; family++) {
		if (variant.restore[family] && table.rest[family])
			r = family_diff(set, table.rest[family], &variant,
					(enum rules_family)family, load, out, err);
	}
	return r;
}
