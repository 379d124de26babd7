/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What match.c is made of; nobody else includes this. */
#pragma once

#include "rules/match.h"

/* Values of options; false: not understood. */
bool match_addrs(struct arena *arena, const char *text, struct rules_addrs *ret);
bool match_addr_range(struct arena *arena, const char *text, struct rules_addrs *ret);
bool match_ports(struct arena *arena, const char *text, struct rules_ports *ret);
bool match_protocol(const char *text, uint8_t *ret);
bool match_states(const char *text, uint8_t *ret);
/* "8", "3/4", "echo-request"; "any" gives no type. */
bool match_icmp(const char *text, bool six, struct rules_match *ret);
bool match_limit(const char *text, struct rules_match *ret);
