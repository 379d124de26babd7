/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints a tree as policy text in its canonical form. */
#include "lang/format.h"

#include <string.h>

#include "base/protocol.h"
#include "lang/lexer.h"

#define INDENT "    "
#define WIDTH_MAX 100u	   /* columns, past which a list goes on in the next line */
#define ELEM_TEXT_MAX 128u /* two addresses, or the name of a set */

static void add_string(struct str_buf *out, const char *text)
{
	str_buf_addc(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			str_buf_addc(out, '\\');
		str_buf_addc(out, *text);
	}
	str_buf_addc(out, '"');
}

static bool is_word(const char *text)
{
	if (strstr(text, "->") || *text == '\0')
		return false;
	while (lexer_is_word_char(*text))
		text++;
	return *text == '\0';
}

static void add_word(struct str_buf *out, const char *text)
{
	if (is_word(text))
		str_buf_adds(out, text);
	else
		add_string(out, text);
}

/* Names that the reader takes for something else stand in quotes. */
static bool is_container_word(const char *text)
{
	static const char *const taken[] = {"label", "network", "to", "from", "limit", "log"};
	unsigned dots = 0;
	bool digits = true;

	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		if (str_eq(text, taken[i]))
			return false;
	}
	for (const char *c = text; *c; c++) {
		bool digit = *c >= '0' && *c <= '9';
		bool letter = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z');

		if (!digit && !letter && (c == text || !strchr("_.-", *c)))
			return false;
		dots += *c == '.';
		digits = digits && (digit || *c == '.');
	}
	return *text && !digits && !(dots >= 2 && *text >= '0' && *text <= '9');
}

void format_container(const struct tree_container *container, struct str_buf *out)
{
	switch ((enum tree_container_kind)container->kind) {
	case TREE_CONTAINER_NAME:
		if (is_container_word(container->name))
			str_buf_adds(out, container->name);
		else
			add_string(out, container->name);
		return;
	case TREE_CONTAINER_SERVICE:
		str_buf_adds(out, container->name);
		str_buf_addc(out, '/');
		str_buf_adds(out, container->value);
		return;
	case TREE_CONTAINER_LABEL:
		str_buf_adds(out, "label ");
		add_word(out, container->name);
		if (!container->value)
			return;
		str_buf_addc(out, '=');
		add_word(out, container->value);
		return;
	case TREE_CONTAINER_NETWORK:
		str_buf_adds(out, "network ");
		add_word(out, container->name);
		return;
	}
}

static void format_ports(const struct tree_service *service, struct str_buf *out)
{
	const struct tree_ports *ports = service->port_count == 1 ? &service->one : service->ports;

	for (uint32_t i = 0; i < service->port_count; i++) {
		str_buf_addf(out, "%s%u", i ? ", " : " ", (unsigned)ports[i].low);
		if (ports[i].low != ports[i].high)
			str_buf_addf(out, "-%u", (unsigned)ports[i].high);
	}
}

static void format_service(const struct tree_service *service, struct str_buf *out)
{
	switch ((enum tree_service_kind)service->kind) {
	case TREE_SERVICE_NAME:
		str_buf_adds(out, service->name);
		break;
	case TREE_SERVICE_PROTOCOL:
		str_buf_adds(out, protocol_name(service->protocol));
		format_ports(service, out);
		break;
	}
	if (service->inside)
		str_buf_adds(out, " inside");
}

static void format_source(const struct tree_source *source, struct str_buf *out)
{
	char text[IP_TEXT_MAX];

	switch ((enum tree_source_kind)source->kind) {
	case TREE_SOURCE_SET:
		str_buf_addc(out, '@');
		str_buf_adds(out, source->set);
		return;
	case TREE_SOURCE_PREFIX:
		str_buf_adds(out, ip_prefix_format(&source->prefix, text));
		return;
	case TREE_SOURCE_CONTAINER:
		format_container(source->container, out);
		return;
	}
}

