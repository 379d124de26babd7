/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random rules files: what we make is printed so that it is read again as what was made, and texts
 * with a few bytes changed are printed as they are, or have a mistake.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "property/random.h"
#include "rules/print.h"
#include "rules/read.h"

#define FILES 400u
#define RULES 30u
#define CHANGES 4000u
#define PICK(random, array) ((array)[random_below((random), sizeof(array) / sizeof((array)[0]))])

static const char *const chains[] = {"INPUT", "FORWARD", "DOCKER-USER", "own", "a!b", "x"};

/* What has to survive quoting: any bytes but control. */
static const char *random_value(struct random *random, struct arena *arena)
{
	static const char *const pieces[] = {"a",  " ", "\"", "\\", "'", "!",  "-",	  "#",
					     "\t", "=", ":",  ",",  "[", "0]", "\xc3\xbc"};
	auto_str struct str_buf text = {0};
	uint32_t count = random_below(random, 6);

	for (uint32_t i = 0; i < count; i++)
		str_buf_adds(&text, PICK(random, pieces));
	return arena_strdup(arena, str_buf_text(&text));
}

static void random_option(struct random *random, struct arena *arena, struct rules_option *ret)
{
	static const struct {
		const char *name;
		uint32_t args;
	} options[] = {{"-i", 1},	  {"-s", 1},	     {"-j", 1},	       {"-m", 1},
		       {"--dport", 1},	  {"--syn", 0},	     {"--comment", 1}, {"--tcp-flags", 2},
		       {"--tomorrow", 3}, {"--tomorrow", 0}, {"-q", 1},	       {"-4", 0}};
	uint32_t which = random_below(random, sizeof(options) / sizeof(options[0]));

	ret->name = options[which].name;
	ret->negated = random_one_in(random, 3);
	ret->negated_behind = ret->negated && options[which].args && random_one_in(random, 2) &&
			      !str_eq(ret->name, "--comment");
	for (uint32_t i = 0; i < options[which].args; i++)
		*vec_add(arena, &ret->args) =
			(struct rules_word){.text = random_value(random, arena)};
}

static void random_rule(struct random *random, struct arena *arena, struct rules_line *ret)
{
	static const uint8_t verbs[] = {RULES_APPEND, RULES_INSERT, RULES_DELETE, RULES_REPLACE};
	struct rules_command *command = arena_new_object(arena, struct rules_command);
	uint32_t count = random_below(random, 5);

	*ret = (struct rules_line){.kind = RULES_COMMAND, .command = command};
	ret->name = PICK(random, chains);
	ret->has_counters = random_one_in(random, 3);
	if (ret->has_counters) {
		ret->packets = random->state;
		ret->bytes = random_below(random, 1000);
	}
	command->verb = PICK(random, verbs);
	if (command->verb == RULES_REPLACE ||
	    (command->verb == RULES_INSERT && random_one_in(random, 2)))
		command->number = 1 + random_below(random, 100);
	for (uint32_t i = 0; i < count; i++)
		random_option(random, arena, vec_add(arena, &command->options));
	if (count && random_one_in(random, 4))
		command->ahead = random_below(random, count + 1);
}

static struct rules_file *random_file(struct random *random, struct arena *arena)
{
	struct rules_file *file = arena_new_object(arena, struct rules_file);
	uint32_t count = random_below(random, RULES);

	*vec_add(arena, &file->lines) = (struct rules_line){.kind = RULES_TABLE, .name = "filter"};
	*vec_add(arena, &file->lines) = (struct rules_line){
		.kind = RULES_CHAIN, .name = PICK(random, chains), .policy = "DROP"};
	for (uint32_t i = 0; i < count; i++) {
		random_rule(random, arena, vec_add(arena, &file->lines));
		if (random_one_in(random, 5))
			*vec_add(arena, &file->lines) =
				(struct rules_line){.kind = RULES_COMMENT, .text = "# more"};
	}
	*vec_add(arena, &file->lines) = (struct rules_line){.kind = RULES_COMMIT};
	return file;
}

