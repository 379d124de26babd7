/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What import makes of a rules file does to each packet what the file does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/str.h"
#include "property/import_scene.h"

#define PACKETS 100000u
#define FILES 400u
#define PACKETS_A_FILE 500u

/* Why a packet is not compared: each is something that one of the two does not see. */
enum beyond {
	BEYOND_NOT,
	BEYOND_UNKNOWN,	  /* a match that is not understood */
	BEYOND_INVALID,	  /* a policy drops what belongs to no connection */
	BEYOND_RELATED,	  /* ... and knows of RELATED only what ICMP says */
	BEYOND_SPOOFED,	  /* ... and drops what cannot come from there */
	BEYOND_ESSENTIAL, /* ... and lets hosts find each other */
	BEYOND_BRIDGE,	  /* ... and leaves what stays on a bridge alone */
	BEYOND_PUBLISHED, /* ... and judges a published port as its container's, in INPUT too */
	BEYOND_UNSAID,	  /* the file has no chain for it */
	BEYOND_OTHER,	  /* ... or names one external interface only, for which others stand in */
	BEYOND_COUNT
};

static const char *const beyond_names[] = {"compared", "unknown",   "invalid", "related",
					   "spoofed",  "essential", "bridge",  "published",
					   "not said", "other"};

static bool is_published(const struct model *model, const struct packet *packet)
{
	vec_each (&model->published, published) {
		if (!packet->out_iface && published->protocol == packet->protocol &&
		    published->port == packet->dst_port)
			return true;
	}
	return false;
}

/* The placeholder was edited to one name: what else leads outside is closed with it. */
static bool is_other(const struct import_scene *scene, const char *iface)
{
	static const char end[] = " in the file, and every interface";
	const char *told = strstr(scene->policy, end);
	size_t len = 0;

	if (!told || !iface || iface[0] == 'l' || model_iface_is_container(scene->model, iface))
		return false;
	while (told[-1 - (ptrdiff_t)len] != ' ')
		len++;
	told -= len;
	if (told[len - 1] == '+')
		return strncmp(told, iface, len - 1) != 0;
	return !str_eqn(iface, told, len);
}

static enum beyond beyond_of(const struct import_scene *scene, const struct packet *packet,
			     const struct fate *fate, const struct decision *decision)
{
	if (is_other(scene, packet->in_iface) || is_other(scene, packet->out_iface))
		return BEYOND_OTHER;
	if (fate->verdict == FATE_UNKNOWN)
		return BEYOND_UNKNOWN;
	if (packet->state == PACKET_INVALID)
		return BEYOND_INVALID;
	if (packet->state == PACKET_RELATED)
		return BEYOND_RELATED;
	if (decision->reason == DECISION_SPOOFED)
		return BEYOND_SPOOFED;
	if (decision->reason == DECISION_ESSENTIAL)
		return BEYOND_ESSENTIAL;
	if (decision->reason == DECISION_SAME_BRIDGE)
		return BEYOND_BRIDGE;
	if (packet->state == PACKET_NEW && is_published(scene->model, packet))
		return BEYOND_PUBLISHED;
	if (fate->verdict == FATE_ENGINE && !fate->chain && packet->in_iface && packet->out_iface &&
	    !model_iface_is_container(scene->model, packet->in_iface) &&
	    !model_iface_is_container(scene->model, packet->out_iface))
		return BEYOND_UNSAID;
	return BEYOND_NOT;
}

static bool is_same(const struct fate *fate, const struct decision *decision)
{
	switch (fate->verdict) {
	case FATE_ACCEPT:
	case FATE_ENGINE:
		return decision->verdict == VERDICT_ALLOW;
	case FATE_DROP:
		return decision->verdict == VERDICT_DENY;
	case FATE_REJECT:
		return decision->verdict == VERDICT_REJECT;
	case FATE_UNKNOWN:
		break;
	}
	return false;
}

static void tell(const struct import_scene *scene, const char *text, const struct packet *p,
		 const struct fate *fate, const struct decision *decision)
{
	char src[IP_TEXT_MAX], dst[IP_TEXT_MAX];
	struct source_place place = {0};

	if (fate->rule)
		(void)source_place_of(&scene->sources, fate->rule->line->origin, &place);
	fprintf(stderr,
		"%s\n%s\n%s -> %s, %s -> %s, protocol %u, port %u (dialled %u), type %u, state "
		"%u, dnat %d, over %d: the file says %d (line %u, %s), the policy %d (%s, %u -> "
		"%u, %s)\n",
		text, scene->policy, p->in_iface ? p->in_iface : "-",
		p->out_iface ? p->out_iface : "-", ip_addr_format(&p->src, src),
		ip_addr_format(&p->dst, dst), p->protocol, p->dst_port, p->dialled_port,
		p->icmp_type, p->state, p->dnat, p->over_rate, (int)fate->verdict, place.line,
		fate->chain ? fate->chain : "-", (int)decision->verdict,
		decision_reason_text(decision->reason), decision->from, decision->to,
		decision->rule && decision->rule->text ? decision->rule->text : "-");
}

