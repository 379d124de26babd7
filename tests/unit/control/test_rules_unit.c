/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why systemd runs ExecStop=, by the jobs that it lists. */
#include "control/rules_unit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define UNIT "iptables@base.service"

static const struct {
	const char *jobs;
	enum rules_unit_stop want;
} cases[] = {
	/* systemctl stop iptables@base; systemctl stop iptables */
	{"1234 iptables@base.service stop running\n", RULES_UNIT_STOP},
	{"1234 iptables@base.service stop running\n1233 iptables.service stop running\n",
	 RULES_UNIT_STOP},
	/* systemctl restart, of it or of its parent; of another instance */
	{"1234 iptables@base.service restart running\n", RULES_UNIT_RESTART},
	{"77 iptables@base.service try-restart running\n", RULES_UNIT_RESTART},
	{"77 iptables@other.service stop running\n", RULES_UNIT_UNKNOWN},
	/* poweroff, reboot: also when the order of lines is another */
	{"90 iptables@base.service stop waiting\n91 poweroff.target start waiting\n",
	 RULES_UNIT_SHUTDOWN},
	{"90 reboot.target start waiting\n91 iptables@base.service stop running\n",
	 RULES_UNIT_SHUTDOWN},
	{"  90 shutdown.target   start   waiting\n  91 iptables@base.service stop running\n",
	 RULES_UNIT_SHUTDOWN},
	{"90 soft-reboot.target start waiting\n91 iptables@base.service stop running\n",
	 RULES_UNIT_SHUTDOWN},
	/* a target that is stopped brings nothing down */
	{"90 shutdown.target stop waiting\n91 iptables@base.service stop running\n",
	 RULES_UNIT_STOP},
	{"5 firewalld.service start waiting\n6 iptables@base.service stop running\n",
	 RULES_UNIT_FIREWALLD},
	{"5 firewalld.service stop waiting\n6 iptables@base.service stop running\n",
	 RULES_UNIT_STOP},
	/* a part of nftables.service, which flushes no legacy tables */
	{"5 nftables.service stop waiting\n6 iptables@base.service stop running\n",
	 RULES_UNIT_OTHER},
	{"6 iptables@base.service stop running\n5 netfilter-persistent.service stop waiting\n",
	 RULES_UNIT_OTHER},
	{"5 nftables.service restart waiting\n6 iptables@base.service restart running\n",
	 RULES_UNIT_RESTART},
	{"5 nftables.service start waiting\n6 iptables@base.service stop running\n",
	 RULES_UNIT_STOP},
	/* nothing that is understood */
	{"", RULES_UNIT_UNKNOWN},
	{"No jobs running.\n", RULES_UNIT_UNKNOWN},
	{"1234 iptables@base.service", RULES_UNIT_UNKNOWN},
	{"1234 iptables@base.service start running\n", RULES_UNIT_UNKNOWN},
	{"\n\n \n", RULES_UNIT_UNKNOWN},
};

static void test_jobs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(rules_unit_jobs(cases[i].jobs, UNIT), cases[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_jobs)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
