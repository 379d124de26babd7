/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables, chains, sets and elements as messages.  Elements go straight from the keys. */
#include "kernel/encode.h"

#include <assert.h>
#include <arpa/inet.h>
#include <endian.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include <libnftnl/udata.h>

#include "kernel/wire.h"

/* A nested attribute's length has 16 bits; what is left takes one more element of any kind. */
#define ELEMENT_LIST_MAX (60u * 1024)

static void encode_named(struct kernel_batch *batch, uint16_t type, const struct ir_change *change,
			 const char *table, uint16_t name_attr, const char *name)
{
	struct nlmsghdr *message = kernel_batch_begin(batch, type, 0, change, 0);

	/* NFTA_x_TABLE is 1 for everything that lives in a table. */
	mnl_attr_put_strz(message, NFTA_CHAIN_TABLE, table);
	mnl_attr_put_strz(message, name_attr, name);
	kernel_batch_end(batch, message);
}

static void encode_table(struct kernel_batch *batch, const struct ir_change *change,
			 const char *table)
{
	bool add = change->kind == IR_CHANGE_ADD_TABLE;
	struct nlmsghdr *message =
		kernel_batch_begin(batch, add ? NFT_MSG_NEWTABLE : NFT_MSG_DELTABLE,
				   add ? NLM_F_CREATE : 0, change, 0);

	mnl_attr_put_strz(message, NFTA_TABLE_NAME, table);
	if (add)
		mnl_attr_put_u32(message, NFTA_TABLE_FLAGS, 0);
	kernel_batch_end(batch, message);
}

static void encode_counter(struct kernel_batch *batch, const struct ir_change *change,
			   const char *table)
{
	bool add = change->kind == IR_CHANGE_ADD_COUNTER;
	struct nlmsghdr *message = kernel_batch_begin(batch, add ? NFT_MSG_NEWOBJ : NFT_MSG_DELOBJ,
						      add ? NLM_F_CREATE : 0, change, 0);

	mnl_attr_put_strz(message, NFTA_OBJ_TABLE, table);
	mnl_attr_put_strz(message, NFTA_OBJ_NAME, change->counter->name);
	mnl_attr_put_u32(message, NFTA_OBJ_TYPE, htonl(NFT_OBJECT_COUNTER));
	if (add) {
		struct nlattr *data = mnl_attr_nest_start(message, NFTA_OBJ_DATA);

		mnl_attr_put_u64(message, NFTA_COUNTER_BYTES, 0);
		mnl_attr_put_u64(message, NFTA_COUNTER_PACKETS, 0);
		mnl_attr_nest_end(message, data);
	}
	kernel_batch_end(batch, message);
}

static uint32_t encode_hook(uint8_t hook)
{
	switch ((enum ir_hook)hook) {
	case IR_HOOK_PREROUTING:
		return NF_INET_PRE_ROUTING;
	case IR_HOOK_INPUT:
		return NF_INET_LOCAL_IN;
	case IR_HOOK_FORWARD:
		return NF_INET_FORWARD;
	case IR_HOOK_OUTPUT:
		return NF_INET_LOCAL_OUT;
	case IR_HOOK_NONE:
		break;
	}
	assert(!"a hook");
	return 0;
}

static void encode_chain(struct kernel_batch *batch, const struct ir_change *change,
			 const char *table)
{
	const struct ir_chain *chain = change->chain;
	struct nlmsghdr *message =
		kernel_batch_begin(batch, NFT_MSG_NEWCHAIN, NLM_F_CREATE, change, 0);

	mnl_attr_put_strz(message, NFTA_CHAIN_TABLE, table);
	mnl_attr_put_strz(message, NFTA_CHAIN_NAME, chain->name);
	if (chain->hook != IR_HOOK_NONE) {
		struct nlattr *hook;

		mnl_attr_put_strz(message, NFTA_CHAIN_TYPE, "filter");
		mnl_attr_put_u32(message, NFTA_CHAIN_POLICY,
				 htonl(chain->policy_drop ? NF_DROP : NF_ACCEPT));
		hook = mnl_attr_nest_start(message, NFTA_CHAIN_HOOK);
		mnl_attr_put_u32(message, NFTA_HOOK_HOOKNUM, htonl(encode_hook(chain->hook)));
		mnl_attr_put_u32(message, NFTA_HOOK_PRIORITY, htonl((uint32_t)chain->priority));
		mnl_attr_nest_end(message, hook);
	}
	kernel_batch_end(batch, message);
}

