/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The imported policy as text. */
#include <string.h>

#include "base/protocol.h"
#include "base/str.h"
#include "lift/import_parts.h"
#include "rules/print.h"

#define INDENT "    "
#define WIDTH 96u
#define LOG_TEXT_MAX 100u

/* What holds for every imported file. */
static const char *const always[] = {
	"Always so in a policy, whatever the file says: loopback, packets of known connections and "
	"their ICMP errors, neighbour discovery, multicast listeners and DHCP answers go on; "
	"packets "
	"of no connection (INVALID), and addresses that cannot come from where they do, are "
	"dropped; "
	"RELATED connections that are no ICMP errors are judged as new ones; 'reject' answers by a "
	"TCP reset or ICMP admin-prohibited.",
	"A published port is judged as its container's, also where a proxy on this host serves it "
	"or "
	"the container has no network of its own; 'containers' are all bridges of the engine.",
	"Sentences without addresses hold for IPv4 and IPv6, as a rule and its twin do.",
};

static void line_add(struct str_buf *out, const char *indent, const char *text)
{
	if (!*text)
		return;
	str_buf_addf(out, "%s# ", indent);
	str_buf_add_visible(out, text, strlen(text));
	str_buf_addc(out, '\n');
}

/* Words in lines that a terminal shows whole. */
static void paragraph_add(struct str_buf *out, const char *text)
{
	while (*text) {
		size_t len = strlen(text), end = len;

		if (len > WIDTH) {
			for (end = WIDTH; end && text[end] != ' '; end--)
				;
			end = end ? end : len;
		}
		str_buf_addf(out, "# %.*s\n", (int)end, text);
		text += end;
		text += strspn(text, " ");
	}
}

static void rule_text_add(const struct import *import, const char *indent,
			  const struct rules_line *line)
{
	auto_str struct str_buf text = {0};
	uint32_t number = import_line_number(import, line);

	rules_print_line(line, &text);
	str_buf_addf(import->out, "%s# ", indent);
	if (number)
		str_buf_addf(import->out, "line %u ", (unsigned)number);
	str_buf_adds(import->out, "cannot be said: ");
	str_buf_add_visible(import->out, str_buf_text(&text), text.len);
	str_buf_addc(import->out, '\n');
}

/* Left out, these rules leave more open than the file does. */
static bool may_refuse(const struct lift_rule *rule)
{
	return rule && rule->match.target != RULES_TARGET_ACCEPT &&
	       rule->match.target != RULES_TARGET_RETURN && !lift_rule_goes_on(&rule->match);
}

static void remark_add(const struct import *import, const char *indent,
		       const struct rules_line *line, const char *reason,
		       const struct lift_rule *rule)
{
	if (line)
		rule_text_add(import, indent, line);
	str_buf_addf(import->out, "%s# %s", indent, line ? INDENT : "");
	str_buf_add_visible(import->out, reason, strlen(reason));
	if (may_refuse(rule))
		str_buf_adds(import->out, "; without it this section may be more open than the "
					  "file");
	str_buf_addc(import->out, '\n');
}

static bool in_section(const struct import *import, const struct import_remark *remark)
{
	vec_each (&import->told, line) {
		if (*line == remark->line)
			return true;
	}
	return false;
}

void import_print_head(const struct import *import)
{
	auto_str struct str_buf name = {0};

	str_buf_addf(&name, "The firewall of the rules file %s as a policy, by 'wharfwall import'.",
		     import->name);
	line_add(import->out, "", str_buf_text(&name));
	str_buf_adds(import->out, "#\n");
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		paragraph_add(import->out, always[i]);
	vec_each (&import->result->differences, text)
		paragraph_add(import->out, *text);
	vec_each (&import->result->unsaid, remark) {
		if (!in_section(import, remark))
			remark_add(import, "", remark->line, remark->reason, NULL);
	}
	str_buf_addc(import->out, '\n');
}

