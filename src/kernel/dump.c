/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks the kernel for all of a table, again while its generation moves. */
#include "kernel/dump.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include <libnftnl/rule.h>

#include "base/limits.h"
#include "base/str.h"
#include "kernel/attr.h"
#include "kernel/decode.h"
#include "kernel/dump_set.h"
#include "kernel/session_internal.h"
#include "kernel/wire.h"

#define DUMP_ATTEMPTS 40u

struct dump {
	struct kernel_session *session;
	struct arena *arena;
	struct ir_table *table;
	uint32_t objects;
	bool too_many;
};

static bool is_ours(const struct nlmsghdr *message, const struct nlattr *name,
		    const struct dump *dump)
{
	const struct nfgenmsg *extra = mnl_nlmsg_get_payload(message);

	return extra->nfgen_family == NFPROTO_INET && str_eq(attr_text(name), dump->table->name);
}

/* Rules, chains, sets and counters of somebody's huge table must not fill our memory. */
static bool dump_count(struct dump *dump)
{
	dump->too_many |= ++dump->objects > LIMIT_TABLE_OBJECTS;
	return !dump->too_many;
}

static uint8_t hook_of(uint32_t number)
{
	switch (number) {
	case NF_INET_PRE_ROUTING:
		return IR_HOOK_PREROUTING;
	case NF_INET_LOCAL_IN:
		return IR_HOOK_INPUT;
	case NF_INET_FORWARD:
		return IR_HOOK_FORWARD;
	case NF_INET_LOCAL_OUT:
		return IR_HOOK_OUTPUT;
	default:
		return IR_HOOK_NONE;
	}
}

static int chain_answer(const struct nlmsghdr *message, void *data)
{
	const struct nlattr *attrs[NFTA_CHAIN_MAX + 1], *hook[NFTA_HOOK_MAX + 1];
	struct dump *dump = data;
	struct ir_chain *chain;

	attr_parse(message, attrs, NFTA_CHAIN_MAX + 1);
	if (!is_ours(message, attrs[NFTA_CHAIN_TABLE], dump) || !dump_count(dump))
		return MNL_CB_OK;
	attr_parse_nested(attrs[NFTA_CHAIN_HOOK], hook, NFTA_HOOK_MAX + 1);
	chain = vec_add(dump->arena, &dump->table->chains);
	chain->name = arena_strdup(dump->arena, attr_text(attrs[NFTA_CHAIN_NAME]));
	if (!attrs[NFTA_CHAIN_HOOK])
		return MNL_CB_OK;
	chain->priority = (int32_t)attr_u32(hook[NFTA_HOOK_PRIORITY]);
	chain->policy_drop =
		attrs[NFTA_CHAIN_POLICY] && attr_u32(attrs[NFTA_CHAIN_POLICY]) == NF_DROP;
	chain->hook = hook_of(attr_u32(hook[NFTA_HOOK_HOOKNUM]));
	if (chain->hook == IR_HOOK_NONE || !str_eq(attr_text(attrs[NFTA_CHAIN_TYPE]), "filter")) {
		struct ir_rule *rule = vec_add(dump->arena, &chain->rules);

		chain->hook = IR_HOOK_NONE;
		rule->comment = "not understood: a base chain of another type or hook";
	}
	return MNL_CB_OK;
}

static int set_answer(const struct nlmsghdr *message, void *data)
{
	const struct nlattr *attrs[NFTA_SET_MAX + 1];
	struct dump *dump = data;

	attr_parse(message, attrs, NFTA_SET_MAX + 1);
	/* An anonymous set belongs to its rule, which is not understood then. */
	if (!is_ours(message, attrs[NFTA_SET_TABLE], dump) ||
	    (attr_u32(attrs[NFTA_SET_FLAGS]) & NFT_SET_ANONYMOUS) || !dump_count(dump))
		return MNL_CB_OK;
	kernel_decode_set(dump->arena, message, vec_add(dump->arena, &dump->table->sets));
	return MNL_CB_OK;
}

