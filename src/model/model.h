/*
 * What a firewall means: for each pair of zones an ordered list of rules over sets of addresses,
 * ports and containers, plus the facts that decide which way a packet takes.  No names are left
 * to be looked up.
 *
 * "Not given" and "none" are different: a NULL list is "not given" (everybody), a list of length
 * zero is nobody.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/ip.h"
#include "base/source.h"
#include "base/vec.h"

enum verdict { VERDICT_ALLOW, VERDICT_DENY, VERDICT_REJECT };

enum zone_kind { ZONE_HOST, ZONE_CONTAINERS, ZONE_NAMED, ZONE_AUTO };

struct iface_pattern {
	const char *name; /* without the star */
	bool wildcard;
};

/* Number 0 is always the host, 1 always the containers. */
#define ZONE_NUMBER_HOST 0u
#define ZONE_NUMBER_CONTAINERS 1u

struct zone {
	const char *name;
	uint8_t kind;
	struct origin origin;
	VEC(struct iface_pattern) ifaces; /* of containers: the exact names of its bridges */
};

enum service_kind {
	SERVICE_PROTOCOL, /* all of a protocol */
	SERVICE_PORTS,	  /* protocol, low ... high */
	SERVICE_PING,	  /* ICMP and ICMPv6 echo request */
};

struct service {
	uint8_t kind;
	uint8_t protocol;
	bool inside; /* the container's own port, of packets that were not translated */
	uint16_t low;
	uint16_t high;
};

struct source_list {
	uint32_t len;
	struct ip_prefix *items; /* sorted, no duplicates, none inside another */
};

struct target_list {
	uint32_t len;
	uint32_t *containers; /* numbers in model.containers, sorted */
};

enum rate_unit { RATE_SECOND, RATE_MINUTE, RATE_HOUR, RATE_DAY };

/* What exceeds the rate is dropped. */
struct rate {
	uint32_t count;
	uint32_t burst; /* at least 1 */
	uint8_t unit;
	bool per_source;
};

struct rule {
	struct origin origin; /* the sentence */
	uint8_t verdict;
	bool any_service;
	bool log;
	uint32_t service_count;
	const struct service *services;
	const struct source_list *from; /* NULL: everybody */
	const struct target_list *to;	/* NULL: any container; only in pairs to containers */
	const struct rate *rate;	/* NULL: unlimited */
	const char *log_text;		/* or NULL */
	const char *text;		/* canonical sentence; NULL in large policies */
};

struct pair {
	bool named;  /* a section speaks of it */
	bool open;   /* not named, and open until named */
	uint8_t end; /* enum verdict: what the end of the section does (deny, reject) */
	VEC(struct rule) rules;
};

struct model_container {
	const char *id;
	const char *name;
	bool host_network;
	VEC(struct ip_addr) addrs;
};

/* A port of the host that leads to a container. */
struct published {
	uint8_t protocol;
	struct ip_addr addr; /* family IP_NONE: every address of the host */
	uint16_t port;	     /* as dialled */
	uint16_t container_port;
	uint32_t container; /* number in model.containers */
};

/* A port that a container with host networking listens on. */
struct host_network_port {
	uint8_t protocol;
	uint16_t port;
	uint32_t container;
};

/* Nobody at this address gets in, whatever else is said. */
struct ban {
	struct ip_prefix prefix;
	uint32_t timeout_s; /* 0: until it is taken back */
	bool over;	    /* it is nobody's any more, but its set may be loaded still */
};

struct ban_list {
	VEC(struct ban) items; /* each prefix once */
};

struct model {
	VEC(struct zone) zones;
	uint32_t auto_zone; /* its number */
	struct pair *pairs; /* zones.len * zones.len, row = from */
	VEC(struct model_container) containers;
	VEC(struct published) published;
	VEC(struct host_network_port) host_network_ports;
	VEC(struct ip_prefix) container_subnets;
	VEC(struct ip_addr) own_addrs; /* of this host, without loopback and link-local */
	VEC(const char *) bridges;     /* every bridge of the host, for "same bridge" */
	struct ban_list bans;
	bool log_refused;	   /* what is refused is told, within a rate */
	bool allow_ping;	   /* everybody may ping this host */
	bool count_all;		   /* permissions in large sets are counted, too */
	VEC(struct rule) failsafe; /* ports of the host that nothing closes, bans included */
	uint32_t rule_count;
	const char *name; /* the policy file, for the marker */
};

struct pair *model_pair(const struct model *model, uint32_t from, uint32_t to);
/* The zone of an interface; loopback is not asked.  Exact names win over wildcards, the longest
 * wildcard wins, what nobody claims is auto. */
uint32_t model_zone_of_iface(const struct model *model, const char *iface);
bool model_iface_is_container(const struct model *model, const char *iface);
bool source_list_contains(const struct source_list *list, const struct ip_addr *addr);
bool target_list_contains(const struct target_list *list, uint32_t container);
/* "allow", "deny", "reject" */
const char *verdict_name(enum verdict verdict);
