/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whatever a disk made of a file of the state directory may be read: what is taken is what was
 * written, so that any other bit in it is noticed.  The text is
 *
 *	'0' TEXT    what was applied last (state.h)
 *	'1' TEXT    what was loaded of a rules file (rules_last.h), without its seal
 *	'2' TEXT    any sealed file (seal.h)
 */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "control/rules_last.h"
#include "control/seal.h"
#include "control/state.h"
#include "fuzz/replay.h"

static void must(bool holds)
{
	if (!holds)
		abort();
}

static bool lies_in(const char *at, uint32_t len, const char *text, uint32_t size)
{
	return at >= text && at <= text + size && len <= (size_t)(text + size - at);
}

static bool state_takes(struct arena *arena, char *text, uint32_t len)
{
	struct control_snapshot snapshot = {0};
	struct err err = {0};

	if (state_parse(arena, text, len, &snapshot, &err) < 0) {
		must(err.text[0]);
		return false;
	}
	must(snapshot.applied && snapshot.policy && snapshot.roots.len);
	return true;
}

static bool rules_takes(struct arena *arena, char *text, uint32_t len)
{
	struct rules_last last = {0};
	struct err err = {0};

	if (rules_last_parse(arena, text, len, &last, &err) < 0) {
		must(err.text[0]);
		return false;
	}
	for (unsigned family = 0; family < RULES_FAMILIES; family++)
		must(!last.text[family] || lies_in(last.text[family], last.len[family], text, len));
	return true;
}

static bool seal_takes(struct arena *arena, char *text, uint32_t len)
{
	uint32_t left = len;
	struct err err = {0};

	(void)arena;
	if (seal_take(text, &left, &err) < 0)
		return false;
	must(left < len && text[left] == '\0');
	return true;
}

static const struct {
	bool (*takes)(struct arena *arena, char *text, uint32_t len);
	bool sealed;
} kinds[] = {{state_takes, true}, {rules_takes, false}, {seal_takes, true}};

/* The readers cut their text up. */
static char *memory_of(struct arena *arena, const uint8_t *data, uint32_t len)
{
	char *ret = arena_alloc(arena, (size_t)len + 1);

	memcpy(ret, data, len);
	return ret;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	unsigned kind = size ? (unsigned)data[0] - '0' : 3;
	uint32_t len = (uint32_t)size - 1;
	uint64_t bit;
	char *other;

	if (kind >= sizeof(kinds) / sizeof(*kinds) ||
	    !kinds[kind].takes(arena, memory_of(arena, data + 1, len), len) || !kinds[kind].sealed)
		return 0;
	bit = hash_bytes(data, size, 0) % ((uint64_t)len * 8);
	other = memory_of(arena, data + 1, len);
	other[bit / 8] = (char)(other[bit / 8] ^ (1 << (bit % 8)));
	must(!kinds[kind].takes(arena, other, len));
	return 0;
}