static void encode_rule(struct kernel_batch *batch, const struct ir_change *change,
			const char *table)
{
	struct nlmsghdr *message =
		kernel_batch_begin(batch, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, change, 0);

	kernel_encode_rule(message, table, change->chain->name, change->rule);
	kernel_batch_end(batch, message);
}

/* nft 1.0.6 reads from these how to print keys and data; the kernel only keeps them. */
static void encode_set_userdata(struct nlmsghdr *message, const struct ir_set *set)
{
	struct nftnl_udata_buf *udata = nftnl_udata_buf_alloc(64);
	uint32_t byteorder = set->field_count == 1 ? wire_field_of(set->fields[0])->byteorder : 0;

	if (!udata)
		alloc_failed(64);
	nftnl_udata_put_u32(udata, NFTNL_UDATA_SET_KEYBYTEORDER, byteorder);
	if (set->is_map) {
		nftnl_udata_put_u32(udata, NFTNL_UDATA_SET_DATABYTEORDER, 0);
		nftnl_udata_put_u32(udata, NFTNL_UDATA_SET_DATA_INTERVAL, 0);
	}
	mnl_attr_put(message, NFTA_SET_USERDATA, nftnl_udata_buf_len(udata),
		     nftnl_udata_buf_data(udata));
	nftnl_udata_buf_free(udata);
}

/* The kernel gives one to each element. */
static void encode_set_counter(struct nlmsghdr *message)
{
	struct nlattr *expr = mnl_attr_nest_start(message, NFTA_SET_EXPR);
	struct nlattr *data;

	mnl_attr_put_strz(message, NFTA_EXPR_NAME, "counter");
	data = mnl_attr_nest_start(message, NFTA_EXPR_DATA);
	mnl_attr_nest_end(message, data);
	mnl_attr_nest_end(message, expr);
}

static void encode_set(struct kernel_batch *batch, const struct ir_change *change,
		       const char *table)
{
	const struct ir_set *set = change->set;
	struct nlmsghdr *message =
		kernel_batch_begin(batch, NFT_MSG_NEWSET, NLM_F_CREATE, change, 0);
	uint32_t type = 0, flags = 0;

	for (unsigned i = 0; i < set->field_count; i++)
		type = type << WIRE_TYPE_BITS | wire_field_of(set->fields[i])->type;
	flags |= set->is_map ? (uint32_t)NFT_SET_MAP : 0;
	flags |= set->timed ? (uint32_t)NFT_SET_TIMEOUT : 0;
	flags |= set->dynamic ? (uint32_t)NFT_SET_EVAL | (uint32_t)NFT_SET_TIMEOUT : 0;
	mnl_attr_put_strz(message, NFTA_SET_TABLE, table);
	mnl_attr_put_strz(message, NFTA_SET_NAME, set->name);
	mnl_attr_put_u32(message, NFTA_SET_FLAGS, htonl(flags));
	mnl_attr_put_u32(message, NFTA_SET_KEY_TYPE, htonl(type));
	mnl_attr_put_u32(
		message, NFTA_SET_KEY_LEN,
		htonl(set->field_count == 1 ? ir_field_size(set->fields[0]) : set->key_size));
	if (set->is_map) {
		mnl_attr_put_u32(message, NFTA_SET_DATA_TYPE, htonl(NFT_DATA_VERDICT));
		mnl_attr_put_u32(message, NFTA_SET_DATA_LEN, 0);
	}
	/* Must be there and unique in the batch; rules find the set by its name. */
	mnl_attr_put_u32(message, NFTA_SET_ID, htonl(batch->count));
	if (set->size) {
		struct nlattr *desc = mnl_attr_nest_start(message, NFTA_SET_DESC);

		mnl_attr_put_u32(message, NFTA_SET_DESC_SIZE, htonl(set->size));
		mnl_attr_nest_end(message, desc);
	}
	if (set->dynamic && set->timeout_s)
		mnl_attr_put_u64(message, NFTA_SET_TIMEOUT,
				 htobe64((uint64_t)set->timeout_s * 1000));
	encode_set_userdata(message, set);
	if (set->counted)
		encode_set_counter(message);
	kernel_batch_end(batch, message);
}

