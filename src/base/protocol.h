/* Transport protocols by name and number. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROTOCOL_ICMP 1
#define PROTOCOL_IGMP 2
#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17
#define PROTOCOL_DCCP 33
#define PROTOCOL_GRE 47
#define PROTOCOL_ESP 50
#define PROTOCOL_AH 51
#define PROTOCOL_ICMPV6 58
#define PROTOCOL_SCTP 132
#define PROTOCOL_UDPLITE 136

bool protocol_parse(const char *text, size_t len,
		    uint8_t *ret);	     /* names only, as nft spells them */
const char *protocol_name(uint8_t protocol); /* NULL if it has none */
bool protocol_has_ports(uint8_t protocol);
/* The i-th known name, NULL past the end: for "did you mean". */
const char *protocol_name_at(size_t i);