/* The stand-in for a wildcard ends in '~'. */
static void iface_add(struct str_buf *out, const char *name)
{
	size_t len = strlen(name);

	if (len && name[len - 1] == '~')
		str_buf_addf(out, "\"%.*s*\"", (int)(len - 1), name);
	else
		str_buf_addf(out, "\"%s\"", name);
}

void import_print_zones(const struct import *import)
{
	for (uint32_t i = 1; i < import->sides.len; i++) {
		const struct import_side *side = &import->sides.items[i];

		if (i == 1 && import->auto_name)
			str_buf_addf(import->out,
				     "# %s%s in the file, and every interface that is claimed by "
				     "nobody\n",
				     import->auto_name, import->auto_wildcard ? "+" : "");
		str_buf_addf(import->out, "zone %s = ", side->zone);
		if (i == 1)
			str_buf_adds(import->out, "auto");
		else
			iface_add(import->out, side->names[0]);
		str_buf_addc(import->out, '\n');
	}
}

static bool is_banner(const char *text)
{
	return !text[strspn(text, "# \t-=*")];
}

struct notes {
	const struct import *import;
	VEC(const char *) lines;
};

static void note_add(struct notes *notes, const char *text)
{
	text += strspn(text, "# \t");
	if (is_banner(text))
		return;
	vec_each (&notes->lines, old) {
		if (str_eq(*old, text))
			return;
	}
	*vec_add(notes->import->arena, &notes->lines) = text;
	line_add(notes->import->out, INDENT, text);
}

/* The comments on the lines right above a rule. */
static void lines_above_add(struct notes *notes, const struct rules_line *line)
{
	const struct rules_line *first = notes->import->file->lines.items;
	const struct rules_line *at = line;

	while (at > first && at[-1].kind == RULES_COMMENT)
		at--;
	for (; at < line; at++)
		note_add(notes, at->text);
}

static void comments_add(const struct import *import, const struct import_sentence *sentence)
{
	struct notes notes = {.import = import};

	vec_each (&sentence->rules, rule) {
		lines_above_add(&notes, (*rule)->line);
		if ((*rule)->match.comment)
			note_add(&notes, (*rule)->match.comment);
	}
	if (sentence->kind == IMPORT_NOT_SAID)
		note_add(&notes,
			 "the file does not name this chain: it stays as it is, open unless "
			 "somebody else closes it");
	else if (!sentence->rules.len && sentence->chain)
		note_add(&notes, arena_printf(import->arena, "the policy of %s", sentence->chain));
	else if (!sentence->rules.len)
		note_add(&notes, sentence->kind == IMPORT_ALLOW ? "left to the engine's own rules"
								: "the file does not name FORWARD");
}

static void comma_add(struct str_buf *out, bool *any)
{
	if (*any)
		str_buf_adds(out, ", ");
	*any = true;
}

/* "tcp 80, 443": the ports of a protocol that stand together. */
static void ports_add(struct str_buf *out, const struct import_cond *cond, bool inside, bool *any)
{
	const struct service *before = NULL;

	vec_each (&cond->services, service) {
		if (service->kind != SERVICE_PORTS)
			continue;
		if (before && before->protocol != service->protocol && inside)
			str_buf_adds(out, " inside");
		comma_add(out, any);
		if (!before || before->protocol != service->protocol)
			str_buf_addf(out, "%s ", protocol_name(service->protocol));
		str_buf_addf(out, "%u", service->low);
		if (service->high != service->low)
			str_buf_addf(out, "-%u", service->high);
		before = service;
	}
	if (before && inside)
		str_buf_adds(out, " inside");
}

/*
 * --ctorigdstport is the port as it was dialled, published or not: a container that is reached
 * without translation has its own port for that, which a policy calls "inside".
 */
static void services_add(struct str_buf *out, const struct import_cond *cond, bool to_containers)
{
	bool any = false;

	if (cond->any_service)
		return;
	str_buf_addc(out, ' ');
	vec_each (&cond->services, service) {
		if (service->kind == SERVICE_PORTS)
			continue;
		comma_add(out, &any);
		str_buf_adds(out, service->kind == SERVICE_PING ? "ping"
								: protocol_name(service->protocol));
	}
	ports_add(out, cond, false, &any);
	if (to_containers)
		ports_add(out, cond, true, &any);
}

