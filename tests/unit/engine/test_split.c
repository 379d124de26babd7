/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Objects are found wherever the stream is cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "engine/split.h"

struct taken {
	struct str_buf text;
	int fail;
};

static int take(void *data, const struct str_buf *item, struct err *err)
{
	struct taken *taken = data;

	str_buf_add(&taken->text, item->data, item->len);
	str_buf_addc(&taken->text, '|');
	return taken->fail ? err_set(err, taken->fail, "not wanted") : 0;
}

/* Fed in two pieces, or by the byte (cut -1). */
static int feed(enum split_form form, const char *text, long cut, struct taken *taken,
		struct err *err)
{
	struct split split = {.form = form, .what = "text", .take = take, .data = taken};
	size_t len = strlen(text), step = cut < 0 ? 1 : (size_t)cut;
	int r = 0;

	for (size_t at = 0; r == 0 && at < len; at += step) {
		if (cut >= 0 && at > 0)
			step = len - at;
		if (step == 0 || step > len - at)
			step = len - at;
		r = split_feed(&split, text + at, step, err);
	}
	if (r == 0)
		r = split_end(&split, err);
	split_done(&split);
	return r;
}

static void expect_objects(enum split_form form, const char *text, const char *want)
{
	for (long cut = -1; cut <= (long)strlen(text); cut++) {
		struct taken taken = {0};
		struct err err = {0};

		if (feed(form, text, cut, &taken, &err) < 0)
			fail_msg("'%s' cut at %ld: %s", text, cut, err.text);
		assert_string_equal(str_buf_text(&taken.text), want);
		str_buf_done(&taken.text);
	}
}

static void expect_error(enum split_form form, const char *text, const char *want)
{
	for (long cut = -1; cut <= (long)strlen(text); cut++) {
		struct taken taken = {0};
		struct err err = {0};

		if (feed(form, text, cut, &taken, &err) == 0)
			fail_msg("'%s' is taken when it is cut at %ld", text, cut);
		if (!strstr(err.text, want))
			fail_msg("'%s': '%s', not '%s'", text, err.text, want);
		str_buf_done(&taken.text);
	}
}

static void test_sequences(void **state)
{
	(void)state;
	expect_objects(SPLIT_SEQUENCE, "", "");
	expect_objects(SPLIT_SEQUENCE, " \r\n\t", "");
	expect_objects(SPLIT_SEQUENCE, "{}", "{}|");
	expect_objects(SPLIT_SEQUENCE, "{\"a\":1}{\"b\":{}}\n{\"c\":[{}]}\n",
		       "{\"a\":1}|{\"b\":{}}|{\"c\":[{}]}|");
	/* brackets and quotes in texts end nothing */
	expect_objects(SPLIT_SEQUENCE, "{\"a\":\"}\\\"]{\\\\\"}{}", "{\"a\":\"}\\\"]{\\\\\"}|{}|");
}

static void test_arrays(void **state)
{
	(void)state;
	expect_objects(SPLIT_ARRAY, "[]", "");
	expect_objects(SPLIT_ARRAY, " [ ] \n", "");
	expect_objects(SPLIT_ARRAY, "[{\"a\":[1,2]} , {}]\n", "{\"a\":[1,2]}|{}|");
}

static void test_wrong_texts(void **state)
{
	(void)state;
	expect_error(SPLIT_SEQUENCE, "x", "is not JSON");
	expect_error(SPLIT_SEQUENCE, "[{}]", "is not JSON");
	expect_error(SPLIT_SEQUENCE, "{},{}", "is not JSON");
	expect_error(SPLIT_SEQUENCE, "{} {\"a\"", "ends in the middle");
	expect_error(SPLIT_ARRAY, "", "ends in the middle");
	expect_error(SPLIT_ARRAY, "{}", "is not JSON");
	expect_error(SPLIT_ARRAY, "null", "is not JSON");
	expect_error(SPLIT_ARRAY, "[{}", "ends in the middle");
	expect_error(SPLIT_ARRAY, "[{},", "ends in the middle");
	expect_error(SPLIT_ARRAY, "[{},]", "is not JSON");
	expect_error(SPLIT_ARRAY, "[{}{}]", "is not JSON");
	expect_error(SPLIT_ARRAY, "[1]", "is not JSON");
	expect_error(SPLIT_ARRAY, "[]]", "is not JSON");
	expect_error(SPLIT_ARRAY, "[],", "is not JSON");
}

static void test_depth(void **state)
{
	auto_str struct str_buf text = {0};

	(void)state;
	for (unsigned i = 0; i < LIMIT_ENGINE_JSON_DEPTH; i++)
		str_buf_adds(&text, "{\"a\":");
	expect_error(SPLIT_SEQUENCE, text.data, "ends in the middle");
	str_buf_adds(&text, "{\"a\":");
	expect_error(SPLIT_SEQUENCE, text.data, "nested more than 32 levels");
}

static void test_length(void **state)
{
	struct taken taken = {0};
	struct split split = {.form = SPLIT_SEQUENCE, .what = "text", .take = take, .data = &taken};
	static const char piece[4096] = {'x'};
	struct err err = {0};
	size_t fed = 6;

	(void)state;
	assert_int_equal(split_feed(&split, "{\"a\":\"", 6, &err), 0);
	for (; fed + sizeof(piece) <= LIMIT_ENGINE_ITEM_BYTES; fed += sizeof(piece)) {
		assert_int_equal(split_feed(&split, piece, sizeof(piece), &err), 0);
		assert_true(split_is_inside(&split));
	}
	assert_true(split_feed(&split, piece, sizeof(piece), &err) < 0);
	assert_non_null(strstr(err.text, "more than 1048576 bytes"));
	split_done(&split);
}

static void test_refusal_ends(void **state)
{
	struct taken taken = {.fail = -22};
	struct err err = {0};

	(void)state;
	assert_int_equal(feed(SPLIT_SEQUENCE, "{}{}", 4, &taken, &err), -22);
	assert_string_equal(taken.text.data, "{}|");
	str_buf_done(&taken.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sequences),   cmocka_unit_test(test_arrays),
		cmocka_unit_test(test_wrong_texts), cmocka_unit_test(test_depth),
		cmocka_unit_test(test_length),	    cmocka_unit_test(test_refusal_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
