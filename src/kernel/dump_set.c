/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads sets and elements by hand: libnftnl's objects are too big for a million elements. */
#include "kernel/dump_set.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>

#include <libnftnl/udata.h>

#include "base/limits.h"
#include "base/str.h"
#include "kernel/attr.h"
#include "kernel/wire.h"

/* Flags of the sets that we make; anything else is somebody's. */
#define FLAGS_PLAIN 0u
#define FLAGS_MAP ((uint32_t)NFT_SET_MAP)
#define FLAGS_TIMED ((uint32_t)NFT_SET_TIMEOUT)
#define FLAGS_DYNAMIC ((uint32_t)NFT_SET_EVAL | (uint32_t)NFT_SET_TIMEOUT)

static bool set_fields(struct ir_set *set, uint32_t type)
{
	uint8_t fields[IR_KEY_FIELDS_MAX];
	uint32_t count = 0;

	for (; type; type >>= WIRE_TYPE_BITS) {
		int field = wire_field_of_type(type & WIRE_TYPE_MASK);

		if (field < 0 || count == IR_KEY_FIELDS_MAX)
			return false;
		fields[count++] = (uint8_t)field;
	}
	for (uint32_t i = 0; i < count; i++) {
		set->fields[i] = fields[count - 1 - i];
		set->key_size += ir_field_room(set->fields[i]);
	}
	set->field_count = (uint8_t)count;
	return count > 0;
}

/* False if elements carry anything but a counter. */
static bool set_counted(const struct nlattr **attrs, struct ir_set *set)
{
	const struct nlattr *expr[NFTA_EXPR_MAX + 1];

	if (attrs[NFTA_SET_EXPRESSIONS])
		return false;
	if (!attrs[NFTA_SET_EXPR])
		return true;
	attr_parse_nested(attrs[NFTA_SET_EXPR], expr, NFTA_EXPR_MAX + 1);
	set->counted = str_eq(attr_text(expr[NFTA_EXPR_NAME]), "counter");
	return set->counted;
}

void kernel_decode_set(struct arena *arena, const struct nlmsghdr *message, struct ir_set *ret)
{
	const struct nlattr *attrs[NFTA_SET_MAX + 1], *desc[NFTA_SET_DESC_MAX + 1];
	uint32_t flags, key_len;
	bool known;

	attr_parse(message, attrs, NFTA_SET_MAX + 1);
	attr_parse_nested(attrs[NFTA_SET_DESC], desc, NFTA_SET_DESC_MAX + 1);
	flags = attr_u32(attrs[NFTA_SET_FLAGS]);
	key_len = attr_u32(attrs[NFTA_SET_KEY_LEN]);
	*ret = (struct ir_set){
		.name = arena_strdup(arena, attr_text(attrs[NFTA_SET_NAME])),
		.is_map = flags & NFT_SET_MAP,
		.dynamic = flags == FLAGS_DYNAMIC,
		.timed = flags == FLAGS_TIMED,
		.size = attr_u32(desc[NFTA_SET_DESC_SIZE]),
		.timeout_s = (uint32_t)(attr_u64(attrs[NFTA_SET_TIMEOUT]) / 1000),
	};
	known = flags == FLAGS_PLAIN || flags == FLAGS_MAP || flags == FLAGS_DYNAMIC ||
		flags == FLAGS_TIMED;
	known = known && (ret->dynamic || set_counted(attrs, ret));
	known = known && set_fields(ret, attr_u32(attrs[NFTA_SET_KEY_TYPE]));
	known = known && (!ret->is_map || attr_u32(attrs[NFTA_SET_DATA_TYPE]) == NFT_DATA_VERDICT);
	known = known &&
		key_len == (ret->field_count == 1 ? ir_field_size(ret->fields[0]) : ret->key_size);
	if (!known)
		ret->field_count = 0;
}

void element_reader_init(struct element_reader *reader, struct arena *arena, struct ir_set *set)
{
	*reader = (struct element_reader){.arena = arena, .set = set};
	reader->key_len = set->field_count == 1 ? ir_field_size(set->fields[0]) : set->key_size;
}

void element_reader_done(struct element_reader *reader)
{
	free(reader->keys);
	free(reader->verdicts);
	free(reader->comments);
	free(reader->counts);
}

static void reader_grow(struct element_reader *reader)
{
	if (reader->set->count < reader->cap)
		return;
	reader->cap += reader->cap / 2 + 256;
	reader->keys = mem_realloc(reader->keys, (size_t)reader->cap * reader->set->key_size);
	reader->comments =
		mem_realloc(reader->comments, (size_t)reader->cap * sizeof(*reader->comments));
	if (reader->set->counted)
		reader->counts =
			mem_realloc(reader->counts, (size_t)reader->cap * sizeof(*reader->counts));
	if (reader->set->is_map)
		reader->verdicts = mem_realloc(reader->verdicts,
					       (size_t)reader->cap * sizeof(*reader->verdicts));
}

/* False if it is not a verdict that ir knows. */
static bool element_verdict(struct element_reader *reader, const struct nlattr *data,
			    struct ir_element_verdict *ret)
{
	const struct nlattr *datas[NFTA_DATA_MAX + 1], *verdicts[NFTA_VERDICT_MAX + 1];
	int verdict;

