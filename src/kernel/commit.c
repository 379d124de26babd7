/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One batch to the kernel, and what its answers mean for the user. */
#include "kernel/commit.h"

#include <assert.h>
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "kernel/attr.h"
#include "kernel/batch.h"
#include "kernel/encode.h"
#include "kernel/session_internal.h"

struct refusal {
	int code;	 /* negative errno, 0: none */
	uint32_t record; /* of the batch */
	uint32_t offset; /* in that message, 0: not said */
	char text[256];	 /* the kernel's words or "" */
};

struct answers {
	const struct kernel_batch *batch;
	bool acknowledged; /* the last message was */
	struct refusal first;
};

/* Empty at start and end so that the encoder needs to know nothing of a batch. */
static void batch_control(struct kernel_batch *batch, uint16_t type, uint32_t generation)
{
	struct nlmsghdr *message = kernel_batch_begin(batch, type, 0, NULL, 0);

	if (type == NFNL_MSG_BATCH_BEGIN && generation)
		mnl_attr_put_u32(message, NFNL_BATCH_GENID, htonl(generation));
	kernel_batch_end(batch, message);
}

/* generation 0: whatever the rules are by now. */
static void batch_fill(struct kernel_batch *batch, const struct ir_change_list *changes,
		       uint32_t generation)
{
	struct nlmsghdr *last;

	batch_control(batch, NFNL_MSG_BATCH_BEGIN, generation);
	vec_each (&changes->items, change)
		kernel_encode_change(batch, changes->table, change);
	/*
	 * One ack for all: the kernel delivers the answers after the commit, so an ack of the last
	 * message without a refusal before it means that all of it stands.  An ack for each message
	 * would overflow the queue.
	 */
	last = (struct nlmsghdr *)(void *)(batch->data + batch->records[batch->count - 1].start);
	last->nlmsg_flags |= NLM_F_ACK;
	batch_control(batch, NFNL_MSG_BATCH_END, 0);
}

