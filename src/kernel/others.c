/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counting what others have loaded. */
#include "kernel/others.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include "base/str.h"
#include "kernel/attr.h"
#include "kernel/session_internal.h"

#define COUNT_ATTEMPTS 10u

struct count {
	uint8_t family;
	const char *table;
	const char *chain;
	uint32_t rules;
};

/* Old kernels do not filter all that was asked. */
static int rule_answer(const struct nlmsghdr *message, void *data)
{
	const struct nfgenmsg *extra = mnl_nlmsg_get_payload(message);
	const struct nlattr *attrs[NFTA_RULE_CHAIN + 1];
	struct count *count = data;

	attr_parse(message, attrs, NFTA_RULE_CHAIN + 1);
	if (extra->nfgen_family == count->family &&
	    str_eq(attr_text(attrs[NFTA_RULE_TABLE]), count->table) &&
	    (!count->chain || str_eq(attr_text(attrs[NFTA_RULE_CHAIN]), count->chain)))
		count->rules++;
	return MNL_CB_OK;
}

int kernel_count_rules(struct kernel_session *session, uint8_t family, const char *table,
		       const char *chain, uint32_t *ret_count, struct err *err)
{
	struct count count = {.family = family, .table = table, .chain = chain};
	int rc = -EINTR;

	for (unsigned attempt = 0; attempt < COUNT_ATTEMPTS && rc == -EINTR; attempt++) {
		struct nlmsghdr *request = session_request(session, NFT_MSG_GETRULE, NLM_F_DUMP);
		struct nfgenmsg *extra = mnl_nlmsg_get_payload(request);

		extra->nfgen_family = family;
		mnl_attr_put_strz(request, NFTA_RULE_TABLE, table);
		if (chain)
			mnl_attr_put_strz(request, NFTA_RULE_CHAIN, chain);
		count.rules = 0;
		rc = session_call(session, request, rule_answer, &count);
	}
	if (rc < 0 && rc != -ENOENT)
		return err_set(err, rc, "cannot read the rules of table '%s': %s", table,
			       strerror(-rc));
	*ret_count = count.rules;
	return 0;
}
