/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a boot says of itself: written, read back, damaged. */
#include "control/boot_note.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "control/seal.h"

static char folder[] = "/tmp/wharfwall-note-XXXXXX";

static int folder_make(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int folder_remove(void **state)
{
	(void)state;
	boot_note_forget(folder);
	return rmdir(folder);
}

static void test_round_trip(void **state)
{
	static const struct boot_note notes[] = {
		{BOOT_LAST, "t", "p:1:2: two\nlines", NULL},
		{BOOT_STAYS, "t", "", "cut off"},
		{BOOT_LOCKDOWN, "2026-11-23T06:20:43Z", "it broke", "no policy was ever applied"},
	};
	auto_of(arena_free) struct arena *arena = arena_new();
	struct boot_note got;

	(void)state;
	assert_int_equal(boot_note_read(arena, folder, &got, NULL), -ENOENT);
	for (size_t i = 0; i < sizeof(notes) / sizeof(*notes); i++) {
		assert_int_equal(boot_note_write(folder, &notes[i], NULL), 0);
		assert_int_equal(boot_note_read(arena, folder, &got, NULL), 0);
		assert_int_equal(got.state, notes[i].state);
		assert_string_equal(got.table, notes[i].table);
		assert_string_equal(got.reason, i ? notes[i].reason : "p:1:2: two lines");
		assert_int_equal(got.last == NULL, notes[i].last == NULL);
		if (notes[i].last)
			assert_string_equal(got.last, notes[i].last);
	}
}

static void test_strange(void **state)
{
	static const char *const texts[] = {
		"",
		"wharfwall-boot 2\ntable t\nloaded last\nreason x\n",
		"wharfwall-boot 1\ntable t\nloaded first\nreason x\n",
		"wharfwall-boot 1\ntable t\nloaded last\nreason x",
		"wharfwall-boot 1\ntable t\nloaded last\n",
		"wharfwall-boot 1\ntable t\nloaded last\nreason x\nmore\n",
		"wharfwall-boot 1\nloaded last\nreason x\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		auto_of(arena_free) struct arena *arena = arena_new();
		struct boot_note got;

		assert_int_equal(boot_note_parse(arena_strdup(arena, texts[i]), &got, NULL),
				 -EBADMSG);
	}
}

/* Cut off anywhere, or with any bit changed. */
static void test_seal(void **state)
{
	auto_str struct str_buf text = {0};
	uint32_t len;

	(void)state;
	str_buf_adds(&text, "one line\nand two\n");
	seal_add(&text);
	for (len = 0; len < text.len; len++)
		assert_int_equal(seal_take(text.data, &(uint32_t){len}, NULL), -EBADMSG);
	for (size_t bit = 0; bit < text.len * 8; bit++) {
		text.data[bit / 8] = (char)(text.data[bit / 8] ^ (1 << bit % 8));
		assert_int_equal(seal_take(text.data, &(uint32_t){(uint32_t)text.len}, NULL),
				 -EBADMSG);
		text.data[bit / 8] = (char)(text.data[bit / 8] ^ (1 << bit % 8));
	}
	len = (uint32_t)text.len;
	assert_int_equal(seal_take(text.data, &len, NULL), 0);
	assert_string_equal(text.data, "one line\nand two\n");
	assert_int_equal(len, strlen("one line\nand two\n"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_strange),
		cmocka_unit_test(test_seal),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
