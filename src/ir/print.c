/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An ir table as nft text, in the words that nft itself uses for a listing. */
#include "ir/print.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/ip.h"
#include "base/protocol.h"

struct type_name {
	uint8_t value;
	const char *name;
};

static const struct type_name icmpv6_types[] = {
	{128, "echo-request"},	       {133, "nd-router-solicit"},  {134, "nd-router-advert"},
	{135, "nd-neighbor-solicit"},  {136, "nd-neighbor-advert"}, {137, "nd-redirect"},
	{143, "mld2-listener-report"},
};

static void print_quoted(struct str_buf *out, const char *text)
{
	/* Neither a quote nor a line's end can stand in nft's strings. */
	str_buf_addc(out, '"');
	for (const char *at = text; *at; at++) {
		if (*at == '"')
			str_buf_addc(out, '\'');
		else
			str_buf_addc(out, (unsigned char)*at < ' ' || *at == 0x7f ? ' ' : *at);
	}
	str_buf_addc(out, '"');
}

static void print_addr(struct str_buf *out, uint8_t family, const uint8_t *bytes)
{
	struct ip_addr addr = {.family = family};
	char text[IP_TEXT_MAX];

	memcpy(addr.bytes, bytes, ip_family_bytes(family));
	str_buf_adds(out, ip_addr_format(&addr, text));
}

static void print_mask(struct str_buf *out, uint8_t family, unsigned len)
{
	uint8_t bytes[16] = {0};

	for (unsigned i = 0; i < len; i++)
		bytes[i / 8] |= (uint8_t)(0x80u >> (i % 8));
	print_addr(out, family, bytes);
}

static void print_bits(struct str_buf *out, const uint8_t *value, bool status)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} states[] = {
		{IR_CT_STATE_INVALID, "invalid"},     {IR_CT_STATE_ESTABLISHED, "established"},
		{IR_CT_STATE_RELATED, "related"},     {IR_CT_STATE_NEW, "new"},
		{IR_CT_STATE_UNTRACKED, "untracked"},
	};
	uint32_t bits = (uint32_t)value[0] << 24 | (uint32_t)value[1] << 16 |
			(uint32_t)value[2] << 8 | value[3];
	const char *comma = "";

	/* ours ask for nothing else, but others write into our table */
	if (status) {
		if (bits == IR_CT_STATUS_DNAT)
			str_buf_adds(out, "dnat");
		else
			str_buf_addf(out, "0x%x", (unsigned)bits);
		return;
	}
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (!(bits & states[i].bit))
			continue;
		str_buf_addf(out, "%s%s", comma, states[i].name);
		comma = ",";
	}
	if (!*comma)
		str_buf_addf(out, "0x%x", (unsigned)bits);
}

static void print_protocol(struct str_buf *out, uint8_t protocol)
{
	/* nft reads /etc/protocols for others: print only names that it knows itself. */
	const char *name = protocol == PROTOCOL_IGMP ? NULL : protocol_name(protocol);

	if (name)
		str_buf_adds(out, name);
	else
		str_buf_addf(out, "%u", protocol);
}

static void print_icmpv6_type(struct str_buf *out, uint8_t type)
{
	for (size_t i = 0; i < sizeof(icmpv6_types) / sizeof(icmpv6_types[0]); i++) {
		if (icmpv6_types[i].value == type) {
			str_buf_adds(out, icmpv6_types[i].name);
			return;
		}
	}
	str_buf_addf(out, "%u", type);
}