static int counter_answer(const struct nlmsghdr *message, void *data)
{
	const struct nlattr *attrs[NFTA_OBJ_MAX + 1], *values[NFTA_COUNTER_MAX + 1];
	struct dump *dump = data;
	struct ir_counter *counter;

	attr_parse(message, attrs, NFTA_OBJ_MAX + 1);
	if (!is_ours(message, attrs[NFTA_OBJ_TABLE], dump) ||
	    attr_u32(attrs[NFTA_OBJ_TYPE]) != NFT_OBJECT_COUNTER || !dump_count(dump))
		return MNL_CB_OK;
	attr_parse_nested(attrs[NFTA_OBJ_DATA], values, NFTA_COUNTER_MAX + 1);
	counter = vec_add(dump->arena, &dump->table->counters);
	counter->name = arena_strdup(dump->arena, attr_text(attrs[NFTA_OBJ_NAME]));
	counter->packets = attr_u64(values[NFTA_COUNTER_PACKETS]);
	counter->bytes = attr_u64(values[NFTA_COUNTER_BYTES]);
	return MNL_CB_OK;
}

static struct ir_chain *chain_named(const struct dump *dump, const char *name)
{
	vec_each (&dump->table->chains, chain)
		if (str_eq(chain->name, name))
			return chain;
	return NULL;
}

/* libnftnl follows the name of an expression without asking whether there is one. */
static bool expr_is_named(const struct nlattr *expr)
{
	const struct nlattr *parts[NFTA_EXPR_MAX + 1], *data[NFTA_DYNSET_MAX + 1];

	attr_parse_nested(expr, parts, NFTA_EXPR_MAX + 1);
	if (!*attr_text(parts[NFTA_EXPR_NAME]))
		return false;
	if (!str_eq(attr_text(parts[NFTA_EXPR_NAME]), "dynset"))
		return true;
	attr_parse_nested(parts[NFTA_EXPR_DATA], data, NFTA_DYNSET_MAX + 1);
	if (data[NFTA_DYNSET_EXPRESSIONS])
		attr_each_nested(
			each, data[NFTA_DYNSET_EXPRESSIONS]) if (!expr_is_named(each)) return false;
	return !data[NFTA_DYNSET_EXPR] || expr_is_named(data[NFTA_DYNSET_EXPR]);
}

static bool rule_is_whole(const struct nlmsghdr *message)
{
	const struct nlattr *attrs[NFTA_RULE_MAX + 1];

	attr_parse(message, attrs, NFTA_RULE_MAX + 1);
	if (attrs[NFTA_RULE_EXPRESSIONS])
		attr_each_nested(
			expr, attrs[NFTA_RULE_EXPRESSIONS]) if (!expr_is_named(expr)) return false;
	return true;
}

/* "" for what the message does not have. */
static const char *rule_text(const struct nftnl_rule *rule, uint16_t attr)
{
	const char *text = nftnl_rule_get_str(rule, attr);

	return text ? text : "";
}

/* A rule that is left out for lack of memory would be taken for one that is not there. */
static bool rule_parse(const struct nlmsghdr *message, struct nftnl_rule *rule)
{
	errno = 0;
	if (nftnl_rule_nlmsg_parse(message, rule) >= 0)
		return true;
	if (errno == ENOMEM)
		alloc_failed(sizeof(void *));
	return false;
}

static int rule_answer(const struct nlmsghdr *message, void *data)
{
	struct dump *dump = data;
	struct nftnl_rule *rule = nftnl_rule_alloc();
	struct ir_chain *chain;

	if (!rule)
		alloc_failed(sizeof(void *));
	/* The kernel filters by table only since 4.7, by family always. */
	if (rule_is_whole(message) && rule_parse(message, rule) &&
	    str_eq(rule_text(rule, NFTNL_RULE_TABLE), dump->table->name) &&
	    (chain = chain_named(dump, rule_text(rule, NFTNL_RULE_CHAIN))) != NULL &&
	    dump_count(dump))
		kernel_decode_rule(dump->arena, dump->table, rule,
				   vec_add(dump->arena, &chain->rules));
	nftnl_rule_free(rule);
	return MNL_CB_OK;
}