static void sources_add(struct str_buf *out, const struct import_cond *cond)
{
	char text[IP_TEXT_MAX];

	if (cond->any_source)
		return;
	for (uint32_t i = 0; i < cond->sources.len; i++)
		str_buf_addf(out, "%s%s", i ? ", " : " from ",
			     ip_prefix_format(&cond->sources.items[i], text));
}

static void log_add(struct str_buf *out, const char *text)
{
	str_buf_adds(out, " log");
	if (!text)
		return;
	str_buf_adds(out, " \"");
	for (size_t i = 0; i < LOG_TEXT_MAX && text[i]; i++)
		str_buf_addc(out, (char)(text[i] == '"' ? '\'' : text[i]));
	str_buf_addc(out, '"');
}

static void sentence_add(const struct import *import, const struct import_sentence *sentence,
			 bool to_containers)
{
	static const char *const verbs[] = {[IMPORT_ALLOW] = "allow",
					    [IMPORT_DENY] = "deny",
					    [IMPORT_REJECT] = "reject",
					    [IMPORT_NOT_SAID] = "allow"};
	static const char *const units[] = {"second", "minute", "hour", "day"};
	struct str_buf *out = import->out;

	comments_add(import, sentence);
	str_buf_addf(out, INDENT "%s", verbs[sentence->kind]);
	services_add(out, &sentence->cond, to_containers);
	sources_add(out, &sentence->cond);
	if (sentence->has_rate)
		str_buf_addf(out, " limit %u/%s burst %u", (unsigned)sentence->rate.count,
			     units[sentence->rate.unit], (unsigned)sentence->rate.burst);
	if (sentence->log)
		log_add(out, sentence->log_text);
	str_buf_addc(out, '\n');
}

void import_section_add(struct import *import, const struct import_way *way,
			const struct import_list *list)
{
	struct import_section *section;
	uint32_t count = 0;

	str_buf_done(&import->body);
	import->out = &import->body;
	vec_each (&list->items, sentence) {
		const struct lift_rule *rule =
			sentence->rules.len ? sentence->rules.items[0] : NULL;

		if (sentence->kind != IMPORT_REMARK) {
			sentence_add(import, sentence, way->out.container);
			count++;
			continue;
		}
		remark_add(import, INDENT, rule ? rule->line : NULL, sentence->reason, rule);
		*vec_add(import->arena, &import->told) = rule ? rule->line : NULL;
	}
	section = vec_add(import->arena, &import->sections);
	section->from = way->in.zone;
	section->to = way->out.zone;
	section->sentences = count;
	section->body = arena_strdup(import->arena, str_buf_text(&import->body));
}

/* A pair stands in one section only, so their order means nothing. */
static void sections_join(struct import *import, bool by_target)
{
	uint32_t kept = 0;

	vec_each (&import->sections, section) {
		struct import_section *same = NULL;

		for (uint32_t i = 0; i < kept && !same; i++) {
			struct import_section *old = &import->sections.items[i];

			if (str_eq(old->body, section->body) &&
			    str_eq(by_target ? old->to : old->from,
				   by_target ? section->to : section->from))
				same = old;
		}
		if (!same)
			import->sections.items[kept++] = *section;
		else if (by_target)
			same->from =
				arena_printf(import->arena, "%s, %s", same->from, section->from);
		else
			same->to = arena_printf(import->arena, "%s, %s", same->to, section->to);
	}
	import->sections.len = kept;
}

void import_print_sections(struct import *import)
{
	sections_join(import, true);
	sections_join(import, false);
	vec_each (&import->sections, section) {
		import->result->sentences += section->sentences;
		str_buf_addf(import->out, "\n%s -> %s {\n%s}\n", section->from, section->to,
			     section->body);
	}
}
