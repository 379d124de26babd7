/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the reader puts into the tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/protocol.h"
#include "lang/format.h"
#include "lang/parse.h"

struct reading {
	struct arena *arena;
	struct source_set sources;
	struct diag_list diags;
	struct tree_file *file;
};

static void reading_init(struct reading *r)
{
	*r = (struct reading){.arena = arena_new()};
	r->sources.arena = r->arena;
	r->diags.arena = r->arena;
}

static void read_text(struct reading *r, const char *text)
{
	uint16_t source;

	reading_init(r);
	source = source_set_add(&r->sources, "test", text, (uint32_t)strlen(text));
	r->file = parse_file(r->arena, &r->sources, source, &r->diags);
}

static struct tree_sentence *read_sentence(struct reading *r, const char *text)
{
	uint16_t source;

	reading_init(r);
	source = source_set_add(&r->sources, "test", text, (uint32_t)strlen(text));
	return parse_sentence(r->arena, &r->sources, source, &r->diags);
}

static void reads_zones(void **state)
{
	struct reading r;
	const struct tree_zone *zone;

	(void)state;
	read_text(&r, "zone internet = auto\nzone lan = eth1, \"wg*\", br-0.5\n");
	assert_int_equal(r.diags.errors, 0);
	assert_int_equal(r.file->items.len, 2);
	assert_true(r.file->items.items[0].zone->is_auto);
	zone = r.file->items.items[1].zone;
	assert_string_equal(zone->name.text, "lan");
	assert_int_equal(zone->ifaces.len, 3);
	assert_string_equal(zone->ifaces.items[1].name, "wg");
	assert_true(zone->ifaces.items[1].wildcard);
	assert_string_equal(zone->ifaces.items[2].name, "br-0.5");
	assert_false(zone->ifaces.items[2].wildcard);
	arena_free(r.arena);
}

static void reads_sets(void **state)
{
	struct reading r;
	const struct tree_set *set;

	(void)state;
	read_text(&r, "set a = 192.0.2.1, 2001:db8::/32,\r\n  10.0.0.1 - 10.0.0.9, @b\r\n"
		      "set b = file \"b.txt\"\n");
	assert_int_equal(r.diags.errors, 0);
	set = r.file->items.items[0].set;
	assert_int_equal(set->elems.len, 4);
	assert_int_equal(set->elems.items[0].prefix.len, 32);
	assert_int_equal(set->elems.items[1].prefix.family, IP_V6);
	assert_int_equal(set->elems.items[2].kind, TREE_ELEM_RANGE);
	assert_int_equal(set->elems.items[2].range.high.bytes[3], 9);
	assert_string_equal(set->elems.items[3].set, "b");
	assert_string_equal(r.file->items.items[1].set->file, "b.txt");
	arena_free(r.arena);
}

static void number_after_comma_goes_on_with_ports(void **state)
{
	struct reading r;
	const struct tree_sentence *s =
		read_sentence(&r, "allow tcp 80, 443, udp 53-54, ssh inside");

	(void)state;
	assert_non_null(s);
	assert_int_equal(s->service_count, 3);
	assert_int_equal(s->services[0].protocol, PROTOCOL_TCP);
	assert_int_equal(s->services[0].port_count, 2);
	assert_int_equal(s->services[0].ports[1].low, 443);
	assert_int_equal(s->services[0].at.len, strlen("tcp 80, 443"));
	assert_int_equal(s->services[1].port_count, 1);
	assert_int_equal(s->services[1].one.high, 54);
	assert_int_equal(s->services[2].kind, TREE_SERVICE_NAME);
	assert_true(s->services[2].inside);
	arena_free(r.arena);
}

