/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two families of a rules file.  A rule without IPv4 or IPv6 addresses holds for both; what
 * means IPv4 has its twin:
 *	-p icmp					-p ipv6-icmp, with neighbour discovery before it
 *	--icmp-type T				--icmpv6-type of the same meaning
 *	--reject-with icmp-host-prohibited	--reject-with icmp6-adm-prohibited
 */
#pragma once

#include "base/diag.h"
#include "rules/rules.h"

/*
 * The IPv6 file of an IPv4 one: the same chains, rules with IPv4 addresses left out, and numbers of
 * rules counted anew.  In a chain that may refuse them (by its policy or a rule; FORWARD never sees
 * them), the messages that IPv6 cannot do without (neighbour and router discovery, hop limit 255)
 * are accepted first.  What has no twin is left out with a warning that says why.
 */
struct rules_file *rules_twin(struct arena *arena, const struct rules_file *file,
			      struct diag_list *diags);
/* The IPv4 file: rules with IPv6 addresses left out. */
struct rules_file *rules_only4(struct arena *arena, const struct rules_file *file,
			       struct diag_list *diags);