static void encode_element_verdict(struct nlmsghdr *message, const struct ir_element_verdict *value)
{
	struct nlattr *data = mnl_attr_nest_start(message, NFTA_SET_ELEM_DATA);
	struct nlattr *verdict = mnl_attr_nest_start(message, NFTA_DATA_VERDICT);

	mnl_attr_put_u32(message, NFTA_VERDICT_CODE, htonl((uint32_t)wire_verdict(value->verdict)));
	if (value->verdict == IR_JUMP || value->verdict == IR_GOTO)
		mnl_attr_put_strz(message, NFTA_VERDICT_CHAIN, value->chain);
	mnl_attr_nest_end(message, verdict);
	mnl_attr_nest_end(message, data);
}

static void encode_element_comment(struct nlmsghdr *message, const char *comment)
{
	uint8_t udata[2 + IR_COMMENT_MAX + 1] = {NFTNL_UDATA_SET_ELEM_COMMENT};
	size_t len = strnlen(comment, IR_COMMENT_MAX);

	udata[1] = (uint8_t)(len + 1);
	memcpy(udata + 2, comment, len);
	mnl_attr_put(message, NFTA_SET_ELEM_USERDATA, len + 3, udata);
}

/* To add it, with all that belongs to it. */
static void encode_element(struct nlmsghdr *message, const struct ir_set *set, uint32_t index,
			   uint32_t key_len)
{
	struct nlattr *element = mnl_attr_nest_start(message, NFTA_LIST_ELEM);
	struct nlattr *key = mnl_attr_nest_start(message, NFTA_SET_ELEM_KEY);

	mnl_attr_put(message, NFTA_DATA_VALUE, key_len, set->keys + (size_t)index * set->key_size);
	mnl_attr_nest_end(message, key);
	if (set->is_map)
		encode_element_verdict(message, &set->verdicts[index]);
	if (set->timeouts_s && set->timeouts_s[index])
		mnl_attr_put_u64(message, NFTA_SET_ELEM_TIMEOUT,
				 htobe64((uint64_t)set->timeouts_s[index] * 1000));
	if (set->comments && set->comments[index])
		encode_element_comment(message, set->comments[index]);
	mnl_attr_nest_end(message, element);
}

/*
 * Elements of nothing but a key differ in the key alone: their head is made once.  Nested lengths
 * of one after the other would take longer than all else that is done for an element here.
 */
struct element_head {
	struct nlattr element;
	struct nlattr key;
	struct nlattr value;
};

static uint32_t attr_room(uint32_t len)
{
	return (len + MNL_ALIGNTO - 1u) & ~(MNL_ALIGNTO - 1u);
}

static struct element_head element_head_of(uint32_t key_len)
{
	const uint16_t value = (uint16_t)(sizeof(struct nlattr) + key_len);
	const uint16_t key = (uint16_t)(sizeof(struct nlattr) + attr_room(value));

	return (struct element_head){
		.element = {(uint16_t)(sizeof(struct nlattr) + key), NLA_F_NESTED | NFTA_LIST_ELEM},
		.key = {key, NLA_F_NESTED | NFTA_SET_ELEM_KEY},
		.value = {value, NFTA_DATA_VALUE},
	};
}