static void reads_clauses_in_any_order(void **state)
{
	struct reading r;
	const struct tree_sentence *s = read_sentence(
		&r, "reject log \"a\\\"b\" limit 10/hour burst 3 per source "
		    "from @x, 10.0.0.0/8, web to label k=\"v w\", shop/db, network n");

	(void)state;
	assert_non_null(s);
	assert_int_equal(s->verb, TREE_REJECT);
	assert_string_equal(s->log_text, "a\"b");
	assert_int_equal(s->rate->unit, TREE_UNIT_HOUR);
	assert_int_equal(s->rate->burst, 3);
	assert_true(s->rate->per_source);
	assert_int_equal(s->from_count, 3);
	assert_int_equal(s->from[2].kind, TREE_SOURCE_CONTAINER);
	assert_int_equal(s->to_count, 3);
	assert_string_equal(s->to[0].value, "v w");
	assert_string_equal(s->to[1].name, "shop");
	assert_string_equal(s->to[1].value, "db");
	assert_int_equal(s->to[2].kind, TREE_CONTAINER_NETWORK);
	arena_free(r.arena);
}

static void nothing_and_all_are_told_apart(void **state)
{
	struct reading r;
	const struct tree_sentence *s = read_sentence(&r, "allow");

	(void)state;
	assert_non_null(s);
	assert_false(s->has_to);
	assert_false(s->has_from);
	assert_int_equal(s->service_count, 0);
	assert_null(s->comments);
	assert_null(s->rate);
	arena_free(r.arena);
}

static void sentence_alone_is_one(void **state)
{
	struct reading r;

	(void)state;
	assert_null(read_sentence(&r, "allow ssh\nallow https"));
	assert_int_equal(r.diags.errors, 1);
	arena_free(r.arena);
	assert_null(read_sentence(&r, ""));
	assert_int_equal(r.diags.errors, 1);
	arena_free(r.arena);
	assert_non_null(read_sentence(&r, "allow ssh;\n"));
	arena_free(r.arena);
}

/* Each statement that is wrong is told once, each that is right is read. */
static void goes_on_after_a_mistake(void **state)
{
	struct reading r;
	const struct tree_section *section;

	(void)state;
	read_text(
		&r,
		"zone a eth0\nzone b = eth1\na -> b {\n allow tcp 0 from 300.1.1.1\n"
		" allow ssh; alow https; allow dns\n}\nset c = {\n 1.2.3.4\n}\nset d = 1.2.3.4\n");
	assert_int_equal(r.diags.errors, 5);
	assert_int_equal(r.file->items.len, 3);
	section = r.file->items.items[1].section;
	assert_int_equal(section->sentences.len, 2);
	assert_string_equal(section->sentences.items[1].services[0].name, "dns");
	arena_free(r.arena);
}

static void keeps_comments(void **state)
{
	struct reading r;
	const struct tree_sentence *s;

	(void)state;
	read_text(&r, "\n# top\n\na -> b {\n  # before\n\n  #\n  allow # behind\n  # end\n}\n");
	assert_int_equal(r.diags.errors, 0);
	assert_string_equal(r.file->items.items[0].comments.before[0], " top");
	assert_string_equal(r.file->items.items[0].comments.before[1], "");
	assert_null(r.file->items.items[0].comments.before[2]);
	s = &r.file->items.items[0].section->sentences.items[0];
	assert_string_equal(s->comments->before[0], " before");
	assert_string_equal(s->comments->before[1], "");
	assert_string_equal(s->comments->before[2], " ");
	assert_string_equal(s->comments->behind, " behind");
	assert_string_equal(r.file->items.items[0].section->comments_at_end[0], " end");
	arena_free(r.arena);
}

static void origins_are_the_bytes_of_the_text(void **state)
{
	const char *text = "a -> b {\n    allow tcp 80 from @x\n}\n";
	struct reading r;
	const struct tree_sentence *s;

	(void)state;
	read_text(&r, text);
	s = &r.file->items.items[0].section->sentences.items[0];
	assert_memory_equal(text + s->at.start, "allow tcp 80 from @x\n", s->at.len + 1u);
	assert_memory_equal(text + s->services[0].at.start, "tcp 80 ", s->services[0].at.len + 1u);
	assert_memory_equal(text + s->from[0].at.start, "@x\n", s->from[0].at.len + 1u);
	assert_int_equal(r.file->items.items[0].at.len, strlen("a -> b"));
	arena_free(r.arena);
}