static struct rules_file *read_text(struct arena *arena, const struct str_buf *text,
				    struct diag_list *diags)
{
	struct source_set sources = {.arena = arena};
	uint16_t source =
		source_set_add(&sources, "random", str_buf_text(text), (uint32_t)text->len);

	return rules_read(arena, &sources, source, diags);
}

static bool same_rule(const struct rules_line *a, const struct rules_line *b)
{
	const struct rules_command *left = a->command, *right = b->command;

	return str_eq(a->name, b->name) && a->has_counters == b->has_counters &&
	       a->packets == b->packets && a->bytes == b->bytes && left->verb == right->verb &&
	       left->number == right->number && left->ahead == right->ahead &&
	       rules_same_options(left, right);
}

static void assert_same_file(const struct rules_file *made, const struct rules_file *got,
			     const char *text)
{
	bool same = made->lines.len == got->lines.len;

	for (uint32_t i = 0; same && i < made->lines.len; i++) {
		const struct rules_line *a = &made->lines.items[i], *b = &got->lines.items[i];

		same = a->kind == b->kind && (a->kind != RULES_COMMAND || same_rule(a, b));
		if (!same)
			print_error("line %u\n", (unsigned)i + 1);
	}
	if (!same)
		fail_msg("read otherwise:\n%s", text);
}

static void what_we_make_is_read_again(void **state)
{
	struct random random = random_of_run();

	(void)state;
	for (uint32_t i = 0; i < FILES; i++) {
		auto_of(arena_free) struct arena *arena = arena_new();
		struct rules_file *made = random_file(&random, arena);
		struct diag_list diags = {.arena = arena};
		auto_str struct str_buf first = {0};
		auto_str struct str_buf second = {0};
		struct rules_file *got;

		rules_print(made, &first);
		got = read_text(arena, &first, &diags);
		if (diags.errors)
			fail_msg("%s\n%s", diags.items.items[0]->text, str_buf_text(&first));
		assert_same_file(made, got, str_buf_text(&first));
		rules_print(got, &second);
		assert_string_equal(str_buf_text(&second), str_buf_text(&first));
	}
}

/* A few bytes are put in, taken out, or doubled. */
static void change(struct random *random, struct str_buf *text)
{
	static const char *const pieces[] = {" ",  "\t",   "\"",   "\\", "!", "-",   "=",
					     "\n", "\r\n", "-A x", "[",	 ":", "--x", "'"};

	for (uint32_t count = 1 + random_below(random, 4); count; count--) {
		uint32_t at = random_below(random, (uint32_t)text->len + 1);
		uint32_t cut = random_below(random, 4);
		auto_str struct str_buf tail = {0};

		if (cut > text->len - at)
			cut = 0;
		str_buf_adds(&tail, text->data + at + (random_one_in(random, 2) ? cut : 0));
		text->len = at;
		text->data[at] = '\0';
		str_buf_adds(text, PICK(random, pieces));
		str_buf_adds(text, str_buf_text(&tail));
	}
}

static void changed_texts_are_printed_as_they_are(void **state)
{
	struct random random = random_of_run();
	uint32_t right = 0;

	(void)state;
	for (uint32_t i = 0; i < CHANGES; i++) {
		auto_of(arena_free) struct arena *arena = arena_new();
		struct diag_list diags = {.arena = arena};
		auto_str struct str_buf text = {0};
		auto_str struct str_buf out = {0};

		rules_print(random_file(&random, arena), &text);
		change(&random, &text);
		rules_print(read_text(arena, &text, &diags), &out);
		if (diags.errors)
			continue;
		right++;
		assert_string_equal(str_buf_text(&out), str_buf_text(&text));
	}
	/* otherwise nothing was tried */
	assert_true(right > CHANGES / 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_we_make_is_read_again),
		cmocka_unit_test(changed_texts_are_printed_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