static enum beyond packet_compare(const struct import_scene *scene, const char *text,
				  struct random *random)
{
	struct packet packet = import_scene_packet(random);
	struct fate fate = import_scene_fate(scene, &packet);
	struct decision decision = eval_packet(scene->model, &packet);
	enum beyond beyond = beyond_of(scene, &packet, &fate, &decision);

	if (beyond == BEYOND_NOT && !is_same(&fate, &decision)) {
		tell(scene, text, &packet, &fate, &decision);
		fail();
	}
	return beyond;
}

static void counts_print(const uint32_t counts[BEYOND_COUNT])
{
	printf("#");
	for (unsigned i = 0; i < BEYOND_COUNT; i++)
		printf(" %s %u", beyond_names[i], counts[i]);
	printf("\n");
}

static void file_compare(const char *name, const char *text, struct random *random)
{
	struct import_scene scene;
	uint32_t counts[BEYOND_COUNT] = {0};

	import_scene_make(&scene, name, text);
	if (scene.result.unsaid.len)
		fprintf(stderr, "%s\n", scene.policy);
	assert_int_equal(scene.result.unsaid.len, 0);
	while (counts[BEYOND_NOT] < PACKETS)
		counts[packet_compare(&scene, text, random)]++;
	counts_print(counts);
	assert_int_equal(counts[BEYOND_UNKNOWN], 0);
	arena_free(scene.arena);
}

static const char *seed_text(struct arena *arena)
{
	const char *path = WHARFWALL_SOURCE "/tests/seed/base.rules";
	struct err err = {0};
	uint32_t len = 0;
	char *text = NULL;

	if (file_read(arena, path, FILE_ANY, LIMIT_RULES_BYTES, &text, &len, &err) < 0)
		return NULL;
	return text;
}

static void the_first_rules_file_is_the_same_firewall(void **state)
{
	auto_of(arena_free) struct arena *arena = arena_new();
	struct random random = random_of_run();
	const char *text = seed_text(arena);

	(void)state;
	assert_non_null(text);
	file_compare("base.rules", text, &random);
}

/* The article's own additions to it. */
static void with_rules_of_its_own_it_is(void **state)
{
	static const char text[] =
		"*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n"
		":DOCKER-USER - [0:0]\n-F INPUT\n-F OUTPUT\n-F DOCKER-USER\n"
		"-A INPUT -i lo -j ACCEPT\n-A INPUT -i br+ -j ACCEPT\n-A INPUT -i docker0 -j "
		"ACCEPT\n"
		"-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT\n"
		"-A INPUT -p icmp -j ACCEPT\n"
		"-A INPUT -s 10.1.1.1/32 -p tcp -m tcp --dport 443 -j ACCEPT\n"
		"-A INPUT -p tcp -m multiport --dports 22,1000:1024 -j ACCEPT\n"
		"-A INPUT -j LOG --log-prefix \"INPUT DROP \"\n"
		"-A INPUT -j REJECT --reject-with icmp-host-prohibited\n"
		"-A OUTPUT -o lo -j ACCEPT\n-A OUTPUT -o br+ -j ACCEPT\n-A OUTPUT -o docker0 -j "
		"ACCEPT\n"
		"-A OUTPUT -m state --state RELATED,ESTABLISHED -j ACCEPT\n"
		"-A OUTPUT -p udp --dport 53 -j ACCEPT\n-A OUTPUT -p tcp --dport 443 -j ACCEPT\n"
		"-A OUTPUT -j REJECT\n"
		"-A DOCKER-USER -i ens192 -m state --state established,related -j ACCEPT\n"
		"-A DOCKER-USER -o ens192 -m state --state established,related -j ACCEPT\n"
		"-A DOCKER-USER -i ens192 -p tcp -m tcp -m conntrack --ctorigdstport 80 -j ACCEPT\n"
		"-A DOCKER-USER -i ens192 -s 203.0.113.0/24 -p tcp -m conntrack --ctorigdstport "
		"5432 -j RETURN\n"
		"-A DOCKER-USER -o ens192 -p tcp --dport 443 -j ACCEPT\n"
		"-A DOCKER-USER -i ens192 -j REJECT\n-A DOCKER-USER -o ens192 -j REJECT\n"
		"-A DOCKER-USER -j RETURN\nCOMMIT\n";
	struct random random = random_of_run();

	(void)state;
	file_compare("article.rules", text, &random);
}

/* ---- random files within what import can say ---- */

#define PICK(random, array) ((array)[random_below(random, sizeof(array) / sizeof((array)[0]))])

