/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One refused packet as people, programs and the journal are told of it.  Names come from
 * containers and may hold anything: what is written here has no control characters.
 */
#pragma once

#include <jansson.h>

#include "base/arena.h"
#include "base/ip.h"
#include "base/str.h"
#include "base/vec.h"

/* Of each refused packet in the journal, see wharfwall.8. */
#define REFUSED_MESSAGE_ID "9d696bc240c14324be2aefb81ac90017"
/* The fields of its entry that are whole lines, for those who read it back. */
#define REFUSED_FIELD_LINE "WHARFWALL_LINE"
#define REFUSED_FIELD_JSON "WHARFWALL_JSON"

struct refused {
	const char *time;  /* RFC 3339 */
	const char *way;   /* "in", "forward", "out" */
	const char *iface; /* it came by, or would have left by; NULL: gone */
	const char *from;  /* zones; NULL: no policy is known */
	const char *to;
	struct ip_addr src;
	struct ip_addr dst;
	const char *source_container; /* or NULL */
	const char *protocol;	      /* "tcp", "ping", "47" */
	bool has_port;
	uint16_t port;		/* as dialled */
	const char *container;	/* that it was for, or NULL */
	const char *reason;	/* or NULL */
	const char *refused_by; /* the sentence, or NULL */
	const char *sentence;	/* "allow tcp 8080 to web from 203.0.113.7"; NULL: none would */
};

/* One line with its end. */
void refused_text(const struct refused *refused, struct str_buf *out);
json_t *refused_json(const struct refused *refused);
/* The same on one line with its end. */
void refused_json_line(const struct refused *refused, struct str_buf *out);

struct refused_fields {
	VEC(const char *) items; /* "NAME=value" */
};

/* A journal entry: MESSAGE, MESSAGE_ID, PRIORITY and WHARFWALL_ fields for what is known. */
void refused_journal(struct arena *arena, const struct refused *refused,
		     struct refused_fields *ret);