static void format_rate(const struct tree_rate *rate, struct str_buf *out)
{
	static const char *const units[] = {"second", "minute", "hour", "day"};

	str_buf_addf(out, " limit %u/%s", (unsigned)rate->count, units[rate->unit]);
	if (rate->burst)
		str_buf_addf(out, " burst %u", (unsigned)rate->burst);
	if (rate->per_source)
		str_buf_adds(out, " per source");
}

/* What stands behind the verb, with a blank before it. */
static void format_clauses(const struct tree_sentence *sentence, struct str_buf *out)
{
	for (uint32_t i = 0; i < sentence->service_count; i++) {
		str_buf_adds(out, i ? ", " : " ");
		format_service(&sentence->services[i], out);
	}
	for (uint32_t i = 0; i < sentence->to_count; i++) {
		str_buf_adds(out, i ? ", " : " to ");
		format_container(&sentence->to[i], out);
	}
	for (uint32_t i = 0; i < sentence->from_count; i++) {
		str_buf_adds(out, i ? ", " : " from ");
		format_source(&sentence->from[i], out);
	}
	if (sentence->rate)
		format_rate(sentence->rate, out);
	if (!sentence->log)
		return;
	str_buf_adds(out, " log");
	if (sentence->log_text) {
		str_buf_addc(out, ' ');
		add_string(out, sentence->log_text);
	}
}

void format_sentence(const struct tree_sentence *sentence, struct str_buf *out)
{
	static const char *const verbs[] = {"allow", "deny", "reject"};

	if (sentence->is_default)
		str_buf_adds(out, "default ");
	str_buf_adds(out, verbs[sentence->verb]);
	format_clauses(sentence, out);
}

static void add_comment(struct str_buf *out, const char *text)
{
	str_buf_addc(out, '#');
	if (!str_eq(text, " "))
		str_buf_adds(out, text);
}

static void format_before(const char *const *comments, const char *indent, struct str_buf *out)
{
	for (; comments && *comments; comments++) {
		if (**comments != '\0') {
			str_buf_adds(out, indent);
			add_comment(out, *comments);
		}
		str_buf_addc(out, '\n');
	}
}

static void format_line_end(const char *behind, struct str_buf *out)
{
	if (behind) {
		str_buf_addc(out, ' ');
		add_comment(out, behind);
	}
	str_buf_addc(out, '\n');
}

/* Between two items of a list; the next one is `len` bytes long. */
static void add_separator(struct str_buf *out, size_t *line_start, size_t len)
{
	str_buf_addc(out, ',');
	if (out->len - *line_start + len + 2 <= WIDTH_MAX) {
		str_buf_addc(out, ' ');
		return;
	}
	str_buf_addc(out, '\n');
	*line_start = out->len;
	str_buf_adds(out, INDENT);
}

static void format_iface(const struct tree_iface *iface, struct str_buf *out)
{
	bool plain = is_word(iface->name) && !iface->wildcard && !str_eq(iface->name, "auto") &&
		     !strpbrk(iface->name, "+@%*:/");

	str_buf_adds(out, plain ? "" : "\"");
	str_buf_adds(out, iface->name);
	str_buf_adds(out, iface->wildcard ? "*" : "");
	str_buf_adds(out, plain ? "" : "\"");
}

static void format_zone(const struct tree_zone *zone, struct str_buf *out)
{
	size_t line_start = out->len;

	str_buf_addf(out, "zone %s = ", zone->name.text);
	if (zone->is_auto)
		str_buf_adds(out, "auto");
	vec_each (&zone->ifaces, iface) {
		if (iface != zone->ifaces.items)
			add_separator(out, &line_start, strlen(iface->name) + 3);
		format_iface(iface, out);
	}
}