static void print_value(struct str_buf *out, enum ir_field field, const uint8_t *value)
{
	char name[17] = {0};

	switch (field) {
	case IR_META_IIFNAME:
	case IR_META_OIFNAME:
		memcpy(name, value, 16);
		print_quoted(out, name);
		return;
	case IR_META_NFPROTO:
		str_buf_adds(out, value[0] == 2 ? "ipv4" : "ipv6");
		return;
	case IR_META_L4PROTO:
		print_protocol(out, value[0]);
		return;
	case IR_IP_SADDR:
	case IR_IP_DADDR:
		print_addr(out, IP_V4, value);
		return;
	case IR_IP6_SADDR:
	case IR_IP6_DADDR:
		print_addr(out, IP_V6, value);
		return;
	case IR_TH_SPORT:
	case IR_TH_DPORT:
	case IR_CT_ORIG_PROTO_DST:
		str_buf_addf(out, "%u", (unsigned)(value[0] << 8 | value[1]));
		return;
	case IR_CT_STATE:
	case IR_CT_STATUS:
		print_bits(out, value, field == IR_CT_STATUS);
		return;
	case IR_ICMP_TYPE:
		if (value[0] == 8)
			str_buf_adds(out, "echo-request");
		else
			str_buf_addf(out, "%u", value[0]);
		return;
	case IR_ICMPV6_TYPE:
		print_icmpv6_type(out, value[0]);
		return;
	case IR_IP6_HOPLIMIT:
	case IR_TCP_FLAGS:
		str_buf_addf(out, "%u", value[0]);
		return;
	case IR_FIELD_COUNT:
		break;
	}
	assert(!"a field of a packet");
}

static void print_operands(struct str_buf *out, const struct ir_match *match, const char *transport)
{
	for (unsigned i = 0; i < match->field_count; i++) {
		enum ir_field field = (enum ir_field)match->fields[i].field;
		unsigned len = match->fields[i].prefix_len;

		str_buf_adds(out, i ? " . " : "");
		if (transport)
			str_buf_addf(out, "%s %s", transport,
				     field == IR_TH_SPORT ? "sport" : "dport");
		else
			str_buf_adds(out, ir_field_name(field));
		if (len && len < 8 * ir_field_size(field)) {
			str_buf_adds(out, " & ");
			print_mask(out, ir_field_size(field) == 4 ? IP_V4 : IP_V6, len);
		}
	}
}

static void print_prefix(struct str_buf *out, enum ir_field field, const struct ir_match *match)
{
	char name[18] = {0};

	if (field != IR_META_IIFNAME && field != IR_META_OIFNAME) {
		print_value(out, field, match->value);
		str_buf_addf(out, "/%u", match->value_len);
		return;
	}
	memcpy(name, match->value, match->value_len);
	name[match->value_len] = '*';
	print_quoted(out, name);
}

static void print_range(struct str_buf *out, enum ir_field field, const struct ir_match *match)
{
	/* nft knows no range between names. */
	if (ir_field_size(field) == 1) {
		str_buf_addf(out, "%u-%u", match->value[0], match->high[0]);
		return;
	}
	print_value(out, field, match->value);
	str_buf_addc(out, '-');
	print_value(out, field, match->high);
}

static void print_match(struct str_buf *out, const struct ir_match *match, const char *transport)
{
	enum ir_field field = (enum ir_field)match->fields[0].field;

	print_operands(out, match, transport);
	str_buf_addc(out, ' ');
	switch ((enum ir_op)match->op) {
	case IR_NOT_EQUAL:
		str_buf_adds(out, "!= ");
		print_value(out, field, match->value);
		return;
	case IR_EQUAL:
	case IR_ANY_BIT:
		print_value(out, field, match->value);
		return;
	case IR_RANGE:
		print_range(out, field, match);
		return;
	case IR_PREFIX:
		print_prefix(out, field, match);
		return;
	case IR_IN_SET:
		str_buf_addf(out, "%s@%s", match->negate ? "!= " : "", match->set);
		return;
	}
}

static void print_rate(struct str_buf *out, const struct ir_rate *rate)
{
	static const char *const units[] = {"second", "minute", "hour", "day"};

	str_buf_addf(out, "limit rate %s%" PRIu64 "/%s burst %u packets", rate->over ? "over " : "",
		     rate->count, units[rate->unit], rate->burst);
}

static void print_verdict(struct str_buf *out, uint8_t verdict, const char *chain)
{
	static const char *const words[] = {"accept", "drop", "jump", "goto", "return"};

	str_buf_adds(out, words[verdict]);
	if (verdict == IR_JUMP || verdict == IR_GOTO)
		str_buf_addf(out, " %s", chain);
}

static void print_reject(struct str_buf *out, uint8_t reject)
{
	static const char *const words[] = {"tcp reset", "icmpx admin-prohibited",
					    "icmpx port-unreachable"};

	str_buf_addf(out, "reject with %s", words[reject]);
}