static void encode_plain_element(struct nlmsghdr *message, const struct element_head *head,
				 const uint8_t *key, uint32_t key_len)
{
	uint8_t *to = mnl_nlmsg_get_payload_tail(message);
	uint32_t room = attr_room(key_len);

	memcpy(to, head, sizeof(*head));
	memcpy(to + sizeof(*head), key, key_len);
	memset(to + sizeof(*head) + key_len, 0, room - key_len);
	message->nlmsg_len += (uint32_t)sizeof(*head) + room;
}

static void encode_elements(struct kernel_batch *batch, const struct ir_change *change,
			    const char *table)
{
	const struct ir_set *set = change->set;
	bool add = change->kind == IR_CHANGE_ADD_ELEMENTS;
	uint32_t count = change->elements ? change->element_count : set->count;
	uint32_t key_len = set->field_count == 1 ? ir_field_size(set->fields[0]) : set->key_size;
	/* Deleting names the key only: the kernel would compare the data too. */
	bool plain = !add || (!set->is_map && !set->comments && !set->timeouts_s);
	struct element_head head = element_head_of(key_len);
	uint32_t i = 0;

	if (!add && !change->elements) {
		/* No list of elements: the kernel empties the set. */
		encode_named(batch, NFT_MSG_DELSETELEM, change, table, NFTA_SET_ELEM_LIST_SET,
			     set->name);
		return;
	}
	while (i < count) {
		struct nlmsghdr *message =
			kernel_batch_begin(batch, add ? NFT_MSG_NEWSETELEM : NFT_MSG_DELSETELEM,
					   add ? NLM_F_CREATE : 0, change, i);
		struct nlattr *list;

		mnl_attr_put_strz(message, NFTA_SET_ELEM_LIST_TABLE, table);
		mnl_attr_put_strz(message, NFTA_SET_ELEM_LIST_SET, set->name);
		list = mnl_attr_nest_start(message, NFTA_SET_ELEM_LIST_ELEMENTS);
		while (i < count && message->nlmsg_len < ELEMENT_LIST_MAX) {
			uint32_t index = change->elements ? change->elements[i] : i;

			if (plain)
				encode_plain_element(message, &head,
						     set->keys + (size_t)index * set->key_size,
						     key_len);
			else
				encode_element(message, set, index, key_len);
			i++;
		}
		mnl_attr_nest_end(message, list);
		kernel_batch_end(batch, message);
	}
}

void kernel_encode_change(struct kernel_batch *batch, const char *table,
			  const struct ir_change *change)
{
	switch ((enum ir_change_kind)change->kind) {
	case IR_CHANGE_ADD_TABLE:
	case IR_CHANGE_DELETE_TABLE:
		encode_table(batch, change, table);
		break;
	case IR_CHANGE_ADD_COUNTER:
	case IR_CHANGE_DELETE_COUNTER:
		encode_counter(batch, change, table);
		break;
	case IR_CHANGE_ADD_CHAIN:
		encode_chain(batch, change, table);
		break;
	case IR_CHANGE_FLUSH_CHAIN:
		encode_named(batch, NFT_MSG_DELRULE, change, table, NFTA_RULE_CHAIN,
			     change->chain->name);
		break;
	case IR_CHANGE_DELETE_CHAIN:
		encode_named(batch, NFT_MSG_DELCHAIN, change, table, NFTA_CHAIN_NAME,
			     change->chain->name);
		break;
	case IR_CHANGE_ADD_RULE:
		encode_rule(batch, change, table);
		break;
	case IR_CHANGE_ADD_SET:
		encode_set(batch, change, table);
		break;
	case IR_CHANGE_DELETE_SET:
		encode_named(batch, NFT_MSG_DELSET, change, table, NFTA_SET_NAME,
			     change->set->name);
		break;
	case IR_CHANGE_ADD_ELEMENTS:
	case IR_CHANGE_DELETE_ELEMENTS:
		encode_elements(batch, change, table);
		break;
	}
}
