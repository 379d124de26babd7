/* SPDX-License-Identifier: GPL-2.0-or-later */
/* install-units in a root of its own: what is free, ours, another's, a link; who else is there. */
#include "control/rules_install.h"

#include <sys/stat.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/str.h"

#define UNIT "/etc/systemd/system/iptables.service"
#define TEMPLATE "/etc/systemd/system/iptables@.service"

static char folder[64];

static void put(const char *path, const char *text)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	char *full = arena_printf(arena, "%s%s", folder, path);
	const char *slash = strrchr(full, '/');

	assert_int_equal(
		file_make_dir(arena_strndup(arena, full, (size_t)(slash - full)), 0755, NULL), 0);
	assert_int_equal(file_write_atomic(full, text, strlen(text), 0644, NULL), 0);
}

static int folder_make(void **state)
{
	(void)state;
	(void)str_copy(folder, sizeof(folder), "/tmp/wharfwall-install-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	put("/data/units/iptables.service", "# Part of wharfwall\none\n");
	put("/data/units/iptables@.service", "# Part of wharfwall\ntwo\n");
	put("/data/rules/base.rules", "*filter\nCOMMIT\n");
	put("/data/rules/base.rules.empty", "*filter\nCOMMIT\n");
	return 0;
}

static int entry_remove(const char *path, const struct stat *info, int type, struct FTW *walk)
{
	(void)info;
	(void)type;
	(void)walk;
	return remove(path);
}

static int folder_remove(void **state)
{
	(void)state;
	return nftw(folder, entry_remove, 8, FTW_DEPTH | FTW_PHYS);
}

static char *content(struct arena *arena, const char *path)
{
	char *text = NULL;
	uint32_t len = 0;

	if (file_read(arena, arena_printf(arena, "%s%s", folder, path), FILE_ANY, 4096, &text, &len,
		      NULL) < 0)
		return NULL;
	return text;
}

static struct install_plan plan_make(struct arena *arena, bool force)
{
	struct install_plan plan = {0};
	struct err err = {0};

	assert_int_equal(rules_install_plan(arena, folder, "/data", force, &plan, &err), 0);
	assert_int_equal(plan.files.len, 4);
	return plan;
}

static enum install_step step_of(const struct install_plan *plan, const char *path)
{
	vec_each (&plan->files, file) {
		if (str_ends(file->target, path))
			return (enum install_step)file->step;
	}
	fail();
	return INSTALL_REFUSE;
}

static void test_empty_root(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct install_plan plan = plan_make(arena, false);

	(void)state;
	assert_int_equal(plan.refused, 0);
	assert_int_equal(plan.conflicts.len, 0);
	assert_int_equal(step_of(&plan, UNIT), INSTALL_WRITE);
	assert_int_equal(rules_install(arena, &plan, NULL), 0);
	assert_string_equal(content(arena, UNIT), "# Part of wharfwall\none\n");
	assert_string_equal(content(arena, "/etc/iptables/base.rules"), "*filter\nCOMMIT\n");
	/* the second time there is nothing to do, and what was edited stays */
	put("/etc/iptables/base.rules", "# mine\n");
	plan = plan_make(arena, false);
	assert_int_equal(step_of(&plan, UNIT), INSTALL_SAME);
	assert_int_equal(step_of(&plan, "base.rules"), INSTALL_KEEP);
	assert_int_equal(rules_install(arena, &plan, NULL), 0);
	assert_string_equal(content(arena, "/etc/iptables/base.rules"), "# mine\n");
	/* an older one of ours is replaced */
	put(UNIT, "# Part of wharfwall\nold\n");
	plan = plan_make(arena, false);
	assert_int_equal(step_of(&plan, UNIT), INSTALL_WRITE);
}

/* Debian's iptables-persistent: writing would go through the link into its own unit. */
static void test_link(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct install_plan plan;
	char link_path[128];
	char target[128];

	(void)state;
	put("/lib/systemd/system/netfilter-persistent.service", "theirs\n");
	put("/etc/systemd/system/x", "");
	(void)snprintf(link_path, sizeof(link_path), "%s%s", folder, UNIT);
	(void)snprintf(target, sizeof(target), "%s/lib/systemd/system/netfilter-persistent.service",
		       folder);
	assert_int_equal(symlink(target, link_path), 0);
	for (int force = 0; force < 2; force++) {
		plan = plan_make(arena, force);
		assert_int_equal(plan.refused, 1);
		assert_int_equal(step_of(&plan, UNIT), INSTALL_REFUSE);
		assert_non_null(strstr(plan.files.items[0].reason, "netfilter-persistent"));
		/* nothing of it is written then */
		assert_int_equal(rules_install(arena, &plan, NULL), -EEXIST);
		assert_null(content(arena, TEMPLATE));
	}
	assert_string_equal(content(arena, "/lib/systemd/system/netfilter-persistent.service"),
			    "theirs\n");
}

static void test_foreign(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct install_plan plan;

	(void)state;
	put(UNIT, "[Unit]\nDescription=somebody else\n");
	plan = plan_make(arena, false);
	assert_int_equal(step_of(&plan, UNIT), INSTALL_REFUSE);
	plan = plan_make(arena, true);
	assert_int_equal(step_of(&plan, UNIT), INSTALL_SAVE);
	assert_int_equal(rules_install(arena, &plan, NULL), 0);
	assert_string_equal(content(arena, UNIT ".saved"), "[Unit]\nDescription=somebody else\n");
	assert_string_equal(content(arena, UNIT), "# Part of wharfwall\none\n");
}

/* The unit of the article is what we were asked to replace: kept beside, no --force needed. */
static void test_predecessor(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct install_plan plan;

	(void)state;
	put(TEMPLATE, "[Service]\nExecStart=/sbin/iptables-restore -v -n $IPTABLES_RULES\n");
	plan = plan_make(arena, false);
	assert_int_equal(step_of(&plan, TEMPLATE), INSTALL_SAVE);
}

/* A package's unit of that name would be hidden. */
static void test_package(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct install_plan plan;

	(void)state;
	put("/lib/systemd/system/iptables.service", "[Unit]\n");
	plan = plan_make(arena, false);
	assert_int_equal(step_of(&plan, UNIT), INSTALL_REFUSE);
	plan = plan_make(arena, true);
	assert_int_equal(step_of(&plan, UNIT), INSTALL_WRITE);
}

static void test_conflicts(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct install_plan plan;

	(void)state;
	put("/etc/systemd/system/multi-user.target.wants/ufw.service", "");
	put("/etc/systemd/system/multi-user.target.wants/firewalld.service", "");
	put("/etc/ufw/ufw.conf", "# x\nENABLED=no\n");
	plan = plan_make(arena, false);
	assert_int_equal(plan.conflicts.len, 1);
	assert_string_equal(plan.conflicts.items[0].unit, "firewalld.service");
	assert_string_equal(plan.conflicts.items[0].state, "enabled");
	put("/etc/ufw/ufw.conf", "# x\nENABLED=yes\n");
	put("/etc/systemd/system/sysinit.target.wants/nftables.service", "");
	put("/etc/systemd/system/multi-user.target.wants/netfilter-persistent.service", "");
	plan = plan_make(arena, false);
	assert_int_equal(plan.conflicts.len, 4);
	assert_int_equal(plan.refused, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_empty_root),	TEST(test_link),    TEST(test_foreign),
		TEST(test_predecessor), TEST(test_package), TEST(test_conflicts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