	attr_parse_nested(data, datas, NFTA_DATA_MAX + 1);
	attr_parse_nested(datas[NFTA_DATA_VERDICT], verdicts, NFTA_VERDICT_MAX + 1);
	if (!verdicts[NFTA_VERDICT_CODE])
		return false;
	verdict = wire_verdict_of((int32_t)attr_u32(verdicts[NFTA_VERDICT_CODE]));
	if (verdict < 0)
		return false;
	ret->verdict = (uint8_t)verdict;
	ret->chain = NULL;
	if (verdicts[NFTA_VERDICT_CHAIN])
		ret->chain = arena_strdup(reader->arena, attr_text(verdicts[NFTA_VERDICT_CHAIN]));
	return true;
}

static struct ir_count element_count(const struct nlattr *nest)
{
	const struct nlattr *expr[NFTA_EXPR_MAX + 1], *values[NFTA_COUNTER_MAX + 1];

	attr_parse_nested(nest, expr, NFTA_EXPR_MAX + 1);
	attr_parse_nested(expr[NFTA_EXPR_DATA], values, NFTA_COUNTER_MAX + 1);
	return (struct ir_count){.packets = attr_u64(values[NFTA_COUNTER_PACKETS]),
				 .bytes = attr_u64(values[NFTA_COUNTER_BYTES])};
}

static void element_add(struct element_reader *reader, const struct nlattr *element)
{
	const struct nlattr *attrs[NFTA_SET_ELEM_MAX + 1], *key[NFTA_DATA_MAX + 1];
	struct ir_set *set = reader->set;
	const char *comment = NULL;
	uint8_t *to;

	attr_parse_nested(element, attrs, NFTA_SET_ELEM_MAX + 1);
	attr_parse_nested(attrs[NFTA_SET_ELEM_KEY], key, NFTA_DATA_MAX + 1);
	if (!key[NFTA_DATA_VALUE] ||
	    mnl_attr_get_payload_len(key[NFTA_DATA_VALUE]) < reader->key_len)
		return;
	if (set->count >= LIMIT_TABLE_ELEMENTS) {
		reader->too_many = true;
		return;
	}
	reader_grow(reader);
	to = reader->keys + (size_t)set->count * set->key_size;
	memset(to, 0, set->key_size);
	memcpy(to, mnl_attr_get_payload(key[NFTA_DATA_VALUE]), reader->key_len);
	if (set->is_map &&
	    !element_verdict(reader, attrs[NFTA_SET_ELEM_DATA], &reader->verdicts[set->count]))
		/* Never equals one of ours: it will be replaced. */
		reader->verdicts[set->count] = (struct ir_element_verdict){UINT8_MAX, NULL};
	if (attrs[NFTA_SET_ELEM_USERDATA])
		comment = udata_text(mnl_attr_get_payload(attrs[NFTA_SET_ELEM_USERDATA]),
				     mnl_attr_get_payload_len(attrs[NFTA_SET_ELEM_USERDATA]),
				     NFTNL_UDATA_SET_ELEM_COMMENT);
	reader->comments[set->count] = comment ? arena_strdup(reader->arena, comment) : NULL;
	reader->has_comments |= comment != NULL;
	if (set->counted)
		reader->counts[set->count] = element_count(attrs[NFTA_SET_ELEM_EXPR]);
	set->count++;
}

void element_reader_add(struct element_reader *reader, const struct nlmsghdr *message)
{
	const struct nlattr *attrs[NFTA_SET_ELEM_LIST_MAX + 1];

	attr_parse(message, attrs, NFTA_SET_ELEM_LIST_MAX + 1);
	if (!attrs[NFTA_SET_ELEM_LIST_ELEMENTS])
		return;
	attr_each_nested(element, attrs[NFTA_SET_ELEM_LIST_ELEMENTS])
	{
		element_add(reader, element);
	}
}

static int compare_elements(const void *a, const void *b, void *data)
{
	const struct element_reader *reader = data;
	size_t size = reader->set->key_size;

	return memcmp(reader->keys + *(const uint32_t *)a * size,
		      reader->keys + *(const uint32_t *)b * size, size);
}

void element_reader_finish(struct element_reader *reader)
{
	struct ir_set *set = reader->set;
	auto_free uint32_t *order = NULL;

	if (!set->count)
		return;
	order = mem_alloc(set->count * sizeof(*order));
	for (uint32_t i = 0; i < set->count; i++)
		order[i] = i;
	qsort_r(order, set->count, sizeof(*order), compare_elements, reader);
	set->keys = arena_alloc(reader->arena, (size_t)set->count * set->key_size);
	if (set->is_map)
		set->verdicts =
			arena_new_array(reader->arena, struct ir_element_verdict, set->count);
	if (set->counted)
		set->counts = arena_new_array(reader->arena, struct ir_count, set->count);
	if (reader->has_comments)
		set->comments = arena_new_array(reader->arena, const char *, set->count);
	for (uint32_t i = 0; i < set->count; i++) {
		memcpy(set->keys + (size_t)i * set->key_size,
		       reader->keys + (size_t)order[i] * set->key_size, set->key_size);
		if (set->is_map)
			set->verdicts[i] = reader->verdicts[order[i]];
		if (set->counted)
			set->counts[i] = reader->counts[order[i]];
		if (reader->has_comments)
			set->comments[i] = reader->comments[order[i]];
	}
}
