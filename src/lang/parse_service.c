/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a sentence speaks of: ssh, dns, tcp 80, 443, udp 60000-61000, esp. */
#include "lang/parser.h"

#include <string.h>

#include "base/limits.h"
#include "base/protocol.h"

/* 80, 8000-8100 and what was meant to be such. */
static bool at_number(const struct parser *p)
{
	if (p->tok.kind != TOKEN_WORD)
		return false;
	for (uint32_t i = p->tok.start; i < p->tok.end; i++) {
		char c = p->text[i];

		if (!parser_is_digit(c) && (i == p->tok.start || !strchr("-:/.", c)))
			return false;
	}
	return true;
}

static bool starts_with_digit(const struct parser *p)
{
	return p->tok.kind == TOKEN_WORD && parser_is_digit(p->text[p->tok.start]);
}

static bool port_value(struct parser *p, const struct token *word, uint16_t *ret)
{
	const char *text = p->text + word->start;
	int len = (int)(word->end - word->start);
	struct origin at = parser_token_at(p, word);
	struct diag *diag;
	uint32_t val;

	if (str_parse_u32(text, (size_t)len, 1, 65535, &val)) {
		*ret = (uint16_t)val;
		return true;
	}
	if (len == 0) {
		(void)parser_error(p, parser_at(p, p->last_end, p->last_end), DIAG_BAD_PORT,
				   "expected a port behind the '-'");
		return false;
	}
	if (str_parse_u64(text, (size_t)len, 0, UINT64_MAX, &(uint64_t){0})) {
		(void)parser_error(p, at, DIAG_BAD_PORT, "port %.*s is not between 1 and 65535",
				   len, text);
		return false;
	}
	diag = parser_error(p, at, DIAG_BAD_PORT, "'%.*s' is not a port", len, text);
	if (diag && memchr(text, ':', (size_t)len))
		diag_note(diag, at, "a range of ports is written with '-': 8000-8100");
	else if (diag && parse_looks_like_address(text, (size_t)len))
		diag_note(diag, at, "addresses stand behind 'from'");
	return false;
}

static bool parse_ports(struct parser *p, struct tree_ports *ret)
{
	struct token low;
	struct token high;
	bool range = parser_take_pair(p, '-', &low, &high);
	struct diag *diag;

	if (!port_value(p, &low, &ret->low))
		return false;
	if (!range) {
		ret->high = ret->low;
		return true;
	}
	if (!port_value(p, &high, &ret->high))
		return false;
	if (ret->low <= ret->high)
		return true;
	diag = parser_error(p, parser_at(p, low.start, high.end), DIAG_EMPTY_RANGE,
			    "port range %u-%u is empty", (unsigned)ret->low, (unsigned)ret->high);
	if (diag)
		diag_note(diag, parser_token_at(p, &high),
			  "the upper end must not be below the lower");
	return false;
}

/* NUMBER { , NUMBER }; *ret_more: a comma was read that no number follows. */
static bool parse_port_list(struct parser *p, struct tree_service *service, bool *ret_more)
{
	p->ports.len = 0;
	for (;;) {
		struct tree_ports ports = {0};

		if (parse_ports(p, &ports)) {
			if (p->ports.len >= LIMIT_LIST_ITEMS) {
				(void)parser_error(p, service->at, DIAG_TOO_MANY,
						   "more than %u ports in one list",
						   LIMIT_LIST_ITEMS);
				return false;
			}
			*vec_add(p->arena, &p->ports) = ports;
		}
		service->at = parser_at(p, service->at.start, p->last_end);
		if (!parser_take_comma(p))
			break;
		if (!at_number(p)) {
			*ret_more = true;
			break;
		}
	}
	service->port_count = p->ports.len;
	if (p->ports.len == 1)
		service->one = p->ports.items[0];
	else
		service->ports =
			parser_copy(p, p->ports.items, p->ports.len * sizeof(struct tree_ports));
	return true;
}

static bool parse_protocol_ports(struct parser *p, struct tree_service *service, bool *ret_more)
{
	struct token first = p->tok;
	struct diag *diag;

	if (!parse_port_list(p, service, ret_more))
		return false;
	if (protocol_has_ports(service->protocol))
		return true;
	diag = parser_error(p, parser_token_at(p, &first), DIAG_PORT_WITHOUT_PROTOCOL,
			    "protocol %s has no ports", protocol_name(service->protocol));
	if (diag)
		diag_note(diag, service->at, "'%s' alone is the whole protocol",
			  protocol_name(service->protocol));
	return true;
}