static void refusal_read(struct refusal *refusal, const struct nlmsghdr *message,
			 const struct nlmsgerr *error)
{
	size_t offset = sizeof(*error);

	refusal->text[0] = '\0';
	refusal->offset = 0;
	if (!(message->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(message->nlmsg_flags & NLM_F_CAPPED))
		offset += error->msg.nlmsg_len - sizeof(error->msg);
	if (NLMSG_HDRLEN + offset > message->nlmsg_len)
		return;
	attr_each(attr, message, offset)
	{
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG &&
		    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
			(void)str_copy(refusal->text, sizeof(refusal->text),
				       mnl_attr_get_str(attr));
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_OFFS &&
		    mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
			refusal->offset = mnl_attr_get_u32(attr);
	}
}

static void answers_read(struct answers *answers, const void *data, size_t data_len)
{
	const struct nlmsghdr *message = data;
	int len = (int)data_len;

	for (; mnl_nlmsg_ok(message, len); message = mnl_nlmsg_next(message, &len)) {
		const struct nlmsgerr *error = mnl_nlmsg_get_payload(message);
		uint32_t record = message->nlmsg_seq - answers->batch->first_seq;

		if (message->nlmsg_type != NLMSG_ERROR || record >= answers->batch->count ||
		    mnl_nlmsg_get_payload_len(message) < sizeof(*error))
			continue;
		if (error->error == 0 && record == answers->batch->count - 2)
			answers->acknowledged = true;
		/* Only the first says what is wrong; others may follow from it. */
		if (error->error == 0 || answers->first.code)
			continue;
		answers->first.code = error->error;
		answers->first.record = record;
		refusal_read(&answers->first, message, error);
	}
}

/* The kernel has answered all of a batch when sendmsg returns: what is queued is everything. */
static int answers_receive(struct kernel_session *session, struct answers *answers)
{
	int rc = session_receive(session, SESSION_DEADLINE_MS);

	while (rc >= 0) {
		answers_read(answers, session->reply, session->reply_len);
		rc = session_receive(session, 0);
	}
	return rc == -ETIMEDOUT ? 0 : rc;
}

/* Which element of the message holds the byte that the kernel points at. */
static uint32_t refused_element(const struct kernel_batch *batch, const struct refusal *refusal)
{
	const struct batch_record *record = &batch->records[refusal->record];
	const uint8_t *start = batch->data + record->start;
	const struct nlmsghdr *message = (const struct nlmsghdr *)(const void *)start;
	uint32_t i = record->first;

	attr_each(attr, message, sizeof(struct nfgenmsg))
	{
		if (mnl_attr_get_type(attr) != NFTA_SET_ELEM_LIST_ELEMENTS)
			continue;
		attr_each_nested(element, attr)
		{
			size_t end = (size_t)((const uint8_t *)element - start) +
				     (size_t)MNL_ALIGN(element->nla_len);

			if (refusal->offset < end)
				return i;
			i++;
		}
	}
	return record->first;
}

static uint32_t rule_number(const struct ir_chain *chain, const struct ir_rule *rule)
{
	return rule >= chain->rules.items && rule < chain->rules.items + chain->rules.len
		       ? (uint32_t)(rule - chain->rules.items) + 1
		       : 0;
}

static const char *change_verb(uint8_t kind)
{
	switch ((enum ir_change_kind)kind) {
	case IR_CHANGE_ADD_TABLE:
	case IR_CHANGE_ADD_COUNTER:
	case IR_CHANGE_ADD_CHAIN:
	case IR_CHANGE_ADD_RULE:
	case IR_CHANGE_ADD_SET:
	case IR_CHANGE_ADD_ELEMENTS:
		return "to add";
	case IR_CHANGE_FLUSH_CHAIN:
		return "to empty";
	case IR_CHANGE_DELETE_TABLE:
	case IR_CHANGE_DELETE_COUNTER:
	case IR_CHANGE_DELETE_CHAIN:
	case IR_CHANGE_DELETE_SET:
	case IR_CHANGE_DELETE_ELEMENTS:
		return "to delete";
	}
	return "";
}

/* What nf_tables means by an errno, where strerror() would mislead; 6.18 says no more itself. */
static const char *meaning(int code)
{
	switch (-code) {
	case ENOENT:
		return "it names something that is not there";
	case EMLINK:
	case ELOOP:
		return "its jumps lead back to where they came from, or too deep";
	case ENFILE:
		return "the set is full";
	case EEXIST:
		return "it is there already, and different";
	case EBUSY:
		return "something still uses it";
	case EOPNOTSUPP:
	case EPROTONOSUPPORT:
		return "this kernel has no support for it";
	default:
		return NULL;
	}
}

/* " (allow tcp 22)": what the user knows the thing by */
static const char *remark(const char *comment, char text[IR_COMMENT_MAX + 4])
{
	text[0] = '\0';
	if (comment)
		(void)snprintf(text, IR_COMMENT_MAX + 4, " (%s)", comment);
	return text;
}

static int refuse_element(const struct kernel_batch *batch, const struct refusal *refusal,
			  const char *why, struct err *err)
{
	const struct ir_change *change = batch->records[refusal->record].change;
	const struct ir_set *set = change->set;
	uint32_t count = change->elements ? change->element_count : set->count;
	uint32_t i = refused_element(batch, refusal);
	char text[IR_COMMENT_MAX + 4];

	if (!refusal->offset || i >= count)
		return err_set(err, refusal->code, "the kernel refuses %s elements of set '%s': %s",
			       change_verb(change->kind), set->name, why);
	i = change->elements ? change->elements[i] : i;
	(void)err_set(err, refusal->code, "the kernel refuses %s element %u of set '%s'%s: %s",
		      change_verb(change->kind), i + 1, set->name,
		      remark(set->comments ? set->comments[i] : NULL, text), why);
	if (err && set->origins)
		err->origin = set->origins[i];
	return refusal->code;
}

static int refuse_rule(const struct ir_change *change, int code, const char *why, struct err *err)
{
	char text[IR_COMMENT_MAX + 4];

	(void)err_set(err, code, "the kernel refuses rule %u of chain '%s'%s: %s",
		      rule_number(change->chain, change->rule), change->chain->name,
		      remark(change->rule->comment, text), why);
	if (err)
		err->origin = change->rule->origin;
	return code;
}

/* Of an expression that it has no module for, a kernel says that it is not there. */
static const char *meaning_of_rule(int code)
{
	return code == -ENOENT ? "it names something that is not there, or an expression that "
				 "this kernel has no module for"
			       : meaning(code);
}

/* A sentence for the first refusal; the origin is where the change came from. */
static int refuse(const struct kernel_batch *batch, const char *table,
		  const struct refusal *refusal, struct err *err)
{
	const struct ir_change *change = batch->records[refusal->record].change;
	const char *reason = strerror(-refusal->code);
	const char *says = refusal->text[0]	    ? refusal->text
			   : change && change->rule ? meaning_of_rule(refusal->code)
						    : meaning(refusal->code);
	char why[400];

	(void)snprintf(why, sizeof(why), "%s%s%s%s", says ? says : reason, says ? " (" : "",
		       says ? reason : "", says ? ")" : "");
	if (refusal->code == -ERESTART)
		return err_set(err, refusal->code, "somebody else changed the rules meanwhile");
	if (refusal->code == -EPERM)
		return err_set(err, refusal->code,
			       "must be root (CAP_NET_ADMIN) to change table '%s', and no other "
			       "program may own it: %s",
			       table, why);
	if (!change && (refusal->code == -EPROTONOSUPPORT || refusal->code == -EOPNOTSUPP))
		return err_set(err, refusal->code,
			       "this kernel has no nf_tables: modprobe nf_tables");
	if (!change)
		return err_set(err, refusal->code, "the kernel refuses the transaction: %s", why);
	if (change->rule)
		return refuse_rule(change, refusal->code, why, err);
	if (change->kind == IR_CHANGE_ADD_ELEMENTS || change->kind == IR_CHANGE_DELETE_ELEMENTS)
		return refuse_element(batch, refusal, why, err);
	return err_set(err, refusal->code, "the kernel refuses %s %s '%s': %s",
		       change_verb(change->kind),
		       change->chain	 ? "chain"
		       : change->set	 ? "set"
		       : change->counter ? "counter"
					 : "table",
		       change->chain	 ? change->chain->name
		       : change->set	 ? change->set->name
		       : change->counter ? change->counter->name
					 : table,
		       why);
}

/*
 * No answer that says either: only the kernel's generation tells.  If it did not move, nothing
 * was committed; if it did, the caller must look at the table.
 */
static int answer_lost(struct kernel_session *session, uint32_t generation, int code,
		       struct err *err)
{
	uint32_t now = generation;
	int rc = session_generation(session, &now);

	if (rc < 0)
		return err_set(err, -EAGAIN,
			       "the kernel's answer to the transaction was lost, and it does not "
			       "say what it did: %s",
			       strerror(-rc));
	if (now == generation)
		return err_set(err, -EAGAIN, "the kernel did not take the transaction: %s",
			       strerror(-code));
	return err_set(err, -EAGAIN, "the kernel's answer to the transaction was lost");
}

static int commit_batch(struct kernel_session *session, const struct ir_change_list *changes,
			uint32_t generation, struct err *err)
{
	__attribute__((cleanup(kernel_batch_done))) struct kernel_batch batch = {0};
	struct answers answers = {.batch = &batch};
	int rc;

	if (changes->items.len == 0)
		return 0;
	batch.first_seq = session->seq + 1;
	batch_fill(&batch, changes, generation);
	session->seq += batch.count;
	/* Nothing old may be taken for an answer to this batch. */
	session_drain(session);
	rc = session_send(session, batch.data, batch.len);
	if (rc < 0)
		return err_set(err, rc, "cannot send %zu bytes to the kernel: %s", batch.len,
			       strerror(-rc));
	rc = answers_receive(session, &answers);
	if (answers.first.code)
		return refuse(&batch, changes->table, &answers.first, err);
	if (answers.acknowledged)
		return 0;
	return answer_lost(session, generation, rc < 0 ? rc : -ETIMEDOUT, err);
}

int kernel_commit(struct kernel_session *session, const struct ir_change_list *changes,
		  uint32_t generation, struct err *err)
{
	struct ir_change_list part = *changes;
	int rc;

	if (changes->cleanup == 0 || changes->cleanup >= changes->items.len)
		return commit_batch(session, changes, generation, err);
	part.items.len = changes->cleanup;
	rc = commit_batch(session, &part, generation, err);
	if (rc < 0)
		return rc;
	part.items.items = changes->items.items + changes->cleanup;
	part.items.len = changes->items.len - changes->cleanup;
	rc = commit_batch(session, &part, generation + 1, err);
	if (rc == 0)
		return 0;
	(void)err_wrap(err, "the new rules count, but what was before them is left over");
	if (err)
		err->code = -EAGAIN;
	return -EAGAIN;
}

static uint32_t *numbers_of(uint32_t count)
{
	uint32_t *numbers = mem_alloc((count + 1) * sizeof(*numbers));

	for (uint32_t i = 0; i < count; i++)
		numbers[i] = i;
	return numbers;
}

/*
 * The kernel leaves the time of an element that is there as it is: it is put in, so that there is
 * one to take out, taken out, and put in again.
 */
int kernel_elements_put(struct kernel_session *session, const char *table, const struct ir_set *set,
			struct err *err)
{
	struct ir_change steps[] = {
		{.kind = IR_CHANGE_ADD_ELEMENTS, .set = set, .element_count = set->count},
		{.kind = IR_CHANGE_DELETE_ELEMENTS, .set = set, .element_count = set->count},
		{.kind = IR_CHANGE_ADD_ELEMENTS, .set = set, .element_count = set->count},
	};
	struct ir_change_list changes = {
		.table = table,
		.items = {.items = steps, .len = sizeof(steps) / sizeof(steps[0])},
	};
	auto_free uint32_t *numbers = numbers_of(set->count);

	steps[1].elements = numbers; /* without a list, all of the set would go */
	return commit_batch(session, &changes, 0, err);
}

int kernel_elements_take(struct kernel_session *session, const char *table,
			 const struct ir_set *set, struct err *err)
{
	auto_free uint32_t *numbers = numbers_of(set->count);
	struct ir_change step = {.kind = IR_CHANGE_DELETE_ELEMENTS,
				 .set = set,
				 .elements = numbers,
				 .element_count = set->count};
	struct ir_change_list changes = {.table = table, .items = {.items = &step, .len = 1}};

	return commit_batch(session, &changes, 0, err);
}