static void elem_text(const struct tree_elem *elem, char ret[ELEM_TEXT_MAX])
{
	char high[IP_TEXT_MAX];
	char low[IP_TEXT_MAX];

	switch ((enum tree_elem_kind)elem->kind) {
	case TREE_ELEM_PREFIX:
		(void)str_copy(ret, ELEM_TEXT_MAX, ip_prefix_format(&elem->prefix, low));
		return;
	case TREE_ELEM_RANGE:
		(void)snprintf(ret, ELEM_TEXT_MAX, "%s-%s", ip_addr_format(&elem->range.low, low),
			       ip_addr_format(&elem->range.high, high));
		return;
	case TREE_ELEM_SET:
		(void)snprintf(ret, ELEM_TEXT_MAX, "@%s", elem->set);
		return;
	}
}

static void format_set(const struct tree_set *set, struct str_buf *out)
{
	size_t line_start = out->len;

	str_buf_addf(out, "set %s = ", set->name.text);
	if (set->file) {
		str_buf_adds(out, "file ");
		add_string(out, set->file);
		return;
	}
	vec_each (&set->elems, elem) {
		char text[ELEM_TEXT_MAX];

		elem_text(elem, text);
		if (elem != set->elems.items)
			add_separator(out, &line_start, strlen(text) + 1);
		str_buf_adds(out, text);
	}
}

static void format_option(const struct tree_option *option, struct str_buf *out)
{
	str_buf_addf(out, "option %s =", option->name.text);
	if (option->sentence)
		format_clauses(option->sentence, out);
	vec_each (&option->values, value) {
		str_buf_addc(out, ' ');
		add_word(out, value->text);
	}
}

static void format_section(const struct tree_section *section, const char *behind,
			   struct str_buf *out)
{
	vec_each (&section->from, name) {
		str_buf_adds(out, name == section->from.items ? "" : ", ");
		str_buf_adds(out, name->text);
	}
	str_buf_adds(out, " -> ");
	vec_each (&section->to, name) {
		str_buf_adds(out, name == section->to.items ? "" : ", ");
		str_buf_adds(out, name->text);
	}
	str_buf_adds(out, " {");
	format_line_end(behind, out);
	vec_each (&section->sentences, sentence) {
		const struct tree_comments *comments = sentence->comments;

		if (comments)
			format_before(comments->before, INDENT, out);
		str_buf_adds(out, INDENT);
		format_sentence(sentence, out);
		format_line_end(comments ? comments->behind : NULL, out);
	}
	format_before(section->comments_at_end, INDENT, out);
	str_buf_adds(out, "}\n");
}

static void format_item(const struct tree_item *item, struct str_buf *out)
{
	switch ((enum tree_item_kind)item->kind) {
	case TREE_ZONE:
		format_zone(item->zone, out);
		break;
	case TREE_SET:
		format_set(item->set, out);
		break;
	case TREE_OPTION:
		format_option(item->option, out);
		break;
	case TREE_INCLUDE:
		str_buf_adds(out, "include ");
		add_string(out, item->include->pattern.text);
		break;
	case TREE_SECTION:
		format_section(item->section, item->comments.behind, out);
		return;
	}
	format_line_end(item->comments.behind, out);
}

/* Around a section is always a blank line. */
static bool wants_blank(const struct tree_item *before, const struct tree_item *item,
			const char *const *comments)
{
	if (!before || (comments && **comments == '\0'))
		return false;
	return before->kind == TREE_SECTION || (item && item->kind == TREE_SECTION);
}

void format_file(const struct tree_file *file, struct str_buf *out)
{
	const struct tree_item *before = NULL;

	vec_each (&file->items, item) {
		if (wants_blank(before, item, item->comments.before))
			str_buf_addc(out, '\n');
		format_before(item->comments.before, "", out);
		format_item(item, out);
		before = item;
	}
	if (file->comments_at_end && wants_blank(before, NULL, file->comments_at_end))
		str_buf_addc(out, '\n');
	format_before(file->comments_at_end, "", out);
}