static int element_answer(const struct nlmsghdr *message, void *data)
{
	element_reader_add(data, message);
	return MNL_CB_OK;
}

static int table_answer(const struct nlmsghdr *message, void *data)
{
	(void)message;
	(void)data;
	return MNL_CB_STOP;
}

static int dump_all(struct dump *dump, uint16_t type, mnl_cb_t answer)
{
	struct nlmsghdr *request = session_request(dump->session, type, NLM_F_DUMP);

	/* NFTA_x_TABLE is 1 in every kind of message; chains are not filtered by it. */
	if (type != NFT_MSG_GETCHAIN)
		mnl_attr_put_strz(request, NFTA_RULE_TABLE, dump->table->name);
	return session_call(dump->session, request, answer, dump);
}

static int dump_elements(struct dump *dump, struct ir_set *set)
{
	__attribute__((cleanup(element_reader_done))) struct element_reader reader = {0};
	struct nlmsghdr *request = session_request(dump->session, NFT_MSG_GETSETELEM, NLM_F_DUMP);
	int rc;

	element_reader_init(&reader, dump->arena, set);
	mnl_attr_put_strz(request, NFTA_SET_ELEM_LIST_TABLE, dump->table->name);
	mnl_attr_put_strz(request, NFTA_SET_ELEM_LIST_SET, set->name);
	rc = session_call(dump->session, request, element_answer, &reader);
	element_reader_finish(&reader);
	dump->too_many |= reader.too_many;
	return rc;
}

static int dump_frame(struct dump *dump)
{
	int rc = dump_all(dump, NFT_MSG_GETCHAIN, chain_answer);

	if (rc >= 0)
		rc = dump_all(dump, NFT_MSG_GETSET, set_answer);
	if (rc >= 0)
		rc = dump_all(dump, NFT_MSG_GETOBJ, counter_answer);
	return rc < 0 ? rc : dump_all(dump, NFT_MSG_GETRULE, rule_answer);
}

static int dump_contents(struct dump *dump)
{
	int rc = dump_frame(dump);

	vec_each (&dump->table->sets, set)
		if (rc >= 0 && !set->dynamic && !set->timed && set->field_count)
			rc = dump_elements(dump, set);
	return rc;
}

static int dump_counting(struct dump *dump)
{
	int rc = dump_frame(dump);

	if (rc == -ENOENT) {
		*dump->table = (struct ir_table){.name = dump->table->name};
		return 0;
	}
	vec_each (&dump->table->sets, set)
		if (rc >= 0 && set->counted)
			rc = dump_elements(dump, set);
	/* A set was deleted since. */
	return rc == -ENOENT ? -EINTR : rc;
}

/* 1: read; 0: there is no such table. */
static int dump_table(struct dump *dump)
{
	struct nlmsghdr *request = session_request(dump->session, NFT_MSG_GETTABLE, 0);
	int rc;

	mnl_attr_put_strz(request, NFTA_TABLE_NAME, dump->table->name);
	rc = session_call(dump->session, request, table_answer, NULL);
	if (rc == -ENOENT)
		return 0;
	if (rc >= 0)
		rc = dump_contents(dump);
	return rc < 0 ? rc : 1;
}