static bool parse_unknown_protocol(struct parser *p, const struct token *word,
				   struct tree_service *service, bool *ret_more)
{
	const char *text = p->text + word->start;
	size_t len = word->end - word->start;
	const char *names[64];
	const char *nearest;
	struct diag *diag;
	size_t count = 0;

	while (count < 63 && (names[count] = protocol_name_at(count)))
		count++;
	names[count] = NULL;
	/* It has ports and no name, however the sentence goes on. */
	service->kind = TREE_SERVICE_PROTOCOL;
	diag = parser_error(p, parser_token_at(p, word), DIAG_UNKNOWN_PROTOCOL,
			    "unknown protocol '%.*s'", (int)len, text);
	nearest = parser_nearest(text, len, names);
	if (diag && nearest)
		diag_note(diag, parser_token_at(p, word), "did you mean '%s'?", nearest);
	else if (diag)
		diag_note(diag, parser_token_at(p, &p->tok),
			  "a port follows a protocol, as in 'tcp %.*s'",
			  (int)(p->tok.end - p->tok.start), p->text + p->tok.start);
	return parse_port_list(p, service, ret_more);
}

static bool parse_name(struct parser *p, struct tree_service *service, bool *ret_more)
{
	struct token word = p->tok;
	const char *text = p->text + word.start;
	uint32_t len = word.end - word.start;
	struct diag *diag;

	parser_next(p);
	if (at_number(p) && !memchr(p->text + p->tok.start, '.', p->tok.end - p->tok.start))
		return parse_unknown_protocol(p, &word, service, ret_more);
	if (len > LIMIT_NAME_BYTES) {
		(void)parser_error(p, service->at, DIAG_BAD_NAME,
				   "name of a service is longer than %u bytes", LIMIT_NAME_BYTES);
		return true;
	}
	for (uint32_t i = 0; i < len; i++) {
		if (!strchr("/:@*%", text[i]))
			continue;
		diag = parser_error(p, service->at, DIAG_BAD_NAME, "'%.*s' cannot name a service",
				    (int)len, text);
		if (diag && text[0] == '@')
			diag_note(diag, service->at, "did you mean 'from %.*s'?", (int)len, text);
		else if (diag)
			diag_note(diag, service->at, "protocol and port are written 'tcp 443'");
		return true;
	}
	service->kind = TREE_SERVICE_NAME;
	service->name = parser_text(p, word.start, word.end);
	return true;
}

static bool at_service(struct parser *p)
{
	static const char *const others[] = {"allow", "deny", "reject", "default", "inside", NULL};
	bool good = p->tok.kind == TOKEN_WORD && !at_number(p) && !parse_is_clause_word(p);
	struct diag *diag;

	for (size_t i = 0; good && others[i]; i++)
		good = !parser_is_word(p, others[i]);
	if (good)
		return true;
	diag = parser_expected(p, "a service like 'ssh' or 'tcp 443'");
	if (diag && at_number(p) && !memchr(p->text + p->tok.start, '.', p->tok.end - p->tok.start))
		diag_note(diag, parser_token_at(p, &p->tok),
			  "a port follows a protocol, as in 'tcp %.*s'",
			  (int)(p->tok.end - p->tok.start), p->text + p->tok.start);
	return false;
}

static bool parse_service(struct parser *p, struct tree_service *service, bool *ret_more)
{
	struct token word = p->tok;

	*ret_more = false;
	if (!at_service(p))
		return false;
	*service = (struct tree_service){.at = parser_token_at(p, &word)};
	if (protocol_parse(p->text + word.start, word.end - word.start, &service->protocol)) {
		service->kind = TREE_SERVICE_PROTOCOL;
		parser_next(p);
		if (starts_with_digit(p) && !parse_protocol_ports(p, service, ret_more))
			return false;
	} else if (!parse_name(p, service, ret_more)) {
		return false;
	}
	if (!*ret_more && parser_is_word(p, "inside")) {
		service->inside = true;
		parser_next(p);
		service->at = parser_at(p, word.start, p->last_end);
	}
	if (!*ret_more)
		*ret_more = parser_take_comma(p);
	return true;
}

bool parse_services(struct parser *p, struct tree_sentence *sentence)
{
	bool more = true;

	p->services.len = 0;
	while (more) {
		struct tree_service service;

		if (!parse_service(p, &service, &more))
			return false;
		if (p->services.len >= LIMIT_LIST_ITEMS) {
			(void)parser_error(p, service.at, DIAG_TOO_MANY,
					   "more than %u services in one list", LIMIT_LIST_ITEMS);
			return false;
		}
		*vec_add(p->arena, &p->services) = service;
	}
	sentence->service_count = p->services.len;
	sentence->services =
		parser_copy(p, p->services.items, p->services.len * sizeof(struct tree_service));
	return true;
}