static void reads_set_files(void **state)
{
	const char *text = "# banned\n192.0.2.1\n\n10.0.0.0/8 # why\n::1-::5\nnonsense\n@other\n"
			   "192.0.2.2 192.0.2.3\n192.0.2.4";
	struct tree_set set = {0};
	struct reading r;

	(void)state;
	reading_init(&r);
	parse_set_file(r.arena, &r.sources,
		       source_set_add(&r.sources, "set", text, (uint32_t)strlen(text)), &set,
		       &r.diags);
	assert_int_equal(set.elems.len, 4);
	assert_int_equal(set.elems.items[3].prefix.bytes[3], 4);
	assert_int_equal(r.diags.errors, 3);
	arena_free(r.arena);
}

static void add_repeated(struct str_buf *text, const char *part, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		str_buf_adds(text, part);
}

static void sentences_are_limited(void **state)
{
	auto_str struct str_buf text = {0};
	struct reading r;

	(void)state;
	str_buf_adds(&text, "a -> b {\n");
	add_repeated(&text, "deny\n", LIMIT_SENTENCES + 5);
	str_buf_adds(&text, "}\n");
	read_text(&r, str_buf_text(&text));
	assert_int_equal(r.diags.errors, 1);
	assert_int_equal(r.diags.items.items[0]->code, DIAG_TOO_MANY);
	arena_free(r.arena);
}

static void list_items_are_limited(void **state)
{
	static const char *const parts[][2] = {{"allow to a", ", a"},
					       {"allow from a", ", a"},
					       {"allow a", ", a"},
					       {"allow tcp 1", ", 1"}};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		auto_str struct str_buf text = {0};
		struct reading r;

		str_buf_adds(&text, parts[i][0]);
		add_repeated(&text, parts[i][1], LIMIT_LIST_ITEMS - 1);
		assert_non_null(read_sentence(&r, str_buf_text(&text)));
		arena_free(r.arena);
		str_buf_adds(&text, parts[i][1]);
		assert_null(read_sentence(&r, str_buf_text(&text)));
		assert_int_equal(r.diags.errors, 1);
		assert_int_equal(r.diags.items.items[0]->code, DIAG_TOO_MANY);
		arena_free(r.arena);
	}
}

/* One text read twice: as it is, and with one more blank, which is never taken for a plain line. */
static void assert_read_alike(const char *verb, const char *rest)
{
	auto_str struct str_buf text = {0}, wide = {0}, shown = {0}, shown_wide = {0};
	const struct tree_section *a, *b;
	struct reading r, w;

	str_buf_addf(&text, "a -> b {\n    %s %s\n    deny\n}\n", verb, rest);
	str_buf_addf(&wide, "a -> b {\n    %s  %s\n    deny\n}\n", verb, rest);
	read_text(&r, str_buf_text(&text));
	read_text(&w, str_buf_text(&wide));
	assert_int_equal(r.diags.errors, w.diags.errors);
	assert_int_equal(r.diags.items.len, w.diags.items.len);
	format_file(r.file, &shown);
	format_file(w.file, &shown_wide);
	assert_string_equal(str_buf_text(&shown), str_buf_text(&shown_wide));
	a = r.file->items.items[0].section;
	b = w.file->items.items[0].section;
	assert_int_equal(a->sentences.len, b->sentences.len);
	for (uint32_t i = 0; i < a->sentences.len && a->sentences.items[i].from_count; i++) {
		const struct tree_sentence *one = &a->sentences.items[i],
					   *other = one - a->sentences.items + b->sentences.items;

		assert_int_equal(one->at.len + 1, other->at.len);
		assert_int_equal(one->services->at.start + 1, other->services->at.start);
		assert_int_equal(one->services->at.len, other->services->at.len);
		assert_int_equal(one->services->port_count, other->services->port_count);
		if (one->services->port_count == 1)
			assert_int_equal(one->services->one.low, other->services->one.low);
		assert_int_equal(one->from->at.start + 1, other->from->at.start);
		assert_int_equal(one->from->at.len, other->from->at.len);
		assert_int_equal(one->from->kind, other->from->kind);
		if (one->from->kind == TREE_SOURCE_PREFIX)
			assert_memory_equal(&one->from->prefix, &other->from->prefix,
					    sizeof(one->from->prefix));
	}
	arena_free(r.arena);
	arena_free(w.arena);
}

