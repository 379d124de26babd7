/*
 * Limits on everything that comes from outside.  Running out of memory aborts,
 * so each size is checked against one of these before anything is allocated.
 */
#pragma once

#define LIMIT_POLICY_BYTES (64u * 1024 * 1024) /* one policy or set file */
#define LIMIT_POLICY_FILES 1024u	       /* files of one load, set files included */
#define LIMIT_INCLUDE_DEPTH 8u		       /* include in include in ... */
#define LIMIT_SET_DEPTH 16u		       /* @set in @set in ... */
#define LIMIT_SET_ELEMENTS 2000000u	       /* prefixes of one set, nested sets included */
#define LIMIT_SENTENCES 1000000u	       /* sentences of one policy */
#define LIMIT_ZONES 64u			       /* host and containers included */
#define LIMIT_LIST_ITEMS 65536u		       /* items in one list of a sentence */
#define LIMIT_NAME_BYTES 63u		       /* zone, set and service names */
#define LIMIT_DIAGNOSTICS 100u		       /* printed in one run; the rest is counted */
#define LIMIT_SERVICES 65536u		       /* lines of /etc/services that are read */
#define LIMIT_ENGINE_REPLY_BYTES 16777216u     /* 16 MiB */
#define LIMIT_ENGINE_JSON_DEPTH 32u
#define LIMIT_ENGINE_ITEM_BYTES 1048576u   /* one event, or one container of a list */
#define LIMIT_ENGINE_KNOWN_BYTES 67108864u /* all that is kept of containers: 64 MiB */
#define LIMIT_CONTAINERS 65536u
#define LIMIT_NETWORKS 65536u
#define LIMIT_BANS 65536u
#define LIMIT_LABEL_BYTES 4096u
#define LIMIT_LABEL_SENTENCES 64u
#define LIMIT_LABELS 16384u /* containers whose label is read */
#define LIMIT_PORTS_PER_CONTAINER 65536u
#define LIMIT_INTERFACES 65536u
#define LIMIT_SOCKETS 262144u
#define LIMIT_TABLE_ELEMENTS 8000000u /* elements of one compiled or dumped table */
#define LIMIT_TABLE_OBJECTS 65536u    /* chains, sets or rules of one dumped table */
#define LIMIT_PROGRAM_OUTPUT_BYTES (64u * 1024 * 1024) /* what one program prints */
#define LIMIT_RULES_BYTES (16u * 1024 * 1024)	       /* one rules file */
#define LIMIT_RULES_LINES 1000000u		       /* of one rules file */
#define LIMIT_RULES_FILE_WORDS 2000000u		       /* of one rules file */
/* These are iptables-restore's own: it cuts longer lines, and ends at more or longer words. */
#define LIMIT_RULES_LINE_BYTES 10238u
#define LIMIT_RULES_WORDS 248u
#define LIMIT_RULES_WORD_BYTES 1023u
#define LIMIT_RULES_CHAIN_BYTES 28u