static int dump_once(struct dump *dump, const char *name, struct ir_table **ret_table,
		     uint32_t *ret_generation)
{
	uint32_t before, after;
	int rc = session_generation(dump->session, &before), found = 0;

	dump->table = arena_new_object(dump->arena, struct ir_table);
	dump->table->name = arena_strdup(dump->arena, name);
	dump->objects = 0;
	if (rc >= 0)
		rc = found = dump_table(dump);
	if (dump->too_many)
		return -E2BIG;
	/* An ENOENT in the middle: somebody deleted what we were about to read. */
	if (rc == -ENOENT)
		return -EINTR;
	if (rc >= 0)
		rc = session_generation(dump->session, &after);
	if (rc < 0)
		return rc;
	if (before != after)
		return -EINTR;
	*ret_table = found ? dump->table : NULL;
	*ret_generation = after;
	return 0;
}

int kernel_dump_table(struct kernel_session *session, struct arena *arena, const char *name,
		      struct ir_table **ret_table, uint32_t *ret_generation, struct err *err)
{
	struct dump dump = {.session = session, .arena = arena};
	int rc = -EINTR;

	for (unsigned attempt = 0; attempt < DUMP_ATTEMPTS; attempt++) {
		rc = dump_once(&dump, name, ret_table, ret_generation);
		if (rc != -EINTR && rc != -EAGAIN && rc != -ENOBUFS && rc != -EBUSY)
			break;
		session_pause(attempt);
	}
	if (rc >= 0)
		return 0;
	if (rc == -E2BIG)
		return err_set(err, rc, "table '%s' of the kernel is larger than any of ours",
			       name);
	if (rc == -EPERM)
		return err_set(err, rc,
			       "must be root (CAP_NET_ADMIN) to read the rules of the kernel");
	if (rc == -EINTR)
		return err_set(err, rc,
			       "the rules of the kernel kept changing while they were read");
	return err_set(err, rc, "cannot read table '%s' from the kernel: %s", name, strerror(-rc));
}

static int left_answer(const struct nlmsghdr *message, void *data)
{
	const struct nlattr *attrs[NFTA_SET_ELEM_LIST_MAX + 1];
	uint64_t *left_ms = data;

	attr_parse(message, attrs, NFTA_SET_ELEM_LIST_MAX + 1);
	if (!attrs[NFTA_SET_ELEM_LIST_ELEMENTS])
		return MNL_CB_OK;
	attr_each_nested(element, attrs[NFTA_SET_ELEM_LIST_ELEMENTS])
	{
		const struct nlattr *parts[NFTA_SET_ELEM_MAX + 1];
		uint64_t ms;

		attr_parse_nested(element, parts, NFTA_SET_ELEM_MAX + 1);
		ms = attr_u64(parts[NFTA_SET_ELEM_EXPIRATION]);
		if (ms && (!*left_ms || ms < *left_ms))
			*left_ms = ms;
	}
	return MNL_CB_OK;
}

int kernel_set_left(struct kernel_session *session, const char *table, const char *set,
		    uint64_t *ret_ms, struct err *err)
{
	struct nlmsghdr *request = session_request(session, NFT_MSG_GETSETELEM, NLM_F_DUMP);
	int r;

	*ret_ms = 0;
	mnl_attr_put_strz(request, NFTA_SET_ELEM_LIST_TABLE, table);
	mnl_attr_put_strz(request, NFTA_SET_ELEM_LIST_SET, set);
	r = session_call(session, request, left_answer, ret_ms);
	if (r >= 0)
		return 0;
	return err_set(err, r, "cannot read the set '%s': %s", set, strerror(-r));
}

int kernel_dump_counters(struct kernel_session *session, struct arena *arena, const char *name,
			 struct ir_table **ret_table, struct err *err)
{
	struct dump dump = {.session = session, .arena = arena};
	int rc = -EINTR;

	for (unsigned attempt = 0; attempt < DUMP_ATTEMPTS && rc == -EINTR; attempt++) {
		dump.table = arena_new_object(arena, struct ir_table);
		dump.table->name = arena_strdup(arena, name);
		dump.objects = 0;
		rc = dump_counting(&dump);
	}
	if (rc < 0)
		return err_set(err, rc, "cannot read counters of table '%s': %s", name,
			       strerror(-rc));
	*ret_table = dump.table;
	return 0;
}