/* The sentences of a section in their order, packed ones as if they were not; frees nothing. */
static void unpack_section(struct arena *arena, const struct tree_section *section, uint16_t source,
			   struct tree_section *ret)
{
	const struct tree_packed *packed = section->packed.items;

	*ret = (struct tree_section){0};
	vec_each (&section->sentences, sentence) {
		if (!sentence->packed)
			*vec_add(arena, &ret->sentences) = *sentence;
		for (uint32_t i = 0; i < sentence->packed; i++) {
			struct tree_plain *plain = arena_new_object(arena, struct tree_plain);

			tree_unpack(packed++, source, plain);
			*vec_add(arena, &ret->sentences) = plain->sentence;
		}
	}
	assert_ptr_equal(packed, section->packed.items + section->packed.len);
}

static void packed_sentences_are_those_of_the_text(void **state)
{
	static const char text[] = "a -> b {\n"
				   "    allow tcp 443 from 192.0.2.0/24\n"
				   "    deny udp 53 from 10.0.0.0/8\n"
				   "    # of one\n"
				   "    reject tcp 1 from 203.0.113.9\n"
				   "    allow ssh from 2001:db8::/32\n"
				   "    allow tcp 65535 from 0.0.0.0/0\n"
				   "    allow tcp 22 from 192.0.2.1/24\n"
				   "    allow tcp 80 from 198.51.100.0/24 # at the end\n"
				   "    allow tcp 80 from 198.51.100.0/24\n"
				   "    # last\n"
				   "}\n";
	const struct tree_section *section;
	struct tree_section shown;
	struct reading r, w;

	(void)state;
	read_text(&w, text);
	read_text(&r, text);
	r.diags = (struct diag_list){.arena = r.arena};
	r.file = parse_file_packed(r.arena, &r.sources, r.file->source, &r.diags);
	assert_int_equal(r.diags.items.len, w.diags.items.len);
	section = r.file->items.items[0].section;
	assert_int_equal(section->packed.len, 4);
	assert_int_equal(section->runs, 3);
	assert_int_equal(tree_section_count(section), 8);
	unpack_section(r.arena, section, r.file->source, &shown);
	section = w.file->items.items[0].section;
	assert_int_equal(section->packed.len, 0);
	assert_int_equal(shown.sentences.len, section->sentences.len);
	for (uint32_t i = 0; i < shown.sentences.len; i++) {
		const struct tree_sentence *one = &shown.sentences.items[i],
					   *other = &section->sentences.items[i];

		assert_memory_equal(&one->at, &other->at, sizeof(one->at));
		assert_int_equal(one->verb, other->verb);
		assert_int_equal(one->services->kind, other->services->kind);
		if (one->services->kind == TREE_SERVICE_PROTOCOL) {
			assert_int_equal(one->services->protocol, other->services->protocol);
			assert_int_equal(one->services->one.low, other->services->one.low);
		}
		assert_int_equal(one->from->kind, other->from->kind);
		assert_memory_equal(&one->from->prefix, &other->from->prefix,
				    sizeof(one->from->prefix));
	}
	arena_free(r.arena);
	arena_free(w.arena);
}

