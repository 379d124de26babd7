/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sentence that large policies are made of, read without tokens:
 *
 *	allow tcp 443 from 192.0.2.0/24
 *
 * Whatever differs from it by one byte goes the long way, which makes the same tree of it and says
 * what is wrong; a policy of 100,000 such lines is read in a third of the time.
 */
#include "lang/parser.h"

#include <string.h>

#include "base/protocol.h"

/* A number as one would write it, without zeros before it; NULL if there is none up to max. */
static const char *number_at(const char *text, uint32_t max, uint32_t *ret)
{
	uint32_t value = 0;
	const char *at = text;

	for (; parser_is_digit(*at) && at < text + 5; at++)
		value = value * 10 + (uint32_t)(*at - '0');
	if (at == text || parser_is_digit(*at) || value > max || (*text == '0' && at > text + 1))
		return NULL;
	*ret = value;
	return at;
}

static const char *octet_at(const char *text, uint8_t *ret)
{
	unsigned value = (unsigned)(uint8_t)text[0] - '0';

	if (value > 9)
		return NULL;
	if (!parser_is_digit(text[1])) {
		*ret = (uint8_t)value;
		return text + 1;
	}
	if (!value)
		return NULL;
	value = value * 10 + (unsigned)(text[1] - '0');
	text += 2;
	if (parser_is_digit(*text))
		value = value * 10 + (unsigned)(*text++ - '0');
	*ret = (uint8_t)value;
	return value <= 255 && !parser_is_digit(*text) ? text : NULL;
}

/* An IPv4 address or prefix without bits beyond its length. */
static const char *prefix_at(const char *text, struct ip_prefix *ret)
{
	struct ip_prefix prefix = {.family = IP_V4, .len = 32};
	uint32_t addr = 0, len = 32;

	for (unsigned i = 0; i < 4; i++) {
		text = octet_at(text, &prefix.bytes[i]);
		if (!text || (i < 3 && *text++ != '.'))
			return NULL;
		addr = addr << 8 | prefix.bytes[i];
	}
	if (*text == '/') {
		text = number_at(text + 1, 32, &len);
		if (!text || (uint64_t)addr << len & UINT32_MAX)
			return NULL;
		prefix.len = (uint8_t)len;
	}
	*ret = prefix;
	return text;
}

/* Of a constant length this is one comparison. */
static inline const char *word_at(const char *text, const char *end, const char *word, size_t len)
{
	return (size_t)(end - text) >= len && memcmp(text, word, len) == 0 ? text + len : NULL;
}

struct plain {
	const char *protocol;
	const char *port_end;
	const char *prefix_start;
	const char *end;
	uint32_t port;
	struct ip_prefix prefix;
};

static bool plain_at(const char *text, const char *end, struct plain *ret)
{
	const char *at = word_at(text, end, " tcp ", 5);

	ret->protocol = text + 1;
	if (!at)
		at = word_at(text, end, " udp ", 5);
	if (at)
		at = number_at(at, 65535, &ret->port);
	if (!at || !ret->port)
		return false;
	ret->port_end = at;
	ret->prefix_start = word_at(at, end, " from ", 6);
	if (!ret->prefix_start)
		return false;
	ret->end = prefix_at(ret->prefix_start, &ret->prefix);
	return ret->end && *ret->end == '\n';
}

/* As if the last word of the sentence had just been read. */
static void skip_to(struct parser *p, const char *end)
{
	p->tok.end = (uint32_t)(end - p->text);
	p->lexer.pos = p->tok.end;
	parser_next(p);
}

bool parse_plain_sentence(struct parser *p, struct tree_sentence *sentence)
{
	struct nodes {
		struct tree_service service;
		struct tree_source source;
	} * nodes;
	struct plain plain;

	if (!plain_at(p->text + p->tok.end, p->text + p->lexer.len, &plain))
		return false;
	nodes = parser_alloc(p, sizeof(*nodes));
	nodes->service = (struct tree_service){
		.at = parser_at(p, (uint32_t)(plain.protocol - p->text),
				(uint32_t)(plain.port_end - p->text)),
		.kind = TREE_SERVICE_PROTOCOL,
		.protocol = *plain.protocol == 't' ? PROTOCOL_TCP : PROTOCOL_UDP,
		.port_count = 1,
		.one = {.low = (uint16_t)plain.port, .high = (uint16_t)plain.port},
	};
	nodes->source = (struct tree_source){
		.at = parser_at(p, (uint32_t)(plain.prefix_start - p->text),
				(uint32_t)(plain.end - p->text)),
		.kind = TREE_SOURCE_PREFIX,
		.prefix = plain.prefix,
	};
	sentence->services = &nodes->service;
	sentence->service_count = 1;
	sentence->from = &nodes->source;
	sentence->from_count = 1;
	sentence->has_from = true;
	skip_to(p, plain.end);
	return true;
}

bool parse_plain_packed(struct parser *p, struct tree_packed *ret)
{
	uint32_t start = p->tok.start;
	struct plain plain;

	if (!plain_at(p->text + p->tok.end, p->text + p->lexer.len, &plain))
		return false;
	*ret = (struct tree_packed){
		.start = start,
		.len = (uint16_t)(plain.end - p->text - start),
		.port = (uint16_t)plain.port,
		.protocol = *plain.protocol == 't' ? PROTOCOL_TCP : PROTOCOL_UDP,
		.prefix_len = plain.prefix.len,
	};
	memcpy(ret->addr, plain.prefix.bytes, sizeof(ret->addr));
	skip_to(p, plain.end);
	return true;
}

void tree_unpack(const struct tree_packed *packed, uint16_t source, struct tree_plain *ret)
{
	const struct origin at = {.start = packed->start, .len = packed->len, .source = source};

	*ret = (struct tree_plain){
		.sentence = {.at = at,
			     .verb = packed->verb,
			     .has_from = true,
			     .service_count = 1,
			     .from_count = 1,
			     .services = &ret->service,
			     .from = &ret->source},
		.service = {.at = at,
			    .kind = TREE_SERVICE_PROTOCOL,
			    .protocol = packed->protocol,
			    .port_count = 1,
			    .one = {.low = packed->port, .high = packed->port}},
		.source = {.at = at,
			   .kind = TREE_SOURCE_PREFIX,
			   .prefix = {.family = IP_V4, .len = packed->prefix_len}},
	};
	memcpy(ret->source.prefix.bytes, packed->addr, sizeof(packed->addr));
}
