/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses, prefixes, ranges and @sets, and what is wrong with those that are none. */
#include "lang/parser.h"

#include <string.h>

bool parse_looks_like_address(const char *text, size_t len)
{
	unsigned dots = 0;
	bool plain = true;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (c == ':')
			return true;
		if (c == '.' || c == '/')
			dots++;
		else if (!parser_is_digit(c))
			plain = false;
	}
	return len > 0 && parser_is_digit(text[0]) && (plain || dots >= 2);
}

/* One sentence on why this is no IPv4 address, or NULL. */
static const char *explain_v4(struct parser *p, const char *text, size_t len)
{
	unsigned parts = 1;
	size_t start = 0;

	for (size_t i = 0; i <= len; i++) {
		uint32_t val;
		int part_len = (int)(i - start);

		if (i < len && text[i] != '.')
			continue;
		if (part_len == 0)
			return "a number is missing between the dots";
		if (!str_parse_u32(text + start, i - start, 0, UINT32_MAX, &val))
			return arena_printf(p->arena, "'%.*s' is not a number", part_len,
					    text + start);
		if (val > 255)
			return arena_printf(p->arena, "%.*s is more than 255", part_len,
					    text + start);
		if (part_len > 1 && text[start] == '0')
			return arena_printf(p->arena,
					    "'%.*s' starts with a zero: some read that as octal",
					    part_len, text + start);
		start = i + 1;
		parts += i < len;
	}
	if (parts != 4)
		return arena_printf(p->arena, "an IPv4 address has 4 numbers, this one has %u",
				    parts);
	return NULL;
}

static void report_address(struct parser *p, const struct token *word)
{
	const char *text = p->text + word->start;
	size_t len = word->end - word->start;
	struct origin at = parser_token_at(p, word);
	const char *why = NULL;
	struct diag *diag;

	if (memchr(text, '-', len))
		why = "a range of addresses stands in a set: set NAME = ADDRESS - ADDRESS";
	else if (!memchr(text, ':', len))
		why = explain_v4(p, text, len);
	else
		why = "an IPv6 address has 8 groups of up to 4 hexadecimal digits; one '::' stands "
		      "for groups of zeros";
	diag = parser_error(p, at, DIAG_BAD_ADDRESS, "'%.*s' is not an address", (int)len, text);
	if (diag && why)
		diag_note(diag, at, "%s", why);
}

static void report_length(struct parser *p, const struct token *length, unsigned bits)
{
	const char *text = p->text + length->start;
	int len = (int)(length->end - length->start);
	struct origin at = parser_token_at(p, length);
	struct diag *diag;
	uint32_t val;

	if (str_parse_u32(text, (size_t)len, 0, UINT32_MAX, &val) && val > bits) {
		diag = parser_error(p, at, DIAG_BAD_PREFIX, "prefix length %.*s is more than %u",
				    len, text, bits);
		if (diag)
			diag_note(diag, at, "a prefix of an IPv%d address has 0 to %u bits",
				  bits == 32 ? 4 : 6, bits);
		return;
	}
	diag = parser_error(p, at, DIAG_BAD_PREFIX, "'%.*s' is not a prefix length", len, text);
	if (diag)
		diag_note(diag, at, "expected a number from 0 to %u behind the '/'", bits);
}

static void report_prefix(struct parser *p, const struct token *word)
{
	const char *text = p->text + word->start;
	const char *slash = memchr(text, '/', word->end - word->start);
	struct token part = *word;
	struct ip_addr addr;

	if (slash)
		part.end = (uint32_t)(slash - p->text);
	if (!slash || !ip_addr_parse(text, part.end - part.start, &addr)) {
		report_address(p, &part);
		return;
	}
	part.start = part.end + 1;
	part.end = word->end;
	report_length(p, &part, ip_family_bits(addr.family));
}

bool parse_prefix(struct parser *p, const struct token *word, struct ip_prefix *ret)
{
	const char *text = p->text + word->start;
	size_t len = word->end - word->start;
	char shown[IP_TEXT_MAX];
	bool host_bits = false;
	struct diag *diag;

	if (!ip_prefix_parse(text, len, ret, &host_bits)) {
		report_prefix(p, word);
		return false;
	}
	if (!host_bits)
		return true;
	diag = diag_warning(p->diags, parser_token_at(p, word), DIAG_HOST_BITS,
			    "'%.*s' has bits beyond its length", (int)len, text);
	if (diag)
		diag_note(diag, parser_token_at(p, word), "it is read as the network %s",
			  ip_prefix_format(ret, shown));
	return true;
}

