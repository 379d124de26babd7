/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From counters of rules and elements to those of sentences and containers. */
#include "control/numbers.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

struct sentence {
	struct origin at;
	const char *text;
	struct ir_count count;
};

struct adding {
	struct arena *arena;
	const struct control_load *load;
	struct hash_index by_origin; /* place in sentences */
	struct hash_index by_addr;   /* container of the model */
	VEC(struct sentence) sentences;
	struct ir_count *containers;
	bool *counted; /* containers */
};

static void count_add(struct ir_count *to, const struct ir_count *count)
{
	to->packets += count->packets;
	to->bytes += count->bytes;
}

/* Part of every key is as wide: padding would be hashed. */
static uint64_t origin_key(struct origin at)
{
	return (uint64_t)at.source << 32 | at.start;
}

static void sentence_add(struct adding *adding, struct origin at, const struct ir_count *count)
{
	uint64_t key = origin_key(at);
	int is_new;
	uint32_t *number = hash_index_put(&adding->by_origin, &key, sizeof(key), &is_new);

	if (is_new) {
		*number = adding->sentences.len;
		*vec_add(adding->arena, &adding->sentences) = (struct sentence){.at = at};
	}
	count_add(&adding->sentences.items[*number].count, count);
}

static void container_add(struct adding *adding, enum ir_field field, const uint8_t *bytes,
			  const struct ir_count *count)
{
	struct ip_addr addr;
	const uint32_t *number;

	if (field != IR_IP_DADDR && field != IR_IP6_DADDR)
		return;
	memset(&addr, 0, sizeof(addr));
	addr.family = field == IR_IP_DADDR ? IP_V4 : IP_V6;
	memcpy(addr.bytes, bytes, ip_family_bytes(addr.family));
	number = hash_index_get(&adding->by_addr, &addr, sizeof(addr));
	if (!number)
		return;
	count_add(&adding->containers[*number], count);
	adding->counted[*number] = true;
}

static void rule_add(struct adding *adding, const struct ir_rule *want, const struct ir_rule *have)
{
	const struct ir_stmt *counter = NULL;
	struct ir_count count;

	vec_each (&have->stmts, stmt) {
		if (stmt->kind == IR_STMT_COUNTER)
			counter = stmt;
	}
	if (!counter || !want->origin.source || !ir_rule_eq(want, have))
		return;
	count = (struct ir_count){.packets = counter->packets, .bytes = counter->bytes};
	sentence_add(adding, want->origin, &count);
	vec_each (&want->stmts, stmt) {
		if (stmt->kind == IR_STMT_MATCH && stmt->match.op == IR_EQUAL)
			container_add(adding, (enum ir_field)stmt->match.fields[0].field,
				      stmt->match.value, &count);
	}
}

static void element_add(struct adding *adding, const struct ir_set *want, uint32_t number,
			const struct ir_count *count)
{
	const uint8_t *key = want->keys + (size_t)number * want->key_size;

	sentence_add(adding, want->origins[number], count);
	for (unsigned i = 0; i < want->field_count; i++) {
		enum ir_field field = (enum ir_field)want->fields[i];

		container_add(adding, field, key, count);
		key += ir_field_room(field);
	}
}

/* Both are sorted. */
static void set_add(struct adding *adding, const struct ir_set *want, const struct ir_set *have)
{
	uint32_t i = 0, j = 0;

	if (!want->origins || !have->counts || have->key_size != want->key_size)
		return;
	while (i < want->count && j < have->count) {
		int order = memcmp(want->keys + (size_t)i * want->key_size,
				   have->keys + (size_t)j * have->key_size, want->key_size);

		if (order == 0)
			element_add(adding, want, i, &have->counts[j]);
		i += order <= 0;
		j += order >= 0;
	}
}

