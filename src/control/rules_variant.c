/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding the variant of iptables that the rules of this host live in. */
#include "control/rules_variant.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "host/program.h"

#define SAVE_TIMEOUT_MS 10000u

static const char *const prefixes[RULES_FAMILIES] = {"iptables", "ip6tables"};

/* A kernel without IPv6, or booted with ipv6.disable=1, has no such folder. */
static bool has_ipv6(void)
{
	return access("/proc/sys/net/ipv6", F_OK) == 0;
}

/* "nft" gives iptables-nft-restore and so on; "" the commands without a variant in their name. */
static bool variant_programs(struct arena *arena, const char *name, struct rules_variant *ret)
{
	const char *middle = *name ? arena_printf(arena, "-%s", name) : "";

	*ret = (struct rules_variant){.name = *name ? name : "iptables"};
	for (int family = 0; family < RULES_FAMILIES; family++) {
		if (family == RULES_V6 && !has_ipv6())
			continue;
		ret->restore[family] = program_find(
			arena, arena_printf(arena, "%s%s-restore", prefixes[family], middle));
		ret->save[family] = program_find(
			arena, arena_printf(arena, "%s%s-save", prefixes[family], middle));
		if (!ret->restore[family] || !ret->save[family])
			ret->restore[family] = ret->save[family] = NULL;
	}
	return ret->restore[RULES_V4] != NULL;
}

/* Legacy tables that nobody uses must not come to life because we look at them. */
static bool legacy_is_used(enum rules_family family)
{
	const char *path =
		family == RULES_V4 ? "/proc/net/ip_tables_names" : "/proc/net/ip6_tables_names";
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	char byte;

	return fd >= 0 && read(fd, &byte, 1) == 1;
}

struct look {
	struct program_run runs[2 * RULES_FAMILIES];
	struct save *targets[2 * RULES_FAMILIES];
	uint32_t count;
};

static void look_add(struct arena *arena, struct look *look, struct rules_variant *variant,
		     bool legacy)
{
	for (int family = 0; family < RULES_FAMILIES; family++) {
		const char **argv;

		if (!variant->save[family] ||
		    (legacy && !legacy_is_used((enum rules_family)family)))
			continue;
		argv = arena_new_array(arena, const char *, 2);
		argv[0] = variant->save[family];
		look->runs[look->count] = (struct program_run){.argv = argv};
		look->targets[look->count++] = &variant->before[family];
	}
}

static int look_done(struct arena *arena, struct look *look, struct err *err)
{
	int r = program_run_all(arena, look->runs, look->count, SAVE_TIMEOUT_MS, err);

	for (uint32_t i = 0; i < look->count && r >= 0; i++) {
		if (look->runs[i].status != 0)
			return err_set(err, -EIO,
				       "'%s' fails: %s; nothing was changed, run it to see why",
				       look->runs[i].argv[0], look->runs[i].complaint);
		save_parse(arena, look->runs[i].out, look->targets[i]);
	}
	return r;
}

/* The variant that the plain command is, by the system's alternatives. */
static bool plain_is_legacy(struct arena *arena)
{
	const char *plain = program_find(arena, "iptables-restore");
	auto_free char *real = plain ? realpath(plain, NULL) : NULL;

	return real && strstr(real, "legacy");
}

static bool holds(const struct rules_variant *variant, bool (*question)(const struct save *))
{
	return question(&variant->before[RULES_V4]) || question(&variant->before[RULES_V6]);
}

int rules_variant_choose(struct rules_variant *nft, struct rules_variant *legacy,
			 bool plain_is_legacy, struct rules_variant *ret, struct err *err)
{
	bool in_nft = holds(nft, save_holds_engine);
	bool in_legacy = holds(legacy, save_holds_engine);
	struct rules_variant *mine = plain_is_legacy ? legacy : nft;
	struct rules_variant *other;

	if (in_nft && in_legacy)
		return err_set(
			err, -EEXIST,
			"both variants of iptables hold chains of a container engine, which "
			"was started with one and later with the other; nothing was changed: "
			"a reboot, or 'iptables-legacy -F' and 'iptables-legacy -t nat -F' "
			"if it runs with nft, removes those that it does not use");
	if (!in_nft && !in_legacy) {
		in_nft = holds(nft, save_holds_user_chain);
		in_legacy = holds(legacy, save_holds_user_chain);
	}
	if (in_nft != in_legacy)
		mine = in_nft ? nft : legacy;
	if (!mine->restore[RULES_V4])
		mine = mine == nft ? legacy : nft;
	other = mine == nft ? legacy : nft;
	*ret = *mine;
	ret->engine = in_nft || in_legacy;
	ret->rival = holds(other, save_holds_rules) ? other->name : NULL;
	return 0;
}

int rules_variant_find(struct arena *arena, struct rules_variant *ret, struct err *err)
{
	struct rules_variant nft;
	struct rules_variant legacy;
	struct look look = {0};
	bool has_nft = variant_programs(arena, "nft", &nft);
	bool has_legacy = variant_programs(arena, "legacy", &legacy);
	int r;

	if (!has_nft && !has_legacy && !variant_programs(arena, "", &nft))
		return err_set(err, -ENOENT,
			       "rules files need iptables, which is not installed; nothing was "
			       "changed: 'apt install iptables' (or your system's package of that "
			       "name), or turn the file into a policy with 'wharfwall import'");
	look_add(arena, &look, &nft, false);
	if (has_legacy)
		look_add(arena, &look, &legacy, true);
	r = look_done(arena, &look, err);
	if (r < 0)
		return r;
	return rules_variant_choose(&nft, &legacy, plain_is_legacy(arena), ret, err);
}

int rules_variant_save(struct arena *arena, const struct rules_variant *variant,
		       struct save ret[RULES_FAMILIES], struct err *err)
{
	struct rules_variant again = *variant;
	struct look look = {0};
	int r;

	memset(again.before, 0, sizeof(again.before));
	look_add(arena, &look, &again, false);
	r = look_done(arena, &look, err);
	memcpy(ret, again.before, sizeof(again.before));
	return r;
}