static bool parse_address(struct parser *p, const struct token *word, struct ip_addr *ret)
{
	struct diag *diag;

	if (word->start >= word->end) {
		diag = parser_error(p, parser_at(p, p->last_end, p->last_end), DIAG_SYNTAX,
				    "expected an address behind the '-'");
		(void)diag;
		return false;
	}
	if (ip_addr_parse(p->text + word->start, word->end - word->start, ret))
		return true;
	if (memchr(p->text + word->start, '/', word->end - word->start)) {
		diag = parser_error(p, parser_token_at(p, word), DIAG_BAD_ADDRESS,
				    "'%.*s' is not an address", (int)(word->end - word->start),
				    p->text + word->start);
		if (diag)
			diag_note(diag, (struct origin){0},
				  "a range goes from an address to an address");
		return false;
	}
	report_address(p, word);
	return false;
}

static void parse_range(struct parser *p, const struct token *low, const struct token *high,
			struct tree_elem *ret)
{
	struct origin at = parser_at(p, low->start, p->last_end);
	bool low_good = parse_address(p, low, &ret->range.low);
	bool high_good = parse_address(p, high, &ret->range.high);
	struct diag *diag;

	ret->kind = TREE_ELEM_RANGE;
	ret->at = at;
	if (!low_good || !high_good)
		return;
	if (ret->range.low.family != ret->range.high.family) {
		diag = parser_error(p, at, DIAG_MIXED_FAMILIES,
				    "range mixes IPv4 and IPv6 addresses");
		if (diag)
			diag_note(diag, (struct origin){0}, "write a range for each family");
		return;
	}
	if (ip_addr_compare(&ret->range.low, &ret->range.high) <= 0)
		return;
	diag = parser_error(p, at, DIAG_EMPTY_RANGE, "range of addresses is empty");
	if (diag)
		diag_note(diag, parser_token_at(p, high),
			  "the upper end must not be below the lower");
}

static void report_word(struct parser *p)
{
	int len = (int)(p->tok.end - p->tok.start);
	const char *text = p->text + p->tok.start;
	struct origin at = parser_token_at(p, &p->tok);
	struct diag *diag =
		parser_error(p, at, DIAG_BAD_ADDRESS, "'%.*s' is not an address", len, text);

	if (diag && memchr(text, '.', (size_t)len))
		diag_note(diag, at, "names of hosts are not looked up");
	else if (diag)
		diag_note(diag, at, "another set is named '@%.*s'", len, text);
}

bool parse_set_name_missing(struct parser *p)
{
	(void)parser_error(p, parser_at(p, p->tok.end, p->tok.end), DIAG_SYNTAX,
			   "expected the name of a set behind the '@'");
	return false;
}

bool parse_element(struct parser *p, struct tree_elem *ret, bool with_sets)
{
	const char *text = p->text + p->tok.start;
	struct token low;
	struct token high;
	struct diag *diag;

	*ret = (struct tree_elem){.at = parser_token_at(p, &p->tok)};
	if (p->tok.kind != TOKEN_WORD || (text[0] == '@' && !with_sets)) {
		diag = parser_expected(p, with_sets ? "an address, a prefix, a range or '@SET'"
						    : "an address, a prefix or a range");
		if (diag && p->tok.kind == TOKEN_OPEN)
			diag_note(diag, (struct origin){0}, "elements stand without braces");
		if (diag && p->tok.kind == TOKEN_STRING)
			diag_note(diag, (struct origin){0},
				  "elements are read from a file with: file \"...\"");
		return false;
	}
	if (text[0] == '@') {
		ret->kind = TREE_ELEM_SET;
		if (parser_check_name(p, p->tok.start + 1, p->tok.end, "set"))
			ret->set = parser_text(p, p->tok.start + 1, p->tok.end);
		else if (p->tok.end - p->tok.start == 1)
			return parse_set_name_missing(p);
		parser_next(p);
		return true;
	}
	if (!parse_looks_like_address(text, p->tok.end - p->tok.start)) {
		report_word(p);
		return false;
	}
	if (parser_take_pair(p, '-', &low, &high)) {
		parse_range(p, &low, &high, ret);
		return true;
	}
	ret->kind = TREE_ELEM_PREFIX;
	(void)parse_prefix(p, &low, &ret->prefix);
	return true;
}
