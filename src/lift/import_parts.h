/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What import is made of; nobody else includes this. */
#pragma once

#include "lift/chains.h"
#include "lift/import.h"
#include "model/model.h"

/* Which packets: some of the services and some of the sources. */
struct import_cond {
	bool any_service;
	bool any_source;
	VEC(struct service) services; /* without `inside` */
	VEC(struct ip_prefix) sources;
};

/* False: no packet is of both. */
bool import_cond_meet(struct arena *arena, const struct import_cond *a, const struct import_cond *b,
		      struct import_cond *ret);
/* All packets of inner are of outer; false where it is not seen at once. */
bool import_cond_covers(const struct import_cond *outer, const struct import_cond *inner);
bool import_cond_eq(const struct import_cond *a, const struct import_cond *b);

/* One end of a way: an interface, or several that are one zone. */
struct import_side {
	const char *zone;	  /* of the policy */
	const char *const *names; /* of interfaces, as rules name them; none: this host */
	uint32_t count;
	bool external;	/* the placeholder means it */
	bool container; /* bridges of the engine */
};

enum import_hook { IMPORT_INPUT, IMPORT_FORWARD, IMPORT_OUTPUT };

struct import_way {
	enum import_hook hook;
	struct import_side in;
	struct import_side out;
	uint8_t state; /* RULES_STATE_NEW or RULES_STATE_ESTABLISHED */
};

enum import_kind {
	IMPORT_ALLOW,
	IMPORT_DENY,
	IMPORT_REJECT,
	IMPORT_REMARK,	 /* a rule that cannot be said */
	IMPORT_NOT_SAID, /* the file does not speak of this way */
};

struct import_sentence {
	uint8_t kind; /* enum import_kind */
	bool log;
	bool has_rate;
	struct rate rate;
	struct import_cond cond;
	const char *log_text;
	const char *reason;		     /* of a remark */
	const char *chain;		     /* whose policy it is, or NULL */
	VEC(const struct lift_rule *) rules; /* that made it */
};

struct import_list {
	VEC(struct import_sentence) items;
};

/* What a rule asks of a new connection on a way. */
struct import_want {
	struct import_cond cond;
	VEC(struct import_cond) except; /* not these */
	const char *reason;		/* why no sentence can ask so, or NULL */
};

/* False: the rule matches no packet of this way and state. */
bool import_want_read(struct arena *arena, const struct import_way *way,
		      const struct rules_match *match, struct import_want *ret);

/* What becomes of the packets of a way, in the order of the file; the last one takes all. */
void import_walk(struct arena *arena, const struct lift_chains *chains,
		 const struct import_way *way, struct import_list *ret);
/* Without sentences that say what later ones say anyway. */
void import_list_clean(struct import_list *list);
bool import_list_eq(const struct import_list *a, const struct import_list *b);

struct import_section {
	const char *from; /* zones, "internet, containers" */
	const char *to;
	const char *body;
	uint32_t sentences;
};

struct import {
	struct arena *arena;
	const struct source_set *sources;
	const struct rules_file *file;
	const char *name;
	struct lift_chains chains;
	VEC(struct import_side) sides; /* containers, auto, then the others; not the host */
	const char *auto_name;	       /* the edited placeholder, or NULL */
	bool auto_wildcard;
	bool placeholder;
	VEC(const struct rules_line *) told; /* remarks that stand in a section */
	VEC(struct import_section) sections;
	struct str_buf body; /* of the section that is being written */
	struct import_result *result;
	struct str_buf *out;
};

/* The zones that the file speaks of. */
void import_sides_make(struct import *import);
/* Counts a rule that cannot be said, once. */
void import_unsaid(struct import *import, const struct rules_line *line, const char *reason);
uint32_t import_line_number(const struct import *import, const struct rules_line *line);
void import_print_head(const struct import *import);
void import_print_zones(const struct import *import);
/* Keeps the section; those that say the same become one. */
void import_section_add(struct import *import, const struct import_way *way,
			const struct import_list *list);
void import_print_sections(struct import *import);