static void random_match(struct random *random, const char *chain, bool to_containers,
			 struct str_buf *out)
{
	static const char *const sources[] = {"-s 10.1.1.0/24", "! -s 10.1.1.0/24",
					      "-s 203.0.113.7,10.1.2.3", "-s 192.0.2.1",
					      "! -s 203.0.113.0/24"};
	static const char *const ports[] = {"-p tcp -m tcp --dport 22",
					    "-p tcp -m multiport --dports 80,443,8000:9000",
					    "-p udp -m udp --dport 53",
					    "-p tcp -m tcp ! --dport 22",
					    "-p tcp",
					    "! -p tcp",
					    "-p udp",
					    "-p icmp",
					    "-p icmp -m icmp --icmp-type 8",
					    "-p esp"};
	static const char *const dialled[] = {"-p tcp -m conntrack --ctorigdstport 80",
					      "-p tcp -m conntrack --ctorigdstport 5000:6000",
					      "-m conntrack --ctorigdstport 53",
					      "-p tcp",
					      "-p icmp",
					      "-p udp",
					      "-p tcp -m conntrack ! --ctorigdstport 443"};
	static const char *const in[] = {"-i extinf", "-i eth1", "! -i eth1", "-i e+"};
	static const char *const out_ifaces[] = {"-o extinf", "-o eth1", "! -o eth1"};

	if (chain[0] != 'O' && random_one_in(random, 2))
		str_buf_addf(out, " %s", PICK(random, in));
	else if (chain[0] != 'I' && random_one_in(random, 2))
		str_buf_addf(out, " %s", PICK(random, out_ifaces));
	if (random_one_in(random, 3))
		str_buf_addf(out, " %s", PICK(random, sources));
	if (!random_one_in(random, 4))
		str_buf_addf(out, " %s",
			     to_containers ? PICK(random, dialled) : PICK(random, ports));
	if (random_one_in(random, 4))
		str_buf_adds(out, " -m conntrack --ctstate NEW");
}

static void random_rule(struct random *random, const char *chain, bool to_containers,
			struct str_buf *out)
{
	static const char *const targets[] = {"ACCEPT", "ACCEPT", "ACCEPT", "DROP", "REJECT",
					      "RETURN", "LOG",	  "MINE",   "MINE"};
	const char *target = PICK(random, targets);
	bool own = str_eq(chain, "MINE");

	if (own && str_eq(target, "MINE"))
		target = "RETURN";
	/* both names of container networks, or none */
	if (!own && random_one_in(random, 6)) {
		char side = chain[0] == 'O' ? 'o' : 'i';

		str_buf_addf(out, "-A %s -%c docker0 -j %s\n-A %s -%c br+ -j %s\n", chain, side,
			     target, chain, side, target);
		return;
	}
	str_buf_addf(out, "-A %s", chain);
	random_match(random, chain, to_containers, out);
	if (str_eq(target, "MINE") && random_one_in(random, 3))
		str_buf_adds(out, " -g MINE\n");
	else
		str_buf_addf(out, " -j %s\n", target);
}

static void random_chain(struct random *random, const char *chain, struct str_buf *out)
{
	bool to_containers = str_eq(chain, "DOCKER-USER") || str_eq(chain, "MINE");

	if (str_eq(chain, "INPUT"))
		str_buf_adds(out, "-A INPUT -i lo -j ACCEPT\n");
	if (str_eq(chain, "OUTPUT"))
		str_buf_adds(out, "-A OUTPUT -o lo -j ACCEPT\n");
	if (!str_eq(chain, "MINE"))
		str_buf_addf(out, "-A %s -m state --state RELATED,ESTABLISHED -j ACCEPT\n", chain);
	for (uint32_t i = random_below(random, 7); i > 0; i--)
		random_rule(random, chain, to_containers, out);
}

static void random_file(struct random *random, struct str_buf *out)
{
	static const char *const policies[] = {"ACCEPT", "DROP"};

	str_buf_addf(
		out,
		"*filter\n:INPUT %s [0:0]\n:FORWARD %s [0:0]\n:OUTPUT %s [0:0]\n:DOCKER-USER - "
		"[0:0]\n:MINE - [0:0]\n",
		PICK(random, policies), PICK(random, policies), PICK(random, policies));
	random_chain(random, "INPUT", out);
	random_chain(random, "OUTPUT", out);
	random_chain(random, "DOCKER-USER", out);
	random_chain(random, "MINE", out);
	if (random_one_in(random, 3))
		random_chain(random, "FORWARD", out);
	str_buf_adds(out, "COMMIT\n");
}

static void random_files_are_the_same_firewalls(void **state)
{
	struct random random = random_of_run();
	uint32_t counts[BEYOND_COUNT] = {0}, sayable = 0;

	(void)state;
	for (uint32_t i = 0; i < FILES; i++) {
		auto_str struct str_buf text = {0};
		struct import_scene scene;

		random_file(&random, &text);
		import_scene_make(&scene, "random.rules", str_buf_text(&text));
		sayable += scene.result.unsaid.len == 0;
		for (uint32_t j = 0; !scene.result.unsaid.len && j < PACKETS_A_FILE; j++)
			counts[packet_compare(&scene, str_buf_text(&text), &random)]++;
		arena_free(scene.arena);
	}
	printf("# %u of %u files are sayable\n", sayable, FILES);
	counts_print(counts);
	assert_true(sayable > FILES / 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_rules_file_is_the_same_firewall),
		cmocka_unit_test(with_rules_of_its_own_it_is),
		cmocka_unit_test(random_files_are_the_same_firewalls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