static bool is_port(const struct ir_stmt *stmt)
{
	uint8_t field = stmt->match.fields[0].field;

	return stmt->kind == IR_STMT_MATCH && stmt->match.field_count == 1 &&
	       (field == IR_TH_SPORT || field == IR_TH_DPORT);
}

static void print_stmt(struct str_buf *out, const struct ir_stmt *stmt, const char *transport)
{
	switch ((enum ir_stmt_kind)stmt->kind) {
	case IR_STMT_MATCH:
		print_match(out, &stmt->match, is_port(stmt) ? transport : NULL);
		return;
	case IR_STMT_VERDICT_MAP:
		print_operands(out, &stmt->match, NULL);
		str_buf_addf(out, " vmap @%s", stmt->match.set);
		return;
	case IR_STMT_COUNTER:
		str_buf_adds(out, "counter");
		return;
	case IR_STMT_COUNTER_REF:
		str_buf_addf(out, "counter name \"%s\"", stmt->name);
		return;
	case IR_STMT_LIMIT:
		print_rate(out, &stmt->rate);
		return;
	case IR_STMT_METER:
		str_buf_addf(out, "update @%s { ", stmt->match.set);
		print_operands(out, &stmt->match, NULL);
		str_buf_addc(out, ' ');
		print_rate(out, &stmt->rate);
		str_buf_adds(out, " }");
		return;
	case IR_STMT_LOG:
		str_buf_adds(out, "log");
		if (stmt->name) {
			str_buf_adds(out, " prefix ");
			print_quoted(out, stmt->name);
		}
		if (stmt->snaplen)
			str_buf_addf(out, " group %u snaplen %u", stmt->group, stmt->snaplen);
		return;
	case IR_STMT_REJECT:
		print_reject(out, stmt->reject);
		return;
	case IR_STMT_VERDICT:
		print_verdict(out, stmt->verdict, stmt->name);
		return;
	}
}

/* "tcp" where "meta l4proto tcp" and a port follow each other: "tcp dport 22", as nft lists it. */
static const char *transport_at(const struct ir_rule *rule, uint32_t at)
{
	const struct ir_stmt *stmt = &rule->stmts.items[at];

	if (at + 1 == rule->stmts.len || !is_port(stmt + 1) || stmt->kind != IR_STMT_MATCH ||
	    stmt->match.op != IR_EQUAL || stmt->match.field_count != 1 ||
	    stmt->match.fields[0].field != IR_META_L4PROTO)
		return NULL;
	switch (stmt->match.value[0]) {
	case PROTOCOL_TCP:
	case PROTOCOL_UDP:
	case PROTOCOL_SCTP:
		return protocol_name(stmt->match.value[0]);
	default: /* nft has no such words for others */
		return NULL;
	}
}

void ir_print_rule(const struct ir_rule *rule, struct str_buf *out)
{
	const char *transport = NULL;

	for (uint32_t i = 0; i < rule->stmts.len; i++) {
		if (!transport && (transport = transport_at(rule, i)))
			continue;
		if (i > (transport ? 1u : 0u))
			str_buf_addc(out, ' ');
		print_stmt(out, &rule->stmts.items[i], transport);
	}
	if (rule->comment) {
		str_buf_adds(out, " comment ");
		print_quoted(out, rule->comment);
	}
}

static void print_element(struct str_buf *out, const struct ir_set *set, uint32_t number)
{
	const uint8_t *key = set->keys + (size_t)number * set->key_size;

	for (unsigned i = 0; i < set->field_count; i++) {
		enum ir_field field = (enum ir_field)set->fields[i];

		if (i)
			str_buf_adds(out, " . ");
		print_value(out, field, key);
		key += ir_field_room(field);
	}
	if (set->timeouts_s && set->timeouts_s[number])
		str_buf_addf(out, " timeout %us", set->timeouts_s[number]);
	if (set->comments && set->comments[number]) {
		str_buf_adds(out, " comment ");
		print_quoted(out, set->comments[number]);
	}
	if (set->is_map) {
		str_buf_adds(out, " : ");
		print_verdict(out, set->verdicts[number].verdict, set->verdicts[number].chain);
	}
}