static void plain_sentences_are_read_as_others(void **state)
{
	static const char *const verbs[] = {"allow", "deny", "reject", "default", "alow"};
	static const char *const services[] = {
		"tcp 1",   "udp 65535",	      "tcp 443", "tcp 0", "tcp 65536",
		"tcp 080", "tcp 99999999999", "esp 7",	 "tcp",	  "tcp 80, 81",
		"tcp 1-5", "tcp 80x",	      "tcp  80", "ssh",
	};
	static const char *const sources[] = {
		"0.0.0.0/0",
		"10.0.0.0/8",
		"192.0.2.7",
		"192.0.2.7/32",
		"192.0.2.0/24",
		"192.0.2.1/24",
		"255.255.255.255",
		"128.0.0.0/1",
		"192.0.2.0/33",
		"192.0.2.0/08",
		"192.0.2.256",
		"192.0.02.1",
		"192.0.2",
		"192.0.2.",
		"192.0.2.1.1",
		"192.0.2.0/",
		"192.0.2.0/24x",
		"2001:db8::/32",
		"@office",
		"",
		"10.0.0.1, 10.0.0.2",
	};
	static const char *const tails[] = {"",	    " ", "\r", ";",	 " # why",
					    " log", "}", "\t", " to web"};
	char rest[128];

	(void)state;
	for (size_t v = 0; v < 5; v++)
		for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
			for (size_t j = 0; j < sizeof(sources) / sizeof(sources[0]); j++)
				for (size_t k = 0; k < sizeof(tails) / sizeof(tails[0]); k++) {
					(void)snprintf(rest, sizeof(rest), "%s from %s%s",
						       services[i], sources[j], tails[k]);
					assert_read_alike(verbs[v], rest);
				}
}

/* A large section takes 160 bytes a sentence, with little beside. */
static void large_sections_are_small(void **state)
{
	auto_str struct str_buf text = {0};
	struct reading r;

	(void)state;
	str_buf_adds(&text, "a -> b {\n");
	for (unsigned i = 0; i < 50000; i++)
		str_buf_addf(&text, "    allow tcp %u from 10.1.%u.%u/32\n", 1 + i % 60000, i / 250,
			     i % 250);
	str_buf_adds(&text, "}\n");
	read_text(&r, str_buf_text(&text));
	assert_int_equal(r.diags.errors, 0);
	assert_int_equal(r.file->items.items[0].section->sentences.len, 50000);
	assert_true(arena_bytes(r.arena) < (size_t)50000 * 170);
	arena_free(r.arena);
}

static void binary_ends_soon(void **state)
{
	char *text = malloc(1 << 20);
	struct reading r;

	(void)state;
	for (uint32_t i = 0; i < 1 << 20; i++)
		text[i] = i % 2 ? '\n' : '\1';
	text[(1 << 20) - 1] = '\0';
	reading_init(&r);
	(void)parse_file(r.arena, &r.sources,
			 source_set_add(&r.sources, "bin", text, (1 << 20) - 1), &r.diags);
	assert_in_range(r.diags.errors, LIMIT_DIAGNOSTICS, 10 * LIMIT_DIAGNOSTICS);
	arena_free(r.arena);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_zones),
		cmocka_unit_test(reads_sets),
		cmocka_unit_test(number_after_comma_goes_on_with_ports),
		cmocka_unit_test(reads_clauses_in_any_order),
		cmocka_unit_test(nothing_and_all_are_told_apart),
		cmocka_unit_test(sentence_alone_is_one),
		cmocka_unit_test(goes_on_after_a_mistake),
		cmocka_unit_test(keeps_comments),
		cmocka_unit_test(origins_are_the_bytes_of_the_text),
		cmocka_unit_test(reads_set_files),
		cmocka_unit_test(sentences_are_limited),
		cmocka_unit_test(list_items_are_limited),
		cmocka_unit_test(large_sections_are_small),
		cmocka_unit_test(binary_ends_soon),
		cmocka_unit_test(plain_sentences_are_read_as_others),
		cmocka_unit_test(packed_sentences_are_those_of_the_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