static void addresses_index(struct adding *adding)
{
	const struct model *model = adding->load->model;

	for (uint32_t i = 0; i < model->containers.len; i++) {
		vec_each (&model->containers.items[i].addrs, addr) {
			struct ip_addr key;
			int is_new;

			memset(&key, 0, sizeof(key));
			key.family = addr->family;
			memcpy(key.bytes, addr->bytes, ip_family_bytes(addr->family));
			*hash_index_put(&adding->by_addr, &key, sizeof(key), &is_new) = i;
		}
	}
}

static void texts_find(struct adding *adding)
{
	const struct model *model = adding->load->model;

	if (!adding->sentences.items || !model->pairs)
		return;
	for (uint32_t i = 0; i < model->zones.len * model->zones.len; i++) {
		vec_each (&model->pairs[i].rules, rule) {
			uint64_t key = origin_key(rule->origin);
			const uint32_t *number =
				hash_index_get(&adding->by_origin, &key, sizeof(key));

			if (number)
				adding->sentences.items[*number].text =
					rule->text ? rule->text
						   : verdict_name((enum verdict)rule->verdict);
		}
	}
}

static int sentence_compare(const void *a, const void *b)
{
	uint64_t key_a = origin_key(((const struct sentence *)a)->at);
	uint64_t key_b = origin_key(((const struct sentence *)b)->at);

	return key_a < key_b ? -1 : key_a > key_b;
}

/* Sorted by place: each text is walked along once. */
static void sentences_name(struct adding *adding, struct report_numbers *ret)
{
	uint32_t line = 1, at = 0, line_start = 0;
	uint16_t current = 0;

	if (!adding->sentences.len)
		return;
	qsort(adding->sentences.items, adding->sentences.len, sizeof(*adding->sentences.items),
	      sentence_compare);
	vec_each (&adding->sentences, sentence) {
		const struct source *source =
			source_set_get(&adding->load->sources, sentence->at.source);

		if (!source || !sentence->text)
			continue;
		if (current != sentence->at.source) {
			current = sentence->at.source;
			line = 1;
			at = line_start = 0;
		}
		for (; at < sentence->at.start && at < source->len; at++) {
			if (source->text[at] == '\n') {
				line++;
				line_start = at + 1;
			}
		}
		*vec_add(adding->arena, &ret->sentences) = (struct report_number){
			.what = arena_strdup(adding->arena, sentence->text),
			.where = arena_printf(adding->arena, "%s:%u:%u", source->name,
					      (unsigned)line,
					      (unsigned)(sentence->at.start - line_start + 1)),
			.packets = sentence->count.packets,
			.bytes = sentence->count.bytes,
		};
	}
}

void numbers_read(struct arena *arena, const struct control_load *load, const struct ir_table *have,
		  struct report_numbers *ret)
{
	const struct model *model = load->model;
	struct adding adding = {.arena = arena, .load = load};

	adding.by_origin.arena = adding.by_addr.arena = arena;
	adding.containers = arena_new_array(arena, struct ir_count, model->containers.len + 1);
	adding.counted = arena_new_array(arena, bool, model->containers.len + 1);
	addresses_index(&adding);
	vec_each (&load->table->chains, want) {
		const struct ir_chain *chain = ir_table_chain(have, want->name);

		for (uint32_t i = 0; chain && i < want->rules.len && i < chain->rules.len; i++)
			rule_add(&adding, &want->rules.items[i], &chain->rules.items[i]);
	}
	vec_each (&load->table->sets, want) {
		const struct ir_set *set = ir_table_set(have, want->name);

		if (set && want->counted)
			set_add(&adding, want, set);
	}
	texts_find(&adding);
	sentences_name(&adding, ret);
	for (uint32_t i = 0; i < model->containers.len; i++) {
		if (adding.counted[i])
			*vec_add(arena, &ret->containers) = (struct report_number){
				.what = arena_strdup(arena, model->containers.items[i].name),
				.where = arena_strdup(arena, model->containers.items[i].id),
				.packets = adding.containers[i].packets,
				.bytes = adding.containers[i].bytes,
			};
	}
}
