/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A namespace, nft beside us, and a table that uses everything. */
#include "kernel_lab.h"

#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

/*
 * Two proofs: the namespace is another than before, and it is not that of process 1.  The second
 * cannot always be asked for (no ptrace right over process 1); a namespace that unshare() made
 * just now is nobody else's all the same.
 */
int lab_enter(void)
{
	struct stat before, now, first;

	if (geteuid() != 0 || stat("/proc/self/ns/net", &before) < 0 || unshare(CLONE_NEWNET) < 0)
		return LAB_SKIP;
	if (stat("/proc/self/ns/net", &now) < 0 || same_file(&before, &now) ||
	    (stat("/proc/1/ns/net", &first) == 0 && same_file(&first, &now))) {
		fprintf(stderr, "refusing to run in the machine's own network namespace\n");
		return 1;
	}
	return 0;
}

/* An unlinked temporary file: neither side can block on a full pipe. */
static int lab_file(const char *text)
{
	int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0)
		return -1;
	if (text && (write(fd, text, strlen(text)) != (ssize_t)strlen(text) ||
		     lseek(fd, 0, SEEK_SET) != 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

int lab_nft(const char *const *words, const char *input, struct str_buf *ret_output)
{
	auto_close int in = lab_file(input), out = lab_file(NULL);
	posix_spawn_file_actions_t actions;
	const char *argv[16] = {"nft", "-f", "-"};
	char part[4096];
	int status = -1, rc;
	ssize_t len;
	pid_t pid;

	if (in < 0 || out < 0)
		return -1;
	for (unsigned i = 0; words && i < 14 && words[i]; i++) {
		argv[i + 1] = words[i];
		argv[i + 2] = NULL;
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawn_file_actions_adddup2(&actions, out, 2);
	rc = posix_spawnp(&pid, "nft", &actions, NULL, (char *const *)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (rc != 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	lseek(out, 0, SEEK_SET);
	while ((len = read(out, part, sizeof(part))) > 0)
		str_buf_add(ret_output, part, (size_t)len);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

struct ir_chain *lab_add_chain(struct arena *arena, struct ir_table *table, const char *name)
{
	struct ir_chain *chain = vec_add(arena, &table->chains);

	chain->name = name;
	return chain;
}

struct ir_rule *lab_add_rule(struct arena *arena, struct ir_chain *chain, const char *comment)
{
	struct ir_rule *rule = vec_add(arena, &chain->rules);

	rule->comment = comment;
	return rule;
}

static struct ir_stmt *add_stmt(struct arena *arena, struct ir_rule *rule, uint8_t kind)
{
	struct ir_stmt *stmt = vec_add(arena, &rule->stmts);

	stmt->kind = kind;
	return stmt;
}

void lab_add_verdict(struct arena *arena, struct ir_rule *rule, uint8_t verdict, const char *chain)
{
	struct ir_stmt *stmt = add_stmt(arena, rule, IR_STMT_VERDICT);

	stmt->verdict = verdict;
	stmt->name = chain;
}

/* One match with the bytes of a value; len of a prefix in bits, of a name in bytes. */
static struct ir_match *add_match(struct arena *arena, struct ir_rule *rule, uint8_t field,
				  uint8_t op, const char *value, size_t size)
{
	struct ir_stmt *stmt = add_stmt(arena, rule, IR_STMT_MATCH);

	stmt->match.field_count = 1;
	stmt->match.fields[0].field = field;
	stmt->match.op = op;
	memcpy(stmt->match.value, value, size);
	return &stmt->match;
}

#define MATCH(field, op, value) add_match(arena, rule, field, op, value, sizeof(value) - 1)
#define RULE(comment) rule = lab_add_rule(arena, chain, comment)
#define VERDICT(verdict, chain) lab_add_verdict(arena, rule, verdict, chain)

static void add_simple_rules(struct arena *arena, struct ir_chain *chain)
{
	struct ir_rule *rule;

	RULE("established"), MATCH(IR_CT_STATE, IR_ANY_BIT, "\0\0\0\x06");
	add_stmt(arena, rule, IR_STMT_COUNTER), VERDICT(IR_ACCEPT, NULL);
	RULE(NULL), MATCH(IR_CT_STATE, IR_ANY_BIT, "\0\0\0\x01"), VERDICT(IR_DROP, NULL);
	RULE(NULL), MATCH(IR_CT_STATUS, IR_ANY_BIT, "\0\0\0\x20"), VERDICT(IR_RETURN, NULL);
	RULE(NULL), MATCH(IR_META_IIFNAME, IR_EQUAL, "lo"), VERDICT(IR_ACCEPT, NULL);
	RULE(NULL), MATCH(IR_META_OIFNAME, IR_NOT_EQUAL, "lo"), VERDICT(IR_ACCEPT, NULL);
	RULE(NULL), MATCH(IR_META_IIFNAME, IR_PREFIX, "wg")->value_len = 2;
	VERDICT(IR_ACCEPT, NULL);
	RULE(NULL), MATCH(IR_META_NFPROTO, IR_EQUAL, "\x02"), VERDICT(IR_ACCEPT, NULL);
	RULE(NULL), MATCH(IR_META_L4PROTO, IR_EQUAL, "\x06");
	MATCH(IR_TH_DPORT, IR_EQUAL, "\0\x50"), VERDICT(IR_ACCEPT, NULL);
	RULE(NULL), MATCH(IR_META_L4PROTO, IR_EQUAL, "\x11");
	MATCH(IR_TH_SPORT, IR_EQUAL, "\0\x43"), MATCH(IR_TH_DPORT, IR_EQUAL, "\0\x44");
	VERDICT(IR_ACCEPT, NULL);
	RULE(NULL), MATCH(IR_META_L4PROTO, IR_EQUAL, "\x06");
	memcpy(MATCH(IR_TH_DPORT, IR_RANGE, "\x1f\x90")->high, "\x20\x00", 2);
	VERDICT(IR_ACCEPT, NULL);
	RULE(NULL), MATCH(IR_META_L4PROTO, IR_EQUAL, "\x06");
	memcpy(MATCH(IR_CT_ORIG_PROTO_DST, IR_RANGE, "\x1f\x90")->high, "\x20\x00", 2);
	VERDICT(IR_ACCEPT, NULL);
	RULE(NULL), MATCH(IR_META_L4PROTO, IR_NOT_EQUAL, "\x06"), VERDICT(IR_ACCEPT, NULL);
	RULE(NULL), MATCH(IR_TCP_FLAGS, IR_ANY_BIT, "\x02"), VERDICT(IR_ACCEPT, NULL);
}

static void add_address_rules(struct arena *arena, struct ir_chain *chain)
{
	struct ir_rule *rule;

	RULE("bytes"), MATCH(IR_IP_SADDR, IR_PREFIX, "\x0a")->value_len = 8;
	VERDICT(IR_ACCEPT, NULL);
	RULE("bits"), MATCH(IR_IP_DADDR, IR_PREFIX, "\x0a\x80")->value_len = 12;
	VERDICT(IR_ACCEPT, NULL);
	RULE(NULL), MATCH(IR_IP_SADDR, IR_NOT_EQUAL, "\x0a\0\0\x01"), VERDICT(IR_DROP, NULL);
	RULE(NULL);
	memcpy(MATCH(IR_IP_SADDR, IR_RANGE, "\x0a\0\0\x01")->high, "\x0a\0\0\x09", 4);
	VERDICT(IR_DROP, NULL);
	RULE(NULL), MATCH(IR_IP6_SADDR, IR_PREFIX, "\xfe\x80")->value_len = 10;
	VERDICT(IR_ACCEPT, NULL);
	RULE(NULL), MATCH(IR_IP6_DADDR, IR_EQUAL, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01");
	VERDICT(IR_ACCEPT, NULL);
	RULE("neighbours"), MATCH(IR_IP_SADDR, IR_EQUAL, "\x0a\0\0\x01");
	MATCH(IR_IP_DADDR, IR_EQUAL, "\x0a\0\0\x02"), VERDICT(IR_ACCEPT, NULL);
	RULE("ping"), MATCH(IR_ICMP_TYPE, IR_EQUAL, "\x08"), VERDICT(IR_ACCEPT, NULL);
	RULE(NULL);
	memcpy(MATCH(IR_ICMPV6_TYPE, IR_RANGE, "\xc8")->high, "\xc9", 1);
	MATCH(IR_IP6_HOPLIMIT, IR_EQUAL, "\xff"), VERDICT(IR_ACCEPT, NULL);
	RULE(NULL), MATCH(IR_ICMPV6_TYPE, IR_EQUAL, "\x8f");
	MATCH(IR_IP6_SADDR, IR_PREFIX, "\xfe\x80")->value_len = 10;
	VERDICT(IR_ACCEPT, NULL);
	RULE("explicit family"), MATCH(IR_META_NFPROTO, IR_EQUAL, "\x02");
	MATCH(IR_META_IIFNAME, IR_EQUAL, "eth0");
	MATCH(IR_IP_SADDR, IR_EQUAL, "\x0a\0\0\x01"), VERDICT(IR_ACCEPT, NULL);
}

static struct ir_match *add_key(struct arena *arena, struct ir_rule *rule, uint8_t kind,
				const char *set, unsigned count, const struct ir_operand *fields)
{
	struct ir_stmt *stmt = add_stmt(arena, rule, kind);

	stmt->match.op = kind == IR_STMT_MATCH ? IR_IN_SET : 0;
	stmt->match.set = set;
	stmt->match.field_count = (uint8_t)count;
	memcpy(stmt->match.fields, fields, count * sizeof(*fields));
	return &stmt->match;
}

#define KEY(kind, set, ...)                                                                        \
	add_key(arena, rule, kind, set,                                                            \
		sizeof((struct ir_operand[]){__VA_ARGS__}) / sizeof(struct ir_operand),            \
		(struct ir_operand[]){__VA_ARGS__})

static void add_set_rules(struct arena *arena, struct ir_chain *chain)
{
	struct ir_rule *rule;
	struct ir_stmt *stmt;

	RULE(NULL), KEY(IR_STMT_MATCH, "names", {IR_META_OIFNAME, 0}), VERDICT(IR_ACCEPT, NULL);
	RULE(NULL), KEY(IR_STMT_MATCH, "names", {IR_META_IIFNAME, 0})->negate = true;
	VERDICT(IR_DROP, NULL);
	RULE(NULL), KEY(IR_STMT_MATCH, "pairs", {IR_META_IIFNAME, 0}, {IR_META_OIFNAME, 0});
	VERDICT(IR_ACCEPT, NULL);
	RULE("by length");
	KEY(IR_STMT_MATCH, "office", {IR_IP_SADDR, 24}, {IR_META_L4PROTO, 0}, {IR_TH_DPORT, 0});
	VERDICT(IR_ACCEPT, NULL);
	RULE(NULL), KEY(IR_STMT_MATCH, "office6", {IR_IP6_SADDR, 64}, {IR_META_L4PROTO, 0},
			{IR_TH_DPORT, 0});
	VERDICT(IR_GOTO, "other");
	RULE(NULL), KEY(IR_STMT_MATCH, "both", {IR_IP_SADDR, 16}, {IR_IP_DADDR, 0},
			{IR_META_L4PROTO, 0}, {IR_TH_DPORT, 0});
	VERDICT(IR_ACCEPT, NULL);
	RULE(NULL), KEY(IR_STMT_MATCH, "seen", {IR_IP_SADDR, 0}), VERDICT(IR_DROP, NULL);
	RULE(NULL), KEY(IR_STMT_VERDICT_MAP, "ports", {IR_META_L4PROTO, 0}, {IR_TH_DPORT, 0});
	RULE(NULL), MATCH(IR_META_L4PROTO, IR_EQUAL, "\x06");
	KEY(IR_STMT_VERDICT_MAP, "ports", {IR_META_L4PROTO, 0}, {IR_CT_ORIG_PROTO_DST, 0});
	RULE(NULL), KEY(IR_STMT_VERDICT_MAP, "zones", {IR_META_IIFNAME, 0});
	RULE("meter"), KEY(IR_STMT_METER, "seen", {IR_IP_SADDR, 0});
	stmt = &rule->stmts.items[0];
	stmt->rate =
		(struct ir_rate){.count = 10, .burst = 20, .unit = IR_PER_SECOND, .over = true};
	VERDICT(IR_DROP, NULL);
	RULE(NULL), stmt = add_stmt(arena, rule, IR_STMT_LIMIT);
	stmt->rate = (struct ir_rate){.count = 5, .burst = 10, .unit = IR_PER_MINUTE};
	add_stmt(arena, rule, IR_STMT_LOG)->name = "wharfwall: ";
	stmt = add_stmt(arena, rule, IR_STMT_LOG);
	stmt->name = "to a group ";
	stmt->group = 5757;
	stmt->snaplen = 128;
	add_stmt(arena, rule, IR_STMT_COUNTER_REF)->name = "refused";
	VERDICT(IR_JUMP, "other");
	RULE(NULL), MATCH(IR_META_L4PROTO, IR_EQUAL, "\x06");
	add_stmt(arena, rule, IR_STMT_REJECT)->reject = IR_REJECT_TCP_RESET;
	RULE("last"), add_stmt(arena, rule, IR_STMT_REJECT)->reject = IR_REJECT_ADMIN_PROHIBITED;
}

static struct ir_set *add_set(struct arena *arena, struct ir_table *table, const char *name,
			      unsigned count, const uint8_t *fields)
{
	struct ir_set *set = vec_add(arena, &table->sets);

	set->name = name;
	set->size = 64;
	set->field_count = (uint8_t)count;
	memcpy(set->fields, fields, count);
	for (unsigned i = 0; i < count; i++)
		set->key_size += ir_field_room((enum ir_field)fields[i]);
	return set;
}

#define SET(name, ...)                                                                             \
	add_set(arena, table, name, sizeof((uint8_t[]){__VA_ARGS__}), (uint8_t[]){__VA_ARGS__})

static void set_keys(struct arena *arena, struct ir_set *set, const char *keys, uint32_t count)
{
	set->keys = arena_memdup(arena, keys, (size_t)count * set->key_size);
	set->count = count;
}

static void add_sets(struct arena *arena, struct ir_table *table)
{
	struct ir_set *set;

	set = SET("names", IR_META_IIFNAME);
	set_keys(arena, set, "docker0\0\0\0\0\0\0\0\0\0eth0\0\0\0\0\0\0\0\0\0\0\0\0", 2);
	set->comments = arena_new_array(arena, const char *, 2);
	set->comments[1] = "the uplink";
	set = SET("pairs", IR_META_IIFNAME, IR_META_IIFNAME);
	set_keys(arena, set, "br0\0\0\0\0\0\0\0\0\0\0\0\0\0br0\0\0\0\0\0\0\0\0\0\0\0\0\0", 1);
	set = SET("office", IR_IP_SADDR, IR_META_L4PROTO, IR_TH_DPORT);
	set_keys(arena, set, "\x0a\0\0\0\x06\0\0\0\0\x50\0\0\xcb\0\x71\0\x11\0\0\0\0\x35\0\0", 2);
	set->counted = true;
	set = SET("office6", IR_IP6_SADDR, IR_META_L4PROTO, IR_TH_DPORT);
	set_keys(arena, set, "\x20\x01\x0d\xb8\0\0\0\x01\0\0\0\0\0\0\0\0\x06\0\0\0\0\x50\0\0", 1);
	SET("both", IR_IP_SADDR, IR_IP_SADDR, IR_META_L4PROTO, IR_TH_DPORT);
	set = SET("seen", IR_IP_SADDR);
	set->dynamic = true;
	set->size = 65535;
	set->timeout_s = 60;
	set = SET("ports", IR_META_L4PROTO, IR_TH_DPORT);
	set->is_map = true;
	set_keys(arena, set, "\x06\0\0\0\0\x16\0\0\x11\0\0\0\0\x35\0\0", 2);
	set->verdicts = arena_new_array(arena, struct ir_element_verdict, 2);
	set->verdicts[0] = (struct ir_element_verdict){IR_GOTO, "other"};
	set->verdicts[1] = (struct ir_element_verdict){IR_ACCEPT, NULL};
	set->comments = arena_new_array(arena, const char *, 2);
	set->comments[0] = "allow tcp 22";
	set = SET("zones", IR_META_IIFNAME);
	set->is_map = true;
	set_keys(arena, set, "lan0\0\0\0\0\0\0\0\0\0\0\0\0", 1);
	set->verdicts = arena_new_array(arena, struct ir_element_verdict, 1);
	set->verdicts[0] = (struct ir_element_verdict){IR_JUMP, "other"};
}

struct ir_table *lab_table(struct arena *arena)
{
	struct ir_table *table = arena_new_object(arena, struct ir_table);
	struct ir_counter *counter = vec_add(arena, &table->counters);
	struct ir_chain *chain;
	static const struct {
		const char *name;
		uint8_t hook;
		int32_t priority;
		bool policy_drop;
	} base[] = {
		{"early", IR_HOOK_PREROUTING, -310, false},
		{"input", IR_HOOK_INPUT, -10, true},
		{"forward", IR_HOOK_FORWARD, -10, true},
		{"output", IR_HOOK_OUTPUT, -10, true},
	};

	table->name = "lab";
	counter->name = "refused";
	for (size_t i = 0; i < sizeof(base) / sizeof(base[0]); i++) {
		chain = lab_add_chain(arena, table, base[i].name);
		chain->hook = base[i].hook;
		chain->priority = base[i].priority;
		chain->policy_drop = base[i].policy_drop;
	}
	lab_add_chain(arena, table, "other");
	add_sets(arena, table);
	add_simple_rules(arena, &table->chains.items[1]);
	add_address_rules(arena, &table->chains.items[2]);
	add_set_rules(arena, &table->chains.items[1]);
	return table;
}

struct ir_set *lab_add_many(struct arena *arena, struct ir_table *table, uint32_t count)
{
	struct ir_set *set = SET("many", IR_IP_SADDR, IR_META_L4PROTO, IR_TH_DPORT);

	set->size = count * 2;
	set->count = count;
	set->keys = arena_alloc(arena, (size_t)count * set->key_size);
	set->origins = arena_new_array(arena, struct origin, count);
	for (uint32_t i = 0; i < count; i++) {
		uint8_t key[12] = {
			10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i, 6, 0, 0, 0, 0, 80};

		memcpy(set->keys + (size_t)i * 12, key, sizeof(key));
		set->origins[i] = origin_make(1, i, i + 1);
	}
	return set;
}