static void print_set_type(struct str_buf *out, const struct ir_set *set)
{
	str_buf_addf(out, "\t%s %s {\n\t\ttype ", set->is_map ? "map" : "set", set->name);
	for (unsigned i = 0; i < set->field_count; i++)
		str_buf_addf(out, "%s%s", i ? " . " : "",
			     ir_field_type_name((enum ir_field)set->fields[i]));
	str_buf_adds(out, set->is_map ? " : verdict\n" : "\n");
	if (set->size)
		str_buf_addf(out, "\t\tsize %u\n", set->size);
	if (set->dynamic)
		str_buf_addf(out, "\t\tflags dynamic,timeout\n\t\ttimeout %us\n", set->timeout_s);
	else if (set->timed)
		str_buf_adds(out, "\t\tflags timeout\n");
	if (set->counted)
		str_buf_adds(out, "\t\tcounter\n");
}

static void print_set(struct str_buf *out, const struct ir_set *set)
{
	print_set_type(out, set);
	for (uint32_t i = 0; i < set->count; i++) {
		str_buf_adds(out, i ? ",\n\t\t\t" : "\t\telements = {\n\t\t\t");
		print_element(out, set, i);
	}
	str_buf_adds(out, set->count ? "\n\t\t}\n\t}\n" : "\t}\n");
}

/* "filter - 10", as nft lists what is at most ten away from a name of its own. */
static void print_priority(struct str_buf *out, int32_t priority)
{
	static const struct {
		int32_t value;
		const char *name;
	} names[] = {{-300, "raw"}, {-150, "mangle"}, {0, "filter"}, {50, "security"}};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int64_t away = (int64_t)priority - names[i].value;

		if (away < -10 || away > 10)
			continue;
		str_buf_adds(out, names[i].name);
		if (away)
			str_buf_addf(out, " %c %d", away < 0 ? '-' : '+',
				     (int)(away < 0 ? -away : away));
		return;
	}
	str_buf_addf(out, "%d", priority);
}

static void print_base_chain(struct str_buf *out, const struct ir_chain *chain)
{
	static const char *const hooks[] = {"", "prerouting", "input", "forward", "output"};

	str_buf_addf(out, "\t\ttype filter hook %s priority ", hooks[chain->hook]);
	print_priority(out, chain->priority);
	str_buf_addf(out, "; policy %s;\n", chain->policy_drop ? "drop" : "accept");
}

static void print_declarations(struct str_buf *out, const struct ir_table *table)
{
	str_buf_addf(out, "table inet %s {\n", table->name);
	vec_each (&table->counters, counter)
		str_buf_addf(out, "\tcounter %s { }\n", counter->name);
	vec_each (&table->sets, set) {
		print_set_type(out, set);
		str_buf_adds(out, "\t}\n");
	}
	vec_each (&table->chains, chain) {
		str_buf_addf(out, "\tchain %s {", chain->name);
		if (chain->hook != IR_HOOK_NONE) {
			str_buf_addc(out, '\n');
			print_base_chain(out, chain);
			str_buf_addc(out, '\t');
		}
		str_buf_adds(out, chain->hook == IR_HOOK_NONE ? " }\n" : "}\n");
	}
	str_buf_adds(out, "}\n");
}

void ir_print_table(const struct ir_table *table, struct str_buf *out)
{
	str_buf_adds(out, "\n# What is not there yet; base chains that are there stay in place.\n");
	print_declarations(out, table);
	str_buf_adds(out, "\n# Empties it, in the same transaction.\n");
	vec_each (&table->chains, chain)
		str_buf_addf(out, "flush chain inet %s %s\n", table->name, chain->name);
	vec_each (&table->sets, set) {
		if (!set->dynamic && !set->timed)
			str_buf_addf(out, "flush %s inet %s %s\n", set->is_map ? "map" : "set",
				     table->name, set->name);
	}
	str_buf_addf(out, "\n# Fills it.\ntable inet %s {\n", table->name);
	vec_each (&table->sets, set) {
		if (!set->dynamic)
			print_set(out, set);
	}
	vec_each (&table->chains, chain) {
		str_buf_addf(out, "\n\tchain %s {\n", chain->name);
		vec_each (&chain->rules, rule) {
			str_buf_adds(out, "\t\t");
			ir_print_rule(rule, out);
			str_buf_addc(out, '\n');
		}
		str_buf_adds(out, "\t}\n");
	}
	str_buf_adds(out, "}\n");
}
