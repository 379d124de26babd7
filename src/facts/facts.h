/*
 * What is true on this host at one moment, as plain data.  Every fact may be absent: an engine
 * that does not answer is a fact like another.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/ip.h"
#include "base/vec.h"

enum iface_kind {
	IFACE_OTHER,
	IFACE_LOOPBACK,
	IFACE_BRIDGE,
	IFACE_VETH,
	IFACE_TUNNEL, /* wireguard, tun, gre, vxlan ... */
};

struct iface_addr {
	struct ip_addr addr;
	uint8_t prefix_len;
};

struct iface {
	const char *name;
	uint32_t index;
	uint32_t master; /* index of the bridge it is a port of, or 0 */
	uint8_t kind;	 /* enum iface_kind */
	bool up;
	bool physical_port; /* a bridge that has a port which is not a veth: an uplink */
	VEC(struct iface_addr) addrs;
};

struct route {
	struct ip_prefix dest; /* len 0: the default route */
	const char *iface;
};

struct listener {
	uint8_t protocol;    /* tcp, udp */
	struct ip_addr addr; /* all zero: any of its family */
	bool dual;	     /* a v6 socket that takes v4 too */
	uint16_t port;
	uint32_t inode;	       /* of the socket */
	uint64_t cgroup;       /* number of the control group that made it, 0: not known */
	uint32_t pid;	       /* 0: not known */
	const char *program;   /* or NULL */
	const char *container; /* 64-hex id of the container whose process made or holds it */
};

enum engine_state {
	ENGINE_ABSENT, /* no socket there */
	ENGINE_SILENT, /* a socket, but no answer within the deadline, or nonsense */
	ENGINE_ANSWERED,
};

struct network {
	const char *id;
	const char *name;
	const char *driver;
	const char
		*iface; /* the bridge as the engine calls it, NULL if it has none or does not say */
	bool internal;
	VEC(struct ip_prefix) subnets;
	VEC(struct ip_addr) gateways; /* of a bridge network: the bridge's own addresses */
};

struct endpoint {
	const char *network; /* name */
	struct ip_addr v4;   /* family IP_NONE if it has none */
	struct ip_addr v6;
};

struct port_binding {
	uint8_t protocol;
	struct ip_addr host_addr; /* all zero of its family: any */
	uint16_t host_port;
	uint16_t container_port;
	bool proxied; /* a user-space proxy (or the engine) listens on it */
};

struct label {
	const char *key;
	const char *value;
};

struct container {
	const char *id; /* 64 hex: the only identity */
	const char *name;
	const char *project; /* compose, a claim of the container; or NULL */
	const char *service;
	bool host_network;
	uint32_t pid; /* of its first process as the engine says, 0: not known */
	VEC(struct label) labels;
	VEC(struct endpoint) endpoints;
	VEC(struct port_binding) ports;
};

struct engine {
	uint8_t state; /* enum engine_state */
	const char *url;
	const char *reason; /* one sentence when it did not answer */
	const char *name;   /* "docker", "podman" */
	const char *version;
	const char *api_version;
	const char *firewall_backend; /* "iptables", "nftables", "iptables+firewalld", or NULL */
	bool swarm;
	VEC(struct network) networks;
	VEC(struct container) containers; /* running ones */
};

struct service_entry { /* a line of /etc/services */
	const char *name;
	uint8_t protocol;
	uint16_t port;
};

struct facts {
	VEC(struct iface) ifaces;
	VEC(struct route) routes;
	VEC(struct listener) listeners;
	VEC(struct service_entry) services; /* in the order of the file, aliases included */
	struct engine engine;
	bool forwarding4;
	bool forwarding6;
	bool bridge_filter; /* net.bridge.bridge-nf-call-iptables */
};

/* What a container allows by itself, where the policy trusts labels. */
#define CONTAINER_LABEL_ALLOW "wharfwall.allow"

/* The value of a label, or NULL. */
const char *container_label(const struct container *container, const char *key);
const struct iface *facts_iface(const struct facts *facts, const char *name);
/*
 * The bridge of a network, or NULL: where the engine does not say its name (Podman), that which has
 * the network's gateway as its address.
 */
const char *facts_network_iface(const struct facts *facts, const struct network *network);
/* The network whose bridge is `iface`, or NULL. */
const struct network *facts_network_of_iface(const struct facts *facts, const char *iface);
/*
 * The bridge of a container network, or NULL: it has none here, or a port of it is no veth.  Such a
 * bridge is an uplink, whatever the engine calls it: what comes in by it may be anybody.
 */
const char *facts_container_bridge(const struct facts *facts, const struct network *network);
bool facts_is_own_address(const struct facts *facts, const struct ip_addr *addr);
/* Longest prefix; NULL without a route. */
const struct route *facts_route_to(const struct facts *facts, const struct ip_addr *dest);
