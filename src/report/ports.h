/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every port that is listened on or published: by whom, who may reach it, by which sentence. */
#pragma once

#include <jansson.h>

#include "analyse/exposure.h"
#include "base/source.h"
#include "base/str.h"

struct report_ports {
	const struct model *model;
	const struct source_set *sources; /* for sentences without text: file:line; may be NULL */
	const struct exposure_list *list;
	bool colour;
};

void report_ports_text(const struct report_ports *ports, struct str_buf *out);
json_t *report_ports_json(const struct report_ports *ports); /* an array */
/* "allow tcp 443 from @office", "web.policy:9", "open until a section names the pair" ... */
void report_sentence(const struct exposure_access *access, const struct source_set *sources,
		     struct str_buf *out);
/* "203.0.113.0/24, 2001:db8:1::/48 and 3 more", "everybody", "nobody" */
void report_clients(const struct source_list *from, struct str_buf *out);
/* "any", or the address. */
const char *report_address(const struct ip_addr *addr, char text[IP_TEXT_MAX]);
